//! Images as mounts of other services (`type: image`).

use crate::harness::Stack;

const COMPOSE: &str = "
services:
  assets:
    build:
      context: .
      dockerfile_inline: |
        FROM busybox:stable
        COPY note /note
    command: sleep 3600
    stop_signal: SIGKILL
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    volumes:
      - {type: image, source: assets, target: /assets}
";

fn engine_mounts_images(stack: &Stack) -> bool {
    let (_, version) = stack.engine().call("GET", "/version", None);
    let api = version["ApiVersion"].as_str().expect("an engine tells its API's version");
    let numbers: Vec<u32> = api.split('.').filter_map(|number| number.parse().ok()).collect();
    numbers >= vec![1, 48]
}

#[track_caller]
fn note_is(stack: &Stack, expected: &str) {
    let note = stack.run(["exec", "-T", "web", "cat", "/assets/note"]).success();
    assert_eq!(note.stdout, expected);
}

#[test]
fn a_container_follows_the_image_that_it_mounts() {
    let stack = Stack::of("image-mounts", COMPOSE).file("note", "one\n");
    if !engine_mounts_images(&stack) {
        let refused = "volume with type=image require Docker Engine v28 or later";
        stack.run(["up", "-d"]).code(1).stderr_has(refused).stderr_has("compose.yaml:");
        assert!(stack.containers().is_empty());
        return;
    }
    stack.run(["up", "-d"]).success();
    note_is(&stack, "one\n");
    let first = stack.container("web").id().to_owned();
    stack.run(["up", "-d"]).success();
    assert_eq!(stack.container("web").id(), first, "nothing changed");

    stack.write("note", "two\n");
    let preview = stack.run(["plan", "--build"]).code(2);
    let row = preview.stdout.lines().find(|line| line.contains("web")).unwrap_or_default();
    let condition = format!("replaced if {}-assets turns out to be another", stack.project());
    assert!(row.contains(&condition), "{}", preview.stdout);
    stack.run(["up", "-d", "--build"]).success();
    note_is(&stack, "two\n");
    assert_ne!(stack.container("web").id(), first);
    stack.run(["run", "--rm", "-T", "web", "cat", "/assets/note"]).success().stdout_has("two");

    stack.run(["why", "web"]).success().stdout_has("mounted at /assets, is another one now");
    stack.run(["down", "-v", "--rmi", "all"]).success();
}
