//! Projects of other machines, by the whole program: from a registry that is a thread of the test, and
//! from repositories that `git daemon` serves. No engine is needed.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const PROJECT: &str = "application/vnd.docker.compose.project";
const COMPOSE: &str = "application/vnd.docker.compose.file+yaml";
const VARIABLES: &str = "application/vnd.docker.compose.envfile";

/// A user's machine: a home, a directory to work in, and nothing of the real environment.
struct Machine {
    root: TempDir,
    variables: Vec<(String, String)>,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory can be made");
        for directory in ["home", "work"] {
            std::fs::create_dir(root.path().join(directory)).expect("a new directory is empty");
        }
        Self { root, variables: Vec::new() }
    }

    fn file(self, path: &str, content: &str) -> Self {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("made");
        std::fs::write(path, content).expect("written");
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn cache(&self) -> PathBuf {
        self.root.path().join("home/.cache/docker-compose")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bireme"))
            .args(arguments)
            .current_dir(self.root.path().join("work"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.root.path().join("home"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .expect("bireme can be run")
    }

    /// What `config` of a reference prints.
    #[track_caller]
    fn config(&self, reference: &str) -> String {
        let output = self.run(&["-f", reference, "config"]);
        assert!(output.status.success(), "{}", error(&output));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Why `config` of a reference fails.
    #[track_caller]
    fn refusal(&self, reference: &str) -> String {
        let output = self.run(&["-f", reference, "config"]);
        assert_eq!(output.status.code(), Some(1), "{reference} loads");
        assert!(output.stdout.is_empty());
        error(&output)
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

/// A registry that speaks plain HTTP.
struct Registry {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    content: Mutex<HashMap<String, Vec<u8>>>,
    requests: AtomicUsize,
    /// The password of `me`, if everybody has to say it.
    password: Mutex<Option<String>>,
    is_gone: AtomicBool,
}

impl Registry {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared::default());
        let inner = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if inner.is_gone.load(Ordering::SeqCst) {
                    return;
                }
                let inner = Arc::clone(&inner);
                thread::spawn(move || serve(&stream, port, &inner));
            }
        });
        Self { port, shared }
    }

    /// Publishes layers (media type, annotation, name, content) under a tag; gives the digest.
    fn publish(&self, tag: &str, kind: &str, layers: &[(&str, &str, &str, &str)]) -> String {
        let mut content = self.shared.content.lock().expect("no test panics with it");
        let layers: Vec<serde_json::Value> = layers
            .iter()
            .map(|(media_type, annotation, name, text)| {
                let digest = digest(text.as_bytes());
                content.insert(format!("/v2/far/app/blobs/{digest}"), text.as_bytes().to_vec());
                let mut annotations = serde_json::json!({ *annotation: name });
                if *annotation == "com.docker.compose.file" && *name != "compose.yaml" {
                    annotations["com.docker.compose.extends"] = "true".into();
                }
                serde_json::json!({
                    "mediaType": media_type, "digest": digest, "size": text.len(),
                    "annotations": annotations,
                })
            })
            .collect();
        let manifest = serde_json::json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind, "layers": layers,
        });
        let bytes = manifest.to_string().into_bytes();
        let digest = digest(&bytes);
        for version in [tag, &digest] {
            content.insert(format!("/v2/far/app/manifests/{version}"), bytes.clone());
        }
        digest
    }

    /// Publishes an index that points at a project; gives the index's digest.
    fn index(&self, tag: &str, project: &str) -> String {
        let index = serde_json::json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{ "mediaType": MANIFEST, "artifactType": PROJECT, "digest": project }],
        });
        let bytes = index.to_string().into_bytes();
        let digest = digest(&bytes);
        let mut content = self.shared.content.lock().expect("no test panics with it");
        for version in [tag, &digest] {
            content.insert(format!("/v2/far/app/manifests/{version}"), bytes.clone());
        }
        digest
    }

    /// A project of one Compose file.
    fn project(&self, tag: &str, compose: &str) -> String {
        self.publish(tag, PROJECT, &[(COMPOSE, "com.docker.compose.file", "compose.yaml", compose)])
    }

    fn reference(&self, version: &str) -> String {
        let separator = if version.contains(':') { '@' } else { ':' };
        format!("oci://127.0.0.1:{}/far/app{separator}{version}", self.port)
    }

    fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.shared.is_gone.store(true, Ordering::SeqCst);
        // Wakes the thread, which then ends.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn serve(stream: &TcpStream, port: u16, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut line = Vec::new();
        if reader.by_ref().take(8192).read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            return;
        }
        shared.requests.fetch_add(1, Ordering::SeqCst);
        let line = String::from_utf8_lossy(&line).into_owned();
        let Some(path) = line.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()) else {
            // A greeting of TLS, most likely.
            let _ = writer.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            return;
        };
        let mut authorization = String::new();
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            if let Some((name, value)) = header.trim().split_once(": ")
                && name.eq_ignore_ascii_case("authorization")
            {
                value.clone_into(&mut authorization);
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let (status, extra, body) = answer(path, &authorization, port, shared);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{extra}\r\n");
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&body)).is_err() {
            return;
        }
    }
}

