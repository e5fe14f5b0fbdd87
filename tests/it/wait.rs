//! `wait`: until containers stop.

use crate::harness::Stack;

const JOBS: &str = "
services:
  faster:
    image: busybox:stable
    command: sh -c 'sleep 5; exit 3'
  slower:
    image: busybox:stable
    command: sh -c 'sleep 7; exit 5'
  never:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
";

#[test]
fn the_exit_code_is_that_of_the_last_to_stop() {
    let stack = Stack::of("wait", JOBS);
    let project = stack.project();
    stack.run(["up", "-d"]).success();
    let waited = stack.run(["-p", project, "wait", "slower", "faster"]).code(5);
    let ids = ["faster", "slower"].map(|service| stack.container(service).id().to_owned());
    let lines = format!(
        "container {:?} exited with status code 3\ncontainer {:?} exited with status code 5\n",
        ids[0], ids[1]
    );
    assert_eq!(waited.stdout, lines);
    let gone = format!("no containers for project {project:?}\n");
    stack.run(["wait", "faster"]).code(1).stderr_has(&gone);
    stack.run(["wait", "fastre"]).code(1).stderr_has(&gone).stderr_has("did you mean `faster`?");
    stack.run(["wait"]).code(1).stderr_has("'docker compose wait' requires at least 1 argument\n");
}

#[test]
fn a_project_is_taken_down_afterwards_on_request() {
    let stack = Stack::of("drop", JOBS);
    stack.run(["up", "-d"]).success();
    stack.run(["wait", "--down-project", "faster"]).code(3).shows("Removed");
    assert!(stack.containers().is_empty());
}
