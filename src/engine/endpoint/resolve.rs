//! Which endpoint: the order of the Docker CLI, which is `--context`, `--host`, `DOCKER_HOST`,
//! `DOCKER_CONTEXT`, `currentContext`, default. (Its manual has the two variables the other way
//! round; its code does not.)

use std::io;
use std::path::{Path, PathBuf};

use super::{Address, Endpoint, EndpointError, Origin, Surroundings, Tls, context};

/// The name of the context that is not in the store.
const DEFAULT_CONTEXT: &str = "default";

/// What flags say about the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--host`, as often as given.
    pub hosts: Vec<String>,
    /// `--context`.
    pub context: Option<String>,
    /// `--config`.
    pub configuration: Option<PathBuf>,
    /// `--tlscacert`.
    pub authority: Option<PathBuf>,
    /// `--tlscert`.
    pub certificate: Option<PathBuf>,
    /// `--tlskey`.
    pub key: Option<PathBuf>,
}

/// The directory of the CLI's configuration: `--config`, `DOCKER_CONFIG` or `~/.docker`.
pub fn configuration_directory(flags: &Flags, surroundings: &dyn Surroundings) -> PathBuf {
    let variable = || surroundings.filled_variable("DOCKER_CONFIG").map(PathBuf::from);
    let home = || surroundings.home().unwrap_or_default().join(".docker");
    flags.configuration.clone().or_else(variable).unwrap_or_else(home)
}

/// Finds the endpoint. `current_context` is what `config.json` in `configuration` says.
///
/// # Errors
/// Flags that exclude each other, a host that cannot be read, a context that is not in the store,
/// TLS files that are asked for and missing.
pub fn resolve(
    flags: &Flags,
    configuration: &Path,
    current_context: Option<&str>,
    surroundings: &dyn Surroundings,
) -> Result<Endpoint, EndpointError> {
    if flags.context.as_deref().is_some_and(|name| !name.is_empty()) && !flags.hosts.is_empty() {
        return Err(EndpointError::Conflict);
    }
    if flags.hosts.len() > 1 {
        return Err(EndpointError::SeveralHosts);
    }
    let (origin, name) = choose(flags, current_context, surroundings);
    if name != DEFAULT_CONTEXT {
        let (address, tls) = context::load(&name, configuration, surroundings)?;
        return Ok(Endpoint::new(name, origin, address, tls));
    }
    let tls = tls_files(flags, configuration, surroundings)?;
    // A context that is called `default` still follows `DOCKER_HOST`.
    let host = flags.hosts.first().cloned().or_else(|| surroundings.variable("DOCKER_HOST"));
    let address = Address::parse(&host.unwrap_or_default(), tls.is_some())?;
    Ok(Endpoint::new(name, origin, address, tls))
}

/// What decides, and the name of the context.
fn choose(
    flags: &Flags,
    current_context: Option<&str>,
    surroundings: &dyn Surroundings,
) -> (Origin, String) {
    let default = || DEFAULT_CONTEXT.to_owned();
    if let Some(context) = flags.context.as_ref().filter(|context| !context.is_empty()) {
        return (Origin::ContextFlag, context.clone());
    }
    if !flags.hosts.is_empty() {
        return (Origin::HostFlag, default());
    }
    if surroundings.filled_variable("DOCKER_HOST").is_some() {
        return (Origin::HostVariable, default());
    }
    if let Some(context) = surroundings.filled_variable("DOCKER_CONTEXT") {
        return (Origin::ContextVariable, context);
    }
    match current_context {
        Some(context) if !context.is_empty() && context != DEFAULT_CONTEXT => {
            (Origin::CurrentContext, context.to_owned())
        }
        _ => (Origin::Default, default()),
    }
}

/// `DOCKER_TLS`, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`, and the flags that name single files.
/// Any text turns the first two on.
fn tls_files(
    flags: &Flags,
    configuration: &Path,
    surroundings: &dyn Surroundings,
) -> Result<Option<Tls>, EndpointError> {
    let verify = surroundings.filled_variable("DOCKER_TLS_VERIFY").is_some();
    if !verify && surroundings.filled_variable("DOCKER_TLS").is_none() {
        return Ok(None);
    }
    let directory = surroundings.filled_variable("DOCKER_CERT_PATH").map(PathBuf::from);
    let directory = directory.unwrap_or_else(|| configuration.to_owned());
    let read = |named: &Option<PathBuf>, name: &str| {
        let path = named.clone().unwrap_or_else(|| directory.join(name));
        surroundings.read(&path).map_err(|error| (path, error))
    };
    let own = |named: &Option<PathBuf>, name: &str| match read(named, name) {
        Ok(bytes) => Ok(Some(bytes)),
        // Without a certificate of our own we come unnamed, as the CLI does.
        Err((_, error)) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error)),
    };
    Ok(Some(Tls {
        skip_verify: !verify,
        authority: Some(read(&flags.authority, "ca.pem").map_err(unreadable)?),
        certificate: own(&flags.certificate, "cert.pem")?,
        key: own(&flags.key, "key.pem")?,
        server_name: None,
    }))
}

