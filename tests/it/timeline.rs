//! `timeline` and `graph`: where the time went, and who needs whom.

use crate::harness::Stack;

const CHAIN: &str = "
services:
  db:
    image: busybox:stable
    # Longer than anything that a busy machine takes its time for.
    command: sh -c 'sleep 5; touch /ready; sleep 1000'
    stop_grace_period: 1s
    healthcheck: {test: 'test -f /ready', interval: 1s, retries: 60}
  web:
    image: busybox:stable
    init: true
    command: sleep 1000
    depends_on: {db: {condition: service_healthy}}
";

#[test]
fn a_start_and_a_stop_are_explained_then_and_afterwards() {
    let stack = Stack::of("timeline", CHAIN);
    stack.run(["timeline"]).code(1).stderr_has("no up of project");
    let shown = stack.run(["up", "-d", "--timeline"]).success();
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert!(lines[0].starts_with("web ready @"), "{shown}");
    assert!(lines[0].contains(" of it waiting for db"), "{shown}");
    assert!(lines.iter().any(|line| line.trim_start().starts_with("└─ db healthy")), "{shown}");
    assert_eq!(stack.run(["timeline"]).success().stdout, shown.stdout);

    let stopped = stack.run(["down", "--timeline"]).success();
    let remedy = "killed after 1 s (137): process 1 is a shell, `sh -c sleep 5; touch /ready; \
                  sleep 1000`, that passes no SIGTERM on: write the command as a list (exec form)";
    assert!(stopped.stdout.contains(remedy), "{stopped}");
    assert_eq!(stack.run(["timeline", "--stop"]).success().stdout, stopped.stdout);
    assert_eq!(stack.run(["timeline"]).success().stdout, shown.stdout, "the start is kept too");

    stack.run(["timeline", "--svg", "start.svg"]).success();
    let picture = std::fs::read_to_string(stack.folder().join("start.svg")).expect("a picture");
    assert!(picture.starts_with("<svg ") && picture.contains("waiting for health"), "{picture}");
    let json = stack.run(["timeline", "--format", "json"]).success();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["chain"]["links"][0]["name"], "web");
}

#[test]
fn a_graph_shows_how_services_are_when_an_engine_answers() {
    let stack = Stack::of("graph", CHAIN);
    let offline = stack.run(["graph", "--offline"]).success();
    let lines: Vec<&str> = offline.stdout.lines().collect();
    assert_eq!(lines[1..], ["web               [default]", "└─ db  healthy    [default]"]);
    stack.run(["graph"]).success().stdout_has("○ not created");
    stack.run(["up", "-d"]).success();
    stack.run(["graph"]).success().stdout_has("● running, healthy");
    stack.run(["graph", "--format", "mermaid"]).success().stdout_has("s1 -- healthy --> s0");
    let unreachable = Stack::of("graph-alone", CHAIN).variable("DOCKER_HOST", "unix:///nowhere");
    unreachable.run(["graph"]).success().stderr_has("drawn without states");
}
