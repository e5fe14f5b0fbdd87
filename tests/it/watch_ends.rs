//! `watch` and `dev`: containers that end by themselves while they are watched.

use super::watch::{end, expect, start_with_warnings};
use crate::harness::Stack;

/// What looks like a program that loads its source anew, and ends where that has a mistake.
const RELOADS: &str = "#!/bin/sh\nwhile sh $1; do sleep 0.1; done\nexit 3\n";

const BUILT: &str = "
services:
  web:
    build: .
    init: true
";
const RECIPE: &str = "FROM busybox:stable
RUN printf '#!/bin/sh\\nwhile sh $1; do sleep 0.1; done\\nexit 3\\n' >/bin/nodemon && chmod +x /bin/nodemon
WORKDIR /app
COPY src .
CMD [\"nodemon\", \"main\"]
";

#[test]
fn a_program_that_ends_at_a_mistake_is_started_again_by_the_next_save() {
    let stack = Stack::of("dev-ends", BUILT).file("Dockerfile", RECIPE).file("src/main", "true");
    let mut running = start_with_warnings(&stack, "dev");
    running.wait_for("Watch enabled");
    stack.write("src/main", "echo what >&2; false");
    let told = running.wait_for("exited (3)");
    assert!(
        told.contains(", perhaps because of src/main; the next save starts it again"),
        "{told}"
    );
    running.wait_for("  what");
    stack.write("src/main", "touch /mended");
    running.wait_for("service(s) [\"web\"] restarted because of src/main in ");
    expect(&stack, "web", 1, "cat main; ls /mended", "touch /mended/mended\n");

    // Whoever stops it himself has his way.
    stack.run(["stop"]).success();
    stack.write("src/main", "touch /again");
    running.wait_for("Syncing service \"web\" after 1 changes");
    stack.write("src/main", "touch /again; true");
    running.wait_for("Syncing service \"web\" after 1 changes");
    assert_eq!(stack.container("web").state(), "exited");
    let told = end(running);
    assert_eq!(told.matches("exited (").count(), 1, "{told}");
    stack.run(["start"]).success();
    expect(&stack, "web", 1, "ls /again", "/again\n");
}

#[test]
fn a_program_that_ends_at_a_mistake_in_what_is_mounted_is_started_again_too() {
    let compose = "
services:
  web:
    image: busybox:stable
    init: true
    working_dir: /app
    command: nodemon /app/main
    volumes: ['./src:/app', './nodemon:/bin/nodemon']
";
    let stack = Stack::of("dev-ends-mounted", compose).file("src/main", "true");
    stack.write("nodemon", RELOADS);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(stack.folder().join("nodemon"), mode).unwrap();
    let mut running = start_with_warnings(&stack, "dev");
    running.wait_for("web: start again when ended src: `nodemon /app/main` reloads by itself");
    running.wait_for("Watch enabled");
    stack.write("src/other", "nothing follows while it runs");
    stack.write("src/main", "false");
    running.wait_for("exited (3), perhaps because of src/");
    stack.write("src/main", "touch /mended");
    running.wait_for("service(s) [\"web\"] restarted because of src/main in ");
    expect(&stack, "web", 1, "ls /mended", "/mended\n");
    let told = end(running);
    assert_eq!(told.matches("restarted").count(), 1, "{told}");
}

const WRITTEN: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'while [ ! -e /app/mistake ]; do sleep 0.1; done; exit 3'
    develop: {watch: [{path: src, action: sync, target: /app}]}
  restarted:
    image: busybox:stable
    init: true
    restart: always
    command: sh -c 'while [ ! -e /app/mistake ]; do sleep 0.1; done; exit 3'
    develop: {watch: [{path: src, action: sync, target: /app}]}
  other:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop: {watch: [{path: other, action: sync, target: /other}]}
";

#[test]
fn an_end_is_told_where_rules_are_written_and_nothing_is_started() {
    let stack = Stack::of("watch-ended-by-itself", WRITTEN).file("src/a", "").file("other/a", "");
    let mut running = start_with_warnings(&stack, "watch");
    running.wait_for("Watch enabled");
    stack.write("src/mistake", "x");
    running.wait_for(
        "exited (3), perhaps because of src/mistake; saves land there, and count when it is started",
    );
    stack.write("other/a", "a");
    running.wait_for("still failing: health of web");
    std::fs::remove_file(stack.folder().join("src/mistake")).unwrap();
    stack.write("src/a", "saved");
    running.wait_for("Syncing service \"web\" after ");
    assert_eq!(stack.container("web").state(), "exited");
    stack.run(["start", "web"]).success();
    expect(&stack, "web", 1, "cat /app/a; ls /app", "saveda\n");
    let told = end(running);
    assert!(!told.contains("restarted: container"), "that one is the engine's: {told}");
}
