//! Credentials for registries, looked up as the Docker CLI does: `DOCKER_AUTH_CONFIG`, then the
//! registry's helper, then the helper for all, then `auths` of `config.json`.
//!
//! A helper runs when a registry is first asked for, once in a run. One that fails is named in a
//! warning, and the registry is used without credentials.

mod helper;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::Warn;
use super::client_config::{ClientConfig, StoredCredential};
use super::endpoint::Surroundings;
use super::reference::credential_key;
use super::transport::error::plain;

/// What a registry wants to know of its user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// User name.
    pub username: String,
    /// Password, or an access token in its place.
    pub password: String,
    /// Token that stands for both.
    pub identity_token: String,
    /// Token for the registry itself.
    pub registry_token: String,
    /// The registry, as credentials name it.
    pub server_address: String,
}

impl Credential {
    fn is_empty(&self) -> bool {
        self.password.is_empty() && self.identity_token.is_empty() && self.registry_token.is_empty()
    }

    /// By which a run can tell whether an earlier one had another credential. It has so few bits that it helps
    /// nobody to find a secret.
    pub fn fingerprint(&self) -> String {
        let secrets = [&self.password, &self.identity_token, &self.registry_token];
        let hash = secrets.iter().fold(Sha256::new_with_prefix(&self.username), |hash, secret| {
            hash.chain_update([0]).chain_update(secret)
        });
        let [first, second, ..]: [u8; 32] = hash.finalize().into();
        format!("{first:02x}{second:02x}")
    }
}

/// The credentials of a run.
pub struct Credentials {
    /// `DOCKER_AUTH_CONFIG`.
    variable: BTreeMap<String, StoredCredential>,
    auths: BTreeMap<String, StoredCredential>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
    known: Mutex<HashMap<String, Arc<OnceCell<Option<Credential>>>>>,
    warn: Warn,
}

impl Credentials {
    /// Reads what configuration and variables say; runs nothing.
    pub fn new(config: &ClientConfig, surroundings: &dyn Surroundings, warn: Warn) -> Self {
        let store = config.credential_store.clone();
        let store = if config.has_credentials() { store } else { default_store(surroundings) };
        Self {
            variable: variable(surroundings, &warn),
            auths: config.auths.clone(),
            helpers: config.credential_helpers.clone(),
            store,
            known: Mutex::default(),
            warn,
        }
    }

    /// The credential for a registry by its host (`docker.io`, `ghcr.io`, `localhost:5000`); `None`
    /// to come unnamed.
    pub async fn lookup(&self, registry: &str) -> Option<Credential> {
        let key = credential_key(registry);
        let cell = {
            // A panic elsewhere cannot leave this map half written.
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key.to_owned()).or_default())
        };
        cell.get_or_init(|| self.find(key)).await.clone()
    }

    /// Every credential that is written down or that a helper keeps, by registry.
    pub async fn all(&self) -> Vec<Credential> {
        let mut keys: BTreeSet<String> = self.variable.keys().cloned().collect();
        keys.extend(self.auths.keys().cloned());
        keys.extend(self.helpers.keys().cloned());
        if let Some(suffix) = &self.store {
            match helper::list(suffix).await {
                Ok(kept) => keys.extend(kept),
                Err(reason) => (self.warn)(format!("no credentials of {suffix}: {reason}")),
            }
        }
        let mut found = Vec::new();
        for key in keys {
            found.extend(self.find(&key).await);
        }
        found
    }

    async fn find(&self, key: &str) -> Option<Credential> {
        if let Some(credential) = stored(&self.variable, key) {
            return Some(credential);
        }
        if let Some(suffix) = self.helpers.get(key).or(self.store.as_ref()) {
            match helper::get(suffix, key).await {
                Ok(Some(credential)) => return Some(credential),
                Ok(None) => {}
                Err(reason) => {
                    (self.warn)(format!("no credentials for {key}: {reason}"));
                    return None;
                }
            }
        }
        stored(&self.auths, key)
    }
}

