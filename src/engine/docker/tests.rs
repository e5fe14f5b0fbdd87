//! What goes over the wire, seen from the other side: answers that no lab engine gives (versions far
//! off, states nobody knows) and headers that engines keep to themselves. Behaviour is proved on real
//! engines, in `tests/it`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::TryStreamExt;

use super::*;
use crate::engine::Engine;
use crate::engine::api::{ContainerFilter, EventFilter};
use crate::engine::endpoint::surroundings::tests::Imagined;

/// The other side: answers from a table, one request for each connection, and tells what was asked.
struct Peer {
    host: String,
    requests: Receiver<String>,
}

/// Status line and body for `METHOD /path`; anything else is 404.
type Answers = &'static [(&'static str, &'static str, &'static str)];

impl Peer {
    fn with(ping: &'static str, answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = format!("tcp://{}", listener.local_addr().unwrap());
        Self::accepting(host, ping, answers, move || listener.accept().map(|(stream, _)| stream))
    }

    fn on_socket(path: &Path, ping: &'static str, answers: Answers) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let host = format!("unix://{}", path.display());
        Self::accepting(host, ping, answers, move || listener.accept().map(|(stream, _)| stream))
    }

    fn accepting<S: Read + Write>(
        host: String,
        ping: &'static str,
        answers: Answers,
        accept: impl Fn() -> io::Result<S> + Send + 'static,
    ) -> Self {
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            loop {
                let mut stream = BufReader::new(accept().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if stream.read_line(&mut head).unwrap() == 0 {
                        break;
                    }
                }
                let lower = head.to_ascii_lowercase();
                let length = lower.split("content-length: ").nth(1);
                let length = length.and_then(|rest| rest.lines().next()).map(str::parse::<usize>);
                let mut body = vec![0; length.map_or(0, |length| length.unwrap())];
                stream.read_exact(&mut body).unwrap();
                let asked = head.split(" HTTP").next().unwrap_or_default().to_owned();
                let path = asked.split('?').next().unwrap_or_default();
                let (status, body) = answers.iter().find(|(request, ..)| *request == path).map_or(
                    ("404 Not Found", r#"{"message":"page not found"}"#),
                    |(_, status, body)| (*status, *body),
                );
                // The test may have ended.
                let _ = sender.send(head);
                let answer = format!(
                    "HTTP/1.1 {status}\r\n{ping}Connection: close\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                let body = if asked.starts_with("HEAD") { "" } else { body };
                let _ = stream.get_mut().write_all(format!("{answer}{body}").as_bytes());
            }
        });
        Self { host, requests }
    }

    fn machine(&self, path: &str) -> Imagined {
        Imagined::default().with_variable("DOCKER_HOST", &format!("{}{path}", self.host))
    }

    /// First lines of what was asked so far.
    fn asked(&self) -> Vec<String> {
        let lines = self.requests.try_iter();
        lines.map(|head| head.split(" HTTP").next().unwrap_or_default().to_owned()).collect()
    }
}

fn settings(machine: &Imagined) -> Result<Settings> {
    let warn: Warn = Arc::new(|text| panic!("{text}"));
    Settings::resolve(&Flags::default(), machine, &warn)
}

async fn connect(machine: &Imagined) -> Result<DockerEngine> {
    DockerEngine::connect(settings(machine)?, machine).await
}

const OK: &str = "200 OK";

#[tokio::test]
async fn speaks_the_highest_version_of_both_under_the_endpoints_prefix() {
    let answers = &[
        ("HEAD /engine/_ping", OK, ""),
        ("GET /engine/v1.53/containers/json", OK, "[]"),
        ("POST /engine/v1.53/containers/x/start", "204 No Content", ""),
    ];
    let peer = Peer::with("Api-Version: 1.60\r\nBuilder-Version: 2\r\nOstype: linux\r\n", answers);
    let engine = connect(&peer.machine("/engine/")).await.unwrap();
    assert!(engine.describe().buildkit);
    engine.list_containers(&ContainerFilter::default()).await.unwrap();
    engine.start_container("x").await.unwrap();
    assert_eq!(
        peer.asked(),
        [
            "HEAD /engine/_ping",
            "GET /engine/v1.53/containers/json",
            "POST /engine/v1.53/containers/x/start"
        ]
    );
}

