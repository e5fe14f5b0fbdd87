//! The labels by which Docker Compose knows its own (behaviour as of Compose 2.40.3).

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
/// Name of the container that this one replaced, without the project.
pub const REPLACE: &str = "com.docker.compose.replace";
/// Random name of a container of `run`.
pub const SLUG: &str = "com.docker.compose.slug";
/// Key of a network in its file.
pub const NETWORK: &str = "com.docker.compose.network";
/// Key of a volume in its file.
pub const VOLUME: &str = "com.docker.compose.volume";

/// The value of [`VERSION`] that we write: whose dialect of labels and hashes is spoken.
pub const WRITTEN_VERSION: &str = "2.40.3";
