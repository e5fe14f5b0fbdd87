//! `use_api_socket`: a service gets the engine's socket, and the user's credentials beside it. The
//! engine knows nothing of this; it is done to the project before anything is decided, and so is
//! part of the identity of the service's containers.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::StackError;
use crate::compose::model::{FileObject, FileReference, Mount, Project, Service};
use crate::engine::Engine;
use crate::engine::credentials::Credential;

/// The key of the config that holds the credentials; no file can have it.
const CONFIG: &str = "#apisocket";
/// The socket, outside and inside.
pub(super) const SOCKET: &str = "/var/run/docker.sock";
/// Directory of the docker command's configuration in the container.
pub(super) const DIRECTORY: &str = "/run/secrets/docker";

/// The project with what its services get that use the engine's socket.
///
/// # Errors
/// An engine that is not reached by a socket of this machine.
pub(super) async fn expanded<'project, E: Engine>(
    project: &'project Project,
    engine: &E,
) -> Result<Cow<'project, Project>, StackError> {
    let mut services = project.services.values().chain(project.disabled_services.values());
    if !services.any(|service| service.use_api_socket) || project.configs.contains_key(CONFIG) {
        return Ok(Cow::Borrowed(project));
    }
    let endpoint = &engine.describe().endpoint;
    if !endpoint.starts_with("unix://") {
        return Err(StackError::SocketOfAnotherMachine(endpoint.clone()));
    }
    let content = configuration(&engine.known_credentials().await);
    let mut project = project.clone();
    let config = FileObject { name: CONFIG.to_owned(), content, ..FileObject::default() };
    project.configs.insert(CONFIG.to_owned(), config);
    let services = project.services.values_mut().chain(project.disabled_services.values_mut());
    services.filter(|service| service.use_api_socket).for_each(expand);
    Ok(Cow::Owned(project))
}

fn expand(service: &mut Service) {
    service.volumes.push(Mount {
        r#type: "bind".to_owned(),
        source: SOCKET.to_owned(),
        target: SOCKET.to_owned(),
        ..Mount::default()
    });
    // Who says where the configuration is knows what it is for.
    let directory = || Some(DIRECTORY.to_owned());
    service.environment.entry("DOCKER_CONFIG".to_owned()).or_insert_with(directory);
    service.configs.push(FileReference {
        source: CONFIG.to_owned(),
        target: format!("{DIRECTORY}/config.json"),
        ..FileReference::default()
    });
}

/// A `config.json` with these credentials.
fn configuration(credentials: &[Credential]) -> String {
    let auths: Map<String, Value> = credentials
        .iter()
        .map(|credential| {
            let Credential { username, password, .. } = credential;
            let mut entry = Map::new();
            if !username.is_empty() || !password.is_empty() {
                entry.insert(
                    "auth".into(),
                    STANDARD.encode(format!("{username}:{password}")).into(),
                );
            }
            for (key, token) in [
                ("identitytoken", &credential.identity_token),
                ("registrytoken", &credential.registry_token),
            ] {
                if !token.is_empty() {
                    entry.insert(key.into(), token.as_str().into());
                }
            }
            (credential.server_address.clone(), Value::Object(entry))
        })
        .collect();
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    let written = serde::Serialize::serialize(&json!({ "auths": auths }), &mut serializer);
    written.expect("texts serialise into memory");
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_written_as_the_docker_command_writes_them() {
        assert_eq!(configuration(&[]), "{\n\t\"auths\": {}\n}");
        let credential = Credential {
            username: "me".into(),
            password: "secret".into(),
            server_address: "r.example".into(),
            ..Credential::default()
        };
        assert_eq!(
            configuration(&[credential]),
            "{\n\t\"auths\": {\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"bWU6c2VjcmV0\"\n\t\t}\n\t}\n}"
        );
    }

    #[test]
    fn a_directory_that_the_service_names_stays() {
        let mut service = Service::default();
        service.environment.insert("DOCKER_CONFIG".into(), Some("/mine".into()));
        expand(&mut service);
        assert_eq!(service.environment["DOCKER_CONFIG"].as_deref(), Some("/mine"));
        assert_eq!(service.volumes[0].source, SOCKET);
        assert_eq!(service.configs[0].target, "/run/secrets/docker/config.json");
    }
}