#[tokio::test]
async fn speaks_the_version_that_is_asked_for() {
    let answers = &[("HEAD /_ping", OK, ""), ("GET /v1.44/containers/json", OK, "[]")];
    let peer = Peer::with("Api-Version: 1.51\r\n", answers);
    let machine = peer.machine("").with_variable("DOCKER_API_VERSION", "v1.44");
    let engine = connect(&machine).await.unwrap();
    engine.list_containers(&ContainerFilter::default()).await.unwrap();
    let machine = peer.machine("").with_variable("DOCKER_API_VERSION", "new");
    let error = connect(&machine).await.err().unwrap();
    assert_eq!(error.to_string(), "DOCKER_API_VERSION=new is not a version such as 1.53");
}

#[tokio::test]
async fn what_is_asked_beside_the_ping_holds_if_the_engine_is_no_newer_than_we_are() {
    let answers =
        &[("HEAD /_ping", OK, ""), ("GET /networks", OK, "[]"), ("GET /v1.53/networks", OK, "[]")];
    let once = ["GET /networks", "HEAD /_ping"].as_slice();
    let again = ["GET /networks", "HEAD /_ping", "GET /v1.53/networks"].as_slice();
    for (ping, asked) in
        [("Api-Version: 1.44\r\n", once), ("Api-Version: 1.60\r\n", again), ("", again)]
    {
        let folder = tempfile::tempdir().unwrap();
        let peer = Peer::on_socket(&folder.path().join("socket"), ping, answers);
        let machine = peer.machine("");
        let unmet = Unmet::new(settings(&machine).unwrap()).unwrap();
        let presumed = unmet.presumed().unwrap().unwrap();
        presumed.list_networks(&[]).await.unwrap();
        let engine = unmet.meet(&machine).await.unwrap();
        let met = engine.remembering_with(&presumed).unwrap_or_else(|| engine.remembering());
        met.list_networks(&[]).await.unwrap();
        assert_eq!(peer.asked(), asked, "{ping}");

        let fixed = peer.machine("").with_variable("DOCKER_API_VERSION", "1.44");
        assert!(Unmet::new(settings(&fixed).unwrap()).unwrap().presumed().unwrap().is_none());
    }
}

#[tokio::test]
async fn asks_by_get_where_head_is_not_answered() {
    let answers = &[("HEAD /_ping", "405 Method Not Allowed", ""), ("GET /_ping", OK, "OK")];
    let peer = Peer::with("Api-Version: 1.41\r\n", answers);
    let engine = connect(&peer.machine("")).await.unwrap();
    assert_eq!(engine.describe().api_version, ApiVersion::new(1, 41));
    assert_eq!(peer.asked(), ["HEAD /_ping", "GET /_ping"]);
}

#[tokio::test]
async fn explains_an_answer_that_is_no_engines() {
    let peer = Peer::with("", &[]);
    let error = connect(&peer.machine("")).await.err().unwrap().to_string();
    let expected = format!(
        "Cannot connect to the Docker daemon at {host}. Is the docker daemon running?\n\
         tried, in this order:\n  {host} (from DOCKER_HOST): page not found",
        host = peer.host
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let answers = &[
        ("HEAD /_ping", OK, ""),
        ("GET /v1.41/containers/a%2F..%2Fb/json", "301 Moved Permanently", ""),
    ];
    let peer = Peer::with("Api-Version: 1.41\r\n", answers);
    let engine = connect(&peer.machine("")).await.unwrap();
    let error = engine.inspect_container("a/../b").await.unwrap_err();
    assert_eq!(error.to_string(), "the engine answered 301 Moved Permanently");
}

#[tokio::test]
async fn values_nobody_knows_break_nothing() {
    let answers = &[
        ("HEAD /_ping", OK, ""),
        (
            "GET /v1.41/containers/json",
            OK,
            r#"[{"Id": "a", "Names": ["/a"], "State": "stopping", "Labels": null, "New": [{}]},
                {"Id": "b", "State": "dreaming", "Ports": [{"Type": "quic", "PrivatePort": 1}]}]"#,
        ),
        (
            "GET /v1.41/containers/a/json",
            OK,
            r#"{"Id": "a", "State": {"Status": "stopped", "Health": {"Status": "bored"}},
                "HostConfig": {"CgroupnsMode": "odd", "RestartPolicy": {"Name": "maybe"}}}"#,
        ),
        (
            "GET /v1.41/events",
            OK,
            "{\"Type\":\"dream\",\"Action\":\"begin\",\"Actor\":{\"ID\":\"a\"},\"timeNano\":5}\n",
        ),
    ];
    let peer = Peer::with("Api-Version: 1.41\r\n", answers);
    let engine = connect(&peer.machine("")).await.unwrap();
    let list = engine.list_containers(&ContainerFilter::default()).await.unwrap();
    let states: Vec<_> = list.iter().map(|container| container.state.as_str()).collect();
    assert_eq!(states, ["stopping", "dreaming"]);
    let details = engine.inspect_container("a").await.unwrap().unwrap();
    assert_eq!(details.state.health.unwrap().status, "bored");
    let events = engine.events(&EventFilter::default()).await.unwrap();
    let events: Vec<_> = events.try_collect().await.unwrap();
    assert_eq!((events[0].kind.as_str(), events[0].time_nano), ("dream", 5));
}

