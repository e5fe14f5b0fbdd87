//! The lines that tell of a run: which there are, and how often, is Docker Compose's.

use crate::harness::Stack;

/// How often a line stands in a text.
fn count(text: &str, line: &str) -> usize {
    text.lines().filter(|it| *it == line).count()
}

/// The lines of a text that are about a subject, such as `Container shop-web-1`.
fn about<'a>(text: &'a str, subject: &str) -> Vec<&'a str> {
    let begin = format!(" {subject}  ");
    text.lines().filter_map(|line| line.strip_prefix(&begin)).collect()
}

const WAITING: &str = "
services:
  db:
    image: with-healthcheck:1
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: {db: {condition: service_healthy}}
  app:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: {db: {condition: service_healthy}}
  job:
    image: busybox:stable
    command: sh -c 'exit 4'
    profiles: [job]
";

#[test]
fn what_is_waited_for_is_told_once_for_each_that_waits() {
    let stack = Stack::of("waits", WAITING);
    let db = format!("Container {}-db-1", stack.project());
    let app = format!("Container {}-app-1", stack.project());
    let told = |arguments: &[&str], times: usize| {
        let output = stack.run(arguments).success();
        for word in ["Waiting", "Healthy"] {
            assert_eq!(count(&output.stderr, &format!(" {db}  {word}")), times, "{output}");
        }
        output
    };
    told(&["up", "-d"], 2);
    // The same where nothing is left to be waited for, and once more for --wait.
    told(&["up", "-d"], 2);
    let waited = told(&["up", "--wait", "--wait-timeout", "-1"], 3);
    assert_eq!(about(&waited.stderr, &app), ["Running", "Waiting", "Healthy"]);
    // A one-off waits in silence.
    told(&["run", "--rm", "-T", "app", "true"], 0);

    let job = format!("Container {}-job-1", stack.project());
    // A busy engine may tell of the end only when the container is taken to run.
    let mut failed = stack.run(["up", "--wait", "job"]);
    for _ in 0..5 {
        if failed.code != 0 {
            break;
        }
        stack.run(["rm", "-f", "job"]).success();
        failed = stack.run(["up", "--wait", "job"]);
    }
    let failed = failed.code(1);
    assert_eq!(
        about(&failed.stderr, &job),
        ["Creating", "Created", "Starting", "Started", "Waiting"]
    );
    failed.stderr_has(" exited (4)\n");
}

#[test]
fn what_runs_already_waits_for_an_optional_job_in_its_turn() {
    let compose = "
services:
  job:
    image: busybox:stable
    command: sh -c 'sleep 0.5; exit 2'
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: {job: {condition: service_completed_successfully, required: false}}
  front:
    image: busybox:stable
    command: sleep 3600
    depends_on: {web: {condition: service_healthy}}
";
    let stack = Stack::of("optional", compose);
    stack.run(["up", "-d", "web"]).success();
    let text = "optional dependency \"job\" didn't complete successfully: exit 2";
    let output = stack.run(["up", "-d", "front"]).code(1);
    let output = output.stderr_has(&format!("-job-1  Skipped: {text}\n"));
    let output = output.stderr_has(&format!("warning: {text}\n"));
    output.stderr_has("-web-1 has no healthcheck configured\n");
}

#[test]
fn a_dependency_that_ends_at_once_is_told_by_its_end() {
    let stack = Stack::of(
        "short-lived",
        "
services:
  db: {image: busybox:stable, command: /bin/false}
  web:
    image: busybox:stable
    command: sleep 3600
    depends_on: {db: {condition: service_healthy}}
",
    );
    let db = format!("container {}-db-1 exited (1)", stack.project());
    stack.run(["up", "-d"]).code(1).stderr_has(&format!("dependency failed to start: {db}\n"));
}

const TWO: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
  old:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
";

#[test]
fn what_goes_is_told_to_stop_though_it_has_stopped() {
    let one = &TWO[..TWO.find("  old:").unwrap_or_default()];
    let stack = Stack::of("gone", TWO).file("one.yaml", one);
    let gone = |output: &str, name: &str| {
        let subject = format!("Container {}-{name}", stack.project());
        assert_eq!(
            about(output, &subject),
            ["Stopping", "Stopped", "Removing", "Removed"],
            "{output}"
        );
    };
    stack.run(["up", "-d", "--scale", "web=2"]).success();
    stack.run(["stop"]).success();
    let scaled = stack.run(["scale", "web=1"]).success();
    gone(&scaled.stderr, "web-2");
    let removed = stack.run(["-f", "one.yaml", "up", "-d", "--remove-orphans"]).success();
    gone(&removed.stderr, "old-1");
}

