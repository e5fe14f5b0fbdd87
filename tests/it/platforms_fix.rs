//! `platforms --fix` and `platforms --measure` on a real engine.

use serde_json::Value;

use crate::harness::{Stack, platforms, registry};

/// Two services of the same image, of which one is pinned to the platform that is emulated here.
fn pinned(label: &str, tag: &str) -> Stack {
    let foreign = platforms().1;
    // A name of its own: on an engine that keeps one platform under a name others would get the wrong one.
    let image = format!("{}/library/busybox:{tag}", registry());
    Stack::of(
        label,
        &format!(
            "services:
  db:
    image: {image}
    platform: {foreign} # copied from an answer
    command: sleep 1000
    stop_signal: SIGKILL
  web:
    image: native-only:1
    command: sleep 1000
    stop_signal: SIGKILL
"
        ),
    )
}

fn compose(stack: &Stack) -> String {
    std::fs::read_to_string(stack.folder().join("compose.yaml")).expect("the file is there")
}

fn mended(stack: &Stack) -> String {
    let text = compose(stack);
    text.split_inclusive('\n').filter(|line| !line.contains("platform:")).collect()
}

/// The architecture of the image that the container of a service was made from.
fn architecture(stack: &Stack, service: &str) -> Value {
    let container = stack.container(service);
    let details = stack.engine().get(&format!("/containers/{}/json", container.id()));
    let image = details["Image"].as_str().expect("a container has an image").to_owned();
    stack.engine().get(&format!("/images/{image}/json"))["Architecture"].clone()
}

#[test]
fn a_needless_pin_goes_and_its_container_runs_natively() {
    let stack = pinned("fix", "1.36");
    stack.run(["up", "-d"]).success();
    let (native, foreign) = platforms();
    assert_eq!(Value::from(foreign.trim_start_matches("linux/")), architecture(&stack, "db"));
    let web = stack.container("web").id().to_owned();
    let expected = mended(&stack);
    let output = stack.run(["platforms", "--fix", "--yes"]).success();
    assert!(output.stdout.contains("-    platform: "), "{output}");
    assert_eq!(compose(&stack), expected);
    assert_eq!(Value::from(native.trim_start_matches("linux/")), architecture(&stack, "db"));
    assert_eq!(stack.container("web").id(), web, "the other one goes on");
    assert_eq!(stack.container("db").state(), "running");
    assert!(
        stack.run(["platforms", "--fix", "--yes"]).success().stderr.contains("nothing to mend")
    );
}

#[test]
fn nothing_is_written_unasked() {
    let stack = pinned("fix-asked", "1.36");
    let before = compose(&stack);
    let output = stack.run(["platforms", "--fix", "db"]).code(1);
    assert!(output.stderr.contains("--yes"), "{output}");
    let shown = stack.run(["platforms", "--fix", "--dry-run"]).success();
    assert!(shown.stdout.contains("-    platform: "), "{shown}");
    assert_eq!(compose(&stack), before);

    let mut terminal = stack.in_terminal(40, 120, &["platforms", "--fix"]);
    terminal.wait_for("Write this? (y/N)");
    terminal.press("n\n");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(compose(&stack), before);
    let mut terminal = stack.in_terminal(40, 120, &["platforms", "--fix", "--no-up"]);
    terminal.wait_for("Write this? (y/N)");
    terminal.press("y\n");
    assert_eq!(terminal.finish().0, 0);
    assert_ne!(compose(&stack), before);
}

#[test]
fn emulation_is_measured_and_leaves_nothing() {
    let stack = pinned("measure", "latest");
    let output = stack
        .run(["platforms", "--measure", "db", "--runs", "2", "--", "sh", "-c", "sleep 0.2"])
        .success();
    assert!(output.stdout.contains("2 runs each, start to end"), "{output}");
    assert!(output.stdout.contains("wall time"), "{output}");
    assert!(stack.containers().is_empty());
    let kept = stack.home().join(".local/state/bireme/measurements");
    assert_eq!(std::fs::read_dir(kept).expect("the figures are kept").count(), 1);

    let refused = stack.run(["platforms", "--measure", "db"]).code(1);
    assert!(refused.stderr.contains("no healthcheck"), "{refused}");
    let failed = stack.run(["platforms", "--measure", "db", "--", "sh", "-c", "exit 4"]).code(1);
    assert!(failed.stderr.contains("exit code 4"), "{failed}");
    assert!(stack.containers().is_empty());
}
