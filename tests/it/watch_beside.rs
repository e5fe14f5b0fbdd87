//! `watch` and `dev`: what goes on beside the loop, and what waits.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::watch::{end, expect, start_with_warnings, watch};
use crate::harness::Stack;

#[test]
fn saves_land_and_a_signal_ends_the_watch_while_a_command_runs() {
    let stack = Stack::of(
        "watch-beside",
        "
services:
  slow:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop:
      watch:
        - path: slow
          action: sync+exec
          target: /slow
          exec: {command: sh -c 'touch /begun; sleep 1000'}
  other:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop:
      watch:
        - {path: other, action: sync, target: /other}
        - {path: again, action: restart}
",
    )
    .file("slow/a", "")
    .file("other/a", "")
    .file("again", "");
    let mut running = watch(&stack, &["watch"]);
    stack.write("slow/a", "a");
    expect(&stack, "slow", 1, "cat /slow/a; ls /begun", "a/begun\n");
    stack.write("other/a", "a");
    expect(&stack, "other", 1, "cat /other/a", "a");
    stack.write("slow/b", "b");
    expect(&stack, "slow", 1, "cat /slow/b", "b");
    stack.write("again", "x");
    running.wait_for("service(s) [\"other\"] restarted because of again");
    let begun = Instant::now();
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert!(output.stdout.contains("Watch disabled\n"), "{output}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_restart_waits_for_no_restart_of_another_service() {
    let stack = Stack::of(
        "watch-restarts",
        "
services:
  stubborn:
    image: busybox:stable
    command: [sh, -c, 'trap \"touch /told\" TERM; while true; do sleep 0.1; done']
    stop_grace_period: 60s
    develop: {watch: [{path: slow, action: restart}]}
  needs:
    image: busybox:stable
    init: true
    command: sleep 1000
    depends_on: {other: {condition: service_started, restart: true}}
  other:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop: {watch: [{path: again, action: restart}]}
",
    )
    .file("slow", "")
    .file("again", "");
    let mut running = watch(&stack, &["watch"]);
    stack.write("slow", "x");
    expect(&stack, "stubborn", 1, "ls /told", "/told\n");
    let path = format!("/containers/{}/json", stack.container("stubborn").id());
    let started = stack.container("needs").0["State"]["StartedAt"].clone();
    stack.write("again", "x");
    running.wait_for("service(s) [\"other\"] restarted because of again");
    assert_ne!(stack.container("needs").0["State"]["StartedAt"], started);
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert!(!output.stdout.contains("[\"stubborn\"] restarted"), "{output}");
    assert_eq!(stack.engine().call("GET", &path, None).0, 200);
    stack.run(["kill", "stubborn"]).success();
}

#[test]
fn a_command_of_a_service_that_does_not_run_is_not_said_to_have_run() {
    let stack = Stack::of(
        "watch-ended",
        "
services:
  web:
    image: busybox:stable
    command: 'true'
    develop:
      watch: [{path: src, action: sync+exec, target: /app, exec: {command: 'true'}}]
",
    )
    .file("src/a", "");
    let mut running = watch(&stack, &["watch"]);
    let path = format!("/containers/{}/wait", stack.container("web").id());
    assert_eq!(stack.engine().call("POST", &path, None).0, 200);
    stack.write("src/a", "a");
    let line = running.wait_for("because of src/a");
    assert!(line.contains("no container runs, so nothing was done"), "{line}");
}

#[test]
fn a_service_without_a_container_is_not_said_to_have_restarted() {
    let stack = Stack::of(
        "watch-absent",
        "
services:
  web:
    image: busybox:stable
    command: sleep 1000
    develop: {watch: [{path: conf, action: restart}]}
",
    )
    .file("conf", "");
    let mut running = watch(&stack, &["watch", "--no-up"]);
    stack.write("conf", "x");
    let line = running.wait_for("because of conf");
    assert!(line.contains("there is no container, so nothing was done"), "{line}");
    end(running);
}

#[test]
fn a_restart_waits_for_a_mounted_file_that_is_not_there() {
    let stack = Stack::of(
        "dev-missing",
        "
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    volumes: ['./app.conf:/etc/app.conf']
",
    )
    .file("app.conf", "one");
    let mut running = start_with_warnings(&stack, "dev");
    running.wait_for("Watch enabled");
    fs::remove_file(stack.folder().join("app.conf")).unwrap();
    running.wait_for("app.conf is mounted and not there: the restart waits for it");
    stack.write("app.conf", "two");
    running.wait_for("restarted because of app.conf");
    expect(&stack, "web", 1, "cat /etc/app.conf", "two");
    stack.write("app.conf", "three");
    running.wait_for("restarted because of app.conf");
    end(running);
}

#[test]
fn a_failure_is_called_to_mind_unless_another_attempt_is_under_way() {
    let stack = Stack::of(
        "watch-reminds",
        "
services:
  web:
    build: app
    init: true
    command: sleep 1000
    develop: {watch: [{path: app, action: rebuild}]}
  other:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop: {watch: [{path: src, action: sync, target: /src}]}
",
    )
    .file("app/Dockerfile", "FROM busybox:stable\n")
    .file("src/a", "");
    let mut running = start_with_warnings(&stack, "watch --quiet");
    running.wait_for("Watch enabled");
    stack.write("app/Dockerfile", "FROM busybox:stable\nRUN echo fails && exit 3\n");
    running.wait_for("web: ");
    stack.write("src/a", "1");
    running.wait_for("still failing: build of web");
    // Not again at once.
    stack.write("src/a", "2");
    running.wait_for("Syncing service \"other\"");
    stack.write("app/Dockerfile", "FROM busybox:stable\nRUN sleep 600\n");
    running.wait_for("because of app/Dockerfile");
    for save in ["3", "4"] {
        stack.write("src/a", save);
        running.wait_for("Syncing service \"other\"");
    }
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    let (_, since) = output.stdout.rsplit_once("because of app/Dockerfile").unwrap();
    assert!(since.contains("Syncing") && !since.contains("still failing"), "{output}");
}
