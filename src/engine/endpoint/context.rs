//! The Docker CLI's context store: `contexts/meta/<sha256 of the name>/meta.json` and the TLS
//! material beside it. Read only.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Address, EndpointError, Surroundings, Tls};

/// Where a context's engine is.
pub(super) fn load(
    name: &str,
    configuration: &Path,
    surroundings: &dyn Surroundings,
) -> Result<(Address, Option<Tls>), EndpointError> {
    let contexts = configuration.join("contexts");
    let directory = directory_name(name);
    let meta = contexts.join("meta").join(&directory).join("meta.json");
    let text = surroundings.read(&meta).map_err(|error| missing(name, &meta, &error))?;
    let broken = |reason: String| EndpointError::Context { name: name.to_owned(), reason };
    let root: Value = serde_json::from_slice(&text)
        .map_err(|error| broken(format!("parsing {}: {error}", meta.display())))?;
    let docker = field(&root, "Endpoints").and_then(|endpoints| field(endpoints, "docker"));
    let docker = docker.ok_or_else(|| broken("it has no docker endpoint".to_owned()))?;
    let host = field(docker, "Host").and_then(Value::as_str).unwrap_or_default();
    let skip_verify = field(docker, "SkipTLSVerify").and_then(Value::as_bool).unwrap_or_default();

    let material = contexts.join("tls").join(&directory).join("docker");
    let file = |name: &str| optional(surroundings, &material.join(name));
    let unreadable =
        |error: (PathBuf, io::Error)| EndpointError::File(error.0, error.1.to_string());
    let tls = Tls {
        skip_verify,
        authority: file("ca.pem").map_err(unreadable)?,
        certificate: file("cert.pem").map_err(unreadable)?,
        key: file("key.pem").map_err(unreadable)?,
        server_name: None,
    };
    let tls = (tls != Tls::default()).then_some(tls);
    Ok((Address::parse(host, tls.is_some())?, tls))
}

/// Whether a context of that name is in the store.
pub fn exists(name: &str, configuration: &Path, surroundings: &dyn Surroundings) -> bool {
    let directory = configuration.join("contexts").join("meta").join(directory_name(name));
    surroundings.exists(&directory.join("meta.json"))
}

/// The directory of a context: its name's SHA-256 in hex.
fn directory_name(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn missing(name: &str, meta: &Path, error: &io::Error) -> EndpointError {
    let reason = crate::engine::transport::error::plain(error);
    EndpointError::Context {
        name: name.to_owned(),
        reason: format!("context not found: open {}: {reason}", meta.display()),
    }
}

/// A file that may be missing.
fn optional(
    surroundings: &dyn Surroundings,
    path: &Path,
) -> Result<Option<Vec<u8>>, (PathBuf, io::Error)> {
    match surroundings.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err((path.to_owned(), error)),
    }
}

/// A field of an object, whatever the case of its key: Go reads it so.
pub(in crate::engine) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_directory_of_a_context() {
        for (name, expected) in [
            ("default", "37a8eec1ce19687d132fe29051dca629d164e2c4958ba141d5f4133a33f0688f"),
            ("colima", "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16"),
            ("orbstack", "2d89b732b01a00a2d1675ed3cee9fd0f965daadf90603c989dd3afd4569c6896"),
        ] {
            assert_eq!(directory_name(name), expected);
        }
    }
}
