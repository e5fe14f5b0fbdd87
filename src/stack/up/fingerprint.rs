//! What a plan was made from, so that it can be told later whether that is still so, and what
//! changed. Pure.
//!
//! Contents and values are kept as salted digests alone: a plan that lies about tells no secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::compose::model::Project;
use crate::stack::StackError;
use crate::stack::desired::{Desired, Setting, injected_files};
use crate::stack::labels;
use crate::stack::observed::Observed;

/// Levels of a project's values that are told apart: `services.web.environment.MODE`.
const DEPTH: usize = 4;

/// What a plan was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Makes digests of one plan of no use for another.
    salt: String,
    /// Digests of the files that were read, by path.
    files: BTreeMap<String, String>,
    /// Digests of the project's values, by path.
    values: BTreeMap<String, String>,
    /// What the engine has, by kind and name.
    things: BTreeMap<String, Thing>,
}

/// Something that the engine has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Thing {
    /// Its id, or what else tells it from another of its name.
    id: String,
    /// What may change of it: `state`, `networks`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    properties: BTreeMap<String, String>,
}

impl Fingerprint {
    /// The fingerprint of what a plan is made from.
    ///
    /// # Errors
    /// A secret or config without its value.
    pub(super) fn new(
        setting: &Setting<'_>,
        desired: &Desired,
        observed: &Observed,
        salt: &str,
    ) -> Result<Self, StackError> {
        let project = setting.project;
        let mut values = Leaves { salt, found: BTreeMap::new() };
        values.project(project);
        for desired in &desired.services {
            for file in injected_files(setting, &desired.service)? {
                let path = format!("services.{}: file {}", desired.service.name, file.path);
                values.put(path, file.content.as_bytes());
            }
        }
        let files = project
            .sources
            .files()
            .map(|file| (file.name.display().to_string(), digest(salt, file.text.as_bytes())));
        Ok(Self {
            salt: salt.to_owned(),
            files: files.collect(),
            values: values.found,
            things: things(desired, observed),
        })
    }

    /// The salt, for another fingerprint that is to be compared with this one.
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// What is not as it was, a phrase each; empty if all is.
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (path, digest) in &self.files {
            match now.files.get(path) {
                None => changes.push(format!("{path} is not read any more")),
                Some(other) if other != digest => changes.push(format!("{path} changed")),
                Some(_) => {}
            }
        }
        let added = now.files.keys().filter(|path| !self.files.contains_key(*path));
        changes.extend(added.map(|path| format!("{path} is read now")));
        let paths: BTreeSet<&String> = self.values.keys().chain(now.values.keys()).collect();
        for path in paths {
            match (self.values.get(path), now.values.get(path)) {
                (Some(_), None) => changes.push(format!("{path} is gone")),
                (None, Some(_)) => changes.push(format!("{path} is new")),
                (old, new) if old != new => changes.push(format!("{path} has another value")),
                _ => {}
            }
        }
        let names: BTreeSet<&String> = self.things.keys().chain(now.things.keys()).collect();
        for name in names {
            match (self.things.get(name), now.things.get(name)) {
                (Some(_), None) => changes.push(format!("{name} is gone")),
                (None, Some(_)) => changes.push(format!("{name} is new")),
                (Some(old), Some(new)) if old.id != new.id => {
                    changes.push(format!("{name} is another one"));
                }
                (Some(old), Some(new)) => {
                    for (property, value) in &new.properties {
                        let before = old.properties.get(property).map_or("", String::as_str);
                        if before != value {
                            changes.push(format!("{name}: {property} {before} → {value}"));
                        }
                    }
                }
                (None, None) => {}
            }
        }
        changes
    }
}

/// The values of a project.
struct Leaves<'s> {
    salt: &'s str,
    found: BTreeMap<String, String>,
}

impl Leaves<'_> {
    fn project(&mut self, project: &Project) {
        self.put("name".to_owned(), project.name.as_bytes());
        let directory = project.working_dir.display().to_string();
        self.put("project directory".to_owned(), directory.as_bytes());
        for (name, service) in &project.services {
            self.value(format!("services.{name}"), &to_json(service), 2);
        }
        for (key, network) in &project.networks {
            self.value(format!("networks.{key}"), &to_json(network), 2);
        }
        for (key, volume) in &project.volumes {
            self.value(format!("volumes.{key}"), &to_json(volume), 2);
        }
        for (kind, objects) in [("secrets", &project.secrets), ("configs", &project.configs)] {
            for (key, object) in objects {
                self.value(format!("{kind}.{key}"), &to_json(object), 2);
            }
        }
    }

    fn value(&mut self, path: String, value: &Value, depth: usize) {
        match value {
            Value::Object(entries) if depth < DEPTH => {
                // That it is there counts, also when nothing is in it.
                for (key, value) in entries {
                    self.value(format!("{path}.{key}"), value, depth + 1);
                }
            }
            Value::Array(items) if depth < DEPTH => {
                for (index, value) in items.iter().enumerate() {
                    self.value(format!("{path}[{index}]"), value, depth + 1);
                }
            }
            value => self.put(path, value.to_string().as_bytes()),
        }
    }

    fn put(&mut self, path: String, content: &[u8]) {
        self.found.insert(path, digest(self.salt, content));
    }
}

