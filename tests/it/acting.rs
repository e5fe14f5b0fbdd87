//! Commands that act on containers and their images: `pause`, `scale`, `attach`, `commit`, `export`,
//! `push`, and whose a name or a port is.

use rustix::process::Signal;

use crate::harness::{Stack, registry};

const COMPOSE: &str = "
services:
  db:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
  web:
    image: busybox:stable
    command: sh -c 'trap \"exit 3\" TERM; sleep 1; echo alive; while :; do sleep 0.1; done'
    depends_on: [db]
    stop_signal: SIGKILL
";

#[test]
fn pause_and_unpause_refuse_to_do_it_twice() {
    let stack = Stack::of("pause", COMPOSE);
    stack.run(["pause", "web"]).success();
    stack.run(["up", "-d"]).success();
    let name = format!("{}-web-1", stack.project());
    stack.run(["pause", "web"]).success().stderr_has(&format!(" Container {name}  Paused"));
    assert_eq!(stack.container("web").state(), "paused");
    assert_eq!(stack.container("db").state(), "running");
    stack.run(["pause", "web"]).code(1).stderr_has("is already paused");
    stack.run(["unpause", "web"]).success().stderr_has(&format!(" Container {name}  Unpaused"));
    assert_eq!(stack.container("web").state(), "running");
    stack.run(["unpause", "web"]).code(1).stderr_has("is not paused");
    stack.run(["-p", stack.project(), "pause", "nosuch"]).success();
}

#[test]
fn scale_makes_and_removes_replicas() {
    let stack = Stack::of("scale", COMPOSE);
    stack.run(["up", "-d"]).success();
    stack.run(["scale", "web=3"]).success();
    assert_eq!(stack.containers().len(), 4);
    stack.run(["scale", "--no-deps", "web=1", "db=2"]).success();
    let names: Vec<_> = stack.containers().iter().map(|one| one.name().to_owned()).collect();
    let expected = ["db-1", "db-2", "web-1"].map(|end| format!("{}-{end}", stack.project()));
    assert_eq!(names, expected);
    stack.run(["scale", "web"]).code(1).stderr_has("invalid scale specifier: web");
}

#[test]
fn attach_shows_what_a_container_writes_and_ends_with_its_code() {
    let stack = Stack::of("attach", COMPOSE);
    stack.run(["attach", "web"]).code(1).stderr_has("service \"web\" is not running");
    stack.run(["up", "-d"]).success();
    let mut attached = stack.start(["attach", "web"]);
    attached.wait_for("alive");
    stack.run(["kill", "-s", "TERM", "web"]).success();
    attached.finish().code(3);

    stack.run(["start"]).success();
    let mut attached = stack.start(["attach", "web"]);
    attached.wait_for("alive");
    // Signals are the container's, and the end is ours.
    attached.signal(Signal::TERM);
    attached.finish().code(130);
    assert_eq!(stack.container("web").exit_code(), 3);
}

