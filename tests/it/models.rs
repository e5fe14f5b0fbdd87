//! Models that services use, which a plugin of the docker command serves.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Stack;

const COMPOSE: &str = "
services:
  app:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    models: [my-llm]
  tool:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    models:
      here: {model_var: NAME, endpoint_var: WHERE}
models:
  my-llm: {model: ai/far, context_size: 1024, runtime_flags: [--temp, '0.1']}
  here: {model: ai/near}
";

/// Has one model, notes how it was called, and fails at the call that the file `fail` names.
const PLUGIN: &str = r#"#!/bin/sh
case $1 in docker-cli-plugin-metadata)
  echo '{"SchemaVersion":"0.1.0","Vendor":"test","Version":"v1.0.6"}'; exit
esac
echo "$@" >> calls
[ "$(cat fail 2>&1)" = "$1" ] && echo "cannot $1" >&2 && exit 3
case $1 in
  ls) echo '[{"id":"sha256:1","tags":["ai/near"],"created":1}]' ;;
  status) echo '{"running":true,"endpoint":"http://models/v1/"}' ;;
  pull) echo 'Downloaded 1 of 2'; echo done ;;
esac
"#;

fn stack(label: &str) -> Stack {
    let stack = Stack::of(label, COMPOSE).file("docker/cli-plugins/docker-model", PLUGIN);
    let plugin = stack.folder().join("docker/cli-plugins/docker-model");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(plugin, mode).expect("it was written");
    let config = stack.folder().join("docker").display().to_string();
    stack.variable("DOCKER_CONFIG", &config)
}

#[track_caller]
fn has_variables(stack: &Stack, service: &str, expected: [&str; 2]) {
    let environment = stack.run(["exec", "-T", service, "env"]).success();
    for variable in expected {
        assert!(environment.stdout.lines().any(|line| line == variable), "{environment:?}");
    }
}

#[test]
fn models_are_made_ready_and_services_find_them() {
    let stack = stack("models");
    stack.run(["up", "-d"]).success().stderr_has(" my-llm Pulled ").stderr_has(" here Configured ");
    let calls = std::fs::read_to_string(stack.folder().join("calls")).expect("it was called");
    let mut calls: Vec<&str> = calls.lines().collect();
    calls.sort_unstable();
    assert_eq!(
        calls,
        [
            "configure --context-size 1024 ai/far -- --temp 0.1",
            "configure ai/near",
            "ls --json",
            "pull ai/far",
            "status --json",
        ]
    );
    has_variables(&stack, "app", ["MY_LLM_MODEL=ai/far", "MY_LLM_URL=http://models/v1/"]);
    has_variables(&stack, "tool", ["NAME=ai/near", "WHERE=http://models/v1/"]);
    assert_eq!(stack.run(["config", "--models"]).success().stdout, "ai/near\nai/far\n");

    let first = stack.container("app");
    stack.run(["up", "-d"]).success();
    assert_eq!(stack.container("app").id(), first.id(), "the same models, the same container");
}

#[test]
fn models_that_cannot_be_had_fail_the_command() {
    let stack = stack("models-fail");
    for call in ["status", "pull", "configure"] {
        stack.write("fail", call);
        stack.run(["up", "-d"]).code(1).stderr_has(&format!("exit status 3: cannot {call}"));
        assert!(stack.containers().is_empty(), "{call}");
    }
    let stack = stack.variable("DOCKER_CONFIG", "/nowhere").variable("HOME", "/nowhere");
    stack.run(["up", "-d"]).code(1).stderr_has("'models' support requires Docker Model plugin");
}
