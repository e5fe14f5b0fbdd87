//! Images from `build` sections.

use crate::harness::{Stack, machine, platforms};

#[test]
fn a_service_is_built_for_the_platform_it_names() {
    let (native, foreign) = platforms();
    let stack = Stack::of(
        "build",
        &format!(
            "
services:
  near: &built
    build:
      context: .
      args: {{GREETING: good morning}}
    platform: {native}
    command: sleep 3600
    stop_signal: SIGKILL
  far:
    <<: *built
    platform: {foreign}
"
        ),
    )
    .file("note", "from the context\n")
    .file("Dockerfile", "FROM busybox:stable\nARG GREETING\nCOPY note /note\nRUN echo $GREETING $(uname -m) >> /note\n");
    stack.run(["up", "-d"]).success();
    for (service, platform) in [("near", native), ("far", foreign)] {
        let note = format!("from the context\ngood morning {}", machine(platform));
        stack.run(["exec", "-T", service, "cat", "/note"]).success().stdout_has(&note);
    }
    assert_eq!(
        stack.engine().images(stack.project()).len(),
        2,
        "images are labelled with the project"
    );
}

#[test]
fn for_programs_a_build_tells_what_the_builder_says() {
    let stack = Stack::of("records", "services: {app: {build: .}}")
        .file("Dockerfile", "FROM busybox:stable\nRUN echo to the log\n");
    let built = stack.run(["--progress", "json", "build", "--no-cache"]).success();
    let records: Vec<serde_json::Value> = built
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is a record"))
        .collect();
    let all = |kind: &str| -> Vec<serde_json::Value> {
        records.iter().filter_map(|it| it[kind].as_array()).flatten().cloned().collect()
    };
    let step = all("vertexes")
        .into_iter()
        .find(|step| {
            step["name"] == "[app 2/2] RUN echo to the log" && !step["completed"].is_null()
        })
        .expect("the step has ended");
    // "to the log\n" in Base64.
    let log = all("logs").into_iter().find(|log| log["data"] == "dG8gdGhlIGxvZwo=").expect("a log");
    assert_eq!(log["vertex"], step["digest"], "{built}");
    assert_eq!(
        built.stderr,
        format!("{{\"id\":\"{}-app\",\"status\":\"Built\"}}\n", stack.project())
    );
}

#[test]
fn a_build_that_fails_names_the_service_and_starts_nothing() {
    let stack = Stack::of(
        "failing-build",
        "
services:
  broken:
    build:
      dockerfile_inline: |
        FROM busybox:stable
        RUN echo these words are in the log && false
",
    );
    stack.run(["up", "-d"]).code(1).shows("broken").shows("these words are in the log");
    assert!(stack.containers().is_empty());
}

#[test]
fn the_log_of_a_build_is_its_result_and_goes_to_standard_output() {
    let stack = Stack::of(
        "build-log",
        "
services:
  web:
    build:
      dockerfile_inline: |
        FROM busybox:stable
        RUN echo one and $((1 + 1))
",
    );
    let named = format!("naming to docker.io/library/{}-web", stack.project());
    stack
        .run(["build", "--no-cache"])
        .success()
        .stdout_has("one and 2")
        .stdout_has(&named)
        .stderr_has("Built");
}

#[test]
fn what_would_be_built_is_printed_as_a_bake_file() {
    let stack = Stack::of(
        "bake",
        "
services:
  web.one:
    image: acme/web:1
    build:
      context: ./web
      args: {FROM_FILE: '1', LITERAL: '$${q}'}
      additional_contexts: {base: 'service:base'}
  base:
    build: {dockerfile_inline: 'FROM scratch'}
",
    );
    let printed = stack.run(["build", "--print", "--push", "--build-arg", "FLAG=2", "web.one"]);
    let bake: serde_json::Value = serde_json::from_str(&printed.success().stdout).unwrap();
    assert_eq!(bake["group"]["default"]["targets"], serde_json::json!(["base", "web_one"]));
    let web = &bake["target"]["web_one"];
    assert_eq!(web["args"], serde_json::json!({"FLAG": "2", "FROM_FILE": "1", "LITERAL": "$${q}"}));
    assert_eq!(web["contexts"]["base"], "target:base");
    assert_eq!(web["output"], serde_json::json!(["type=registry"]));
    assert_eq!(bake["target"]["base"]["output"], serde_json::json!(["type=docker"]));
    assert!(stack.engine().images(stack.project()).is_empty(), "nothing is built");
}

#[test]
fn a_builder_that_there_is_not_is_told() {
    let stack = Stack::of("builder", "services: {web: {build: {dockerfile_inline: FROM scratch}}}");
    stack.run(["build", "--builder", "nowhere"]).code(1).shows("no builder \"nowhere\" found");
}
