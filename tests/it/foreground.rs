//! `up` in the foreground: whose lines are shown, whose end is the end of all, and the exit code.

use rustix::process::Signal;

use crate::harness::Stack;

const JOB_AND_SERVER: &str = "
services:
  server:
    image: busybox:stable
    init: true
    command: sh -c 'echo serving; sleep 1000'
  job:
    image: busybox:stable
    command: sh -c 'echo out; echo err >&2; printf rest; exit 4'
  quiet:
    image: busybox:stable
    init: true
    attach: false
    command: sh -c 'echo never shown; sleep 1000'
";

#[test]
fn the_end_of_one_container_is_the_end_of_all_on_demand() {
    let stack = Stack::of("cascade", JOB_AND_SERVER);
    let output = stack.run(["up", "--abort-on-container-exit"]).code(4);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.first(), Some(&"Attaching to job-1, server-1"), "{output}");
    for line in ["job-1     | out", "job-1     | rest", "server-1  | serving"] {
        assert!(lines.contains(&line), "`{line}` is missing: {output}");
    }
    let end = "\r\u{1b}[Kjob-1 exited with code 4\n";
    let last = output.stdout.find("job-1     | rest").zip(output.stdout.find(end));
    assert!(last.is_some_and(|(rest, end)| rest < end), "{output}");
    assert!(!output.stdout.contains("never shown"), "{output}");
    assert!(output.stderr.contains("job-1     | err\n"), "{output}");
    assert!(output.stderr.contains("Aborting on container exit...\n"), "{output}");
    assert!(stack.containers().iter().all(|container| container.state() == "exited"));

    // The code of the service that was asked for, which the abort ends by a signal.
    let output = stack.run(["up", "--exit-code-from", "server"]).code(143);
    // However the engine tells a stop, every end is told.
    assert!(output.stdout.contains("server-1 exited with code 143\n"), "{output}");
    stack
        .run(["up", "--abort-on-container-failure", "--no-log-prefix", "job"])
        .code(4)
        .stdout_has("\nout\n");
}

#[test]
fn containers_that_simply_end_end_the_foreground_with_0() {
    let stack = Stack::of("ends", JOB_AND_SERVER);
    let output = stack.run(["up", "job", "--timestamps"]).success();
    let line = output.stdout.lines().find(|line| line.ends_with(" out")).expect("a log line");
    let time = line.strip_prefix("job-1  | ").and_then(|line| line.strip_suffix(" out"));
    let time = time.and_then(|time| chrono::DateTime::parse_from_rfc3339(time).ok());
    assert!(time.is_some(), "{line}");
}

#[test]
fn a_second_interrupt_kills() {
    let stack = Stack::of(
        "stubborn",
        "
services:
  web:
    image: busybox:stable
    command: sh -c 'trap \"echo no\" TERM; echo begins; while true; do sleep 0.1; done'
    stop_grace_period: 5m
",
    );
    let mut up = stack.start(["up"]);
    up.wait_for("begins");
    up.signal(Signal::INT);
    up.wait_for("Gracefully Stopping... press Ctrl+C again to force");
    up.wait_for("web-1  | no");
    up.signal(Signal::INT);
    up.finish().code(130);
    assert_eq!(
        (stack.container("web").state(), stack.container("web").exit_code()),
        ("exited", 137)
    );
}

#[test]
fn a_failed_start_is_told_with_service_step_and_log() {
    let stack = Stack::of(
        "failed",
        "
services:
  db:
    image: busybox:stable
    command: sh -c 'echo cannot find my data; exit 3'
    healthcheck: {test: [CMD, 'true'], interval: 1s}
  web:
    image: busybox:stable
    command: sleep 1000
    depends_on: {db: {condition: service_healthy}}
",
    );
    let output = stack.run(["up", "-d"]).code(1);
    let name = format!("{}-db-1", stack.project());
    for part in [
        &format!("dependency failed to start: container {name} exited (3)\n"),
        "cannot find my data",
        "db",
    ] {
        assert!(output.stderr.contains(part), "`{part}` is missing: {output}");
    }
    assert_eq!(stack.container("web").state(), "created");
}

#[test]
fn what_a_named_service_depends_on_goes_on() {
    let stack = Stack::of(
        "dependency",
        "
services:
  app:
    image: busybox:stable
    init: true
    command: sh -c 'echo hello app; sleep 1000'
    depends_on: [dependency]
  dependency:
    image: busybox:stable
    init: true
    command: sh -c 'echo hello dependency; sleep 1000'
",
    );
    let mut up = stack.start(["up", "--attach-dependencies", "app"]);
    up.wait_for("hello app");
    up.signal(Signal::INT);
    up.finish().code(130).stdout_has("dependency-1  | hello dependency\n");
    assert_eq!(stack.container("app").state(), "exited");
    assert_eq!(stack.container("dependency").state(), "running");
}

#[test]
fn hooks_write_among_the_logs_and_containers_that_ended_are_stopped_too() {
    let stack = Stack::of(
        "hooks",
        "
services:
  short:
    image: busybox:stable
    command: sleep 1
  hooked:
    image: busybox:stable
    init: true
    command: sleep 1000
    post_start: [{command: echo begins}]
    pre_stop: [{command: echo ends}]
",
    );
    let output = stack.run(["up", "--abort-on-container-exit"]).success();
    for line in ["hooked-1 ->  | begins", "hooked-1 ->  | ends"] {
        assert!(output.stdout.lines().any(|shown| shown == line), "`{line}`: {output}");
    }
    let stopped = format!(" Container {}-short-1  Stopped\n", stack.project());
    assert!(output.stderr.contains(&stopped), "{output}");
}

#[test]
fn dependencies_are_not_waited_for_longer_than_is_allowed() {
    let stack = Stack::of(
        "patience",
        r#"
services:
  db:
    image: busybox:stable
    init: true
    command: sleep 1000
    healthcheck: {test: "false", interval: 1s, retries: 1000}
  web:
    image: busybox:stable
    command: echo too early
    depends_on: {db: {condition: service_healthy}}
"#,
    );
    let output = stack.run(["up", "--wait-timeout", "1"]).code(1);
    assert!(output.stderr.ends_with("timeout waiting for dependencies\n"), "{output}");
    assert_eq!(stack.container("db").state(), "running");
    assert_eq!(stack.container("web").state(), "created");
}
