//! What is said of containers that die of their platform.

use crate::harness::{Stack, platforms};

/// A service that ends as under a fault of its CPU, one that does so natively, and one that waits for it.
fn faulty(label: &str) -> Stack {
    let (native, foreign) = platforms();
    Stack::of(
        label,
        &format!(
            "services:
  died:
    image: foreign-only:1
    platform: {foreign}
    command: sh -c 'exit 139'
  crashed:
    image: native-only:1
    platform: {native}
    command: sh -c 'exit 139'
  after:
    image: native-only:1
    command: 'true'
    depends_on: {{died: {{condition: service_completed_successfully}}}}
"
        ),
    )
}

#[test]
fn a_death_under_emulation_is_explained_and_another_is_not() {
    let stack = faulty("faults");
    let output = stack.run(["up", "died", "crashed"]);
    let told: Vec<&str> =
        output.stderr.lines().filter(|line| line.contains("SIGSEGV ended it")).collect();
    assert_eq!(told.len(), 1, "{output}");
    assert!(told[0].contains("died-1: it runs emulated"), "{output}");
    assert!(told[0].contains("bireme platforms died"), "{output}");

    let table = stack.run(["ps", "-a"]).success();
    assert!(table.stderr.contains("-died-1: it runs emulated"), "{table}");
    assert!(!table.stderr.contains("crashed"), "{table}");
    let json = stack.run(["ps", "-a", "--format", "json"]).success();
    assert!(!json.stderr.contains("emulated") && !json.stdout.contains("emulated"), "{json}");
}

#[test]
fn logs_and_run_explain_it_too() {
    let stack = faulty("faults-logs");
    stack.run(["up", "-d", "died", "crashed"]).success();
    // It fails where both have ended by then.
    stack.run(["wait", "died", "crashed"]);
    let output = stack.run(["logs"]).success();
    assert_eq!(output.stderr.matches("-died-1: it runs emulated").count(), 1, "{output}");
    assert!(!output.stderr.contains("crashed"), "{output}");
    for arguments in [&["run", "died"][..], &["run", "--rm", "died"]] {
        let output = stack.run(arguments).code(139);
        assert_eq!(output.stderr.matches("died: it runs emulated").count(), 1, "{output}");
    }
    let output = stack.run(["run", "--rm", "crashed"]).code(139);
    assert!(!output.stderr.contains("emulated"), "{output}");
}

#[test]
fn an_up_that_fails_by_it_says_so() {
    let stack = faulty("faults-up");
    let output = stack.run(["up", "-d", "after"]).code(1);
    assert!(output.stderr.contains("didn't complete successfully: exit 139"), "{output}");
    assert!(output.stderr.contains("it runs emulated"), "{output}");
}

#[test]
fn a_script_that_is_none_is_not_blamed_on_the_platform() {
    let stack = Stack::of(
        "faults-script",
        "services:
  script:
    image: native-only:1
    entrypoint: [/start.sh]
    volumes: ['./start.sh:/start.sh']
",
    )
    .file("start.sh", "echo hello\n");
    stack.run_program("chmod", &["755", "start.sh"]);
    let output = stack.run(["up"]);
    assert!(output.stderr.contains("(/start.sh) is a text without a line that says"), "{output}");
    assert!(!output.stderr.contains("emulat"), "{output}");
}

#[test]
fn an_up_that_does_not_wait_tells_of_what_has_died_already() {
    let stack = Stack::of(
        "faults-at-once",
        "services:
  script:
    image: native-only:1
    entrypoint: [/start.sh]
    volumes: ['./start.sh:/start.sh']
  later:
    image: native-only:1
    command: sleep 1000
    stop_signal: SIGKILL
    depends_on:
      script: {condition: service_started}
      # Engines take a moment to notice a death, and nobody waits for that.
      task: {condition: service_completed_successfully}
  task:
    image: native-only:1
    command: sleep 1
",
    )
    .file("start.sh", "echo hello\n");
    stack.run_program("chmod", &["755", "start.sh"]);
    let up = stack.run(["up", "-d"]).success();
    assert_eq!(up.stderr.matches("begin with a line such as `#!/bin/sh`").count(), 1, "{up}");
    let later = stack.run(["up", "-d", "later", "--no-deps"]).success();
    assert!(!later.stderr.contains("with a line"), "it was not started now: {later}");
}
