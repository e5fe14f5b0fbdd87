//! `cp`, both ways.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::harness::Stack;

const COMPOSE: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    deploy: { replicas: 2 }
";

#[test]
fn files_go_into_every_replica_and_come_out_of_the_first() {
    let stack = Stack::of("cp", COMPOSE).file("tree/deep/file", "content").file("one", "1");
    stack.run(["up", "-d"]).success();
    let name = format!("{}-web-2", stack.project());
    let line = format!(" {name} copy tree to {name}:/tmp Copied");
    stack.run(["cp", "tree", "web:/tmp"]).success().stderr_has(&line);
    for index in ["1", "2"] {
        let cat = ["exec", "-T", "--index", index, "web", "cat", "/tmp/tree/deep/file"];
        stack.run(cat).success().stdout_has("content");
    }
    stack.run(["cp", "--index", "2", "one", "web:/tmp/only"]).success();
    stack.run(["exec", "-T", "--index", "1", "web", "cat", "/tmp/only"]).code(1);

    stack.run(["cp", "web:/tmp/tree/.", "out"]).success();
    let copied = std::fs::read_to_string(stack.folder().join("out/deep/file"));
    assert_eq!(copied.expect("the content of the directory was copied"), "content");
    stack.run(["cp", "web:/tmp/tree", "one"]).code(1).stderr_has("cannot copy directory");
    stack.run(["cp", "one", "web:/tmp/none/"]).code(1).stderr_has("no such directory");
    stack.run(["cp", "web:/nothing", "."]).code(1).stderr_has("Could not find the file /nothing");
    stack.run(["cp", "api:/x", "."]).code(1).stderr_has("no container found for service \"api\"");
}

#[test]
fn a_container_cannot_write_beside_the_destination() {
    let stack = Stack::of("cp-escape", COMPOSE).file("outside/kept", "");
    stack.run(["up", "-d"]).success();
    let script = "mkdir /t && ln -s /etc/passwd /t/absolute && ln -s ../../outside /t/up && \
                  echo x > /t/run && chmod 750 /t/run && ln /t/run /t/again";
    stack.run(["exec", "-T", "web", "sh", "-c", script]).success();
    std::fs::create_dir_all(stack.folder().join("in/t")).expect("a directory can be made");
    // What is there already leads elsewhere: it is replaced, not followed.
    std::os::unix::fs::symlink("../../outside/kept", stack.folder().join("in/t/run"))
        .expect("a link can be made");
    stack.run(["cp", "web:/t", "in"]).success();
    let inside = stack.folder().join("in/t");
    let target = std::fs::read_link(inside.join("absolute")).expect("a link is copied as a link");
    assert_eq!(target.to_str(), Some("/etc/passwd"));
    let kept = std::fs::read_to_string(stack.folder().join("outside/kept"));
    assert_eq!(kept.expect("the file is there"), "");
    let run = std::fs::metadata(inside.join("run")).expect("the file was copied");
    assert_eq!(run.permissions().mode() & 0o777, 0o750);
}

#[test]
fn archives_go_through_the_standard_streams() {
    let stack = Stack::of("cp-streams", COMPOSE).file("one", "from an archive");
    stack.run(["up", "-d"]).success();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_path_with_name(stack.folder().join("one"), "packed").expect("a file is there");
    let archive = archive.into_inner().expect("an archive in memory has an end");
    let mut command = stack.command(["cp", "-", "web:/tmp"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program can be started");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(&archive).expect("the program reads");
    drop(stdin);
    assert!(child.wait().expect("a child can be waited for").success());
    for index in ["1", "2"] {
        let cat = ["exec", "-T", "--index", index, "web", "cat", "/tmp/packed"];
        stack.run(cat).success().stdout_has("from an archive");
    }
    stack.run(["cp", "web:/tmp/packed", "-"]).success().stdout_has("from an archive");
}
