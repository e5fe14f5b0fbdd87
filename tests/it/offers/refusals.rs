//! What is refused before anything is built or created, since it would die of its platform.

use super::servers::Registry;
use crate::harness::{Stack, platforms};

/// Nothing here runs it.
const FAR: &str = "linux/s390x";

#[test]
fn a_stage_that_nothing_here_runs_is_refused_before_it_is_built() {
    let (own, other) = platforms();
    let registry = Registry::of_the_lab();
    let repository = format!("offers/stage-{}", std::process::id());
    registry.index(&repository, "1", &registry.images(&repository, &[own, other, FAR]));
    let image = format!("{}/{repository}:1", registry.address);
    let file = format!(
        "services:
  app:
    build:
      dockerfile_inline: |
        FROM --platform={FAR} {image} AS far
        RUN [\"/program\"]
        FROM busybox:stable
        COPY --from=far / /far
  near: {{image: 'busybox:stable', command: sleep 1000, stop_signal: SIGKILL}}
"
    );
    let stack = Stack::of("far-stage", &file);
    let line = format!("app: cannot be built here: stage far is pinned to {FAR} at compose.yaml:5");
    for arguments in [&["up", "-d"][..], &["up", "-d", "--build"], &["create"]] {
        let refused = stack.run(arguments.iter().copied()).code(1);
        assert_eq!(refused.stderr.matches(&line).count(), 1, "{refused}");
        assert!(!refused.stderr.contains("RUN"), "nothing is built: {refused}");
        assert!(stack.containers().is_empty(), "{refused}");
    }
    let plan = stack.run(["plan"]);
    assert_eq!(plan.stderr.matches(&line).count(), 1, "{plan}");
    stack.run(["up", "-d", "near"]).success();

    // Who accepts it gets what the builder says.
    let accepted =
        file.replace("    build:\n", "    x-bireme: {emulation: accepted}\n    build:\n");
    let stack = stack.file("compose.yaml", &accepted);
    let tried = stack.run(["up", "-d", "app"]).code(1);
    assert!(!tried.stderr.contains("nothing was created"), "{tried}");
    assert!(tried.stderr.contains("/program"), "{tried}");
}
