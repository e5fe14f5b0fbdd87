//! What a run finds that was interrupted, and what one leaves that fails.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Relay, Stack};

/// Creates a container as an interrupted run may leave one. Without the label of a hash no list of containers has it, as if
/// the engine were still at it when they were listed.
fn leave(stack: &Stack, name: &str, service: &str, replaced: Option<&str>) {
    let mut labels = json!({
        "com.docker.compose.project": stack.project(),
        "com.docker.compose.service": service,
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.container-number": "1",
    });
    if let Some(replaced) = replaced {
        labels["com.docker.compose.replace"] = json!(replaced);
    }
    let body = json!({ "Image": "busybox:stable", "Labels": labels });
    let path = format!("/containers/create?name={name}");
    let (status, answer) = stack.engine().call("POST", &path, Some(&body));
    assert_eq!(status, 201, "{answer}");
}

#[test]
fn names_that_an_interrupted_run_has_taken_are_free_again() {
    let compose = |value: &str| {
        format!(
            "services:\n  web: {{image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL, \
             environment: {{V: '{value}'}}}}\n"
        )
    };
    let stack = Stack::of("interrupted", &compose("1"));
    let own = format!("{}-web-1", stack.project());
    stack.run(["pull", "-q"]).success();
    leave(&stack, &own, "web", None);
    stack.run(["up", "-d"]).success();
    let first = stack.container("web");
    assert_eq!(first.state(), "running");

    stack.write("compose.yaml", &compose("2"));
    let temporary = format!("{}_{own}", &first.id()[..12]);
    leave(&stack, &temporary, "web", Some("web-1"));
    stack.run(["up", "-d"]).success();
    let second = stack.container("web");
    assert_ne!(second.id(), first.id());
    assert_eq!((second.name(), second.state()), (own.as_str(), "running"));

    stack.write("compose.yaml", &compose("3"));
    let temporary = format!("{}_{own}", &second.id()[..12]);
    leave(&stack, &temporary, "web", Some("web-2"));
    let refused = stack.run(["up", "-d"]).code(1);
    refused.stderr_has(&format!("The container name \"/{temporary}\" is already in use"));
    assert_eq!(stack.containers().len(), 2);
}

#[test]
fn everything_is_made_although_something_does_not_start() {
    let stack = Stack::of(
        "broken",
        "
x-one: &one {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
services:
  broken: {<<: *one, entrypoint: [/nosuch]}
  late: {<<: *one, depends_on: [broken]}
  within: {<<: *one, network_mode: 'service:late'}
",
    );
    let socket = stack.home().join("engine.sock");
    let late = Relay::late(stack.engine(), &socket, "-late-1", Duration::from_secs(2));
    let stack = stack.variable("DOCKER_HOST", &late.endpoint());
    stack.run(["up", "-d"]).code(1).stderr_has("/nosuch");
    let made: Vec<_> = stack
        .containers()
        .iter()
        .map(|made| (made.service().to_owned(), made.state().to_owned()))
        .collect();
    let expected = ["broken", "late", "within"].map(|name| (name.to_owned(), "created".to_owned()));
    assert_eq!(made, expected);
}

#[test]
fn what_was_replaced_is_started_although_something_else_does_not_start() {
    let compose = |value: &str| {
        format!(
            "
services:
  slow:
    image: busybox:stable
    command: [sh, -c, \"trap 'sleep 1; exit 0' TERM; sleep 3600 & wait\"]
    environment: {{V: '{value}'}}
  broken: {{image: 'busybox:stable', entrypoint: [/nosuch], profiles: [all]}}
"
        )
    };
    let stack = Stack::of("replaced-beside", &compose("1"));
    stack.run(["up", "-d"]).success();
    let first = stack.container("slow");
    stack.write("compose.yaml", &compose("2"));
    stack.run(["--profile", "all", "up", "-d"]).code(1).stderr_has("/nosuch");
    let second = stack.container("slow");
    assert_ne!(second.id(), first.id());
    assert_eq!(second.state(), "running");
}