#[tokio::test]
async fn sends_credentials_in_the_alphabet_that_engines_read() {
    let answers = &[
        ("HEAD /_ping", OK, ""),
        ("POST /v1.41/images/create", OK, "{\"status\":\"Downloading\",\"id\":\"l\"}\n"),
        (
            "GET /v1.41/distribution/r.example/a/b:1/json",
            OK,
            r#"{"Descriptor": {"digest": "sha256:1"}, "Platforms": []}"#,
        ),
    ];
    let peer = Peer::with("Api-Version: 1.41\r\n", answers);
    // user:p>>>???~~ gives `+` and `/` in the standard alphabet.
    let config = r#"{"auths": {"r.example": {"auth": "dXNlcjpwPj4+Pz8/fn4="}}, "HttpHeaders": {"X-Mine": "yes"}}"#;
    let machine =
        peer.machine("").with_variable("DOCKER_CONFIG", "/c").with_file("/c/config.json", config);
    let engine = connect(&machine).await.unwrap();
    let progress: Vec<_> =
        engine.pull_image("r.example/a/b", None).await.unwrap().try_collect().await.unwrap();
    assert_eq!((progress[0].id.as_str(), progress[0].status.as_str()), ("l", "Downloading"));

    let pull = peer.requests.try_iter().last().unwrap();
    assert!(
        pull.starts_with("POST /v1.41/images/create?fromImage=r.example%2Fa%2Fb&tag=latest"),
        "{pull}"
    );
    let header = |name: &str| {
        let line = pull.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {pull}")).to_owned()
    };
    assert_eq!(header("x-mine"), "yes");
    let sent = URL_SAFE.decode(header("x-registry-auth")).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(
        (sent["username"].as_str(), sent["password"].as_str()),
        (Some("user"), Some("p>>>???~~"))
    );
    assert_eq!(sent["serveraddress"], "r.example");

    assert_eq!(engine.digest("r.example/a/b:1").await.unwrap(), "sha256:1");
    let asked = peer.requests.try_iter().last().unwrap();
    assert!(asked.contains(&header("x-registry-auth")), "{asked}");
}

#[tokio::test]
async fn a_failure_amid_a_pull_is_the_streams() {
    let answers = &[
        ("HEAD /_ping", OK, ""),
        (
            "POST /v1.41/images/create",
            OK,
            "{\"status\":\"Pulling\"}\r\n{\"errorDetail\":{\"message\":\"no space\"},\"error\":\"no space\"}\r\n",
        ),
    ];
    let peer = Peer::with("Api-Version: 1.41\r\n", answers);
    let engine = connect(&peer.machine("")).await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let pull = engine.pull_image("busybox", Some("linux/arm64")).await.unwrap();
    let ended = pull.try_for_each(move |progress| {
        seen.lock().unwrap().push(progress.status);
        std::future::ready(Ok(()))
    });
    assert_eq!(ended.await.unwrap_err().to_string(), "no space");
    assert_eq!(*told.lock().unwrap(), ["Pulling"]);
    assert!(peer.asked().last().unwrap().ends_with("&platform=linux%2Farm64"));
}
