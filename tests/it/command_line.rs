//! The command line itself: mistakes, exit codes, and what needs no engine.

use crate::harness::{Output, Stack};

const ONE: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
";

/// A stack whose engine does not answer: whoever asks it fails.
fn without_engine(label: &str) -> Stack {
    Stack::of(label, ONE).variable("DOCKER_HOST", "unix:///nowhere/docker.sock")
}

#[test]
fn mistakes_end_with_1_and_docker_composes_words() {
    let stack = without_engine("mistakes");
    for (arguments, words) in [
        (&["up", "--bogus"][..], "unknown flag: --bogus\n"),
        (&["exec", "web"], "requires at least 2 arg(s), only received 1\n"),
        (&["up", "nosuch"], "no such service: nosuch\n"),
        (&["logs", "nosuch"], "no such service: nosuch\n"),
        (&["logs", "--index", "1"], "--index requires one service to be selected\n"),
        (&["up", "--scale", "nosuch=2", "-d"], "no such service: nosuch: not found\n"),
        (&["--progress", "bogus", "ps"], "unsupported --progress value \"bogus\"\n"),
        (&["build", "--progress", "bogus"], "unsupported --progress value \"bogus\"\n"),
        (&["down", "--rmi", "some"], "invalid value for --rmi: \"some\"\n"),
        (&["-f", "none.yaml", "config"], "none.yaml: no such file or directory"),
    ] {
        stack.run(arguments).code(1).stderr_has(words);
    }
    let unknown = stack.run(["bogus"]).code(1);
    assert!(unknown.stdout.contains("Usage:"), "{unknown}");
    unknown.stderr_has("unknown docker command: \"compose bogus\"");
}

#[test]
fn commands_that_need_no_engine_ask_for_none() {
    let stack = without_engine("engineless");
    stack.run(["version"]).success().stdout_has("Bireme version ");
    stack.run(["config", "--services"]).success().stdout_has("web\n");
    stack.run(["--help"]).success().stdout_has("Usage:  bireme");
    let refused = stack.run(["ps"]).code(1);
    refused.stderr_has("Cannot connect to the Docker daemon at unix:///nowhere/docker.sock");
}

