//! The ways in: by the docker command, as `docker-compose`, and the links that make them.

use std::fs;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;

use crate::harness::Stack;

const ONE: &str = "
services:
  web:
    image: busybox:stable
    command: sh -c 'echo I am up; exec sleep 1000'
    stop_signal: SIGKILL
";

fn plugin(stack: &Stack) -> PathBuf {
    stack.home().join(".docker/cli-plugins/docker-compose")
}

fn command(stack: &Stack) -> PathBuf {
    stack.home().join(".local/bin/docker-compose")
}

#[test]
fn the_docker_command_runs_bireme_as_its_plugin() {
    let stack = Stack::of("plugin", ONE);
    stack.run(["install"]).success().stdout_has("`docker bireme` is Bireme now");
    stack.run(["install", "--as", "docker-compose"]).success();
    let docker = |arguments: &[&str]| stack.run_program("docker", arguments);

    assert_eq!(docker(&["compose", "version", "--short"]).success().stdout, "2.40.3\n");
    docker(&["compose", "version"]).success().stdout_has("Docker Compose version v2.40.3\n");
    docker(&["bireme", "version"]).success().stdout_has("Bireme version ");
    docker(&["help", "compose", "up"]).success().stdout_has("Usage:  docker compose up [OPTIONS]");
    docker(&["compose", "up", "--bogus"]).code(1).stderr_has("unknown flag: --bogus\n");
    docker(&["-H", "unix:///nowhere", "compose", "ps"]).code(1).stderr_has("unix:///nowhere");
    docker(&["--log-level", "info", "compose", "up", "-d"]).success();
    let listed = docker(&["bireme", "ps", "--format", "{{.Name}}"]).success();
    assert_eq!(listed.stdout, format!("{}-web-1\n", stack.project()));
    docker(&["compose", "down"]).success();
    assert!(stack.containers().is_empty());
}

#[test]
fn the_command_docker_compose_answers_as_docker_compose() {
    let stack = Stack::of("standalone", ONE).variable("DOCKER_HOST", "unix:///nowhere");
    stack.run(["install", "--as", "docker-compose"]).success();
    let compose = |arguments: &[&str]| stack.run_program(command(&stack), arguments);
    assert_eq!(compose(&["--version"]).success().stdout, "Docker Compose version v2.40.3\n");
    assert_eq!(compose(&["config", "--services"]).success().stdout, "web\n");
    compose(&["up", "--help"]).success().stdout_has("Usage:  docker-compose up [OPTIONS]");
    compose(&["version", "x"]).code(1).stderr_has("\"x\" for \"docker compose version\"\n");
    let unresolved = "unable to resolve docker endpoint: context \"none\"";
    compose(&["--context", "none", "ps"])
        .code(1)
        .stderr_has(&format!("Failed to initialize: {unresolved}"));
    let own = stack.run(["--context", "none", "ps"]).code(1).stderr_has(unresolved);
    assert!(!own.stderr.contains("initialize"), "{}", own.stderr);
    compose(&["docker-cli-plugin-metadata"]).success().stdout_has("\"SchemaVersion\":\"0.1.0\"");
}

#[test]
fn a_plugin_ends_when_the_docker_command_closes_its_socket() {
    let address = format!("bireme-test-{}", std::process::id());
    let listener =
        UnixListener::bind_addr(&SocketAddr::from_abstract_name(&address).expect("a short name"))
            .expect("no other test has the name");
    let stack =
        Stack::of("cancel", ONE).variable("DOCKER_CLI_PLUGIN_SOCKET", &format!("@{address}"));
    stack.run(["install", "--as", "docker-compose"]).success();
    let mut up = stack.start_program(plugin(&stack), &["compose", "up"]);
    let (connection, _) = listener.accept().expect("the plugin connects");
    up.wait_for("I am up");
    drop(connection);
    up.finish().code(130).shows("Stopped");
    assert_eq!(stack.container("web").state(), "exited");
}

#[test]
fn install_keeps_what_was_there_and_uninstall_brings_it_back() {
    let stack = Stack::of("install", ONE);
    let (plugin, command) = (plugin(&stack), command(&stack));
    fs::create_dir_all(plugin.parent().expect("it has one")).expect("the home is ours");
    fs::write(&plugin, "theirs").expect("the home is ours");

    let refused = stack.run(["install", "--as", "docker-compose"]).code(1);
    refused.stderr_has("docker-compose is not Bireme's\nhelp: --force");
    assert!(!command.exists());
    stack.run(["install", "--as", "docker-compose", "--force", "--dry-run"]).success();
    assert_eq!(fs::read_to_string(&plugin).expect("untouched"), "theirs");

    let forced = stack.run(["install", "--as", "docker-compose", "--force"]).success();
    forced.stdout_has("`docker compose` and `docker-compose` are Bireme now");
    assert!(plugin.is_symlink() && command.is_symlink());
    let again = stack.run(["install", "--as", "docker-compose"]).success();
    again.stdout_has("is there already");

    stack.run(["uninstall"]).success().stdout_has("brought back what was there before");
    assert_eq!(fs::read_to_string(&plugin).expect("it is back"), "theirs");
    assert!(!command.exists());
    stack.run(["uninstall"]).success().stderr_has("is not Bireme's and stays");
}