fn answer(
    path: &str,
    authorization: &str,
    port: u16,
    shared: &Shared,
) -> (&'static str, String, Vec<u8>) {
    let password = shared.password.lock().expect("no test panics with it").clone();
    if let Some(password) = password {
        let allowed = format!("Basic {password}");
        if path.starts_with("/token") {
            let is_right =
                authorization == allowed && path.contains("scope=repository%3Afar%2Fapp");
            return if is_right {
                ("200 OK", String::new(), br#"{"token":"a-token"}"#.to_vec())
            } else {
                ("401 Unauthorized", String::new(), Vec::new())
            };
        }
        if authorization != "Bearer a-token" {
            let challenge = format!(
                "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"r\"\r\n"
            );
            return ("401 Unauthorized", challenge, Vec::new());
        }
    }
    let content = shared.content.lock().expect("no test panics with it");
    match content.get(path) {
        Some(body) => ("200 OK", String::new(), body.clone()),
        None => ("404 Not Found", String::new(), Vec::new()),
    }
}

#[test]
fn an_artifact_becomes_a_project_in_a_directory_of_its_own() {
    let registry = Registry::start();
    let file = "com.docker.compose.file";
    let digest = registry.publish(
        "1",
        PROJECT,
        &[
            (COMPOSE, file, "compose.yaml", "services:\n  a:\n    extends: {file: b.yaml, service: b}\n    env_file: e.env\n    volumes: ['./data:/data']\n"),
            (COMPOSE, file, "b.yaml", "services: {b: {image: busybox}}"),
            (VARIABLES, "com.docker.compose.envfile", "e.env", "A=1"),
            (COMPOSE, file, "compose.yaml", "services: {a: {labels: {second: layer}}}"),
        ],
    );
    let machine = Machine::new();
    let printed = machine.config(&registry.reference("1"));
    let copy = machine.cache().join(digest.trim_start_matches("sha256:"));
    for expected in [
        "name: work",
        "image: busybox",
        "A: \"1\"",
        "second: layer",
        &format!("source: {}/data", copy.display()),
    ] {
        assert!(printed.contains(expected), "{expected}\n{printed}");
    }

    // What is named by its digest needs no registry any more.
    let pinned = registry.reference(&digest);
    drop(registry);
    assert_eq!(machine.config(&pinned), printed);
    let output = machine.run(&["-f", &pinned.replace('@', ":1@"), "config", "--services"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a\n");

    // A container may write into the copy, but not into what is read.
    std::fs::write(copy.join("e.env"), "A=2").expect("the copy is the user's");
    let refusal = machine.refusal(&pinned);
    assert!(refusal.contains("it was changed after it was fetched"), "{refusal}");
}

#[test]
fn the_copy_of_an_index_has_the_digest_of_the_index() {
    let registry = Registry::start();
    let project = registry.project("1", "services: {a: {image: x, volumes: [./data:/data]}}");
    let index = registry.index("all", &project);
    let machine = Machine::new();
    let directory = machine.cache().join(index.trim_start_matches("sha256:"));
    let source = format!("source: {}/data", directory.display());
    assert!(machine.config(&registry.reference("all")).contains(&source));
    let requests = registry.requests();
    assert!(machine.config(&registry.reference(&index)).contains(&source));
    assert_eq!(registry.requests(), requests);
}

#[test]
fn nothing_is_fetched_for_local_files() {
    let registry = Registry::start();
    let image = format!("services: {{a: {{image: '127.0.0.1:{}/far/app:1'}}}}", registry.port);
    let machine = Machine::new()
        .file("work/compose.yaml", &image)
        .variable("HTTPS_PROXY", &format!("http://127.0.0.1:{}", registry.port))
        .variable("DOCKER_HOST", &format!("tcp://127.0.0.1:{}", registry.port));
    assert!(machine.run(&["config"]).status.success());
    assert_eq!(registry.requests(), 0);
    assert!(!machine.root.path().join("home/.cache").exists());
}

#[test]
fn a_project_from_afar_reads_nothing_here_without_a_yes() {
    let registry = Registry::start();
    registry.project(
        "1",
        "services: {a: {image: 'x:${TAG:-1}', environment: [SECRET], volumes: ['/etc:/host']}}",
    );
    let reference = registry.reference("1");
    let machine = Machine::new();
    assert!(machine.config(&reference).contains("image: x:1"), "a default is no reading");

    let machine = machine
        .variable("SECRET", "hush")
        .file("work/.env", "TAG=2")
        .file("work/compose.yaml", &format!("include: ['{reference}']"));
    for arguments in [&["-f", reference.as_str(), "config"][..], &["config"]] {
        let output = machine.run(arguments);
        let told = error(&output);
        assert_eq!(output.status.code(), Some(1));
        for expected in [
            "read the variable TAG (env file)",
            "read the variable SECRET (environment)",
            &format!("BIREME_TRUST_REMOTE={reference}"),
        ] {
            assert!(told.contains(expected), "{expected}\n{told}");
        }
        assert!(!told.contains("hush") && !told.contains("mount /etc"), "{told}");
    }
    // Who runs it gives it paths, too.
    let output = machine.run(&["-f", &reference, "up"]);
    assert!(error(&output).contains("mount /etc"), "{}", error(&output));

    let machine = machine.variable("BIREME_TRUST_REMOTE", &format!("oci://other {reference}"));
    let printed = machine.config(&reference);
    assert!(printed.contains("image: x:2") && printed.contains("SECRET: hush"), "{printed}");
}

#[test]
fn an_artifact_that_is_not_what_it_should_be_is_refused_and_leaves_nothing() {
    let registry = Registry::start();
    let project = "services: {a: {image: x}}";
    let main = (COMPOSE, "com.docker.compose.file", "compose.yaml", project);
    for (tag, name) in
        [("up", "../../evil"), ("root", "/evil"), ("back", "..\\evil"), ("dot", "..")]
    {
        let evil = (VARIABLES, "com.docker.compose.envfile", name, "A=1");
        registry.publish(tag, PROJECT, &[main, evil]);
        let extended = (COMPOSE, "com.docker.compose.file", name, "services: {}");
        registry.publish(&format!("{tag}-x"), PROJECT, &[main, extended]);
    }
    registry.publish(
        "twice",
        PROJECT,
        &[main, (VARIABLES, "com.docker.compose.envfile", "compose.yaml", "A=1")],
    );
    registry.publish("image", "application/vnd.example", &[main]);
    registry.publish("empty", PROJECT, &[]);
    registry.project("lies", "services: {b: {image: x}}");
    let changed = digest(b"services: {b: {image: x}}");
    registry
        .shared
        .content
        .lock()
        .expect("no test panics with it")
        .insert(format!("/v2/far/app/blobs/{changed}"), b"services: {b: {image: y}}".to_vec());

    let machine = Machine::new();
    for (tag, expected) in [
        ("up", "holds a separator"),
        ("up-x", "holds a separator"),
        ("root", "holds a separator"),
        ("root-x", "holds a separator"),
        ("back", "holds a separator"),
        ("back-x", "holds a separator"),
        ("dot", "leads elsewhere"),
        ("dot-x", "leads elsewhere"),
        ("twice", "twice"),
        ("image", "is not a compose project OCI artifact, but application/vnd.example"),
        ("empty", "no Compose file"),
        ("lies", "something else than sha256:"),
        ("none", "not found"),
    ] {
        let refusal = machine.refusal(&registry.reference(tag));
        assert!(refusal.contains(expected), "{tag}: {refusal}");
    }
    let left = std::fs::read_dir(machine.cache()).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing is left in the cache");
    assert!(!machine.root.path().join("home/evil").exists());
}

#[test]
fn a_registry_may_want_to_know_who_comes() {
    let registry = Registry::start();
    registry.project("1", "services: {a: {image: x}}");
    let password = "bWU6b3Blbg==";
    *registry.shared.password.lock().expect("no test panics with it") = Some(password.to_owned());
    let reference = registry.reference("1");

    let refusal = Machine::new().refusal(&reference);
    assert!(refusal.contains("docker login 127.0.0.1"), "{refusal}");

    let auths = format!(r#"{{"auths":{{"127.0.0.1:{}":{{"auth":"{password}"}}}}}}"#, registry.port);
    let known = Machine::new().file("home/.docker/config.json", &auths);
    assert!(known.config(&reference).contains("image: x"));
}

/// `git daemon` with one repository, `app.git`.
struct Repository {
    root: TempDir,
    port: u16,
    daemon: Child,
}

impl Repository {
    /// Serves what `fill` puts into a work tree.
    fn serve(fill: impl FnOnce(&Path)) -> Self {
        let root = tempfile::tempdir().expect("a temporary directory can be made");
        let tree = root.path().join("tree");
        std::fs::create_dir(&tree).expect("a new directory is empty");
        fill(&tree);
        git(&tree, &["init", "--quiet", "--initial-branch=main"]);
        git(&tree, &["add", "--all", "--force"]);
        git(&tree, &["commit", "--quiet", "--message=one"]);
        git(&tree, &["branch", "feature/main"]);
        git(root.path(), &["clone", "--quiet", "--bare", "tree", "app.git"]);
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .expect("a port is free")
            .port();
        // Not by way of `git`, which would be killed without what it started.
        let programs = Command::new("git").arg("--exec-path").output().expect("git can be run");
        let programs = String::from_utf8_lossy(&programs.stdout).trim().to_owned();
        let daemon = Command::new(Path::new(&programs).join("git-daemon"))
            .args(["--reuseaddr", "--export-all", "--listen=127.0.0.1"])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", root.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("git has a daemon");
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            thread::yield_now();
        }
        Self { root, port, daemon }
    }

    fn reference(&self, fragment: &str) -> String {
        format!("git://127.0.0.1:{}/app.git{fragment}", self.port)
    }

    fn commit(&self) -> String {
        let tree = self.root.path().join("tree");
        let output = Command::new("git").arg("-C").arg(tree).args(["rev-parse", "HEAD"]).output();
        let output = output.expect("git can be run");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[track_caller]
fn git(directory: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.symlinks=true"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .current_dir(directory)
        .output()
        .expect("git can be run");
    assert!(output.status.success(), "{}", error(&output));
}

fn write(tree: &Path, path: &str, content: &str) {
    let path = tree.join(path);
    std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("made");
    std::fs::write(path, content).expect("written");
}

#[test]
fn a_repository_is_fetched_by_branch_commit_and_directory() {
    let repository = Repository::serve(|tree| {
        write(tree, "compose.yaml", "services: {top: {image: x, build: .}}");
        write(
            tree,
            "sub/compose.yml",
            "services: {sub: {image: x, env_file: ../a.env, volumes: ['./d:/d', '../e:/e']}}",
        );
        write(tree, "a.env", "A=1");
        std::os::unix::fs::symlink("a.env", tree.join("link.env")).expect("linked");
    });
    let machine = Machine::new();
    let commit = repository.commit();
    let copy = machine.cache().join(&commit);
    let top = machine.config(&repository.reference(""));
    assert!(top.contains(&format!("context: {}\n", copy.display())), "{top}");
    assert_eq!(machine.config(&repository.reference("#main")), top, "not feature/main");
    let sub = machine.config(&repository.reference("#main:sub"));
    for expected in [
        "A: \"1\"".to_owned(),
        format!("{}/sub/d", copy.display()),
        format!("{}/e", copy.display()),
    ] {
        assert!(sub.contains(&expected), "{expected}\n{sub}");
    }
    assert!(!copy.join(".git").exists(), "nothing that Git would run");
    assert!(copy.join("link.env").is_symlink());

    for (fragment, expected) in [
        ("#none", "repository does not contain ref"),
        ("#main:none", "no such file or directory"),
        ("#main:../..", "git subdirectory path traversal detected: ../.."),
        ("#--upload-pack=x", "invalid Git reference"),
    ] {
        let refusal = machine.refusal(&repository.reference(fragment));
        assert!(refusal.contains(expected), "{refusal}");
    }
    let refusal = machine.refusal(&repository.reference("").replace("app.git", "other.git"));
    assert!(refusal.contains("failed to access repository at"), "{refusal}");

    // A commit is the same for ever, and needs no repository any more.
    let pinned = repository.reference(&format!("#{commit}"));
    drop(repository);
    assert_eq!(machine.config(&pinned), top);
}

#[test]
fn a_repository_may_not_lead_out_of_itself() {
    for target in ["/etc", "..", "../../../etc/passwd"] {
        let repository = Repository::serve(|tree| {
            write(tree, "compose.yaml", "services: {a: {image: x, env_file: link}}");
            std::os::unix::fs::symlink(target, tree.join("link")).expect("linked");
        });
        let machine = Machine::new();
        let refusal = machine.refusal(&repository.reference(""));
        assert!(refusal.contains("which leads out of it"), "{refusal}");
        assert_eq!(std::fs::read_dir(machine.cache()).map_or(0, Iterator::count), 0);
    }
}

#[test]
fn what_refers_to_nothing_is_shown_with_its_place() {
    let machine = Machine::new().file(
        "work/compose.yaml",
        "include:\n  - oci://127.0.0.1:1/none\nservices: {a: {extends: {file: 'git://127.0.0.1:1/x', service: b}}}\n",
    );
    let output = machine.run(&["config"]);
    let told = error(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("compose.yaml:2:5") && told.contains("connection refused"), "{told}");
    assert!(told.contains("failed to access repository at git://127.0.0.1:1/x"), "{told}");
}

#[test]
fn switches_of_docker_compose_turn_references_off() {
    for (name, reference, expected) in [
        (
            "COMPOSE_EXPERIMENTAL_OCI_REMOTE",
            "oci://127.0.0.1:1/x",
            "OCI remote resource is disabled",
        ),
        (
            "COMPOSE_EXPERIMENTAL_GIT_REMOTE",
            "git://127.0.0.1:1/x",
            "git remote resource is disabled",
        ),
    ] {
        let refusal = Machine::new().variable(name, "false").refusal(reference);
        assert!(refusal.contains(expected), "{refusal}");
    }
}
