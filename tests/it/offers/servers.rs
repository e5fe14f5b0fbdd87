//! Registries for tests: a real one of one's own, one that notes what it is asked before it passes it on, and
//! ones that refuse or are silent.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// What `htpasswd -B` makes of the user `someone` with the password `secret`.
const PASSWORDS: &str = "someone:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";

/// A real registry, where images are put by its HTTP API.
pub(super) struct Registry {
    pub(super) address: String,
    own: Option<(Child, TempDir)>,
    authorization: String,
}

impl Registry {
    /// The lab's.
    pub(super) fn of_the_lab() -> Self {
        Self { address: crate::harness::registry(), own: None, authorization: String::new() }
    }

    /// One that lets in nobody but `someone` with `secret`.
    pub(super) fn locked() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("passwords"), PASSWORDS).expect("a file can be written");
        // The port may be taken by another in between; nobody else here asks for a free one so fast.
        let address = listener().local_addr().expect("it listens").to_string();
        let configuration = json!({
            "version": 0.1,
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": path("data")}},
            "http": {"addr": address},
            "auth": {"htpasswd": {"realm": "tests", "path": path("passwords")}},
        });
        std::fs::write(path("registry.yml"), configuration.to_string())
            .expect("a file can be written");
        let child = Command::new("docker-registry")
            .args(["serve", &path("registry.yml")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry can be started");
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "the registry does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        let authorization = "Authorization: Basic c29tZW9uZTpzZWNyZXQ=\r\n".to_owned();
        Self { address, own: Some((child, folder)), authorization }
    }

    /// Puts an image for each platform (`os/architecture[/variant]`) and gives their descriptors. Those of another
    /// repository are other ones.
    pub(super) fn images(&self, repository: &str, platforms: &[&str]) -> Vec<Value> {
        platforms
            .iter()
            .map(|text| {
                let parts: Vec<&str> = text.split('/').collect();
                let mut platform = json!({"os": parts[0], "architecture": parts[1]});
                if let Some(variant) = parts.get(2) {
                    platform["variant"] = json!(variant);
                }
                let mut configuration = platform.clone();
                configuration["rootfs"] = json!({"type": "layers", "diff_ids": []});
                configuration["config"] = json!({"Labels": {"origin": repository}});
                let configuration = configuration.to_string();
                self.put_blob(repository, &configuration);
                let manifest = json!({
                    "schemaVersion": 2,
                    "mediaType": MANIFEST,
                    "config": descriptor(CONFIGURATION, &configuration),
                    "layers": [],
                })
                .to_string();
                self.put(repository, &digest(&manifest), MANIFEST, &manifest);
                let mut descriptor = descriptor(MANIFEST, &manifest);
                descriptor["platform"] = platform;
                descriptor
            })
            .collect()
    }

    /// Puts an index over these, and gives its descriptor.
    pub(super) fn index(&self, repository: &str, tag: &str, manifests: &[Value]) -> Value {
        let index =
            json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).to_string();
        self.put(repository, tag, INDEX, &index);
        descriptor(INDEX, &index)
    }

    /// Puts a manifest under a tag or its digest.
    pub(super) fn put(&self, repository: &str, reference: &str, media_type: &str, text: &str) {
        let path = format!("/v2/{repository}/manifests/{reference}");
        let answer = self.send("PUT", &path, media_type, text);
        assert!(
            answer.starts_with("HTTP/1.0 201") || answer.starts_with("HTTP/1.1 201"),
            "{answer}"
        );
    }

    /// Tags what a digest stands for: the manifest is put again.
    pub(super) fn tag(&self, repository: &str, tag: &str, descriptor: &Value) {
        let digest = descriptor["digest"].as_str().unwrap_or_default();
        let answer =
            self.send("GET", &format!("/v2/{repository}/manifests/{digest}"), MANIFEST, "");
        let (_, text) = answer.split_once("\r\n\r\n").expect("an answer has a head and a body");
        self.put(repository, tag, MANIFEST, text);
    }

    fn put_blob(&self, repository: &str, text: &str) {
        let begun = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), "", "");
        let location = begun
            .lines()
            .find_map(|line| line.strip_prefix("Location: "))
            .unwrap_or_else(|| panic!("no place to upload to: {begun}"));
        let path = location.split_once(&self.address).map_or(location, |(_, path)| path).trim();
        let separator = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{separator}digest={}", digest(text));
        let answer = self.send("PUT", &path, "application/octet-stream", text);
        assert!(answer.contains(" 201 "), "{answer}");
    }

    fn send(&self, method: &str, path: &str, media_type: &str, body: &str) -> String {
        let (address, authorization, length) = (&self.address, &self.authorization, body.len());
        exchange(
            address,
            &format!(
                "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}Content-Type: {media_type}\r\n\
                 Accept: {MANIFEST}\r\nContent-Length: {length}\r\n\r\n{body}"
            ),
        )
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.own {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(super) fn digest(text: &str) -> String {
    let digits = Sha256::digest(text.as_bytes());
    digits.iter().fold("sha256:".to_owned(), |digest, byte| format!("{digest}{byte:02x}"))
}

fn descriptor(media_type: &str, text: &str) -> Value {
    json!({"mediaType": media_type, "digest": digest(text), "size": text.len()})
}

fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the registry listens");
    stream.write_all(request.as_bytes()).expect("a request can be sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer can be read");
    String::from_utf8_lossy(&answer).into_owned()
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("there is a free port")
}

/// What a server makes of a request, by its first line.
enum Answer {
    /// What the registry at this address says.
    PassOn(String),
    /// The same, but not before some time.
    Late(String, Instant),
    /// The same, but late to whoever is no engine.
    LateToUs(String, Duration),
    /// This, whole.
    Text(&'static str),
    /// Nothing, ever.
    Silence,
}

/// A server that notes what it is asked.
pub(super) struct Server {
    pub(super) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Passes everything on to a registry.
    pub(super) fn before(registry: &Registry) -> Self {
        let address = registry.address.clone();
        Self::new(move || Answer::PassOn(address.clone()))
    }

    /// Passes everything on to a registry, but says nothing for some time after it was first asked.
    pub(super) fn late(registry: &Registry, by: Duration) -> Self {
        let address = registry.address.clone();
        let first = std::sync::OnceLock::new();
        Self::new(move || Answer::Late(address.clone(), *first.get_or_init(|| Instant::now() + by)))
    }

    /// Passes everything on to a registry, each request after some time.
    pub(super) fn slow(registry: &Registry, each: Duration) -> Self {
        let address = registry.address.clone();
        Self::new(move || Answer::Late(address.clone(), Instant::now() + each))
    }

    /// Passes everything on to a registry, each request after some time unless it is an engine's.
    pub(super) fn quick_for_engines(registry: &Registry, each: Duration) -> Self {
        let address = registry.address.clone();
        Self::new(move || Answer::LateToUs(address.clone(), each))
    }

    /// Says to everybody that it was asked too much.
    pub(super) fn limiting() -> Self {
        Self::new(|| {
            Answer::Text(
                "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )
        })
    }

    /// Listens and says nothing.
    pub(super) fn silent() -> Self {
        Self::new(|| Answer::Silence)
    }

    fn new(answer: impl Fn() -> Answer + Send + 'static) -> Self {
        let listener = listener();
        let address = listener.local_addr().expect("it listens").to_string();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (answer, noted) = (answer(), Arc::clone(&noted));
                std::thread::spawn(move || serve(stream, answer, &noted));
            }
        });
        Self { address, requests }
    }

    /// What it was asked since this was last called: `HEAD /v2/…`.
    pub(super) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("nobody panics with it"))
    }
}

