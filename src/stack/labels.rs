//! The labels by which Docker Compose knows its own (behaviour as of Compose 2.40.3).
//! Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::desired::{DesiredService, Instance, Purpose};
use super::query::ProjectContainer;
use crate::compose::hash::{self, Dialect};
use crate::compose::model::{Project, Service};

/// Name of the project.
pub const PROJECT: &str = "com.docker.compose.project";
/// Name of the service.
pub const SERVICE: &str = "com.docker.compose.service";
/// Version of what wrote the labels; tells in which dialect the hash is.
pub const VERSION: &str = "com.docker.compose.version";
/// Directory of the project.
pub const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
/// The Compose files, joined by commas.
pub const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
/// The environment files given, joined by commas.
pub const ENVIRONMENT_FILE: &str = "com.docker.compose.project.environment_file";
/// `True` on containers of `run`, else `False`.
pub const ONE_OFF: &str = "com.docker.compose.oneoff";
/// Identity of what the container was made from.
pub const CONFIG_HASH: &str = "com.docker.compose.config-hash";
/// Number of the container within its service, from 1.
pub const CONTAINER_NUMBER: &str = "com.docker.compose.container-number";
/// `service:condition:restart`, joined by commas.
pub const DEPENDS_ON: &str = "com.docker.compose.depends_on";
/// Id of the image.
pub const IMAGE: &str = "com.docker.compose.image";
/// `target=id` of each image that the container mounts, by target (Compose 5).
pub const IMAGE_VOLUME_DIGEST: &str = "com.docker.compose.image-volume-digest";
/// Name of the container that this one replaced, without the project.
pub const REPLACE: &str = "com.docker.compose.replace";
/// Random name of a container of `run`.
pub const SLUG: &str = "com.docker.compose.slug";
/// Name of the engine that runs the container, where there are several (Compose 5).
pub const ENGINE: &str = "com.docker.compose.engine";
/// The kind of hook that a container runs.
pub const HOOK: &str = "com.docker.compose.hook";
/// Key of a network in its file.
pub const NETWORK: &str = "com.docker.compose.network";
/// Key of a volume in its file.
pub const VOLUME: &str = "com.docker.compose.volume";

/// What all labels begin with that only we write. Docker Compose takes no notice of them: its hash
/// is of what the files say, not of what a container has.
pub const OWN: &str = "io.bireme.";
/// Why a container was made, and what became of those before it ([`super::record`]).
pub const RECORD: &str = "io.bireme.record";

/// The value of [`VERSION`] that we write: whose dialect of labels and hashes is spoken.
pub const WRITTEN_VERSION: &str = "2.40.3";
/// The dialect of hashes that goes with [`WRITTEN_VERSION`].
pub const WRITTEN_DIALECT: Dialect = Dialect::V2;

/// The dialect in which the hash beside a [`VERSION`] label is written.
pub fn dialect(version: &str) -> Dialect {
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(5..) => Dialect::V5,
        _ => Dialect::V2,
    }
}

/// Whether a container's hash is the one that its service has now; `container` gives the id of a
/// service's first container.
pub fn hash_matches(
    found: &ProjectContainer,
    desired: &DesiredService,
    container: impl Fn(&str) -> Option<String>,
) -> bool {
    let (found, dialect) = (found.label(CONFIG_HASH), dialect(found.label(VERSION)));
    match desired.identity.alone(&desired.service) {
        Some(hash) if dialect == WRITTEN_DIALECT => found == hash,
        _ => found == hash::resolved_service(&desired.service, dialect, container),
    }
}

/// Labels of a network or volume; `kind` is [`NETWORK`] or [`VOLUME`].
pub fn resource(project: &str, kind: &str, key: &str) -> [(String, String); 3] {
    [
        (PROJECT.to_owned(), project.to_owned()),
        (kind.to_owned(), key.to_owned()),
        (VERSION.to_owned(), WRITTEN_VERSION.to_owned()),
    ]
}

/// Labels of a container that runs a hook. Without [`CONFIG_HASH`] and [`ONE_OFF`] it is no
/// container of its service for anybody who lists those.
pub fn hook(project: &str, service: &str, kind: &str) -> BTreeMap<String, String> {
    [(PROJECT, project), (SERVICE, service), (VERSION, WRITTEN_VERSION), (HOOK, kind)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Labels of a container but for [`CONFIG_HASH`]: the user's, and ours over them.
pub fn container(
    project: &Project,
    service: &Service,
    instance: &Instance<'_>,
) -> BTreeMap<String, String> {
    let mut labels = service.labels.clone();
    let mut set = |key: &str, value: String| labels.insert(key.to_owned(), value);
    set(PROJECT, project.name.clone());
    set(SERVICE, service.name.clone());
    set(VERSION, WRITTEN_VERSION.to_owned());
    set(WORKING_DIR, project.working_dir.display().to_string());
    set(CONFIG_FILES, joined(&project.compose_files));
    if !project.env_files.is_empty() {
        set(ENVIRONMENT_FILE, joined(&project.env_files));
    }
    set(DEPENDS_ON, depends_on(project, service));
    if let Some(image) = instance.image {
        set(IMAGE, image.id.clone());
    }
    if let Some(name) = &instance.replaces {
        set(REPLACE, name.clone());
    }
    match &instance.purpose {
        Purpose::Replica(number) => {
            set(ONE_OFF, "False".to_owned());
            set(CONTAINER_NUMBER, number.to_string());
        }
        Purpose::OneOff { slug, .. } => {
            set(ONE_OFF, "True".to_owned());
            set(SLUG, slug.clone());
        }
    }
    labels
}

fn joined(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(",")
}

/// What a service depends on and the project has: of an optional one that is not enabled nobody needs to know.
fn depends_on(project: &Project, service: &Service) -> String {
    service
        .depends_on
        .iter()
        .filter(|(name, _)| project.services.contains_key(*name))
        .map(|(name, dependency)| {
            format!("{name}:{}:{}", dependency.condition.as_str(), dependency.restart)
        })
        .collect::<Vec<_>>()
        .join(",")
}
