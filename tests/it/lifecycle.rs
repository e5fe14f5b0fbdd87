//! `up`, what it leaves, and `down`.

use crate::harness::{Stack, machine, platforms};

const TWO_SERVICES: &str = "
services:
  db:
    image: with-healthcheck:1
    volumes: [data:/data]
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on:
      db: {condition: service_healthy}
volumes:
  data:
";

#[test]
fn up_brings_a_stack_up_and_down_takes_it_away() {
    let stack = Stack::of("lifecycle", TWO_SERVICES);
    stack.run(["up", "-d"]).success();

    let names: Vec<_> =
        stack.containers().iter().map(|container| container.name().to_owned()).collect();
    assert_eq!(names, [format!("{}-db-1", stack.project()), format!("{}-web-1", stack.project())]);
    assert_eq!(stack.container("db").health(), Some("healthy"));
    assert_eq!(stack.container("web").state(), "running");
    let networks = stack.engine().networks(stack.project());
    assert_eq!(networks.len(), 1);
    assert_eq!(networks[0]["Name"], format!("{}_default", stack.project()));

    stack.run(["down"]).success();
    assert!(stack.containers().is_empty());
    assert!(stack.engine().networks(stack.project()).is_empty());
    assert_eq!(stack.engine().volumes(stack.project()).len(), 1, "a named volume stays");

    stack.run(["down", "-v"]).success();
    assert!(stack.engine().volumes(stack.project()).is_empty());
}

#[test]
fn resources_that_no_service_uses_are_made_where_they_are_asked_for() {
    let stack = Stack::of("resources", "networks: {lonely: }\nvolumes: {lonely: }\n");
    stack.run(["up", "-d"]).code(1).stderr_has("no service selected");
    stack.run(["create"]).success();
    assert!(stack.engine().networks(stack.project()).is_empty());

    let up = stack.run(["--all-resources", "up"]).success();
    assert!(!up.stderr.contains("no service uses"), "{up}");
    assert_eq!(stack.engine().networks(stack.project()).len(), 1);
    assert_eq!(stack.engine().volumes(stack.project()).len(), 1);
    stack.run(["--all-resources", "down", "-v"]).success();
    assert!(stack.engine().networks(stack.project()).is_empty());
    assert!(stack.engine().volumes(stack.project()).is_empty());
}

#[test]
fn an_unchanged_stack_is_left_alone() {
    let stack = Stack::of("unchanged", TWO_SERVICES);
    let started = || -> Vec<_> {
        stack.containers().iter().map(|c| c.0["State"]["StartedAt"].clone()).collect()
    };
    stack.run(["up", "-d"]).success();
    let first = started();
    stack.run(["up", "-d"]).success();
    assert_eq!(started(), first);
}

#[test]
fn a_changed_service_is_recreated_and_keeps_its_anonymous_volume() {
    let compose = |value: &str| {
        format!(
            "services:\n  store:\n    image: with-volume:1\n    command: sleep 3600\n    stop_signal: SIGKILL\n    \
             environment: {{CHANGED: '{value}'}}\n  other:\n    image: busybox:stable\n    command: sleep 3600\n    \
             stop_signal: SIGKILL\n"
        )
    };
    let stack = Stack::of("changed", &compose("no"));
    stack.run(["up", "-d"]).success();
    let (store, other) = (stack.container("store"), stack.container("other"));
    stack.run(["exec", "-T", "store", "sh", "-c", "echo kept > /data/note"]).success();

    stack.write("compose.yaml", &compose("yes"));
    stack.run(["up", "-d"]).success();
    assert_ne!(stack.container("store").id(), store.id());
    assert_eq!(stack.container("other").id(), other.id());
    stack.run(["exec", "-T", "store", "cat", "/data/note"]).success().stdout_has("kept");
}

