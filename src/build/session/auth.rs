//! The user's credentials for registries, given to the builder when it pulls or pushes.

use std::sync::Arc;

use bollard::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
    GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse, auth_server,
};
use futures_util::future::BoxFuture;
use tonic::{Request, Response, Status};

/// What a registry is told about the user.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Name of the user; empty when `secret` is an identity token.
    pub username: String,
    /// Password or identity token.
    pub secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Looks up credentials as the user's configuration has them.
pub trait CredentialSource: Send + Sync + 'static {
    /// The credentials for a registry, `None` for an anonymous user. The registry is named as in
    /// `config.json`: `host[:port]`, and Docker Hub as `https://index.docker.io/v1/`. An error is
    /// the words of a helper that failed.
    fn credentials<'a>(
        &'a self,
        registry: &'a str,
    ) -> BoxFuture<'a, Result<Option<Credentials>, String>>;

    /// All registries with credentials. BuildKit asks for the one it needs; the classic builder
    /// must be told all at once.
    fn registries(&self) -> BoxFuture<'_, Vec<String>>;
}

/// A user without credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCredentials;

impl CredentialSource for NoCredentials {
    fn credentials<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Credentials>, String>> {
        Box::pin(async { Ok(None) })
    }

    fn registries(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async { Vec::new() })
    }
}

/// Credentials as the Engine API takes them.
pub(in crate::build) fn auth_entry(registry: &str, credentials: &Credentials) -> serde_json::Value {
    if credentials.username.is_empty() {
        serde_json::json!({ "identitytoken": credentials.secret, "serveraddress": registry })
    } else {
        serde_json::json!({
            "username": credentials.username,
            "password": credentials.secret,
            "serveraddress": registry,
        })
    }
}

pub(super) struct Auth {
    pub(super) source: Arc<dyn CredentialSource>,
}

/// The key of a registry in `config.json`.
pub(in crate::build) fn config_key(host: &str) -> &str {
    match host {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => "https://index.docker.io/v1/",
        host => host,
    }
}

#[tonic::async_trait]
impl auth_server::Auth for Auth {
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        let host = request.into_inner().host;
        let credentials =
            self.source.credentials(config_key(&host)).await.map_err(Status::unknown)?;
        let response = credentials.map_or_else(CredentialsResponse::default, |found| {
            CredentialsResponse { username: found.username, secret: found.secret }
        });
        Ok(Response::new(response))
    }

    /// Tokens are fetched by the builder itself, with [`Self::credentials`].
    async fn fetch_token(
        &self,
        _: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        Err(tokens_unavailable())
    }

    async fn get_token_authority(
        &self,
        _: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(tokens_unavailable())
    }

    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(tokens_unavailable())
    }
}

/// The answer upon which BuildKit asks for plain credentials instead.
fn tokens_unavailable() -> Status {
    Status::unavailable("client side tokens disabled")
}
