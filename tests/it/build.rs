//! Images from `build` sections.

use crate::harness::{Stack, machine, platforms};

#[test]
fn a_service_is_built_for_the_platform_it_names() {
    let (native, foreign) = platforms();
    let stack = Stack::of(
        "build",
        &format!(
            "
services:
  near: &built
    build:
      context: .
      args: {{GREETING: good morning}}
    platform: {native}
    command: sleep 3600
    stop_signal: SIGKILL
  far:
    <<: *built
    platform: {foreign}
"
        ),
    )
    .file("note", "from the context\n")
    .file("Dockerfile", "FROM busybox:stable\nARG GREETING\nCOPY note /note\nRUN echo $GREETING $(uname -m) >> /note\n");
    stack.run(["up", "-d"]).success();
    for (service, platform) in [("near", native), ("far", foreign)] {
        let note = format!("from the context\ngood morning {}", machine(platform));
        stack.run(["exec", "-T", service, "cat", "/note"]).success().stdout_has(&note);
    }
    assert_eq!(
        stack.engine().images(stack.project()).len(),
        2,
        "images are labelled with the project"
    );
}

#[test]
fn a_build_that_fails_names_the_service_and_starts_nothing() {
    let stack = Stack::of(
        "failing-build",
        "
services:
  broken:
    build:
      dockerfile_inline: |
        FROM busybox:stable
        RUN echo these words are in the log && false
",
    );
    stack.run(["up", "-d"]).code(1).shows("broken").shows("these words are in the log");
    assert!(stack.containers().is_empty());
}