#[test]
fn what_is_made_anew_is_told_of_as_its_containers_are() {
    let compose = |label: &str| {
        format!(
            "{TWO}    volumes: [data:/data]\n    networks: [net]\n\
             volumes: {{data: {{labels: {{is: {label}}}}}}}\n\
             networks: {{net: {{labels: {{is: {label}}}}}}}\n"
        )
    };
    let stack = Stack::of("anew", &compose("one"));
    stack.run(["up", "-d"]).success();
    stack.write("compose.yaml", &compose("two"));
    let output = stack.run(["up", "-d", "-y"]).success();
    let project = stack.project();
    let told = |subject: &str| about(&output.stderr, subject);
    assert_eq!(told(&format!("Volume {project}_data")), ["Creating", "Created"], "{output}");
    assert_eq!(told(&format!("Network {project}_net")), ["Removed", "Creating", "Created"]);
}

#[test]
fn a_container_has_started_once_its_hooks_have_run() {
    let hook = |code: i32| {
        format!("{TWO}    post_start: [{{command: 'true'}}, {{command: sh -c 'exit {code}'}}]\n")
    };
    let stack = Stack::of("hooks", &hook(3));
    let old = format!("Container {}-old-1", stack.project());
    let failed = stack.run(["up", "-d", "old"]).code(1);
    assert_eq!(about(&failed.stderr, &old), ["Creating", "Created", "Starting"]);
    failed.stderr_has("old hook exited with status 3\n");
    stack.write("compose.yaml", &hook(0));
    let done = stack.run(["up", "-d", "--force-recreate", "old"]).success();
    assert_eq!(about(&done.stderr, &old), ["Recreate", "Recreated", "Starting", "Started"]);
}

#[test]
fn progress_goes_to_standard_output_on_demand() {
    let stack = Stack::of("stdout", TWO).variable("COMPOSE_STATUS_STDOUT", "1");
    for arguments in [&["up", "-d"][..], &["stop"], &["--progress", "json", "down"]] {
        let output = stack.run(arguments).success().stdout_has("-web-1");
        assert_eq!(output.stderr, "");
    }
    stack.run(["up", "-d", "nosuch"]).code(1).stderr_has("no such service: nosuch");
}

#[test]
fn an_error_is_told_once() {
    let stack = Stack::of("once", TWO);
    stack.run(["up", "-d"]).success();
    stack.run(["pause", "web"]).success();
    for (arguments, message) in [
        (&["pause", "web"][..], "is already paused"),
        (&["cp", "old:/nosuch", "."], "Could not find the file /nosuch in container"),
        (&["cp", "nosuch", "old:/"], "nosuch: no such file or directory"),
        (&["cp", "compose.yaml", "old:"], "no such directory"),
        (&["cp", "old:/etc/passwd", "compose.yaml/x"], "compose.yaml/x: not a directory"),
    ] {
        let output = stack.run(arguments).code(1);
        assert!(!output.stderr.lines().any(|line| line.ends_with(" Error")), "{output}");
        assert_eq!(output.stderr.matches(message).count(), 1, "{output}");
    }
}

#[test]
fn an_image_that_may_not_be_built_is_missed_at_the_creation() {
    let compose = "
services:
  web:
    image: nosuchhost.invalid/web:1
    build: {dockerfile_inline: FROM scratch}
";
    let stack = Stack::of("nobuild", compose);
    let output = stack.run(["up", "-d", "--no-build"]).code(1);
    let output = output.stderr_has(" web Warning ");
    output.stderr_has("Error response from daemon: No such image: nosuchhost.invalid/web:1\n");
    assert_eq!(stack.engine().networks(stack.project()).len(), 1);
}

#[test]
fn a_pull_is_told_of_each_service_of_the_image() {
    let stack = Stack::of(
        "pulled",
        "
services:
  db: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
  web: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL, depends_on: [db]}
",
    );
    let plain = stack.run(["create", "--pull", "always", "web"]).success();
    for line in [" db Pulling ", " web Pulling ", " db Pulled ", " web Pulled "] {
        assert_eq!(count(&plain.stderr, line), 1, "{line}: {plain}");
    }
    let json = stack.run(["--progress", "json", "up", "-d", "--pull", "always", "web"]).success();
    let json = json.stderr_has("{\"id\":\"db\",\"text\":\"Pulled\"}\n");
    json.stderr_has("{\"id\":\"web\",\"text\":\"Pulled\"}\n");
    let pull = stack.run(["pull"]).success();
    let pull = pull.stderr_has(" web Skipped - Image is already being pulled by db ");
    assert_eq!(count(&pull.stderr, " web Pulling "), 0, "{pull}");
}
