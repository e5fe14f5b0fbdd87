//! `config.json` of the Docker CLI: current context, credentials, proxies, headers. Read once, never
//! written. What cannot be read counts as absent, with a warning, as the CLI has it.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::endpoint::Surroundings;
use super::endpoint::context::field;
use super::transport::error::plain;

/// What `config.json` says, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// `currentContext`.
    pub current_context: Option<String>,
    /// `auths`, by registry.
    pub auths: BTreeMap<String, StoredCredential>,
    /// `credsStore`: suffix of the helper for all registries.
    pub credential_store: Option<String>,
    /// `credHelpers`: suffix of the helper, by registry.
    pub credential_helpers: BTreeMap<String, String>,
    /// `HttpHeaders`, sent with every request.
    pub http_headers: BTreeMap<String, String>,
    /// `proxies`, by endpoint or `default`.
    pub proxies: BTreeMap<String, Proxies>,
    /// `detachKeys`.
    pub detach_keys: Option<String>,
    /// `psFormat`: how `ps` lists without `--format`.
    pub ps_format: Option<String>,
    /// `statsFormat`: the same for `stats`.
    pub stats_format: Option<String>,
}

/// A credential that is written in `config.json` itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredCredential {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Token that stands for both.
    pub identity_token: String,
    /// Token for the registry itself.
    pub registry_token: String,
}

/// Proxies that containers and builds are told of; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `httpProxy`.
    pub http: String,
    /// `httpsProxy`.
    pub https: String,
    /// `noProxy`.
    pub none: String,
    /// `ftpProxy`.
    pub ftp: String,
    /// `allProxy`.
    pub all: String,
}

