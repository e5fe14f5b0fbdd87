//! Where programs are: the docker command's plugin directories, and the search path.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use serde_json::Value;

/// Directories of the machine's plugins, behind the user's own.
const PLUGIN_DIRECTORIES: [&str; 4] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
];

/// The program of the plugin `docker-NAME`.
pub(super) fn plugin(environment: &BTreeMap<String, String>, name: &str) -> Option<PathBuf> {
    let configuration = configuration(environment);
    let program = format!("docker-{name}");
    let mut directories = Vec::new();
    if let Some(directory) = &configuration {
        directories.extend(extra_directories(directory));
        directories.push(directory.join("cli-plugins"));
    }
    directories.extend(PLUGIN_DIRECTORIES.map(PathBuf::from));
    directories.into_iter().map(|directory| directory.join(&program)).find(|path| is_program(path))
}

/// The first program of that name on the search path; a name with a slash is the path itself.
pub(super) fn on_path(environment: &BTreeMap<String, String>, name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| is_program(path));
    }
    let path = environment.get("PATH")?;
    std::env::split_paths(path).map(|directory| directory.join(name)).find(|path| is_program(path))
}

/// The docker command's directory.
pub(super) fn configuration(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let filled = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    match filled("DOCKER_CONFIG") {
        Some(directory) => Some(PathBuf::from(directory)),
        None => Some(Path::new(filled("HOME")?).join(".docker")),
    }
}

/// `cliPluginsExtraDirs` of `config.json`.
fn extra_directories(configuration: &Path) -> Vec<PathBuf> {
    let text = std::fs::read(configuration.join("config.json")).unwrap_or_default();
    let config: Value = serde_json::from_slice(&text).unwrap_or_default();
    config["cliPluginsExtraDirs"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(PathBuf::from)
        .collect()
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}
