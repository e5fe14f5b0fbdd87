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
