//! Bireme's own client against a real engine: what it hears, sends and makes of refusals.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bireme::engine::api::{
    AttachOptions, ContainerCreate, ContainerFilter, EndpointSettings, EventFilter, ExecCreate,
    LogOptions, NetworkCreate, OutputChunk, RemoveContainer, TerminalSize, VolumeCreate,
    WaitCondition,
};
use bireme::engine::endpoint::{Flags, Surroundings};
use bireme::engine::{DockerEngine, Engine, EngineError, Settings, Stream, Warn};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::io::AsyncWriteExt as _;

use crate::harness::{Stack, platforms, registry};

/// A machine on which nothing is configured but `DOCKER_HOST`.
struct Bare(String);

impl Surroundings for Bare {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "DOCKER_HOST").then(|| self.0.clone())
    }

    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn entries(&self, _: &Path) -> Vec<String> {
        Vec::new()
    }
}

pub(super) async fn connect(host: &str) -> Result<DockerEngine, EngineError> {
    let machine = Bare(host.to_owned());
    let warn: Warn = Arc::new(|text| panic!("unexpected warning: {text}"));
    let settings = Settings::resolve(&Flags::default(), &machine, &warn)?;
    DockerEngine::connect(settings, &machine).await
}

/// A project, and the client that the tests are about.
async fn start(label: &str) -> (Stack, DockerEngine) {
    let stack = Stack::new(label);
    let engine = connect(&stack.engine().endpoint()).await.expect("the lab's engine answers");
    (stack, engine)
}

fn labels(stack: &Stack) -> BTreeMap<String, String> {
    [("com.docker.compose.project".to_owned(), stack.project().to_owned())].into()
}

/// A container of the project that runs a shell script, created and not started.
async fn shell(stack: &Stack, engine: &DockerEngine, script: &str, tty: bool) -> String {
    pull(engine, "busybox:stable", platforms().0).await.expect("the lab has busybox");
    let body = ContainerCreate {
        image: "busybox:stable".to_owned(),
        cmd: Some(vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()]),
        labels: labels(stack),
        tty,
        open_stdin: true,
        stdin_once: true,
        attach_stdin: true,
        stop_signal: "SIGKILL".to_owned(),
        ..ContainerCreate::default()
    };
    engine.create_container("", None, &body).await.expect("a container can be created").id
}

async fn pull(engine: &DockerEngine, image: &str, platform: &str) -> Result<(), EngineError> {
    engine.pull_image(image, Some(platform)).await?.try_for_each(|_| async { Ok(()) }).await
}

/// All that a process wrote, by stream.
async fn text(output: Stream<OutputChunk>) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    for chunk in output.try_collect::<Vec<_>>().await.expect("output ends without an error") {
        match chunk {
            OutputChunk::Stdout(bytes) => out.extend(bytes),
            OutputChunk::Stderr(bytes) => err.extend(bytes),
        }
    }
    let text = |bytes| String::from_utf8(bytes).expect("tests write text");
    (text(out), text(err))
}

const ALL: AttachOptions = AttachOptions {
    stdin: true,
    stdout: true,
    stderr: true,
    logs: false,
    detach_keys: String::new(),
    tty: false,
};

#[tokio::test]
async fn an_attached_container_hears_the_end_of_its_input() {
    let (stack, engine) = start("client-attach").await;
    // More than any buffer on the way holds, to both streams.
    let script = "cat; seq 100000; echo bad >&2; exit 4";
    let id = shell(&stack, &engine, script, false).await;
    let mut attached = engine.attach(&id, &ALL).await.expect("a created container can be attached");
    engine.start_container(&id).await.expect("it starts");
    attached.input.write_all(b"first\n").await.expect("it reads");
    attached.input.shutdown().await.expect("its input can end");
    let (out, err) = text(attached.output).await;
    assert!(out.starts_with("first\n1\n2\n") && out.ends_with("\n100000\n"));
    assert_eq!(err, "bad\n");
    assert_eq!(engine.wait_container(&id, WaitCondition::NotRunning).await.expect("it ends"), 4);

    let logs = LogOptions { stdout: true, stderr: true, follow: true, ..LogOptions::default() };
    let kept = text(engine.logs(&id, &logs).await.expect("logs are kept")).await;
    assert_eq!(kept, (out, err), "a log that is followed ends with its container");
    let later = LogOptions { since: "2999-01-01".to_owned(), follow: false, ..logs };
    assert_eq!(text(engine.logs(&id, &later).await.expect("logs are kept")).await.0, "");
}