#[test]
fn a_restart_takes_those_along_that_ask_for_it() {
    let files = "
x-one: &one {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
services:
  db: *one
  web: {<<: *one, depends_on: {db: {condition: service_started, restart: true}}}
  page: {<<: *one, depends_on: {web: {condition: service_started, restart: true}}}
  other: {<<: *one, depends_on: [db]}
  extra: {<<: *one, profiles: [more]}
";
    let stack = Stack::of("restart-with", files);
    stack.run(["--profile", "more", "up", "-d"]).success();
    let began = || {
        let containers = stack.containers();
        let began = containers.iter().map(|one| {
            let details = stack.engine().get(&format!("/containers/{}/json", one.id()));
            (one.name().to_owned(), details["State"]["StartedAt"].to_string())
        });
        began.collect::<Vec<_>>()
    };
    let restarted = |arguments: &[&str]| {
        let before = began();
        stack.run(arguments).success();
        let changed = began().into_iter().zip(before).filter(|(now, before)| now != before);
        let prefix = format!("{}-", stack.project());
        changed
            .map(|((name, _), _)| name.replace(&prefix, "").replace("-1", ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(restarted(&["restart", "db"]), ["db", "page", "web"]);
    assert_eq!(restarted(&["restart", "--no-deps", "db"]), ["db"]);
    assert_eq!(restarted(&["restart", "page"]), ["page"]);
    assert_eq!(restarted(&["restart", "extra"]), ["extra"], "it was named, whatever its profile");
    let unknown = stack.run(["restart", "pag"]).code(1);
    unknown.stderr_has("no such service: pag\n").stderr_has("help: did you mean `page`?");
}

#[test]
fn what_somebody_removes_before_it_starts_holds_nobody_up() {
    let files = "
services:
  gate:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    healthcheck: {test: test -e /open, interval: 300ms}
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: {gate: {condition: service_healthy}}
  page:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: [web]
";
    let stack = Stack::of("vanished", files).variable("COMPOSE_STATUS_STDOUT", "1");
    stack.run(["create"]).success();
    let web = stack.container("web");
    let mut up = stack.start(["up", "-d"]);
    up.wait_for("-gate-1  Waiting");
    stack.engine().call("DELETE", &format!("/containers/{}", web.id()), None);
    stack.run(["exec", "-T", "gate", "touch", "/open"]).success();
    let up = up.finish().success();
    let up = up.stderr_has(&format!(
        "warning: container {}-web-1 was removed before it could be started",
        stack.project()
    ));
    assert!(!up.stdout.contains("-web-1  Started"), "{up}");
    assert_eq!(stack.container("page").state(), "running");
    assert_eq!(stack.containers().len(), 2);
}

#[test]
fn a_name_that_is_almost_a_services_is_told() {
    let stack = Stack::of("almost", COMPOSE);
    for command in [
        &["attach", "wbe"][..],
        &["commit", "wbe"],
        &["cp", "wbe:/etc/passwd", "."],
        &["exec", "-T", "wbe", "true"],
        &["export", "-o", "out.tar", "wbe"],
        &["port", "wbe", "80"],
    ] {
        let refused = stack.run(command).code(1);
        refused.stderr_has("help: no such service: wbe; did you mean `web`?");
    }
}

#[test]
fn what_is_deaf_to_signals_is_left_at_the_third() {
    let deaf = "
services:
  web:
    image: busybox:stable
    command: sh -c 'trap \"echo no\" INT TERM; while :; do echo on; sleep 0.2; done'
";
    let stack = Stack::of("deaf", deaf);
    stack.run(["up", "-d"]).success();
    for command in [&["attach", "web"][..], &["run", "-T", "web"]] {
        let mut command = stack.start(command);
        command.wait_for("on");
        for signal in [Signal::INT, Signal::TERM] {
            command.signal(signal);
            command.wait_for("no");
        }
        command.signal(Signal::INT);
        command.finish().code(1).stderr_has("got 3 SIGTERM/SIGINTs, forcefully exiting\n");
    }
    let states: Vec<_> = stack.containers().iter().map(|one| one.state().to_owned()).collect();
    assert_eq!(states, ["running", "running"]);
}

#[test]
fn a_container_becomes_an_image_and_an_archive() {
    let stack = Stack::of("commit", COMPOSE);
    stack.run(["up", "-d", "db"]).success();
    stack.run(["exec", "-T", "db", "sh", "-c", "echo mine > /made"]).success();
    let image = format!("{}-image:1", stack.project());
    let commit = ["commit", "-m", "saved", "-a", "me", "-c", "ENV A=b", "db", &image];
    stack.run(commit).success().stderr_has("Committed as sha256:");
    let made = stack.engine().get(&format!("/images/{image}/json"));
    assert_eq!(made["Comment"], "saved");
    assert!(made["Config"]["Env"].to_string().contains("A=b"), "{made}");
    stack.engine().call("DELETE", &format!("/images/{image}"), None);

    stack.run(["export", "-o", "out.tar", "db"]).success();
    let file = std::fs::File::open(stack.folder().join("out.tar")).expect("the file was written");
    let mut archive = tar::Archive::new(file);
    let entries = archive.entries().expect("it is an archive");
    let made = entries.filter(|entry| {
        let entry = entry.as_ref().expect("it is whole");
        entry.path_bytes().as_ref() == b"made"
    });
    assert_eq!(made.count(), 1);
    stack.run(["export", "-o", "no/out.tar", "db"]).code(1).stderr_has("does not exist");
}

#[test]
fn images_that_are_built_are_pushed_under_all_their_names() {
    let name = format!("{}/{}", registry(), "bireme-test-push");
    let compose = format!(
        "services:\n  app:\n    image: {name}:1\n    build: {{ context: ., tags: ['{name}:2'] }}\n  \
         other:\n    image: busybox:stable\n"
    );
    let stack = Stack::of("push", &compose).file("Dockerfile", "FROM busybox:stable\n");
    stack.run(["build"]).success();
    stack
        .run(["push"])
        .success()
        .stderr_has("other Skipped")
        .stderr_has(&format!("Pushing {name}:2: "));
    stack.run(["pull", "app"]).success().stderr_has(" app Pulled ");
    stack.engine().call("DELETE", &format!("/images/{name}:2"), None);
    stack.run(["push"]).code(1).stderr_has("tag does not exist");
    stack.run(["push", "--ignore-push-failures"]).success().stderr_has("Pushing app: ");
}

#[test]
fn who_has_a_name_or_a_port_is_said() {
    let port = "ports: ['127.0.0.1:18473:80']";
    let first = Stack::of(
        "owner",
        &format!(
            "services:\n  web:\n    image: busybox:stable\n    command: sleep 3600\n    stop_signal: SIGKILL\n    \
             container_name: bireme-test-owner\n    {port}\n"
        ),
    );
    first.run(["up", "-d"]).success();
    let whose = format!("container bireme-test-owner of project {} (service web)", first.project());
    let second = Stack::of(
        "taker",
        &format!(
            "services:\n  name:\n    image: busybox:stable\n    container_name: bireme-test-owner\n  \
             port:\n    image: busybox:stable\n    command: sleep 3600\n    {port}\n"
        ),
    );
    second.run(["up", "-d", "name"]).code(1).stderr_has(&format!("the name is taken by {whose}"));
    second.run(["up", "-d", "port"]).code(1).stderr_has(&format!("port 18473 is taken by {whose}"));
    second
        .run(["run", "--rm", "-T", "--name", "bireme-test-owner", "port", "true"])
        .code(1)
        .stderr_has(&format!("the name is taken by {whose}"));
}

#[test]
fn what_must_be_healthy_first_and_has_no_container_is_missing() {
    let stack = Stack::of(
        "missing-dependency",
        "
services:
  db:
    image: busybox:stable
    command: sleep 3600
    init: true
    healthcheck: {test: 'true', interval: 100ms}
  app:
    image: busybox:stable
    command: sleep 3600
    init: true
    depends_on: {db: {condition: service_healthy, restart: true}}
",
    );
    stack.run(["up", "-d"]).success();
    stack.run(["rm", "-fs", "db"]).success();
    stack.run(["stop", "-t", "0", "app"]).success();
    for arguments in [&["start", "app"][..], &["start"], &["restart", "-t", "0"]] {
        stack.run(arguments.iter().copied()).code(1).stderr_has("app is missing dependency db");
        assert_eq!(stack.container("app").state(), "exited");
    }
    stack.run(["restart", "-t", "0", "app"]).success();
    assert_eq!(stack.container("app").state(), "running");
}
