//! `config` where it needs an engine: images pinned to what the registry has now.

use crate::harness::Stack;

const PINNED: &str =
    "nowhere.invalid/x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn stack(label: &str) -> Stack {
    Stack::of(
        label,
        &format!(
            "services:
  one: {{image: 'busybox:stable', command: sleep 1000, stop_signal: SIGKILL}}
  two: {{image: 'busybox:stable'}}
  old: {{image: '{PINNED}'}}
  made: {{build: .}}
  gone: {{image: 'busybox:gone', profiles: [gone]}}
"
        ),
    )
}

/// The digest that the engine finds for an image.
fn digest(stack: &Stack, image: &str) -> String {
    let answer = stack.engine().get(&format!("/distribution/{image}/json"));
    answer["Descriptor"]["digest"].as_str().expect("a registry gives a digest").to_owned()
}

#[test]
fn a_lock_file_pins_every_image_and_is_laid_over_the_files() {
    let stack = stack("lock");
    let busybox = format!("docker.io/library/busybox:stable@{}", digest(&stack, "busybox:stable"));
    stack.run(["config", "--lock-image-digests", "-o", "lock.yaml"]).success();
    let lock = std::fs::read_to_string(stack.folder().join("lock.yaml")).expect("it was written");
    assert_eq!(
        lock,
        format!(
            "services:\n  made: {{}}\n  old:\n    image: {PINNED}\n  \
             one:\n    image: {busybox}\n  two:\n    image: {busybox}\n"
        )
    );

    let files = ["-f", "compose.yaml", "-f", "lock.yaml"];
    let locked = stack.run(files.iter().copied().chain(["config", "one"])).success();
    let resolved = stack.run(["config", "--resolve-image-digests", "one"]).success();
    assert_eq!(locked.stdout, resolved.stdout);
    assert!(locked.stdout.contains(&format!("image: {busybox}\n")), "{locked}");

    stack.run(files.iter().copied().chain(["up", "-d", "one"])).success();
    stack.run(files.iter().copied().chain(["down", "-t", "0"])).success();
}

#[test]
fn an_image_that_the_registry_does_not_have_is_named_with_its_service() {
    let stack = stack("lock-gone");
    let refused = stack.run(["--profile", "gone", "config", "--resolve-image-digests"]).code(1);
    assert_eq!(refused.stdout, "");
    refused.stderr_has("service gone: failed to resolve digest for docker.io/library/busybox:gone: Error response from daemon: ");
}

#[test]
fn only_digests_that_are_not_known_need_an_engine() {
    let stack = stack("lock-engineless").variable("DOCKER_HOST", "unix:///nowhere/docker.sock");
    stack.run(["config", "-q"]).success();
    stack.run(["config", "--lock-image-digests", "--services"]).success();
    stack.run(["config", "--lock-image-digests", "old"]).success().stdout_has(PINNED);
    let refused = stack.run(["config", "--lock-image-digests", "one"]).code(1);
    refused.stderr_has("Cannot connect to the Docker daemon at unix:///nowhere/docker.sock");
}

#[test]
fn a_list_is_printed_whatever_silences_the_project() {
    let stack = stack("lists").variable("DOCKER_HOST", "unix:///nowhere/docker.sock");
    assert_eq!(stack.run(["config", "-q"]).success().stdout, "");
    let quiet = stack.run(["config", "-q", "--services"]).success();
    assert_eq!(quiet.stdout, stack.run(["config", "--services"]).success().stdout);
    stack.run(["config", "-q", "--hash", "one"]).success().stdout_has("one ");
    stack.run(["config", "-q", "--images"]).success().stdout_has("busybox:stable\n");

    let missing = stack.run(["config", "--hash", "unknown,one"]).code(1);
    let missing = missing.stdout_has("one ").stderr_has("no such service: unknown: not found\n");
    assert_eq!(missing.stdout.lines().count(), 1, "{missing}");
}