#[tokio::test]
async fn a_terminals_output_is_taken_as_it_is() {
    let (stack, engine) = start("client-terminal").await;
    // Bytes that would be the header of a frame.
    let script = "read line; printf '\\001\\000\\002'; stty size";
    let id = shell(&stack, &engine, script, true).await;
    let mut attached =
        engine.attach(&id, &AttachOptions { tty: true, ..ALL }).await.expect("attach");
    engine.start_container(&id).await.expect("it starts");
    engine.resize_container(&id, TerminalSize { height: 21, width: 43 }).await.expect("resize");
    attached.input.write_all(b"go\n").await.expect("it reads");
    let (out, err) = text(attached.output).await;
    assert_eq!((out.as_str(), err.as_str()), ("go\r\n\u{1}\0\u{2}21 43\r\n", ""));
}

#[tokio::test]
async fn an_exec_has_streams_and_an_exit_code_of_its_own() {
    let (stack, engine) = start("client-exec").await;
    let id = shell(&stack, &engine, "sleep 3600", false).await;
    engine.start_container(&id).await.expect("it starts");
    engine.start_container(&id).await.expect("a running container counts as started");
    let words = |script: &str| vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
    let body = ExecCreate {
        cmd: words("cat; echo bad >&2; exit 7"),
        attach_stdin: true,
        attach_stdout: true,
        attach_stderr: true,
        ..ExecCreate::default()
    };
    let exec = engine.create_exec(&id, &body).await.expect("exec");
    let mut attached = engine.start_exec(&exec, false).await.expect("exec starts");
    attached.input.write_all(b"typed").await.expect("it reads");
    attached.input.shutdown().await.expect("its input can end");
    assert_eq!(text(attached.output).await, ("typed".to_owned(), "bad\n".to_owned()));
    assert_eq!(engine.inspect_exec(&exec).await.expect("it is known").exit_code, Some(7));

    let body = ExecCreate { cmd: words("touch /tmp/done"), ..ExecCreate::default() };
    let exec = engine.create_exec(&id, &body).await.expect("exec");
    engine.start_exec_detached(&exec, false).await.expect("exec starts");
    engine.stop_container(&id, Some(0)).await.expect("it stops");
    engine.stop_container(&id, None).await.expect("a stopped container counts as stopped");
}

#[tokio::test]
async fn events_are_heard_from_the_moment_of_the_call() {
    let (stack, engine) = start("client-events").await;
    let label = format!("com.docker.compose.project={}", stack.project());
    let filter = EventFilter {
        types: vec!["container".to_owned()],
        labels: vec![label],
        actions: vec!["create".to_owned(), "destroy".to_owned()],
        ..EventFilter::default()
    };
    let earlier = shell(&stack, &engine, "true", false).await;
    for _ in 0..10 {
        let mut events = engine.events(&filter).await.expect("events");
        let id = shell(&stack, &engine, "true", false).await;
        let remove = RemoveContainer { force: true, volumes: true };
        engine.remove_container(&id, remove).await.expect("it can be removed");
        for action in ["create", "destroy"] {
            let event = events.next().await.expect("events go on").expect("an event");
            assert_ne!(event.actor.id, earlier, "what was before is not heard");
            assert_eq!((event.actor.id.as_str(), event.action.as_str()), (id.as_str(), action));
        }
    }
}

#[tokio::test]
async fn behind_a_file_there_is_nothing() {
    let (stack, engine) = start("stat").await;
    let container = shell(&stack, &engine, "true", false).await;
    let stat =
        async |path: &str| engine.path_stat(&container, path.as_ref()).await.expect("an answer");
    assert!(!stat("/etc/passwd").await.expect("it is there").is_directory());
    for path in ["/etc/passwd/x", "/etc/passwd/x/y", "/etc/lost", "/lost/x"] {
        assert_eq!(stat(path).await, None, "{path}");
    }
}

