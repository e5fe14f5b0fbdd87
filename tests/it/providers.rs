//! Services that another program provides.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Stack;

const COMPOSE: &str = "
services:
  cloud:
    provider:
      type: ./provider.sh
      options: {size: [1, 2]}
  app:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    depends_on: [cloud]
";

/// Gives what the file `url` says, notes how it was called, and fails once there is a file `fail`.
const PROVIDER: &str = r#"#!/bin/sh
echo "$@" >> calls
[ "$2" = metadata ] && exit
[ -e fail ] && printf '{"type":"error","message":"no money\\nat all"}\nbye\n' && exit 1
echo '{"type":"info","message":"at work"}'
echo '{"type":"debug","message":"looked around"}'
[ "$3" = up ] && printf '{"type":"setenv","message":"URL=%s"}\n' "$(cat url)"
[ "$3" = up ] && echo '{"type":"rawsetenv","message":"PLAIN=1"}'
exit 0
"#;

fn stack(label: &str) -> Stack {
    let stack = Stack::of(label, COMPOSE).file("provider.sh", PROVIDER).file("url", "https://one");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(stack.folder().join("provider.sh"), mode).expect("it was written");
    stack
}

fn calls(stack: &Stack) -> String {
    std::fs::read_to_string(stack.folder().join("calls")).expect("it was called")
}

#[test]
fn a_provider_gives_variables_to_those_that_depend_on_it() {
    let stack = stack("provider");
    let up = stack.run(["up", "-d"]).success();
    let up = up.stderr_has(" cloud  at work").stderr_has(" cloud  Created");
    assert!(!up.stderr.contains("looked around"), "{up}");
    stack.run(["--verbose", "up", "-d"]).success().stderr_has("debug: cloud: looked around\n");
    let project = stack.project();
    let up = format!("compose --project-name={project} up --size=1 --size=2 cloud");
    assert!(calls(&stack).contains(&up), "{}", calls(&stack));
    stack.run(["exec", "-T", "app", "env"]).success().stdout_has("CLOUD_URL=https://one");

    let first = stack.container("app");
    stack.run(["up", "-d"]).success();
    assert_eq!(stack.container("app").id(), first.id(), "the same variables, the same container");
    // The provider is asked again; of what it brings under names of its own the container tells.
    stack.run(["plan"]).code(2).stdout_has("1 kept; no downtime");
    stack.write("url", "https://two");
    stack.run(["up", "-d"]).success();
    assert_ne!(stack.container("app").id(), first.id(), "another URL makes another container");

    stack.run(["run", "--rm", "app", "env"]).success().stdout_has("PLAIN=1");
    stack.run(["down"]).success().stderr_has(" cloud  Removed");
    assert!(calls(&stack).contains(&format!("compose --project-name={project} down --size")));
}

#[test]
fn a_provider_that_fails_fails_the_command() {
    let stack = stack("provider-fails").file("fail", "");
    stack.run(["up", "-d"]).code(1).stderr_has(" cloud  no money").stderr_has("no money\nat all");
    assert!(stack.containers().is_empty());
}

/// Containers go all the same, as with Docker Compose.
#[test]
fn a_provider_that_fails_keeps_no_container_from_going() {
    let beside = "  beside: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}\n";
    let stack = stack("provider-down").file("compose.yaml", &format!("{COMPOSE}{beside}"));
    stack.run(["up", "-d"]).success();
    stack.write("fail", "");
    stack.run(["down"]).code(1).stderr_has("no money");
    assert!(stack.containers().is_empty());
}

#[test]
fn the_directory_that_one_is_in_does_not_decide_what_runs() {
    let path = format!("{}:.", std::env::var("PATH").unwrap_or_default());
    let named = COMPOSE.replace("./provider.sh", "provider.sh");
    let stack = stack("entered").variable("PATH", &path);
    stack.write("compose.yaml", &named);
    let refused = stack.run(["up", "-d"]).code(1);
    refused.stderr_has(
        "exec: \"provider.sh\": cannot run executable found relative to current directory\n",
    );
    assert!(!stack.folder().join("calls").exists(), "it was run");
}
