//! The connections: straight or by a proxy, with TLS where the address asks for it.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::engine::Duplex;
use crate::engine::transport::Authorities;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(20);
/// Bytes of what a proxy answers.
const PROXY_ANSWER: usize = 8 * 1024;

fn tls() -> io::Result<TlsConnector> {
    let wrong = |error: String| io::Error::other(format!("cannot set up TLS: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trusted = rustls_native_certs::load_native_certs().certs;
    let authorities = Authorities::new(trusted, Arc::clone(&provider)).map_err(wrong)?;
    let configuration = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(authorities))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(configuration)))
}

pub(super) fn proxies(variables: &BTreeMap<String, String>) -> Matcher {
    let variable = |names: [&str; 2]| {
        let value = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        names.into_iter().find_map(value).unwrap_or_default()
    };
    Matcher::builder()
        .http(variable(["HTTP_PROXY", "http_proxy"]))
        .https(variable(["HTTPS_PROXY", "https_proxy"]))
        .no(variable(["NO_PROXY", "no_proxy"]))
        .build()
}

/// The proxy by which a host is reached; none for this machine.
pub(super) fn proxy_for(proxies: &Matcher, uri: &Uri) -> Option<Intercept> {
    proxies.intercept(uri).filter(|_| !is_loopback(uri.host().unwrap_or_default()))
}

pub(super) fn is_tls(uri: &Uri) -> bool {
    uri.scheme_str() == Some("https")
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    tls: Arc<OnceLock<TlsConnector>>,
    proxies: Arc<Matcher>,
}

impl Connector {
    /// Reaches hosts by these proxies; reads the machine's certificates when they are first needed.
    pub(super) fn new(proxies: Arc<Matcher>) -> Self {
        Self { tls: Arc::default(), proxies }
    }

    async fn connect(self, uri: Uri) -> io::Result<Wire> {
        let work = self.open(&uri);
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the connection took too long");
        tokio::time::timeout(CONNECT, work).await.map_err(late)?
    }

    async fn open(&self, uri: &Uri) -> io::Result<Wire> {
        let host = uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if is_tls(uri) { 443 } else { 80 });
        let proxy = proxy_for(&self.proxies, uri);
        let mut stream = match &proxy {
            None => dial(&bare, port).await?,
            Some(proxy) => {
                let address = proxy.uri();
                let host = address.host().unwrap_or_default();
                dial(host, address.port_u16().unwrap_or(80)).await?
            }
        };
        if !is_tls(uri) {
            // A proxy is given the whole address with each request.
            return Ok(Wire { is_proxied: proxy.is_some(), ..Wire::new(stream) });
        }
        if let Some(proxy) = proxy {
            tunnel(&mut stream, &format!("{host}:{port}"), proxy.basic_auth()).await?;
        }
        let name = ServerName::try_from(bare)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "not a name of a host"))?;
        Ok(Wire::new(self.tls()?.connect(name, stream).await?))
    }

    fn tls(&self) -> io::Result<&TlsConnector> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let made = tls()?;
        Ok(self.tls.get_or_init(|| made))
    }
}

async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Asks a proxy for a way through.
async fn tunnel(
    stream: &mut TcpStream,
    target: &str,
    authorization: Option<&HeaderValue>,
) -> io::Result<()> {
    let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(value) = authorization {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    stream.write_all(&head).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() > PROXY_ANSWER {
            return Err(io::Error::other("the proxy answers too much"));
        }
        answer.push(stream.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    if line.split(' ').nth(1) == Some("200") {
        return Ok(());
    }
    Err(io::Error::other(format!("the proxy refuses: {line}")))
}

impl Service<Uri> for Connector {
    type Response = Wire;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Wire>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// An open connection.
pub(super) struct Wire {
    stream: TokioIo<Box<dyn Duplex>>,
    /// Whether a proxy at its other end passes requests on.
    is_proxied: bool,
}

impl Wire {
    fn new(stream: impl Duplex + 'static) -> Self {
        Self { stream: TokioIo::new(Box::new(stream)), is_proxied: false }
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_proxied)
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "LOCALHOST"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.evil", "10.0.0.1", "r.io", "128.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
