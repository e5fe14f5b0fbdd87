//! Hooks that run in containers of their own before a service starts.

use crate::harness::Stack;

const COMPOSE: &str = "
services:
  app:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    volumes: [data:/data]
    pre_start:
      - command: [sh, -c, 'echo prepared >> /data/note; echo wrote; exit $$CODE']
        environment: {CODE: '${CODE}'}
      - {command: [sh, -c, 'echo replica >> /data/note'], per_replica: true}
volumes:
  data:
";

#[track_caller]
fn note_is(stack: &Stack, expected: &str) {
    let note = stack.run(["exec", "-T", "app", "cat", "/data/note"]).success();
    assert_eq!(note.stdout, expected);
}

#[test]
fn hooks_run_once_before_the_first_replica_starts() {
    let stack = Stack::of("pre-start", COMPOSE).variable("CODE", "0");
    stack.run(["create"]).success();
    stack.run(["start"]).success();
    note_is(&stack, "prepared\nreplica\n");
    stack.run(["up", "-d"]).success();
    note_is(&stack, "prepared\nreplica\n");
    stack.run(["up", "-d", "--scale", "app=2"]).success();
    note_is(&stack, "prepared\nreplica\nreplica\n");
    assert_eq!(stack.containers().len(), 2, "those of the hooks are gone");
    stack.run(["down", "-v"]).success();
}

#[test]
fn a_hook_that_fails_stops_the_start_and_the_next_up_goes_on() {
    let failing = Stack::of("pre-start-fails", COMPOSE).variable("CODE", "17").named();
    failing
        .run(["up", "-d"])
        .code(1)
        .stderr_has("service \"app\" pre_start[0] exited with code 17: wrote (hook container ");
    let states: Vec<_> = failing.containers().iter().map(|one| one.state().to_owned()).collect();
    assert!(states.contains(&"created".to_owned()), "{states:?}");

    failing.write("compose.yaml", &COMPOSE.replace("${CODE}", "0"));
    failing.run(["up", "-d"]).success();
    assert_eq!(failing.container("app").state(), "running");
    failing.run(["down", "-v"]).success();
    assert!(failing.containers().is_empty());
}
