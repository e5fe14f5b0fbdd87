//! What a run leaves that fails.

use std::time::Duration;

use crate::harness::{Relay, Stack};

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
