//! A BuildKit of its own, as far as its clients can tell: the engine's one behind a socket or a port.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto, server::WebPkiClientVerifier};

use super::Engine;

/// What makes a connection to an engine one to its BuildKit.
const UPGRADE: &[u8] = b"POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n";

/// Ends when it is dropped.
pub(crate) struct BuildKit {
    address: String,
    connections: Arc<AtomicUsize>,
    runtime: Option<Runtime>,
    folder: TempDir,
}

impl BuildKit {
    /// Behind a Unix socket.
    pub(crate) fn at_socket(engine: &Engine) -> Self {
        let mut daemon = Self::new();
        let path = daemon.folder.path().join("buildkit.sock");
        daemon.address = format!("unix://{}", path.display());
        let listener = Arc::new(daemon.within(|| UnixListener::bind(&path)));
        daemon.serve(engine, move || {
            let listener = Arc::clone(&listener);
            async move { Ok(listener.accept().await?.0) }
        });
        daemon
    }

    /// Behind a port of this machine.
    pub(crate) fn at_port(engine: &Engine) -> Self {
        let mut daemon = Self::new();
        let listener = Arc::new(daemon.listen());
        daemon.serve(engine, move || {
            let listener = Arc::clone(&listener);
            async move { Ok(listener.accept().await?.0) }
        });
        daemon
    }

    /// Behind a port that speaks TLS as `buildkit.test` to those who have a certificate of [`certificate`].
    pub(crate) fn with_tls(engine: &Engine) -> Self {
        let mut daemon = Self::new();
        let listener = Arc::new(daemon.listen());
        let acceptor = acceptor();
        daemon.serve(engine, move || {
            let (listener, acceptor) = (Arc::clone(&listener), acceptor.clone());
            async move { acceptor.accept(listener.accept().await?.0).await }
        });
        daemon
    }

    /// As `buildx create` takes it.
    pub(crate) fn endpoint(&self) -> &str {
        &self.address
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    fn new() -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build();
        Self {
            address: String::new(),
            connections: Arc::default(),
            runtime: Some(runtime.expect("a runtime can be made")),
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        }
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is there until the end")
    }

    fn within<T>(&self, work: impl FnOnce() -> io::Result<T>) -> T {
        let _inside = self.runtime().enter();
        work().expect("a socket can be made")
    }

    fn listen(&mut self) -> TcpListener {
        let listener = self.within(|| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        });
        let address = listener.local_addr().expect("it listens");
        self.address = format!("tcp://{address}");
        listener
    }

    /// Pipes every connection to the engine's BuildKit. One that does not come about is left out.
    fn serve<S, F>(&self, engine: &Engine, accept: impl Fn() -> F + Send + 'static)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let socket = PathBuf::from(engine.endpoint().trim_start_matches("unix://"));
        let connections = Arc::clone(&self.connections);
        self.runtime().spawn(async move {
            loop {
                let Ok(stream) = accept().await else { continue };
                connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(pipe(stream, socket.clone()));
            }
        });
    }
}

impl Drop for BuildKit {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn pipe(mut client: impl AsyncRead + AsyncWrite + Unpin, engine: PathBuf) -> io::Result<()> {
    let mut engine = UnixStream::connect(engine).await?;
    engine.write_all(UPGRADE).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(engine.read_u8().await?);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    copy_bidirectional(&mut client, &mut engine).await.map(drop)
}

/// The file of a certificate or a key: `ca.pem`, `client.pem`, `client.key`, `server.pem`, `server.key`. They are
/// for tests alone, made with OpenSSL for `buildkit.test` until 2126.
pub(crate) fn certificate(name: &str) -> String {
    format!("{}/tests/harness/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn acceptor() -> TlsAcceptor {
    let certificates = |name: &str| -> Vec<CertificateDer<'static>> {
        let read = CertificateDer::pem_file_iter(certificate(name)).expect("the file is there");
        read.map(|one| one.expect("it is a certificate")).collect()
    };
    let mut trusted = RootCertStore::empty();
    for one in certificates("ca.pem") {
        trusted.add(one).expect("it is an authority");
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(trusted.into(), Arc::clone(&provider)).build();
    let key = PrivateKeyDer::from_pem_file(certificate("server.key")).expect("the key is there");
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are protocols")
        .with_client_cert_verifier(clients.expect("there are authorities"))
        .with_single_cert(certificates("server.pem"), key);
    TlsAcceptor::from(Arc::new(configuration.expect("key and certificate belong together")))
}
