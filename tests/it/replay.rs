//! Changes of mounted files where the engine's mounts pass none: what programs in containers hear.
//!
//! The engine sees the project through bindfs, a file system in user space that passes no events of what is done
//! beneath it; `bireme` runs in a mount namespace in which the project is the directory beneath. So engine and user are two
//! machines to each other, as far as files are concerned. The container has no shell: a program of two functions, linked
//! statically, that prints what it hears.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::{Running, Stack};

/// How long something may take to be heard on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

const LISTENING: &str = r"
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM scratch
        COPY listen /listen
    command: [/listen, /app]
    init: true
    volumes: ['./src:/app:ro']
    develop:
      watch:
        - {path: src/sent, action: restart}
        - {path: other, action: sync, target: /other}
";

/// A project with a listener, on an engine that hears of its changes or does not.
struct Listening {
    stack: Stack,
    /// Where people work: the project's folder, or what lies beneath it.
    work: PathBuf,
    /// Whether the folder is mounted.
    is_apart: bool,
    _beneath: tempfile::TempDir,
}

impl Listening {
    fn new(label: &str, is_apart: bool) -> Self {
        let stack = Stack::new(label);
        let beneath = tempfile::tempdir().expect("a temporary folder can be made");
        let work = if is_apart { beneath.path().to_owned() } else { stack.folder() };
        fs::create_dir_all(work.join("src")).expect("a folder can be made");
        fs::create_dir_all(work.join("other")).expect("a folder can be made");
        fs::write(work.join("compose.yaml"), LISTENING).expect("a file can be written");
        fs::write(work.join("src/there"), "old").expect("a file can be written");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/listen.c");
        run(Command::new("cc").arg("-static").arg("-o").arg(work.join("listen")).arg(source));
        if is_apart {
            run(Command::new("bindfs").arg(&work).arg(stack.folder()));
        }
        Self { stack, work, is_apart, _beneath: beneath }
    }

    #[track_caller]
    fn watch(&self) -> Running {
        let mut running = self.start("watch --quiet");
        running.wait_for("Watch enabled");
        running
    }

    /// Starts the program where people work.
    fn start(&self, arguments: &str) -> Running {
        let bireme = env!("CARGO_BIN_EXE_bireme");
        let folder = self.stack.folder().display().to_string();
        if self.is_apart {
            let script =
                format!("mount --bind \"$1\" \"$2\" && cd \"$2\" && exec \"$3\" {arguments}");
            let work = self.work.display().to_string();
            let arguments = ["--mount", "--propagation", "private", "sh", "-c", &script, "sh"];
            let arguments = [&arguments[..], &[&work, &folder, bireme]].concat();
            self.stack.start_program("unshare", &arguments)
        } else {
            self.stack.start(arguments.split(' '))
        }
    }

    /// Everything that was heard so far.
    fn heard(&self) -> Vec<String> {
        let output = self.stack.run(["logs", "--no-log-prefix", "web"]).success();
        output.stdout.lines().map(str::to_owned).collect()
    }