/// Its processes end when those do in whose namespace they are, and Docker Compose starts it again, too.
#[test]
fn what_shares_processes_with_a_service_that_restarts_restarts_too() {
    const SHARED: &str = "
x-one: &one {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
services:
  db: {<<: *one, environment: {MODE: a}}
  app: {<<: *one, depends_on: {db: {condition: service_started, restart: true}}}
  within: {<<: *one, pid: 'service:app'}
";
    let stack = Stack::of("lifecycle-within", SHARED);
    stack.run(["up", "-d"]).success();
    let before = stack.container("within");
    stack.write("compose.yaml", &SHARED.replace("MODE: a", "MODE: b"));
    stack.run(["up", "-d"]).success();
    let after = stack.container("within");
    assert_eq!(after.id(), before.id());
    assert_eq!(after.state(), "running");
}

/// What a command has killed is not taken for running by the next one.
#[test]
fn what_was_killed_starts_again() {
    let services = ["a", "b", "c"].map(|name| {
        format!("  {name}: {{image: 'busybox:stable', command: sleep 3600, init: true}}\n")
    });
    let stack = Stack::of("lifecycle-killed", &format!("services:\n{}", services.concat()));
    stack.run(["up", "-d"]).success();
    for _ in 0..5 {
        stack.run(["kill"]).success();
        stack.run(["up", "-d"]).success();
        let states = stack.run(["ps", "-a", "--format", "{{.State}}"]).success();
        assert_eq!(states.stdout, "running\nrunning\nrunning\n");
    }
}

#[test]
fn a_service_waits_for_one_that_must_complete() {
    let stack = Stack::of(
        "one-shot",
        "
services:
  prepare:
    image: busybox:stable
    command: touch /shared/ready
    volumes: [shared:/shared]
  work:
    image: busybox:stable
    command: ls /shared
    volumes: [shared:/shared]
    depends_on:
      prepare: {condition: service_completed_successfully}
volumes:
  shared:
",
    );
    stack.run(["up", "-d"]).success();
    let (prepare, work) = (stack.container("prepare"), stack.container("work"));
    assert_eq!(prepare.exit_code(), 0);
    let ended = prepare.0["State"]["FinishedAt"].as_str().expect("it has ended");
    let began = work.0["State"]["StartedAt"].as_str().expect("it has begun");
    assert!(ended < began, "work began at {began}, prepare ended at {ended}");
}

#[test]
fn a_dependency_that_fails_stops_what_waits_for_it() {
    let stack = Stack::of(
        "failing-dependency",
        "
services:
  prepare:
    image: busybox:stable
    command: sh -c 'echo cannot prepare; exit 3'
  work:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on:
      prepare: {condition: service_completed_successfully}
",
    );
    stack.run(["up", "-d"]).code(1).stderr_has("didn't complete successfully: exit 3");
    assert_eq!(stack.container("work").state(), "created");
}

#[test]
fn a_paused_container_that_goes_with_its_dependency_is_started_again() {
    let compose = |value: &str| {
        format!(
            "
x-one: &one {{image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}}
services:
  db: {{<<: *one, environment: {{V: '{value}'}}}}
  web: {{<<: *one, depends_on: {{db: {{condition: service_started, restart: true}}}}}}
"
        )
    };
    let stack = Stack::of("paused", &compose("1"));
    stack.run(["up", "-d"]).success();
    let web = stack.container("web");
    stack.run(["pause", "web"]).success();
    stack.write("compose.yaml", &compose("2"));
    stack.run(["up", "-d"]).success();
    let again = stack.container("web");
    assert_eq!((again.id(), again.state()), (web.id(), "running"));
}

#[test]
fn a_service_runs_on_the_platform_it_names() {
    let (native, foreign) = platforms();
    let stack = Stack::of(
        "platforms",
        &format!(
            "services:\n  near:\n    image: busybox:stable\n    platform: {native}\n    command: sleep 3600\n    \
             stop_signal: SIGKILL\n  far:\n    image: busybox:latest\n    platform: {foreign}\n    command: sleep 3600\n    \
             stop_signal: SIGKILL\n"
        ),
    );
    stack.run(["up", "-d"]).success();
    for (service, platform) in [("near", native), ("far", foreign)] {
        stack.run(["exec", "-T", service, "uname", "-m"]).success().stdout_has(machine(platform));
    }
}

const GATED: &str = "
services:
  db:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    volumes: ['.:/work']
    healthcheck: {test: 'test ! -e /work/sick || (echo it is sick; false)', interval: 300ms, retries: 1}
  job:
    image: busybox:stable
    command: sh -c 'sleep 1; test ! -e /work/broken'
    volumes: ['.:/work']
  app:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}
";

#[test]
fn what_runs_already_waits_for_what_it_depends_on() {
    let stack = Stack::of("gated", GATED);
    stack.run(["up", "-d"]).success();
    let app = stack.container("app");
    let again = stack.run(["up", "-d"]).success();
    again.stderr_has("-db-1  Waiting").stderr_has("-db-1  Healthy").stderr_has("-job-1  Exited");
    stack.write("broken", "");
    let broken = stack.run(["up", "-d"]).code(1);
    broken.stderr_has("service \"job\" didn't complete successfully: exit 1\n");
    std::fs::remove_file(stack.folder().join("broken")).expect("it was written");
    stack.write("sick", "");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let sick = stack.run(["up", "-d"]).code(1);
    let sick = sick.stderr_has("dependency failed to start: container ");
    let sick = sick.stderr_has("-db-1 is unhealthy\n");
    sick.stderr_has("its last health probe failed: it is sick\n");
    assert_eq!(
        (stack.container("app").id(), "running"),
        (app.id(), stack.container("app").state())
    );
}

#[test]
fn without_files_down_takes_dependents_along_and_start_names_what_is_missing() {
    let stack = Stack::of(
        "fileless",
        "
services:
  db: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
  app: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL, depends_on: [db]}
  other: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
",
    );
    stack.run(["up", "-d"]).success();
    let project = stack.project();
    let missing = stack.run(["-p", project, "start", "nosuch"]).code(1);
    missing.stderr_has("no such service: \"nosuch\": not found\n");
    stack.run(["-p", project, "down", "db"]).success();
    let left: Vec<String> = stack.containers().iter().map(|it| it.service().to_owned()).collect();
    assert_eq!(left, ["other"]);
    stack.run(["-p", project, "down"]).success();
    let nothing = stack.run(["-p", project, "down"]).success();
    nothing.stderr_has(&format!("Warning: No resource found to remove for project {project:?}.\n"));
}

#[test]
fn what_a_service_names_itself_is_there_before_it() {
    let stack = Stack::of(
        "named",
        "
services:
  a-volumes:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    volumes_from: ['container:${COMPOSE_PROJECT_NAME}-base-1']
    depends_on: [base]
  a-link:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    external_links: ['${COMPOSE_PROJECT_NAME}-base-1:other']
    depends_on: [base]
  a-network:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    network_mode: container:${COMPOSE_PROJECT_NAME}-base-1
    depends_on: [base]
  base:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    volumes: [/data]
",
    );
    stack.run(["up", "-d"]).success();
    let base = stack.container("base");
    let mount = |service: &str| stack.container(service).0["Mounts"][0]["Name"].clone();
    assert_eq!(mount("a-volumes"), mount("base"));
    // The engine keeps an id in place of the name of a container that is there.
    let mode = stack.container("a-network").0["HostConfig"]["NetworkMode"].clone();
    assert_eq!(mode, format!("container:{}", base.id()));
    stack.run(["exec", "-T", "a-link", "ping", "-c", "1", "other"]).success();
}
