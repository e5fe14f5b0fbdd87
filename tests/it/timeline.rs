//! `timeline` and `graph`: where the time went, and who needs whom.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::Stack;

const CHAIN: &str = "
services:
  db:
    image: busybox:stable
    # Longer than anything that a busy machine takes its time for.
    command: sh -c 'sleep 5; touch /ready; sleep 1000'
    stop_grace_period: 1s
    healthcheck: {test: 'test -f /ready', interval: 1s, retries: 60}
  web:
    image: busybox:stable
    init: true
    command: sleep 1000
    depends_on: {db: {condition: service_healthy}}
";

#[test]
fn a_start_and_a_stop_are_explained_then_and_afterwards() {
    let stack = Stack::of("timeline", CHAIN);
    stack.run(["timeline"]).code(1).stderr_has("no up of project");
    let shown = stack.run(["up", "-d", "--timeline"]).success();
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert!(lines[0].starts_with("web ready @"), "{shown}");
    assert!(lines[0].contains(" of it waiting for db"), "{shown}");
    assert!(lines.iter().any(|line| line.trim_start().starts_with("└─ db healthy")), "{shown}");
    assert_eq!(stack.run(["timeline"]).success().stdout, shown.stdout);

    let stopped = stack.run(["down", "--timeline"]).success();
    let remedy = "killed after 1 s (137): process 1 is a shell, `sh`, that passes no SIGTERM on: \
                  write `exec` before the last program of its text";
    assert!(stopped.stdout.contains(remedy), "{stopped}");
    assert_eq!(stack.run(["timeline", "--stop"]).success().stdout, stopped.stdout);
    assert_eq!(stack.run(["timeline"]).success().stdout, shown.stdout, "the start is kept too");

    stack.run(["timeline", "--svg", "start.svg"]).success();
    let picture = std::fs::read_to_string(stack.folder().join("start.svg")).expect("a picture");
    assert!(picture.starts_with("<svg ") && picture.contains("waiting for health"), "{picture}");
    let json = stack.run(["timeline", "--format", "json"]).success();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["chain"]["links"][0]["name"], "web");
}

const HOLDS_A_SECRET: &str = "
services:
  web:
    image: busybox:stable
    command: sh -c 'sleep 1000; echo --password=hunter2'
    stop_grace_period: 1s
";

#[test]
fn what_a_command_holds_is_neither_shown_nor_kept() {
    let stack = Stack::of("secret", HOLDS_A_SECRET);
    stack.run(["up", "-d"]).success();
    stack.run(["down", "--timeline"]).success().shows("killed after 1 s").hides("hunter2");
    for shown in [&["--format", "json"][..], &["--svg", "-"]] {
        stack.run([&["timeline", "--stop"], shown].concat()).success().hides("hunter2");
    }
    let directory = stack.home().join(".local/state/bireme/timelines");
    let mode = |path: &std::path::Path| {
        fs::metadata(path).expect("what was written").permissions().mode() & 0o777
    };
    assert_eq!(mode(&directory), 0o700);
    let kept = fs::read_dir(&directory).expect("a directory").next().expect("a file");
    let kept = kept.expect("an entry").path();
    assert_eq!(mode(&kept), 0o600);
    assert!(!fs::read_to_string(&kept).expect("a text").contains("hunter2"));
}

const FAILS: &str = "
services:
  job:
    image: busybox:stable
    command: sh -c 'sleep 5; exit 4'
  slow:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
    healthcheck: {test: 'false', interval: 1s, retries: 100}
  app:
    image: busybox:stable
    command: sleep 1000
    depends_on:
      job: {condition: service_completed_successfully}
      slow: {condition: service_healthy}
";

#[test]
fn what_failed_is_told_from_what_was_given_up_for_it() {
    let stack = Stack::of("failed", FAILS);
    let failed = stack.run(["up", "-d", "--timeline"]).code(1);
    assert!(failed.stdout.starts_with("job failed @"), "{failed}");
    assert!(failed.stdout.contains(" of it waiting for job to complete\njob failed"), "{failed}");
    assert!(!failed.stdout.contains("slow"), "{failed}");
    let json = stack.run(["timeline", "--format", "json"]).success();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let steps = json["steps"].as_array().expect("steps");
    let outcomes = |service| {
        let waits = |step: &&serde_json::Value| {
            step["service"] == service && (step["kind"] == "health" || step["kind"] == "completion")
        };
        steps.iter().filter(waits).map(|step| step["outcome"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(outcomes("job"), ["failed"], "{json}");
    assert_eq!(outcomes("slow"), ["cancelled"], "{json}");
}

#[test]
fn a_start_that_was_interrupted_is_said_to_be() {
    let stack = Stack::of("interrupted", FAILS);
    let up = stack.start(["up", "-d", "--wait", "--timeline", "slow"]);
    // It is waited for by the time that it is tested.
    let tested = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        stack.containers().iter().any(|one| is_tested(&stack, one.id()))
    });
    assert!(tested, "the engine tests whoever has a healthcheck");
    up.signal(Signal::INT);
    let interrupted = up.finish();
    assert!(interrupted.stdout.starts_with("up was interrupted @"), "{interrupted}");
    assert!(interrupted.stdout.contains("\nslow interrupted"), "{interrupted}");
}

fn is_tested(stack: &Stack, container: &str) -> bool {
    let details = stack.engine().get(&format!("/containers/{container}/json"));
    details["State"]["Health"]["Log"].as_array().is_some_and(|log| !log.is_empty())
}

const HOOKS: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
    scale: 2
    post_start: [{command: sleep 2}]
    pre_stop: [{command: sleep 2}]
";

#[test]
fn hooks_are_told_from_starts_and_containers_from_each_other() {
    let stack = Stack::of("hooked", HOOKS);
    let started = stack.run(["up", "-d", "--timeline"]).success();
    assert!(started.stdout.lines().next().is_some_and(|line| line.ends_with("post_start of web")));
    for link in ["web-1 started", "web-1 ran post_start", "web-2 started", "web-2 ran post_start"] {
        assert!(started.stdout.contains(link), "{link}: {started}");
    }
    assert!(started.stdout.contains(" · hooks "), "{started}");
    let stopped = stack.run(["down", "--timeline"]).success();
    assert!(stopped.stdout.contains("web ran pre_stop"), "{stopped}");
}

#[test]
fn a_graph_shows_how_services_are_when_an_engine_answers() {
    let stack = Stack::of("graph", CHAIN);
    let offline = stack.run(["graph", "--offline"]).success();
    let lines: Vec<&str> = offline.stdout.lines().collect();
    assert_eq!(lines[1..], ["web               [default]", "└─ db  healthy    [default]"]);
    stack.run(["graph"]).success().stdout_has("○ not created");
    stack.run(["up", "-d"]).success();
    stack.run(["graph"]).success().stdout_has("● running, healthy");
    stack.run(["graph", "--format", "mermaid"]).success().stdout_has("s1 -- healthy --> s0");
    let unreachable = Stack::of("graph-alone", CHAIN).variable("DOCKER_HOST", "unix:///nowhere");
    unreachable.run(["graph"]).success().stderr_has("drawn without states");
}
