//! `events`: what happened, and what happens.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::Signal;

use crate::harness::Stack;

const TWO: &str = r#"
services:
  web:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
    labels: {color: "<blue>"}
  job:
    image: busybox:stable
    command: sh -c 'exit 3'
"#;

fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs()
}

fn now() -> String {
    unix_time().to_string()
}

/// The next whole second: what is `0s` ago is cut to one, which may lie before what just happened.
fn next_second() -> String {
    (unix_time() + 1).to_string()
}

#[test]
fn past_events_are_told_in_both_forms_and_end_as_asked() {
    let stack = Stack::of("events", TWO);
    let project = stack.project();
    let since = now();
    stack.run(["up", "-d"]).success();
    let id = stack.container("web").id().to_owned();
    stack.run(["wait", "job"]);
    stack.run(["run", "--rm", "-T", "web", "true"]).success();
    let until = next_second();
    let text = stack.run(["events", "--since", &since, "--until", &until, "web"]).code(1);
    assert_eq!(text.stderr, "EOF\n");
    let told: Vec<String> = text
        .stdout
        .split("\n\n")
        .filter(|event| !event.is_empty())
        .map(|event| event.splitn(3, ' ').last().unwrap_or_default().to_owned())
        .collect();
    let about = format!("{id} (color=<blue>, image=busybox:stable, name={project}-web-1)");
    assert_eq!(
        told,
        [format!("container create {about}"), format!("container start {about}")],
        "one-offs are not told: {text}"
    );
    let json = stack.run(["events", "--json", "--since", &since, "--until", "0s", "job"]).code(1);
    let died = json.stdout.lines().find(|line| line.contains("\"die\"")).expect("job ended");
    let died: serde_json::Value = serde_json::from_str(died).expect("an object for each line");
    let keys: Vec<&String> = died.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["action", "attributes", "id", "service", "time", "type"]);
    assert_eq!(died["attributes"]["exitCode"], "3");
    assert_eq!((&died["service"], &died["type"]), (&"job".into(), &"container".into()));
    stack
        .run(["events", "--until", "soon"])
        .code(1)
        .stderr_has("failed to parse value as time or duration: \"soon\"\n");
    stack.run(["events", "wbe"]).code(1).stderr_has("no such service: wbe; did you mean `web`?");
}

#[test]
fn events_come_as_they_happen_until_a_signal() {
    let stack = Stack::of("live", TWO);
    stack.run(["create", "web"]).success();
    // With a beginning nothing is missed, whenever it begins to listen.
    let mut events = stack.start(["-p", stack.project(), "events", "--since", &now()]);
    stack.run(["start", "web"]).success();
    let id = stack.container("web").id().to_owned();
    let told = events.wait_for(" container start ");
    assert!(told.contains(&id), "{told}");
    stack.run(["kill", "web"]).success();
    events.wait_for(" container die ");
    events.signal(Signal::INT);
    events.finish().code(130);
}