fn to_json(value: &impl Serialize) -> Value {
    // Keys are texts and numbers are finite: there is nothing in a model that could fail.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// The first half of a SHA-256: enough to tell a few thousand values apart.
fn digest(salt: &str, content: &[u8]) -> String {
    use std::fmt::Write as _;

    let digest = Sha256::new().chain_update(salt).chain_update(content).finalize();
    digest.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn things(desired: &Desired, observed: &Observed) -> BTreeMap<String, Thing> {
    let mut things = BTreeMap::new();
    for container in &observed.containers {
        let networks = &container.summary.network_settings.networks;
        let networks: Vec<&str> = networks.keys().map(String::as_str).collect();
        let properties = [
            ("state", container.summary.state.clone()),
            ("networks", networks.join(", ")),
            ("service", container.service.clone()),
        ];
        let thing = Thing {
            id: container.id.clone(),
            properties: properties.map(|(key, value)| (key.to_owned(), value)).into(),
        };
        things.insert(format!("container {}", container.name), thing);
    }
    for network in &desired.networks {
        for found in observed.networks.iter().filter(|found| found.name == network.name) {
            let thing = Thing { id: found.id.clone(), ..Thing::default() };
            things.insert(format!("network {}", found.name), thing);
        }
    }
    for found in &observed.volumes {
        let hash = found.labels.get(labels::CONFIG_HASH).map_or("", String::as_str);
        let thing = Thing { id: format!("{} {hash}", found.created_at), ..Thing::default() };
        things.insert(format!("volume {}", found.name), thing);
    }
    for ((name, platform), image) in &observed.images {
        if name.starts_with("sha256:") {
            continue;
        }
        let on = if platform.is_empty() { String::new() } else { format!(" ({platform})") };
        let thing = Thing { id: image.id.clone(), ..Thing::default() };
        things.insert(format!("image {name}{on}"), thing);
    }
    things
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::loaded::Loaded;
    use crate::stack::desired::desire;
    use crate::stack::programs::Brought;
    use crate::stack::selection::{Companions, select};
    use crate::stack::testing::{self, NoFiles};

    fn fingerprint(compose: &str, change: impl FnOnce(&mut Observed)) -> Fingerprint {
        let project = Loaded::from(compose).variable("KEY", "s3cret").project();
        let mut observed = testing::running(&project);
        change(&mut observed);
        let none = BTreeMap::new();
        let setting = Setting {
            project: &project,
            api_version: testing::NEWEST,
            files: &NoFiles,
            compatibility: false,
            proxy_environment: &none,
        };
        let selection = select(&project, &[], Companions::Dependencies).expect("no names");
        let desired = desire(&setting, &selection, None, &BTreeMap::new(), &Brought::default())
            .expect("a project that can be made");
        Fingerprint::new(&setting, &desired, &observed, "salt").expect("no secrets")
    }

    const COMPOSE: &str = "services:\n  web:\n    image: x\n    environment: {A: a, K: $KEY}\n";

    #[test]
    fn what_changed_is_told() {
        let before = fingerprint(COMPOSE, |_| {});
        assert_eq!(before.changes(&fingerprint(COMPOSE, |_| {})), [""; 0]);

        let text = COMPOSE.replace("A: a", "B: a").replace("image: x", "image: y");
        let changes = before.changes(&fingerprint(&text, |_| {}));
        let expected = [
            "/srv/app/compose.yaml changed",
            "services.web.environment.A is gone",
            "services.web.environment.B is new",
            "services.web.image has another value",
            "image x is gone",
            "image y is new",
        ];
        let told = |phrase: &&str| changes.iter().any(|change| change == phrase);
        assert_eq!(expected.iter().filter(|phrase| !told(phrase)).count(), 0, "{changes:#?}");

        let commented = before.changes(&fingerprint(&format!("{COMPOSE}# x\n"), |_| {}));
        assert_eq!(commented, ["/srv/app/compose.yaml changed"]);

        let stopped = fingerprint(COMPOSE, |observed| {
            observed.containers[0].summary_mut().state = "exited".into();
        });
        assert_eq!(before.changes(&stopped), ["container p-web-1: state running → exited"]);
        let gone = fingerprint(COMPOSE, |observed| observed.containers.clear());
        assert_eq!(before.changes(&gone), ["container p-web-1 is gone"]);
        let other = fingerprint(COMPOSE, |observed| observed.containers[0].id = "f00".into());
        assert_eq!(before.changes(&other), ["container p-web-1 is another one"]);
    }

    #[test]
    fn no_value_stands_in_it() {
        let text = serde_json::to_string(&fingerprint(COMPOSE, |_| {})).expect("texts");
        assert!(!text.contains("s3cret"), "{text}");
    }
}
