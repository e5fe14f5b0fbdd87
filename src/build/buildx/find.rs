//! Which builder builds: the one that is named, else the one that `buildx use` chose for the engine in
//! use, else the engine's own. The order and the words are buildx's.

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::store::{Current, Instance, default_file, instance_file};
use crate::engine::endpoint::{Endpoint, Surroundings, has_context};

/// The name of the context that is not in the store.
const DEFAULT_CONTEXT: &str = "default";

/// Why there is no builder.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// None of that name.
    #[error("no builder {0:?} found")]
    None(String),
    /// It is the own one of an engine that is not in use.
    #[error("use `docker --context={0} buildx` to switch to context {0:?}")]
    OtherContext(String),
    /// A file that cannot be read.
    #[error("cannot read {path}: {1}", path = .0.display())]
    File(PathBuf, String),
}

/// Finds the builder: `name` is what a flag or a variable says, `endpoint` the engine in use,
/// `configuration` the client's directory. `None` is the engine's own.
///
/// # Errors
/// A name that no builder has, and files that are damaged.
pub fn find(
    name: Option<&str>,
    endpoint: &Endpoint,
    configuration: &Path,
    machine: &dyn Surroundings,
) -> Result<Option<Instance>, FindError> {
    let directory = machine.filled_variable("BUILDX_CONFIG").map(PathBuf::from);
    let store =
        Store { directory: directory.unwrap_or_else(|| configuration.join("buildx")), machine };
    match name.filter(|name| !name.is_empty()) {
        Some(name) => {
            let instance = store.instance(name)?;
            if instance.is_none() {
                own(name, endpoint, configuration, machine)?;
            }
            Ok(instance)
        }
        None => store.current(&key(endpoint)),
    }
}

/// By what buildx knows an engine.
fn key(endpoint: &Endpoint) -> String {
    if endpoint.context == DEFAULT_CONTEXT {
        endpoint.address.to_string()
    } else {
        endpoint.context.clone()
    }
}

/// Whether a name is that of the context in use, whose engine builds by itself.
fn own(
    name: &str,
    endpoint: &Endpoint,
    configuration: &Path,
    machine: &dyn Surroundings,
) -> Result<(), FindError> {
    if name == endpoint.context {
        Ok(())
    } else if name == DEFAULT_CONTEXT || has_context(name, configuration, machine) {
        Err(FindError::OtherContext(name.to_owned()))
    } else {
        Err(FindError::None(name.to_owned()))
    }
}

/// buildx's directory.
struct Store<'a> {
    directory: PathBuf,
    machine: &'a dyn Surroundings,
}

impl Store<'_> {
    fn current(&self, key: &str) -> Result<Option<Instance>, FindError> {
        let current: Current = self.json(&self.directory.join("current"))?.unwrap_or_default();
        for (name, last) in current.choices(key) {
            // One that was removed or is damaged is passed over.
            let instance = self.instance(name).unwrap_or_default();
            if instance.is_some() || last {
                return Ok(instance);
            }
        }
        let default = self.text(&self.directory.join("defaults").join(default_file(key)))?;
        let name = default.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(name.and_then(|name| self.instance(&name).unwrap_or_default()))
    }

    fn instance(&self, name: &str) -> Result<Option<Instance>, FindError> {
        let Some(file) = instance_file(name) else { return Ok(None) };
        self.json(&self.directory.join("instances").join(file))
    }

    fn json<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, FindError> {
        let Some(bytes) = self.text(path)? else { return Ok(None) };
        let value = serde_json::from_slice(&bytes);
        value.map(Some).map_err(|error| FindError::File(path.to_owned(), error.to_string()))
    }

    fn text(&self, path: &Path) -> Result<Option<Vec<u8>>, FindError> {
        match self.machine.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FindError::File(path.to_owned(), error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::endpoint::{Address, Imagined, Origin};

    const SOCKET: &str = "unix:///s";

    fn engine(context: &str) -> Endpoint {
        let address = Address::parse(SOCKET, false).unwrap();
        Endpoint::new(context.to_owned(), Origin::Default, address, None)
    }

    fn machine() -> Imagined {
        let far = r#"{"Name":"far","Driver":"remote","Nodes":[]}"#;
        Imagined::default()
            .with_file("/c/buildx/instances/far", far)
            .with_file("/other/instances/near", r#"{"Name":"near","Driver":"remote"}"#)
            .with_file(
                "/c/contexts/meta/f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16/meta.json",
                r#"{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///k"}}}"#,
            )
    }

    fn found(name: Option<&str>, context: &str, machine: &Imagined) -> Result<String, String> {
        find(name, &engine(context), Path::new("/c"), machine)
            .map(|found| found.map(|it| it.name).unwrap_or_default())
            .map_err(|error| error.to_string())
    }

    fn using(machine: Imagined, key: &str, name: &str, global: bool) -> Imagined {
        let text = format!(r#"{{"Key":"{key}","Name":"{name}","Global":{global}}}"#);
        machine.with_file("/c/buildx/current", &text)
    }

    #[test]
    fn a_name_is_a_builder_or_the_context_in_use() {
        let machine = machine();
        for (name, context, expected) in [
            ("far", "default", Ok("far")),
            ("FAR", "default", Ok("far")),
            ("", "default", Ok("")),
            ("default", "default", Ok("")),
            ("colima", "colima", Ok("")),
            ("none", "default", Err("no builder \"none\" found")),
            ("9x", "default", Err("no builder \"9x\" found")),
            (
                "colima",
                "default",
                Err("use `docker --context=colima buildx` to switch to context \"colima\""),
            ),
            (
                "default",
                "colima",
                Err("use `docker --context=default buildx` to switch to context \"default\""),
            ),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(found(Some(name), context, &machine), expected, "{name} in {context}");
        }
        let elsewhere = machine.with_variable("BUILDX_CONFIG", "/other");
        assert_eq!(found(Some("near"), "default", &elsewhere).unwrap(), "near");
        assert!(found(Some("far"), "default", &elsewhere).is_err());
    }

    #[test]
    fn what_was_chosen_for_the_engine_builds() {
        let default = || format!("/c/buildx/defaults/{}", default_file(SOCKET));
        let chosen = machine().with_file(&default(), "far");
        for (machine, context, expected) in [
            (machine(), "default", ""),
            (using(machine(), SOCKET, "far", false), "default", "far"),
            (using(machine(), SOCKET, "far", false), "colima", ""),
            (using(machine(), "colima", "far", false), "colima", "far"),
            (using(machine(), "unix:///o", "far", false), "default", ""),
            (using(machine(), "unix:///o", "far", true), "default", "far"),
            (using(machine(), SOCKET, "", false), "default", ""),
            (using(machine(), SOCKET, "gone", false), "default", ""),
            (chosen.clone(), "default", "far"),
            (chosen.clone(), "colima", ""),
            // The last choice was another engine's.
            (using(chosen.clone(), "colima", "gone", false), "default", "far"),
            // A choice that is gone is no reason to look further, unless it was for every engine.
            (using(chosen.clone(), SOCKET, "gone", false), "default", ""),
            (using(chosen, "unix:///o", "gone", true), "default", "far"),
        ] {
            assert_eq!(found(None, context, &machine).unwrap(), expected, "{machine:?} {context}");
        }
        let damaged = machine().with_file("/c/buildx/current", "{");
        assert!(found(None, "default", &damaged).unwrap_err().contains("/c/buildx/current"));
        let damaged = machine().with_file("/c/buildx/instances/far", "{");
        assert!(found(Some("far"), "default", &damaged).is_err());
    }
}
