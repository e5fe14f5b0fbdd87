//! The builder's way back to us: while it builds, BuildKit asks for files, credentials, secrets and
//! SSH agents over a connection that we opened, and on which we are the gRPC server.

mod auth;
mod content;
mod file_sync;
mod health;
mod secrets;
mod send;
mod ssh;
mod tunnel;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bollard::health::health_server::HealthServer;
use bollard::moby::buildkit::secrets::v1::secrets_server::SecretsServer;
use bollard::moby::filesync::v1::auth_server::AuthServer;
use bollard::moby::filesync::v1::file_send_server::FileSendServer;
use bollard::moby::filesync::v1::file_sync_server::FileSyncServer;
use bollard::moby::sshforward::v1::ssh_server::SshServer;
use hyper::header::{HeaderValue, InvalidHeaderValue};
use hyper::{HeaderMap, Method};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::sync::mpsc;
use tonic::server::NamedService;
use tonic::service::Routes;

pub use auth::{CredentialSource, Credentials, NoCredentials};

use super::context::Tree;
use super::error::BuildError;
use super::inputs::Inputs;
use super::request::{BuildRequest, Secret};
use crate::engine::transport::{Transport, empty};
use crate::engine::{Duplex, EngineError};
use auth::Auth;
pub(super) use auth::{auth_entry, config_key};
use content::Content;
pub(super) use content::Layout;
use file_sync::FileSync;
use health::Health;
use secrets::Secrets;
pub(super) use send::Arriving;
use send::FileSend;
use ssh::Ssh;

/// What a builder may ask of us during one build.
pub(super) struct Session {
    /// Names the session in the solve request.
    pub(super) id: String,
    /// Names what stays the same from one build to the next, so that only changed files are sent.
    shared_key: String,
    trees: BTreeMap<String, Tree>,
    secrets: Vec<Secret>,
    ssh: Ssh,
    content: Content,
    credentials: Arc<dyn CredentialSource>,
    archives: Option<mpsc::Sender<Arriving>>,
    trouble: Trouble,
}

/// The first thing that went wrong on our side; the builder reports it only in words of its own.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<BuildError>>>);

impl Trouble {
    pub(super) fn report(&self, error: BuildError) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
    }

    /// What went wrong, once.
    pub(super) fn take(&self) -> Option<BuildError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Session {
    /// A session that offers a request's inputs and secrets, these layouts and credentials, and
    /// nothing else.
    pub(super) fn new(
        request: &BuildRequest,
        inputs: &Inputs,
        layouts: BTreeMap<String, Layout>,
        credentials: Arc<dyn CredentialSource>,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            id: new_id(),
            shared_key: inputs.shared_key.clone(),
            trees: inputs.trees.clone(),
            secrets: request.secrets.clone(),
            ssh: Ssh::open(&request.ssh)?,
            content: Content { layouts: Arc::new(layouts) },
            credentials,
            archives: None,
            trouble: Trouble::default(),
        })
    }

    /// Lets the builder send archives, which come out here.
    pub(super) fn take_archives(&mut self) -> mpsc::Receiver<Arriving> {
        let (sender, receiver) = mpsc::channel(1);
        self.archives = Some(sender);
        receiver
    }

    /// Where problems on our side are kept.
    pub(super) fn trouble(&self) -> Trouble {
        self.trouble.clone()
    }

    /// Opens the session's connection.
    pub(super) async fn connect(
        &self,
        transport: &Transport,
    ) -> Result<Box<dyn Duplex>, BuildError> {
        let headers = self.headers().map_err(|error| EngineError::Broken {
            context: "POST /session".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(transport.upgrade(Method::POST, "/session", headers, "h2c", empty()).await?)
    }

    /// What we tell of the session: its names and the methods that may be called.
    fn headers(&self) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert("x-docker-expose-session-uuid", HeaderValue::from_str(&self.id)?);
        headers.insert("x-docker-expose-session-name", HeaderValue::from_static("bireme"));
        let shared_key = HeaderValue::from_str(&self.shared_key)?;
        headers.insert("x-docker-expose-session-sharedkey", shared_key);
        let content: &[&str] =
            if self.content.layouts.is_empty() { &[] } else { &Content::METHODS };
        let send: &[&str] = if self.archives.is_some() { &["DiffCopy"] } else { &[] };
        for (service, methods) in [
            (HealthServer::<Health>::NAME, &["Check"][..]),
            (AuthServer::<Auth>::NAME, &["Credentials", "FetchToken"][..]),
            (FileSyncServer::<FileSync>::NAME, &["DiffCopy"][..]),
            (SecretsServer::<Secrets>::NAME, &["GetSecret"][..]),
            (SshServer::<Ssh>::NAME, &["CheckAgent", "ForwardAgent"][..]),
            (Content::NAME, content),
            (FileSendServer::<FileSend>::NAME, send),
        ] {
            for method in methods {
                let url = HeaderValue::from_str(&format!("/{service}/{method}"))?;
                headers.append("x-docker-expose-session-grpc-method", url);
            }
        }
        Ok(headers)
    }

    /// Answers the builder until it ends the connection.
    pub(super) async fn serve(self, connection: Box<dyn Duplex>) {
        let routes = Routes::new(HealthServer::new(Health))
            .add_service(AuthServer::new(Auth { source: self.credentials }))
            .add_service(FileSyncServer::new(FileSync {
                trees: self.trees,
                trouble: self.trouble.clone(),
            }))
            .add_service(SecretsServer::new(Secrets {
                secrets: self.secrets,
                trouble: self.trouble,
            }))
            .add_service(SshServer::new(self.ssh))
            .add_service(FileSendServer::new(FileSend { archives: self.archives }))
            .add_service(self.content)
            .prepare();
        let service = TowerToHyperService::new(routes);
        // The builder closes the connection when it is done, which looks like an error on some
        // engines; what matters of the session's end comes with the solve call.
        let _: Result<(), _> = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(connection), service)
            .await;
    }
}

/// A random name in the form that BuildKit uses for its own.
pub(super) fn new_id() -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    std::iter::repeat_with(|| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]))
        .take(25)
        .collect()
}