fn unreadable((path, error): (PathBuf, io::Error)) -> EndpointError {
    EndpointError::File(path, crate::engine::transport::error::plain(&error))
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::tests::Imagined;
    use super::*;

    const META: &str = "/h/.docker/contexts/meta/";
    const COLIMA: &str = "f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16";

    fn machine() -> Imagined {
        Imagined::default().with_variable("HOME", "/h").with_file(
            &format!("{META}{COLIMA}/meta.json"),
            r#"{"name":"colima","endpoints":{"docker":{"host":"unix:///h/.colima/docker.sock"}}}"#,
        )
    }

    fn find(flags: &Flags, current: Option<&str>, machine: &Imagined) -> Result<Endpoint, String> {
        let directory = configuration_directory(flags, machine);
        resolve(flags, &directory, current, machine).map_err(|error| error.to_string())
    }

    #[test]
    fn follows_the_order_of_the_cli() {
        let context = Flags { context: Some("colima".into()), ..Flags::default() };
        let host = Flags { hosts: vec!["tcp://flag".into()], ..Flags::default() };
        let default_flag = Flags { context: Some("default".into()), ..Flags::default() };
        let none = Flags::default();
        let plain = machine();
        let by_context = plain.clone().with_variable("DOCKER_CONTEXT", "colima");
        let both = by_context.clone().with_variable("DOCKER_HOST", "tcp://variable");
        let empty = by_context.clone().with_variable("DOCKER_HOST", "");
        let colima = "unix:///h/.colima/docker.sock";
        for (flags, current, machine, origin, expected) in [
            (&context, None, &both, Origin::ContextFlag, colima),
            (&default_flag, None, &both, Origin::ContextFlag, "tcp://variable:2375"),
            (&host, Some("colima"), &both, Origin::HostFlag, "tcp://flag:2375"),
            (&none, Some("colima"), &both, Origin::HostVariable, "tcp://variable:2375"),
            (&none, None, &by_context, Origin::ContextVariable, colima),
            (&none, None, &empty, Origin::ContextVariable, colima),
            (&none, Some("colima"), &plain, Origin::CurrentContext, colima),
            (&none, Some("default"), &plain, Origin::Default, "unix:///var/run/docker.sock"),
            (&none, None, &plain, Origin::Default, "unix:///var/run/docker.sock"),
        ] {
            let endpoint = find(flags, current, machine).unwrap();
            assert_eq!(
                (endpoint.origin, endpoint.address.to_string().as_str()),
                (origin, expected)
            );
        }
    }

    #[test]
    fn refuses_in_the_words_of_the_cli() {
        let flags = |hosts: &[&str], context: Option<&str>| Flags {
            hosts: hosts.iter().map(ToString::to_string).collect(),
            context: context.map(str::to_owned),
            ..Flags::default()
        };
        for (flags, expected) in [
            (
                flags(&["a"], Some("b")),
                "conflicting options: cannot specify both --host and --context".to_owned(),
            ),
            (
                flags(&["a", "b"], None),
                "unable to resolve docker endpoint: specify only one -H".to_owned(),
            ),
            (
                flags(&["foo://x"], None),
                "unable to resolve docker endpoint: invalid bind address format: foo://x"
                    .to_owned(),
            ),
            (
                flags(&[], Some("orbstack")),
                format!(
                    "unable to resolve docker endpoint: context \"orbstack\": context not found: \
                     open {META}2d89b732b01a00a2d1675ed3cee9fd0f965daadf90603c989dd3afd4569c6896\
                     /meta.json: no such file or directory"
                ),
            ),
        ] {
            assert_eq!(find(&flags, None, &machine()).unwrap_err(), expected);
        }
    }

    #[test]
    fn reads_tls_variables() {
        let host = machine().with_variable("DOCKER_HOST", "tcp://box");
        let loose = host.clone().with_variable("DOCKER_TLS", "1");
        assert_eq!(
            find(&Flags::default(), None, &loose).unwrap_err(),
            "unable to resolve docker endpoint: open /h/.docker/ca.pem: no such file or directory"
        );
        let files = loose
            .with_file("/h/.docker/ca.pem", "ca")
            .with_file("/h/.docker/cert.pem", "cert")
            .with_file("/certs/ca.pem", "other");
        let endpoint = find(&Flags::default(), None, &files).unwrap();
        assert_eq!(endpoint.address.to_string(), "tcp://box:2376");
        let tls = endpoint.tls.unwrap();
        assert!(tls.skip_verify && tls.key.is_none());
        assert_eq!(tls.certificate.as_deref(), Some(&b"cert"[..]));

        let named = Flags { authority: Some("/certs/ca.pem".into()), ..Flags::default() };
        let tls = find(&named, None, &files).unwrap().tls.unwrap();
        assert_eq!(tls.authority.as_deref(), Some(&b"other"[..]));
        let missing = Flags { key: Some("/certs/key.pem".into()), ..Flags::default() };
        assert_eq!(
            find(&missing, None, &files).unwrap_err(),
            "unable to resolve docker endpoint: open /certs/key.pem: no such file or directory"
        );

        let strict = files
            .with_variable("DOCKER_TLS_VERIFY", "0")
            .with_variable("DOCKER_CERT_PATH", "/certs");
        let tls = find(&Flags::default(), None, &strict).unwrap().tls.unwrap();
        assert!(!tls.skip_verify);
        assert_eq!(tls.authority.as_deref(), Some(&b"other"[..]));

        let socket = strict.with_variable("DOCKER_HOST", "unix:///s");
        assert_eq!(find(&Flags::default(), None, &socket).unwrap().tls, None);
    }

    #[test]
    fn reads_tls_of_a_context() {
        let machine = Imagined::default()
            .with_file(
                &format!("/c/contexts/meta/{COLIMA}/meta.json"),
                r#"{"Name":"colima","Endpoints":{"docker":{"Host":"tcp://box","SkipTLSVerify":true}}}"#,
            )
            .with_file(&format!("/c/contexts/tls/{COLIMA}/docker/ca.pem"), "ca")
            .with_variable("DOCKER_CONFIG", "/c");
        let endpoint = find(&Flags::default(), Some("colima"), &machine).unwrap();
        assert_eq!(endpoint.address.to_string(), "tcp://box:2376");
        let tls = endpoint.tls.unwrap();
        assert!(tls.skip_verify && tls.authority.is_some());
    }
}
