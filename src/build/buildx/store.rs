//! The files in which buildx keeps its builders (`~/.docker/buildx`), as values. Pure.
//!
//! `instances/NAME` describes a builder, `current` names the one that `buildx use` chose last and the
//! engine for which, `defaults/HASH` the one that `buildx use --default` chose for an engine.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

use crate::build::inputs::hexadecimal;
use crate::platform::Platform;

/// A builder that somebody created.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Instance {
    /// Its name.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// What its nodes are: `docker-container`, `remote`, `kubernetes` …
    #[serde(deserialize_with = "null_default")]
    pub driver: String,
    /// Where it builds, each for some platforms.
    #[serde(deserialize_with = "null_default")]
    pub nodes: Vec<Node>,
}

/// One place where a builder builds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Node {
    /// Its name; the container of a node is called after it.
    #[serde(deserialize_with = "null_default")]
    pub name: String,
    /// A Docker context, an engine's address, or for `remote` BuildKit's own address.
    #[serde(deserialize_with = "null_default")]
    pub endpoint: String,
    /// The platforms that it was given; those it can build beside them only itself knows.
    #[serde(deserialize_with = "platforms")]
    pub platforms: Vec<Platform>,
    /// `--driver-opt`.
    #[serde(deserialize_with = "null_default")]
    pub driver_opts: BTreeMap<String, String>,
    /// Arguments of the daemon.
    #[serde(deserialize_with = "null_default")]
    pub flags: Vec<String>,
    /// Files for the daemon's configuration directory, by their names in it.
    #[serde(deserialize_with = "files")]
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What `current` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Current {
    /// The engine for which the choice was made: a context's name, or the address of the default one.
    key: String,
    /// The builder; empty for the engine's own.
    name: String,
    /// Whether the choice holds for every engine.
    global: bool,
}

impl Current {
    /// The builders to try, in this order, for an engine: the first that there is counts. `true` beside
    /// one means that no other is looked for if there is none of that name.
    pub(super) fn choices(&self, key: &str) -> Vec<(&str, bool)> {
        if self.name.is_empty() {
            return Vec::new();
        }
        let here = self.key == key;
        let anywhere = self.global.then_some((self.name.as_str(), false));
        anywhere.into_iter().chain(here.then_some((self.name.as_str(), true))).collect()
    }
}

/// The file of a builder's description, if the name can be one at all: buildx keeps them in lower case.
pub(super) fn instance_file(name: &str) -> Option<String> {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_alphabetic());
    let valid = characters.all(|next| next.is_ascii_alphanumeric() || "._-+".contains(next));
    (begins && valid).then(|| name.to_ascii_lowercase())
}

/// The file in `defaults` that names the builder of an engine.
pub(super) fn default_file(key: &str) -> String {
    let mut name = hexadecimal(&Sha256::digest(key));
    name.truncate(20);
    name
}

/// Go writes `null` for what is empty.
fn null_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn platforms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Platform>, D::Error> {
    #[derive(Deserialize)]
    struct Written {
        #[serde(default)]
        os: String,
        #[serde(default)]
        architecture: String,
        #[serde(default)]
        variant: String,
    }
    let written: Vec<Written> = null_default(deserializer)?;
    let platform = |it: &Written| Platform::new(&it.os, &it.architecture, &it.variant);
    Ok(written.iter().map(platform).collect())
}

fn files<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<u8>>, D::Error> {
    let written: BTreeMap<String, String> = null_default(deserializer)?;
    let decoded = written.into_iter().map(|(name, text)| {
        let bytes = STANDARD.decode(text).map_err(serde::de::Error::custom)?;
        Ok((name, bytes))
    });
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_buildx_writes() {
        let text = r#"{"Name":"cont","Driver":"docker-container","Nodes":[{"Name":"cont0",
            "Endpoint":"unix:///var/run/docker.sock","Platforms":[{"architecture":"arm64","os":"linux"}],
            "DriverOpts":{"image":"busybox:stable"},"Flags":["--debug"],
            "Files":{"buildkitd.toml":"ZGVidWcgPSB0cnVl"}},
            {"Name":"cont1","Endpoint":"colima","Platforms":null,"DriverOpts":null,"Flags":null,
            "Files":null}],"Dynamic":false}"#;
        let instance: Instance = serde_json::from_str(text).unwrap();
        assert_eq!(
            (instance.name.as_str(), instance.driver.as_str()),
            ("cont", "docker-container")
        );
        let [first, second] = instance.nodes.as_slice() else { panic!("{instance:?}") };
        assert_eq!(first.platforms, [Platform::new("linux", "arm64", "")]);
        assert_eq!(first.driver_opts["image"], "busybox:stable");
        assert_eq!(first.files["buildkitd.toml"], b"debug = true");
        assert_eq!(first.flags, ["--debug"]);
        assert_eq!(second.endpoint, "colima");
        assert!(second.driver_opts.is_empty() && second.files.is_empty());
    }

    #[test]
    fn a_choice_holds_for_its_engine_or_for_all() {
        let current = |name: &str, global| Current {
            key: "unix:///a".to_owned(),
            name: name.to_owned(),
            global,
        };
        assert!(current("", true).choices("unix:///a").is_empty());
        assert!(current("b", false).choices("unix:///other").is_empty());
        assert_eq!(current("b", false).choices("unix:///a"), [("b", true)]);
        assert_eq!(current("b", true).choices("unix:///other"), [("b", false)]);
        assert_eq!(current("b", true).choices("unix:///a"), [("b", false), ("b", true)]);
    }

    #[test]
    fn files_are_named_as_buildx_names_them() {
        assert_eq!(instance_file("My.Builder_1-a+b").as_deref(), Some("my.builder_1-a+b"));
        for name in ["", "9x", "a b", "../a", "a/b", "é"] {
            assert_eq!(instance_file(name), None, "{name}");
        }
        assert_eq!(default_file("unix:///var/run/docker.sock"), "13c4025c96f36e94b348");
    }
}
