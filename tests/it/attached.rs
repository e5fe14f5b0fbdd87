//! Commands that somebody sits in front of: attached `up`, signals, a terminal.

use rustix::process::Signal;

use crate::harness::Stack;

const CHATTERING: &str = "
services:
  web:
    image: busybox:stable
    command: sh -c 'trap \"echo ends; exit 0\" TERM; echo begins; while true; do sleep 0.1; done'
";

#[test]
fn an_attached_up_shows_logs_and_stops_at_the_first_interrupt() {
    let stack = Stack::of("attached", CHATTERING);
    let mut up = stack.start(["up"]);
    let line = up.wait_for("begins");
    assert!(line.starts_with("web-1  | "), "{line}");
    up.signal(Signal::INT);
    let output = up.finish().code(130);
    // An empty line ends it, and no container is told to have ended.
    assert!(output.stderr.ends_with("Stopped\n\n"), "{output}");
    assert!(!output.stdout.contains("exited with code"), "{output}");
    // Its own code, not that of a kill.
    assert_eq!((stack.container("web").state(), stack.container("web").exit_code()), ("exited", 0));
}

#[test]
fn nothing_is_made_for_what_cannot_be_attached_to() {
    let stack = Stack::of("attach-no", CHATTERING);
    let refused = stack.run(["up", "--attach", "nosuch"]).code(1);
    refused.stderr_has("cannot attach to services not included in up: nosuch");
    assert!(stack.containers().is_empty());
}

#[test]
fn exec_in_a_terminal_gives_the_container_one() {
    let stack = Stack::of("terminal", CHATTERING);
    stack.run(["up", "-d"]).success();
    stack
        .run_in_terminal(&[
            "exec",
            "web",
            "sh",
            "-c",
            "test -t 0 && test -t 1 && echo on a terminal",
        ])
        .success()
        .stdout_has("on a terminal");
    stack.run(["exec", "-T", "web", "sh", "-c", "test -t 1 || exit 7"]).code(7);
}

/// A container that takes its time to be replaced: while the engine stops it, another one ends.
const SLOW_TO_REPLACE: &str = "
services:
  brief: {image: 'busybox:stable', command: sh -c 'echo begins; sleep 2; exit 5'}
  other:
    image: busybox:stable
    command: sh -c 'trap \"\" TERM; while true; do sleep 0.1; done'
    stop_grace_period: 4s
";

#[test]
fn what_ends_before_anybody_listens_is_told_and_ends_the_foreground() {
    let stack = Stack::of("early", SLOW_TO_REPLACE);
    stack.run(["up", "-d"]).success();
    let replaced = SLOW_TO_REPLACE.replace(
        "sh -c 'trap \"\" TERM; while true; do sleep 0.1; done'",
        "sleep 1000\n    init: true",
    );
    stack.write("compose.yaml", &replaced);
    let output = stack.run(["up", "--abort-on-container-failure"]).code(5);
    let told = output.stdout.matches("brief-1 exited with code 5\n").count();
    assert_eq!(told, 1, "{output}");
    assert!(output.stderr.contains("Aborting on container exit...\n"), "{output}");
    assert_ne!(stack.container("other").state(), "running");
}

#[test]
fn what_ends_while_it_is_attached_to_ends_the_foreground() {
    let stack =
        Stack::of("brink", "services: {brief: {image: 'busybox:stable', command: sleep 0.6}}");
    // Somewhere among these it ends between two calls of ours.
    for pause in (300..600).step_by(50) {
        stack.run(["up", "-d"]).success();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        stack
            .run(["up", "--abort-on-container-exit"])
            .success()
            .stdout_has("brief-1 exited with code 0\n");
    }
}

#[test]
fn ends_are_told_of_services_that_are_named_or_else_of_those_that_are_attached_to() {
    let stack = Stack::of(
        "told",
        "
services:
  long: {image: 'busybox:stable', command: sh -c 'echo long; sleep 2; exit 4'}
  short: {image: 'busybox:stable', command: sh -c 'echo short; exit 3'}
  quiet: {image: 'busybox:stable', command: sh -c 'exit 2', attach: false}
",
    );
    for (arguments, code, told) in [
        ("--attach long", 0, &["long-1 exited with code 4"][..]),
        ("--no-attach short", 0, &["long-1 exited with code 4"]),
        // The foreground ends with the last of them, whatever else runs.
        ("--no-attach long", 0, &["short-1 exited with code 3"]),
        (
            "--no-attach short long short",
            0,
            &["long-1 exited with code 4", "short-1 exited with code 3"],
        ),
        (
            "--no-attach short --no-attach long quiet short",
            0,
            &["quiet-1 exited with code 2", "short-1 exited with code 3"],
        ),
        ("--attach long --abort-on-container-exit", 4, &["long-1 exited with code 4"]),
        // One that is not followed has no say.
        ("--attach long --exit-code-from short", 4, &["long-1 exited with code 4"]),
    ] {
        let arguments = std::iter::once("up").chain(arguments.split(' '));
        let output = stack.run(arguments).code(code);
        let plain = output.stdout.replace("\r\u{1b}[K", "");
        let mut found: Vec<&str> =
            plain.lines().filter(|line| line.contains("exited with code")).collect();
        found.sort_unstable();
        assert_eq!(found, told, "{output}");
        stack.run(["down", "-t", "0"]).success();
    }
}

#[test]
fn the_end_of_a_container_that_the_engine_starts_again_ends_the_foreground_too() {
    let stack = Stack::of(
        "again",
        "
services:
  again: {image: 'busybox:stable', command: sh -c 'sleep 0.5; exit 3', restart: always}
  other: {image: 'busybox:stable', command: sleep 1000, init: true}
",
    );
    for flags in [&["--abort-on-container-failure"][..], &["--exit-code-from", "again"]] {
        let output = stack.run([&["up"], flags].concat()).code(3);
        assert!(output.stderr.contains("Aborting on container exit...\n"), "{output}");
        assert_ne!(stack.container("again").state(), "running");
        stack.run(["down", "-t", "0"]).success();
    }
}

#[test]
fn what_ended_while_it_was_waited_for_does_not_run() {
    let stack = Stack::of(
        "late-end",
        "services: {brief: {image: 'busybox:stable', command: sh -c 'sleep 0.3; exit 1'}}",
    );
    let name = format!("container {}-brief-1 exited (1)", stack.project());
    stack.run(["up", "--wait"]).code(1).stderr_has(&name);
}