#[test]
fn env_files_set_what_flags_do_not() {
    let stack = without_engine("env-files")
        .file(".env", "COMPOSE_PROGRESS=json\nCOMPOSE_FILE=other.yaml\n")
        .file("other.yaml", "services: {other: {image: busybox:stable}}\n");
    stack.run(["config", "--services"]).success().stdout_has("other\n");
    stack.run(["ps", "nosuch"]).code(1).stderr_has(r#"{"error":true,"message":"no such service"#);
    stack
        .run(["--progress", "plain", "-f", "compose.yaml", "ps", "nosuch"])
        .code(1)
        .stderr_has("no such");
}

#[test]
fn a_missing_file_of_variables_is_in_the_way_of_who_needs_it_alone() {
    let stack = Stack::of(
        "missing-variables",
        "services:
  web: {image: 'busybox:stable', command: sleep 1000, stop_signal: SIGKILL}
  other: {image: 'busybox:stable', env_file: nosuch.env}
",
    );
    stack.run(["up", "-d", "web"]).success();
    for arguments in [&["ps"][..], &["logs"], &["restart"], &["stop"], &["pull", "-q"], &["build"]]
    {
        stack.run(arguments).success();
    }
    for arguments in [&["up", "-d"][..], &["create"], &["config"]] {
        stack.run(arguments).code(1).stderr_has("nosuch.env not found");
    }
    stack.run(["down"]).success();
    assert!(stack.containers().is_empty());
}

#[test]
fn progress_is_told_as_lines_as_json_or_not_at_all() {
    let stack = Stack::of("progress", ONE);
    let project = stack.project();
    let network = format!(" Network {project}_default  Created\n");
    let plain = stack.run(["up", "-d"]).success();
    assert!(plain.stderr.contains(&network), "{plain}");
    assert!(plain.stderr.contains(&format!(" Container {project}-web-1  Started\n")), "{plain}");
    assert_eq!(plain.stdout, "", "{plain}");
    let json = stack.run(["--progress", "json", "up", "-d"]).success();
    assert_eq!(
        json.stderr,
        format!("{{\"id\":\"Container {project}-web-1\",\"status\":\"Running\"}}\n")
    );
    assert_eq!(stack.run(["--progress", "quiet", "down"]).success().stderr, "");
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_nothing() {
    let stack = Stack::of("dry", ONE);
    let shown = stack.run(["up", "-d", "--dry-run"]).success();
    let container = format!("{}-web-1", stack.project());
    for part in
        ["create network", "create container", "start container", &container, "compose.yaml:"]
    {
        assert!(shown.stdout.contains(part), "`{part}` is missing: {shown}");
    }
    shown.stderr_has(&format!(" DRY-RUN MODE -  Container {container}  Created\n"));
    assert!(stack.containers().is_empty());
    assert!(stack.engine().networks(stack.project()).is_empty());
}

#[test]
fn a_dry_run_asks_registries_and_tells_what_a_run_would() {
    let stack = Stack::of(
        "rehearsed",
        "
services:
  web: {image: busybox:stable, command: sleep 3600, stop_signal: SIGKILL, depends_on: [db]}
  db: {image: busybox:stable, command: sleep 3600, stop_signal: SIGKILL}
  gone: {image: nowhere/nosuch:1, profiles: [gone]}
",
    );
    for arguments in [&["--dry-run", "pull", "gone"][..], &["--dry-run", "up", "-d", "gone"]] {
        let refused = stack.run(arguments).code(1);
        let refused = refused.stderr_has(" DRY-RUN MODE -  gone Error ");
        let refused = refused.stderr_has("nowhere/nosuch:1: ");
        assert!(!refused.stderr.contains("Created"), "nothing comes after it: {refused}");
    }
    let project = stack.project().to_owned();
    let detached = stack.run(["--dry-run", "run", "-d", "web", "true"]).success();
    let db = format!("{project}-db-1");
    let detached = detached.stderr_has(&format!(" DRY-RUN MODE -  Container {db}  Started\n"));
    let name = detached.stdout.lines().last().unwrap_or_default();
    assert!(name.starts_with(&format!("{project}-web-run-")), "{detached}");
    stack
        .run(["--dry-run", "run", "web", "true"])
        .code(1)
        .stderr_has("interactive run is not supported in dry-run mode\n");
    assert!(stack.containers().is_empty());

    stack.run(["up", "-d"]).success();
    let dry = |arguments: &[&str], line: &str| {
        let arguments = [&["--dry-run"][..], arguments].concat();
        stack.run(arguments).success().stderr_has(&format!(" DRY-RUN MODE -  {line}\n"));
    };
    dry(&["up", "-d"], &format!("Container {db}  Running"));
    dry(&["commit", "db", "kept:1"], &format!("{db} Commit {db} Committed"));
    dry(&["export", "-o", "db.tar", "db"], &format!("{db} export {db} to db.tar Exported"));
    assert!(!stack.folder().join("db.tar").exists());
    stack
        .run(["--dry-run", "exec", "-d", "db", "touch", "/seen"])
        .success()
        .stdout_has(" DRY-RUN MODE - Executing command [\"touch\",\"/seen\"] in ");
    stack.run(["exec", "-T", "db", "ls", "/seen"]).code(1);
    let down = stack.run(["--dry-run", "down", "--volume"]).success();
    assert_eq!(down.stderr.matches("--volume is deprecated, please use --volumes").count(), 1);
}

#[test]
fn rm_asks_and_takes_the_end_of_input_for_a_no() {
    let stack = Stack::of("rm", ONE);
    stack.run(["rm", "-f"]).success().stderr_has("No stopped containers\n");
    stack.run(["create"]).success();
    let asked = stack.run(["rm"]).success();
    assert_eq!(asked.stdout, format!("Going to remove {}-web-1", stack.project()), "{asked}");
    assert_eq!(stack.containers().len(), 1);
    stack.run(["rm", "-f"]).success();
    assert!(stack.containers().is_empty());
}

#[test]
fn a_disk_that_is_full_is_told_of_what_it_has_no_room_for() {
    let stack = Stack::of("full", "services: {web: {image: 'busybox:stable'}}");
    for arguments in [&["config"][..], &["ps"], &["--help"], &["completion", "bash"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let mut command = stack.command(arguments);
        let ended = command.stdout(full.expect("Linux has it")).output().expect("it runs");
        let output = Output::new(arguments.join(" "), &ended.stdout, &ended.stderr, ended.status);
        output.code(1).stderr_has("write /dev/stdout: no space left on device\n");
    }
}