#[tokio::test]
async fn networks_are_found_by_their_whole_name_or_id() {
    let (stack, engine) = start("client-networks").await;
    let name = format!("{}_default", stack.project());
    let body =
        NetworkCreate { name: name.clone(), labels: labels(&stack), ..NetworkCreate::default() };
    let id = engine.create_network(&body).await.expect("a network can be created");
    for (wanted, count) in
        [(name.as_str(), 1), (id.as_str(), 1), (stack.project(), 0), (&id[..12], 0)]
    {
        assert_eq!(engine.find_networks(wanted).await.expect("a list").len(), count, "{wanted}");
    }
    let container = shell(&stack, &engine, "sleep 3600", false).await;
    let endpoint =
        EndpointSettings { aliases: vec!["alias".to_owned()], ..EndpointSettings::default() };
    engine.connect_network(&id, &container, &endpoint).await.expect("it can be connected");
    let details =
        engine.inspect_container(&container).await.expect("details").expect("it is there");
    assert!(details.network_settings.networks[&name].aliases.contains(&"alias".to_owned()));
    engine.disconnect_network(&id, &container, true).await.expect("it can be disconnected");
    engine.remove_network(&id).await.expect("it can be removed");
    assert!(engine.inspect_network(&id).await.expect("an answer").is_none());
}

#[tokio::test]
async fn refusals_keep_their_kind_and_words() {
    let (stack, engine) = start("client-refusals").await;
    let name = format!("{}-web-1", stack.project());
    let body = ContainerCreate {
        image: "busybox:stable".to_owned(),
        labels: labels(&stack),
        ..ContainerCreate::default()
    };
    pull(&engine, "busybox:stable", platforms().0).await.expect("the lab has busybox");
    engine.create_container(&name, None, &body).await.expect("it can be created");
    let taken = engine.create_container(&name, None, &body).await.expect_err("the name is taken");
    assert!(taken.is_conflict() && taken.to_string().contains("is already in use"), "{taken}");
    let missing = ContainerCreate { image: "nosuch:1".to_owned(), ..body };
    let missing = engine.create_container("", None, &missing).await.expect_err("no image");
    assert!(
        missing.is_not_found() && missing.to_string() == "No such image: nosuch:1",
        "{missing}"
    );
    assert!(engine.start_container("nosuch").await.expect_err("nothing there").is_not_found());
    assert!(engine.inspect_container("nosuch").await.expect("an answer").is_none());
    assert!(engine.inspect_volume("nosuch").await.expect("an answer").is_none());
    assert!(engine.inspect_image("nosuch:1", None).await.expect("an answer").is_none());

    let volume = VolumeCreate {
        name: format!("{}_data", stack.project()),
        labels: labels(&stack),
        ..VolumeCreate::default()
    };
    engine.create_volume(&volume).await.expect("a volume can be created");
    let label = format!("com.docker.compose.project={}", stack.project());
    let volumes = engine.list_volumes(std::slice::from_ref(&label)).await.expect("a list");
    assert_eq!(volumes.len(), 1);
    engine.remove_volume(&volume.name, false).await.expect("it can be removed");
    let filter = ContainerFilter { labels: vec![label], all: true, ..ContainerFilter::default() };
    let listed = engine.list_containers(&filter).await.expect("a list");
    assert_eq!(listed.iter().map(|it| it.name()).collect::<Vec<_>>(), [&name]);
}

#[tokio::test]
async fn an_image_for_another_platform_counts_as_absent() {
    let (_stack, engine) = start("client-images").await;
    let (native, foreign) = platforms();
    let image = format!("{}/library/native-only:1", registry());
    pull(&engine, &image, native).await.expect("it is offered for the machine's platform");
    let here = engine.inspect_image(&image, Some(native)).await.expect("an answer");
    assert_eq!(here.expect("it was pulled").platform().to_string(), native);
    assert!(engine.inspect_image(&image, Some(foreign)).await.expect("an answer").is_none());
    let refused = pull(&engine, &image, foreign).await.expect_err("it is not offered");
    assert!(refused.to_string().contains("no matching manifest"), "{refused}");
}

#[tokio::test]
async fn no_engine_is_explained() {
    let error = connect("unix:///nosuch/docker.sock").await.err().expect("nobody answers there");
    assert_eq!(
        error.to_string(),
        "Cannot connect to the Docker daemon at unix:///nosuch/docker.sock. Is the docker daemon \
         running?\ntried, in this order:\n  unix:///nosuch/docker.sock (from DOCKER_HOST): no such \
         file or directory"
    );
}
