//! What a guest can run, asked of a real engine: by the kernel's handlers, by BuildKit, and by a program that
//! is run in a container.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bireme::engine::api::ContainerFilter;
use bireme::engine::endpoint::{Flags, Surroundings, ThisMachine};
use bireme::engine::{DockerEngine, Engine, Settings, Warn};
use bireme::platform::{How, Platform};
use bireme::survey::guest::{self, Finding};
use futures_util::TryStreamExt as _;

use crate::harness::{Stack, platforms};

/// A machine with a cache of its own, whose kernel can be looked at or not.
struct Machine {
    variables: BTreeMap<&'static str, String>,
    shows_kernel: bool,
}

impl Machine {
    fn new(stack: &Stack, shows_kernel: bool) -> Self {
        let cache = stack.folder().join("cache").display().to_string();
        let host = stack.engine().endpoint();
        let variables = BTreeMap::from([("DOCKER_HOST", host), ("XDG_CACHE_HOME", cache)]);
        Self { variables, shows_kernel }
    }

    async fn connect(&self) -> DockerEngine {
        let warn: Warn = Arc::new(|text| panic!("unexpected warning: {text}"));
        let settings =
            Settings::resolve(&Flags::default(), self, &warn).expect("an endpoint is named");
        DockerEngine::connect(settings, self).await.expect("the lab's engine answers")
    }

    async fn find(&self, platforms: &[&str]) -> Finding {
        let wanted: Vec<Platform> = platforms.iter().map(|name| platform(name)).collect();
        let engine = self.connect().await;
        guest::find(&engine, self, &wanted).await.expect("the engine says what it is")
    }
}

impl Surroundings for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.shows_kernel { ThisMachine.read(path) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn entries(&self, path: &Path) -> Vec<String> {
        if self.shows_kernel { ThisMachine.entries(path) } else { Vec::new() }
    }
}

fn platform(name: &str) -> Platform {
    Platform::parse(name, &Platform::new("linux", "amd64", "")).expect("tests name platforms")
}

#[track_caller]
fn runs(finding: &Finding, name: &str, how: How) {
    assert_eq!(finding.guest.how(&platform(name)), how, "{name}: {finding:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kernel_here_tells_what_runs_and_by_what() {
    let stack = Stack::new("guest-kernel");
    let finding = Machine::new(&stack, true).find(&[]).await;
    let (own, foreign) = platforms();
    runs(&finding, own, How::Native);
    runs(&finding, foreign, How::Qemu);
    runs(&finding, "linux/s390x", How::None);
    let evidence = finding
        .reasons
        .iter()
        .find(|it| it.platform == platform(foreign))
        .expect("it is among them");
    assert!(evidence.because.contains("handler"), "{finding:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_builder_tells_what_runs_elsewhere() {
    let stack = Stack::new("guest-builder");
    let afar = Machine::new(&stack, false);
    let (own, foreign) = platforms();
    for finding in [afar.find(&[]).await, afar.find(&[foreign, "linux/s390x"]).await] {
        runs(&finding, own, How::Native);
        runs(&finding, foreign, if foreign == "linux/arm64" { How::Qemu } else { How::Emulated });
        runs(&finding, "linux/s390x", How::None);
    }
    let kept = std::fs::read_dir(stack.folder().join("cache").join("bireme/guests"))
        .expect("there is a cache");
    assert_eq!(kept.count(), 1, "what was found out is kept once for an engine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_run_where_nothing_tells() {
    let stack = Stack::new("guest-probe");
    let afar = Machine::new(&stack, false);
    let engine = afar.connect().await;
    let pull = engine.pull_image("busybox:stable", Some(platforms().0)).await.expect("it is there");
    pull.try_for_each(|_| async { Ok(()) }).await.expect("the lab has busybox");
    // Whether BuildKit tries this one depends on its release; in any case nobody has a handler for it.
    runs(&afar.find(&["linux/loong64"]).await, "linux/loong64", How::None);
    assert_eq!(left_behind(&engine).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_broken_off_leaves_nothing() {
    let stack = Stack::new("guest-broken-off");
    let afar = Machine::new(&stack, false);
    let engine = afar.connect().await;
    let pull = engine.pull_image("busybox:stable", Some(platforms().0)).await.expect("it is there");
    pull.try_for_each(|_| async { Ok(()) }).await.expect("the lab has busybox");
    for milliseconds in [40, 80, 160, 320] {
        let time = Duration::from_millis(milliseconds);
        // Whether it came to its end or not.
        let _ = tokio::time::timeout(time, afar.find(&["linux/loong64"])).await;
        // By now even a creation that was under way has ended.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(left_behind(&engine).await, 0, "after {milliseconds} ms");
        let _ = std::fs::remove_dir_all(stack.folder().join("cache"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn emulators_are_asked_whether_programs_can_listen() {
    let stack = Stack::new("guest-listening");
    let engine = Machine::new(&stack, true).connect().await;
    let pull = engine.pull_image("busybox:stable", Some(platforms().0)).await.expect("it is there");
    pull.try_for_each(|_| async { Ok(()) }).await.expect("the lab has busybox");
    for platform in <[&str; 2]>::from(platforms()) {
        let architecture = platform.trim_start_matches("linux/");
        // Debian's QEMU has inotify; that of others has not.
        let listens = bireme::watch::replay::can_listen(&engine, architecture).await;
        assert!(listens.expect("a helper runs"), "{platform}");
    }
}

/// How many containers of ours there are that nobody waits for: tests run side by side.
async fn left_behind(engine: &DockerEngine) -> usize {
    let filter = ContainerFilter {
        labels: vec!["io.bireme.probe".to_owned()],
        all: true,
        ..ContainerFilter::default()
    };
    let mut left = usize::MAX;
    for _ in 0..20 {
        left = engine.list_containers(&filter).await.expect("containers can be listed").len();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    left
}