impl ClientConfig {
    /// Reads `config.json` in `directory`; `warn` is told of a file that cannot be read.
    pub fn load(directory: &Path, surroundings: &dyn Surroundings, warn: &dyn Fn(String)) -> Self {
        let path = directory.join("config.json");
        match surroundings.read(&path) {
            Ok(bytes) => match serde_json::from_slice::<Value>(&bytes) {
                Ok(root) => Self::from_json(&root),
                Err(error) => {
                    warn(format!("Error parsing config file ({}): {error}", path.display()));
                    Self::default()
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => {
                warn(format!(
                    "Error loading config file: open {}: {}",
                    path.display(),
                    plain(&error)
                ));
                Self::default()
            }
        }
    }

    fn from_json(root: &Value) -> Self {
        Self {
            current_context: text(root, "currentContext"),
            auths: entries(root, "auths")
                .map(|(registry, value)| (registry.clone(), StoredCredential::from_json(value)))
                .collect(),
            credential_store: text(root, "credsStore"),
            credential_helpers: texts(root, "credHelpers"),
            http_headers: texts(root, "HttpHeaders"),
            proxies: entries(root, "proxies")
                .map(|(host, value)| (host.clone(), Proxies::from_json(value)))
                .collect(),
            detach_keys: text(root, "detachKeys"),
            ps_format: text(root, "psFormat"),
            stats_format: text(root, "statsFormat"),
        }
    }

    /// The headers for every request: `DOCKER_CUSTOM_HEADERS` (`k=v,k2=v2`) instead of
    /// `HttpHeaders` where it is set. Those that HTTP does not allow are left out.
    pub fn headers(&self, surroundings: &dyn Surroundings) -> HeaderMap {
        let variable = surroundings.filled_variable("DOCKER_CUSTOM_HEADERS");
        let pairs: Vec<(String, String)> = match &variable {
            Some(list) => list
                .split(',')
                .filter_map(|pair| pair.trim().split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            None => self.http_headers.clone().into_iter().collect(),
        };
        pairs
            .into_iter()
            .filter_map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                Some((name, HeaderValue::from_str(&value).ok()?))
            })
            .collect()
    }

    /// Variables that containers and builds of the engine at `endpoint` get, both in capitals and
    /// in small letters.
    pub fn proxy_variables(&self, endpoint: &str) -> BTreeMap<String, String> {
        let proxies = self.proxies.get(endpoint).or_else(|| self.proxies.get("default"));
        let Some(proxies) = proxies else { return BTreeMap::new() };
        [
            ("HTTP_PROXY", &proxies.http),
            ("HTTPS_PROXY", &proxies.https),
            ("NO_PROXY", &proxies.none),
            ("FTP_PROXY", &proxies.ftp),
            ("ALL_PROXY", &proxies.all),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .flat_map(|(name, value)| {
            [(name.to_owned(), value.clone()), (name.to_ascii_lowercase(), value.clone())]
        })
        .collect()
    }

    /// Whether it says anything about credentials. If not, the CLI looks for a helper by itself.
    pub fn has_credentials(&self) -> bool {
        self.credential_store.is_some()
            || !self.credential_helpers.is_empty()
            || !self.auths.is_empty()
    }
}

impl StoredCredential {
    /// An entry of `auths`; `auth` is base64 of `user:password`.
    pub(super) fn from_json(value: &Value) -> Self {
        let word = |name| text(value, name).unwrap_or_default();
        let (username, password) = text(value, "auth")
            .and_then(|auth| STANDARD.decode(auth.trim()).ok())
            .and_then(|bytes| {
                let pair = String::from_utf8(bytes).ok()?;
                let (user, password) = pair.split_once(':')?;
                Some((user.to_owned(), password.trim_matches('\0').to_owned()))
            })
            .unwrap_or_else(|| (word("username"), word("password")));
        Self {
            username,
            password,
            identity_token: word("identitytoken"),
            registry_token: word("registrytoken"),
        }
    }
}

impl Proxies {
    fn from_json(value: &Value) -> Self {
        let word = |name| text(value, name).unwrap_or_default();
        Self {
            http: word("httpProxy"),
            https: word("httpsProxy"),
            none: word("noProxy"),
            ftp: word("ftpProxy"),
            all: word("allProxy"),
        }
    }
}

/// A text that is not empty.
fn text(value: &Value, name: &str) -> Option<String> {
    field(value, name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The entries of an object.
fn entries<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    field(value, name).and_then(Value::as_object).into_iter().flatten()
}

/// The texts of an object.
fn texts(value: &Value, name: &str) -> BTreeMap<String, String> {
    entries(value, name)
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::endpoint::surroundings::tests::Imagined;
    use super::*;

    fn load(json: &str) -> (ClientConfig, Vec<String>) {
        let warnings = RefCell::new(Vec::new());
        let machine = Imagined::default().with_file("/c/config.json", json);
        let config =
            ClientConfig::load(Path::new("/c"), &machine, &|text| warnings.borrow_mut().push(text));
        (config, warnings.into_inner())
    }

    #[test]
    fn reads_what_the_cli_wrote() {
        let (config, warnings) = load(
            r#"{"currentcontext": "colima", "credsStore": "desktop", "HttpHeaders": {"X-A": "1"},
                "credHelpers": {"gcr.io": "gcloud"}, "plugins": {},
                "auths": {"r:5000": {"auth": "dTpwOnc="}, "t": {"identitytoken": "tok"}},
                "proxies": {"default": {"httpProxy": "http://p", "noProxy": "a,b"}}}"#,
        );
        assert_eq!(warnings, [] as [String; 0]);
        assert_eq!(config.current_context.as_deref(), Some("colima"));
        let auth = &config.auths["r:5000"];
        assert_eq!((auth.username.as_str(), auth.password.as_str()), ("u", "p:w"));
        assert_eq!(config.auths["t"].identity_token, "tok");
        assert_eq!(config.credential_helpers["gcr.io"], "gcloud");
        let variables = config.proxy_variables("unix:///var/run/docker.sock");
        let names: Vec<_> = variables.keys().map(String::as_str).collect();
        assert_eq!(names, ["HTTP_PROXY", "NO_PROXY", "http_proxy", "no_proxy"]);
        assert_eq!(config.headers(&Imagined::default())["x-a"], "1");
        let other = Imagined::default().with_variable("DOCKER_CUSTOM_HEADERS", "B=2,C=3");
        assert_eq!(config.headers(&other).len(), 2);
    }

    #[test]
    fn goes_on_without_a_broken_file() {
        let (config, warnings) = load("{broken");
        assert_eq!(config, ClientConfig::default());
        assert!(warnings[0].starts_with("Error parsing config file (/c/config.json): "));
    }
}