    /// Waits until all of this has been heard after the first `known` lines, in this order; how much there is now.
    #[track_caller]
    fn expect(&self, known: usize, expected: &[&str]) -> usize {
        let begun = Instant::now();
        loop {
            let heard = self.heard();
            let mut missing = expected.iter().peekable();
            for line in heard.iter().skip(known) {
                if missing.peek().is_some_and(|next| *next == line) {
                    missing.next();
                }
            }
            let Some(next) = missing.next() else { return heard.len() };
            assert!(begun.elapsed() < PATIENCE, "`{next}` was not heard: {heard:#?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if self.is_apart {
            // The container, which holds the mount, goes with the stack.
            let _ = Command::new("umount").arg("--lazy").arg(self.stack.folder()).status();
        }
    }
}

#[track_caller]
fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

#[test]
fn changes_are_replayed_where_mounts_pass_none() {
    let listening = Listening::new("replay", true);
    let mut running = listening.watch();
    running.wait_for("The engine passes no file events for src: replayed in the containers");
    let path = |name: &str| listening.work.join("src").join(name);

    fs::write(path("there"), "new").expect("a file can be written");
    let saved = fs::metadata(path("there")).expect("it is there");
    let known = listening.expect(0, &["modify /app/there", "close /app/there"]);
    let after = fs::metadata(path("there")).expect("it is there");
    assert_eq!(saved.modified().ok(), after.modified().ok(), "times are as they were");
    assert_eq!(saved.ino(), after.ino());

    fs::write(path("made"), "made").expect("a file can be written");
    let made = fs::metadata(path("made")).expect("it is there");
    let all = ["create /app/made", "modify /app/made", "close /app/made"];
    let known = listening.expect(known, &all);
    let after = fs::metadata(path("made")).expect("it is there");
    assert_eq!((made.modified().ok(), made.ino()), (after.modified().ok(), after.ino()));
    assert_eq!(fs::read(path("made")).expect("it can be read"), b"made");

    // As editors do.
    fs::write(path(".made.swp"), "moved").expect("a file can be written");
    fs::rename(path(".made.swp"), path("made")).expect("a file can be renamed");
    let known = listening.expect(known, &["modify /app/made", "close /app/made"]);

    fs::create_dir_all(path("new/deep")).expect("a folder can be made");
    fs::write(path("new/file"), "1").expect("a file can be written");
    let known = listening.expect(known, &["to /app/new"]);
    fs::write(path("new/file"), "2").expect("a file can be written");
    let known = listening.expect(known, &["modify /app/new/file", "close /app/new/file"]);

    fs::remove_file(path("made")).expect("a file can be removed");
    let known = listening.expect(known, &["delete /app/made"]);
    fs::remove_dir_all(path("new")).expect("a folder can be removed");
    let known = listening.expect(known, &["delete /app/new"]);

    // What was done to files is no change: not to the replay, and not to rules.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(listening.heard().len(), known, "nothing echoes: {:#?}", listening.heard());
    let names = fs::read_dir(path(".")).expect("it can be read").flatten();
    let names: Vec<_> = names.map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["there"], "nothing is left behind");
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert!(!output.stdout.contains("restarted"), "{output}");
    assert_eq!(helpers(&listening.stack), 0);
}

#[test]
fn a_doctor_looks_at_the_mounts_of_the_project() {
    for (is_apart, arrival, because) in [
        (
            true,
            "none",
            "a file that was made here in src was there in a container, but was not heard",
        ),
        (false, "all", "containers have this machine's kernel"),
    ] {
        let listening = Listening::new("replay-doctor", is_apart);
        let output = listening.start("doctor --format json").finish();
        let report: serde_json::Value = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output}"));
        let events = &report["file_events"];
        assert_eq!(events["arrival"], arrival, "{report:#}");
        assert!(events["because"].to_string().contains(because), "{report:#}");
        assert_eq!(helpers(&listening.stack), 0);
    }
}

#[test]
fn where_mounts_pass_changes_nothing_is_started() {
    let listening = Listening::new("replay-needless", false);
    let running = listening.watch();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        assert_eq!(helpers(&listening.stack), 0);
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::create_dir(listening.work.join("src/made")).expect("a folder can be made");
    let known = listening.expect(0, &["create /app/made"]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(listening.heard().len(), known, "{:#?}", listening.heard());
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert!(!output.stdout.contains("passes no file events"), "{output}");
}

/// Helpers that have something of a project's mounted.
fn helpers(stack: &Stack) -> usize {
    let containers = stack.engine().get("/containers/json?all=1");
    let folder = stack.folder().display().to_string();
    let is_its = |container: &&serde_json::Value| {
        let name = container["Names"][0].as_str().unwrap_or_default();
        name.starts_with("/bireme-replay-") && container["Mounts"].to_string().contains(&folder)
    };
    containers.as_array().map_or(0, |all| all.iter().filter(is_its).count())
}
