//! Connections: a Unix socket, TCP, TLS or ssh behind one connector that hyper's client calls.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::error::root_cause;
use super::{ssh, tls};
use crate::engine::endpoint::{Address, Endpoint, SshAddress};
use crate::engine::{Duplex, EngineError};

/// How long a TCP connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How often an idle TCP connection is probed: long streams notice that the other machine is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Opens connections to one endpoint, whatever the URI of the request.
#[derive(Clone)]
pub(super) enum Connector {
    Unix(PathBuf),
    Ssh(SshAddress),
    Tcp { dialer: HttpConnector, uri: Uri, tls: Option<(TlsConnector, ServerName<'static>)> },
}

impl Connector {
    pub(super) fn new(endpoint: &Endpoint) -> Result<Self, EngineError> {
        match &endpoint.address {
            Address::Unix(path) => Ok(Self::Unix(path.clone())),
            Address::Ssh(ssh) => Ok(Self::Ssh(ssh.clone())),
            Address::NamedPipe(_) => Err(EngineError::Configuration(format!(
                "{}: named pipes are not supported",
                endpoint.address
            ))),
            Address::Tcp { host, .. } => {
                let mut dialer = HttpConnector::new();
                dialer.enforce_http(false);
                dialer.set_nodelay(true);
                dialer.set_keepalive(Some(KEEP_ALIVE));
                dialer.set_connect_timeout(Some(CONNECT_TIMEOUT));
                let tls = match &endpoint.tls {
                    Some(settings) => {
                        let name = settings.server_name.as_ref().unwrap_or(host);
                        let name = ServerName::try_from(name.clone()).map_err(|_| {
                            EngineError::Configuration(format!(
                                "{}: TLS needs a valid host name",
                                endpoint.address
                            ))
                        })?;
                        Some((TlsConnector::from(tls::configuration(settings)?), name))
                    }
                    None => None,
                };
                Ok(Self::Tcp { dialer, uri: super::base_uri(&endpoint.address)?, tls })
            }
        }
    }

    pub(super) async fn connect(self) -> io::Result<Wire> {
        let stream: Box<dyn Duplex> = match self {
            #[cfg(unix)]
            Self::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
            #[cfg(not(unix))]
            Self::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
            Self::Ssh(address) => Box::new(ssh::connect(&address, &ssh::engine_command(&address))?),
            Self::Tcp { mut dialer, uri, tls } => {
                let stream = dialer
                    .call(uri)
                    .await
                    .map_err(|error| io::Error::other(root_cause(&error)))?
                    .into_inner();
                match tls {
                    Some((connector, name)) => Box::new(connector.connect(name, stream).await?),
                    None => Box::new(stream),
                }
            }
        };
        Ok(Wire(stream))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Wire>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect().await.map(TokioIo::new) })
    }
}

/// An open connection.
pub(super) struct Wire(Box<dyn Duplex>);

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
