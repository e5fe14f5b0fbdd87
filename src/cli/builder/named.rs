//! Builders by name (`build --builder`, `BUILDX_BUILDER`), as buildx keeps them.

use std::path::Path;

use serde::Deserialize;

use crate::cli::failure::{Failure, Result};
use crate::engine::endpoint::Surroundings;

/// The driver of builders that are an engine's own.
const ENGINE: &str = "docker";

/// What buildx keeps of a builder.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    #[serde(default)]
    driver: String,
}

/// Refuses a builder that is not the engine's own: one that there is not, and one that runs elsewhere.
/// `configuration` is the client's directory, `endpoint` the name of the context in use.
pub(in crate::cli) fn check_name(
    name: &str,
    configuration: &Path,
    context: &str,
    machine: &dyn Surroundings,
) -> Result {
    if name.is_empty() || name == "default" || name == context {
        return Ok(());
    }
    let kept = machine
        .filled_variable("BUILDX_CONFIG")
        .map_or_else(|| configuration.join("buildx"), Into::into);
    let instance = machine.read(&kept.join("instances").join(name)).ok();
    let instance = instance.and_then(|text| serde_json::from_slice::<Instance>(&text).ok());
    match instance {
        None => Err(Failure::new(format!("no builder {name:?} found"))),
        Some(instance) if instance.driver.is_empty() || instance.driver == ENGINE => Ok(()),
        Some(instance) => Err(Failure::new(format!(
            "builder {name:?} has the driver {}, and Bireme builds with the engine's own builder",
            instance.driver
        ))
        .help("leave --builder out, or hand `build --print` to `docker buildx bake`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Machine(tempfile::TempDir);

    impl Surroundings for Machine {
        fn variable(&self, _: &str) -> Option<String> {
            None
        }
        fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
            std::fs::read(path)
        }
        fn entries(&self, _: &Path) -> Vec<String> {
            Vec::new()
        }
    }

    #[test]
    fn builders_are_those_that_buildx_keeps() {
        let machine = Machine(tempfile::tempdir().unwrap());
        let directory = machine.0.path();
        let instances = directory.join("buildx/instances");
        std::fs::create_dir_all(&instances).unwrap();
        std::fs::write(instances.join("own"), r#"{"Name":"own","Driver":"docker"}"#).unwrap();
        std::fs::write(instances.join("far"), r#"{"Name":"far","Driver":"remote"}"#).unwrap();
        let check = |name: &str| match check_name(name, directory, "colima", &machine) {
            Ok(()) => String::new(),
            Err(Failure::Message { message, .. }) => message,
            Err(other) => panic!("{other:?}"),
        };
        for name in ["", "default", "colima", "own"] {
            assert_eq!(check(name), "");
        }
        assert_eq!(check("none"), "no builder \"none\" found");
        assert!(check("far").starts_with("builder \"far\" has the driver remote"));
    }
}
