//! `watch`: what a container does not have yet, or cannot get, keeps nobody else waiting.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::watch::{RULE, end, expect, idle, watch};
use crate::harness::Stack;

/// Many: an engine takes seconds for them where no command can be run.
const FILES: usize = 600;

const TWO: &str = "
services:
  a:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop: {watch: [{path: src, action: sync, target: /w}]}
  b:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop: {watch: [{path: srcb, action: sync, target: /w}]}
";

/// What is in a directory of a container, which need not run.
#[track_caller]
fn content(stack: &Stack, place: &str) -> Vec<String> {
    let to = stack.folder().join("copied");
    stack.run(["cp", place, "copied"]).success();
    let names = fs::read_dir(&to).expect("a directory was copied");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("it can be read").file_name();
    let names = names.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    fs::remove_dir_all(&to).expect("it can go again");
    names
}

#[test]
fn a_long_removal_keeps_no_save_waiting_and_a_start_ends_it() {
    let stack = Stack::of("watch-debts", TWO).file("src/kept", "").file("srcb/kept", "");
    let mut running = watch(&stack, &["watch"]);
    for number in 0..FILES {
        stack.write(format!("src/{number}"), "x");
    }
    expect(&stack, "a", 1, "ls /w | wc -l", &format!("{FILES}\n"));
    stack.run(["stop", "-t", "0", "a"]).success();
    for number in 0..FILES {
        fs::remove_file(stack.folder().join(format!("src/{number}"))).unwrap();
    }
    let begun = Instant::now();
    while content(&stack, "a:/w").len() == FILES {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing goes");
    }
    stack.write("srcb/save", "of another service");
    expect(&stack, "b", 1, "cat /w/save", "of another service");
    let there = content(&stack, "a:/w");
    assert!(there.len() > 1, "the removal was waited for: {there:?}");
    // Of what is still to go, and back already, the latest state counts.
    stack.write(format!("src/{}", FILES - 1), "back");
    stack.write("src/save", "of its own");
    let begun = Instant::now();
    while !content(&stack, "a:/w").contains(&"save".to_owned()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not land");
    }
    stack.run(["start", "a"]).success();
    let expected = format!("{}\nsave\n", FILES - 1);
    expect(&stack, "a", 1, "ls /w", &expected);
    expect(&stack, "a", 1, "cd /w && cat *", "backof its own");
    running.wait_for(" removed");
    let told = end(running);
    assert!(!told.contains("has no container"), "{told}");
}

#[test]
fn what_a_container_has_taken_away_itself_is_nothing_to_do() {
    let stack = Stack::of("watch-same", &idle(&[], &[RULE])).file("src/kept", "");
    let mut running = watch(&stack, &["watch"]);
    stack.write("src/file", "x");
    expect(&stack, "web", 1, "cat /app/file && rm /app/file", "x");
    fs::remove_file(stack.folder().join("src/file")).unwrap();
    running.wait_for("after 1 changes were detected: nothing to do in");
    end(running);
}

#[test]
fn a_directory_that_cannot_be_read_is_told_and_followed_once_it_can() {
    let stack = Stack::of("watch-shut", &idle(&[], &[RULE])).file("src/shut/file", "old");
    stack.write("later/file", "later");
    let mode = |name: &str, mode| {
        fs::set_permissions(stack.folder().join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("src/shut", 0);
    mode("later", 0);
    // Without the powers of the system's own user.
    let script = "exec \"$1\" watch 2>&1";
    let arguments = ["--user", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_bireme")];
    let mut running = stack.start_program("unshare", &arguments);
    running.wait_for("src/shut: Permission denied");
    running.wait_for("Watch enabled");
    mode("src/shut", 0o755);
    expect(&stack, "web", 1, "cat /app/shut/file", "old");
    stack.write("src/shut/file", "new");
    expect(&stack, "web", 1, "cat /app/shut/file", "new");

    fs::rename(stack.folder().join("later"), stack.folder().join("src/later")).unwrap();
    running.wait_for("src/later: Permission denied");
    mode("src/later", 0o755);
    expect(&stack, "web", 1, "cat /app/later/file", "later");
    stack.write("src/later/file", "saved");
    expect(&stack, "web", 1, "cat /app/later/file", "saved");
    end(running);
}
