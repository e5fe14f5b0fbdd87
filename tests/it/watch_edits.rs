//! `dev`: files that a project or an image is made of are edited while it is watched.

use std::fs;

use super::watch::{end, expect, start_with_warnings, watch};
use crate::harness::Stack;

const UNRULED: &str = "
services:
  web:
    build: .
    init: true
    environment: {LEVEL: '1'}
";
const RECIPE: &str = "FROM busybox:stable\nWORKDIR /app\nCOPY src/ .\nCMD [\"sleep\", \"1000\"]\n";

#[test]
fn rules_and_what_is_ignored_are_read_again_after_a_build() {
    let stack = Stack::of("dev-recipe", UNRULED)
        .file("Dockerfile", RECIPE)
        .file(".dockerignore", "nothing\n")
        .file("src/page", "one")
        .file("more/page", "one");
    let mut running = watch(&stack, &["dev", "--quiet"]);
    stack.write("Dockerfile", &RECIPE.replace("COPY src/ .", "COPY src/ .\nCOPY more /more"));
    running.wait_for("what is watched is found out again");
    running.wait_for("sync more to /more");
    running.wait_for("Watch enabled");
    stack.write("more/page", "two");
    expect(&stack, "web", 1, "cat /more/page", "two");

    stack.write(".dockerignore", "src/left\n");
    running.wait_for("what is watched is found out again");
    running.wait_for("Watch enabled");
    stack.write("src/left", "out");
    stack.write("src/page", "three");
    expect(&stack, "web", 1, "cat /app/page; ls /app", "threepage\n");
    end(running);
}

#[test]
fn an_override_that_comes_and_goes_is_an_edit() {
    let stack =
        Stack::of("dev-override", UNRULED).file("Dockerfile", RECIPE).file("src/page", "one");
    let mut running = watch(&stack, &["dev", "--quiet"]);
    let level = |level: &str| format!("services: {{web: {{environment: {{LEVEL: '{level}'}}}}}}\n");
    for (expected, content) in [("2", Some("2")), ("3", Some("3")), ("1", None), ("4", Some("4"))] {
        match content {
            Some(content) => stack.write("compose.override.yaml", &level(content)),
            None => fs::remove_file(stack.folder().join("compose.override.yaml")).unwrap(),
        }
        running.wait_for("compose.override.yaml changed: loading the project again");
        running.wait_for("Watch enabled");
        expect(&stack, "web", 1, "echo $LEVEL", &format!("{expected}\n"));
    }
    end(running);
}

#[test]
fn saves_land_while_an_edit_is_brought_up_that_does_not_concern_their_service() {
    let text = |seconds: u32| {
        format!(
            "
services:
  slow:
    build: {{context: app, args: {{SECONDS: '{seconds}'}}}}
    init: true
    command: sleep 1000
    develop: {{watch: [{{path: slow, action: sync, target: /slow}}]}}
  other:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    develop:
      watch:
        - {{path: src, action: sync, target: /src}}
        - {{path: conf, action: sync+restart, target: /conf}}
"
        )
    };
    // No build before had this.
    let salt = format!("{:?}", std::time::SystemTime::now());
    let stack = Stack::of("dev-climbs", &text(0))
        .file(
            "app/Dockerfile",
            "FROM busybox:stable\nCOPY salt /\nARG SECONDS\nRUN sleep $SECONDS\n",
        )
        .file("app/salt", &salt)
        .file("slow/a", "")
        .file("conf/a", "")
        .file("src/a", "");
    let mut running = start_with_warnings(&stack, "dev");
    running.wait_for("Watch enabled");
    let first = stack.container("slow").id().to_owned();
    stack.write("compose.yaml", &text(15));
    running.wait_for("RUN sleep 15");
    for save in ["1", "2"] {
        stack.write("src/a", save);
        expect(&stack, "other", 1, "cat /src/a", save);
    }
    // What is to follow waits, and so does what is for the service that is made anew.
    stack.write("conf/a", "saved");
    stack.write("slow/a", "saved");
    expect(&stack, "other", 1, "cat /conf/a; wc -l </starts", "saved1\n");
    assert_eq!(stack.container("slow").id(), first, "it is not replaced yet");
    running.wait_for("Watch enabled");
    expect(&stack, "slow", 1, "cat /slow/a", "saved");
    expect(&stack, "other", 1, "wc -l </starts", "2\n");
    assert_ne!(stack.container("slow").id(), first);
    end(running);
}

#[test]
fn a_link_that_is_switched_is_followed_to_where_it_leads_then() {
    let mounting = "
services:
  web:
    image: busybox:stable
    init: true
    command: sleep 1000
    volumes: ['./current.conf:/etc/app.conf']
";
    let stack = Stack::of("dev-link", mounting).file("one.conf", "one").file("two.conf", "two");
    let place = |name: &str| stack.folder().join(name);
    let switch = |to: &str| {
        std::os::unix::fs::symlink(to, place("current.new")).unwrap();
        fs::rename(place("current.new"), place("current.conf")).unwrap();
    };
    let replace = |name: &str, content: &str| {
        stack.write("replacement", content);
        fs::rename(place("replacement"), place(name)).unwrap();
    };
    switch("one.conf");
    let mut running = watch(&stack, &["dev", "--quiet"]);
    switch("two.conf");
    expect(&stack, "web", 1, "cat /etc/app.conf", "two");
    running.wait_for("what is watched is found out again");
    running.wait_for("Watch enabled");
    replace("two.conf", "two, replaced");
    expect(&stack, "web", 1, "cat /etc/app.conf", "two, replaced");
    end(running);
}
