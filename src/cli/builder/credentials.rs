//! The user's credentials for registries, as a build asks for them.

use futures_util::future::BoxFuture;

use crate::build::{CredentialSource, Credentials};
use crate::engine::DockerEngine;

/// Credentials of the user's `config.json`.
pub(super) struct UserCredentials {
    engine: DockerEngine,
}

impl UserCredentials {
    /// Those that the engine's client was given.
    pub(super) fn new(engine: DockerEngine) -> Self {
        Self { engine }
    }
}

impl CredentialSource for UserCredentials {
    fn credentials<'a>(
        &'a self,
        registry: &'a str,
    ) -> BoxFuture<'a, Result<Option<Credentials>, String>> {
        Box::pin(async move {
            let found = self.engine.credentials().lookup(registry).await;
            Ok(found.map(|credential| {
                if credential.identity_token.is_empty() {
                    Credentials { username: credential.username, secret: credential.password }
                } else {
                    // A token that stands for a user and a password.
                    Credentials { username: String::new(), secret: credential.identity_token }
                }
            }))
        })
    }

    fn registries(&self) -> BoxFuture<'_, Vec<String>> {
        let config = self.engine.config();
        let mut registries: Vec<String> =
            config.auths.keys().chain(config.credential_helpers.keys()).cloned().collect();
        registries.sort();
        registries.dedup();
        Box::pin(async move { registries })
    }
}