/// One request of one connection. What does not speak HTTP is a client that tries TLS first.
fn serve(mut stream: TcpStream, answer: Answer, noted: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
        let is_tls = head.first() == Some(&22);
        if is_tls && !matches!(answer, Answer::Silence) {
            let _ = stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n");
            return;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head.lines().next().unwrap_or_default();
    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
    noted.lock().expect("nobody panics with it").push(line);
    let is_engine = head.to_ascii_lowercase().contains("user-agent: docker/");
    let answer = match answer {
        Answer::LateToUs(address, each) => {
            std::thread::sleep(if is_engine { Duration::ZERO } else { each });
            Answer::PassOn(address)
        }
        Answer::Late(address, then) => {
            std::thread::sleep(then.saturating_duration_since(Instant::now()));
            Answer::PassOn(address)
        }
        answer => answer,
    };
    match answer {
        Answer::Late(..) | Answer::LateToUs(..) => unreachable!("it was waited for"),
        Answer::Text(text) => {
            let _ = stream.write_all(text.as_bytes());
        }
        Answer::Silence => std::thread::sleep(Duration::from_mins(1)),
        Answer::PassOn(address) => {
            let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
            let mut upstream = TcpStream::connect(address).expect("the registry listens");
            upstream.write_all(head.as_bytes()).expect("a request can be sent");
            let _ = std::io::copy(&mut upstream, &mut stream);
        }
    }
}