/// A credential that is written down: under the registry's key, or under a URL with its host.
fn stored(auths: &BTreeMap<String, StoredCredential>, key: &str) -> Option<Credential> {
    let exact = auths.get(key);
    let by_host = || auths.iter().find(|(name, _)| host(name) == host(key)).map(|(_, value)| value);
    let found = exact.or_else(by_host)?;
    Some(Credential {
        username: found.username.clone(),
        password: found.password.clone(),
        identity_token: found.identity_token.clone(),
        registry_token: found.registry_token.clone(),
        server_address: key.to_owned(),
    })
    .filter(|credential| !credential.is_empty())
}

/// The host in a key that may be a URL.
fn host(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    rest.split('/').next().unwrap_or(rest)
}

/// `DOCKER_AUTH_CONFIG`: `{"auths": {host: {"auth": …}}}` and nothing else.
fn variable(surroundings: &dyn Surroundings, warn: &Warn) -> BTreeMap<String, StoredCredential> {
    let Some(text) = surroundings.filled_variable("DOCKER_AUTH_CONFIG") else {
        return BTreeMap::new();
    };
    let auths = serde_json::from_str::<Value>(&text).ok();
    let auths = auths.as_ref().and_then(|root| root.get("auths")).and_then(Value::as_object);
    let Some(auths) = auths else {
        warn("DOCKER_AUTH_CONFIG is not understood and left out".to_owned());
        return BTreeMap::new();
    };
    auths.iter().map(|(key, value)| (key.clone(), StoredCredential::from_json(value))).collect()
}

/// The helper that the CLI looks for where nothing is configured.
fn default_store(surroundings: &dyn Surroundings) -> Option<String> {
    let suffix = match std::env::consts::OS {
        "macos" => "osxkeychain",
        "windows" => "wincred",
        _ if surroundings.has_program("pass") => "pass",
        _ => "secretservice",
    };
    surroundings.has_program(&helper::program(suffix)).then(|| suffix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::surroundings::tests::Imagined;
    use super::*;

    #[tokio::test]
    async fn looks_where_the_cli_looks() {
        let auth = |user: &str| StoredCredential {
            username: user.to_owned(),
            password: "secret".to_owned(),
            ..StoredCredential::default()
        };
        let config = ClientConfig {
            auths: [
                ("https://index.docker.io/v1/", "hub"),
                ("https://old.example/v2/", "old"),
                ("r:5000", "plain"),
                ("both", "file"),
            ]
            .into_iter()
            .map(|(key, user)| (key.to_owned(), auth(user)))
            .collect(),
            ..ClientConfig::default()
        };
        let machine = Imagined::default()
            .with_variable("DOCKER_AUTH_CONFIG", r#"{"auths":{"both":{"auth":"dmFyOnB3"}}}"#);
        let credentials = Credentials::new(&config, &machine, Arc::new(|text| panic!("{text}")));
        for (registry, user) in [
            ("docker.io", Some("hub")),
            ("old.example", Some("old")),
            ("r:5000", Some("plain")),
            ("both", Some("var")),
            ("elsewhere", None),
        ] {
            let found = credentials.lookup(registry).await;
            assert_eq!(found.as_ref().map(|found| found.username.as_str()), user, "{registry}");
        }
        let hub = credentials.lookup("docker.io").await.unwrap();
        assert_eq!(hub.server_address, "https://index.docker.io/v1/");
    }

    #[tokio::test]
    async fn names_a_helper_that_fails_and_goes_on_without() {
        let config = ClientConfig {
            credential_store: Some("bireme-has-none".to_owned()),
            ..ClientConfig::default()
        };
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&warnings);
        let warn: Warn = Arc::new(move |text| told.lock().unwrap().push(text));
        let credentials = Credentials::new(&config, &Imagined::default(), warn);
        assert_eq!(credentials.lookup("ghcr.io").await, None);
        assert_eq!(credentials.lookup("ghcr.io").await, None);
        assert_eq!(
            *warnings.lock().unwrap(),
            [
                "no credentials for ghcr.io: docker-credential-bireme-has-none cannot be run: no such \
              file or directory"
            ]
        );
    }
}
