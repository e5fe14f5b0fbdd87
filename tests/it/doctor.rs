//! `doctor`: what it tells of a real engine, of a project on it, and of no engine at all.

use serde_json::Value;

use crate::harness::{Stack, platforms};

fn report(stack: &Stack, arguments: &[&str], code: i32) -> Value {
    let output = stack.run(arguments).code(code);
    serde_json::from_str(&output.stdout).expect("the report is one JSON object")
}

const JSON: [&str; 3] = ["doctor", "--format", "json"];

fn how<'a>(report: &'a Value, platform: &str) -> &'a str {
    let rows = report["platforms"].as_array().expect("platforms are an array");
    let row = rows.iter().find(|row| row["platform"] == platform);
    row.and_then(|row| row["how"].as_str()).unwrap_or("(not told)")
}

#[test]
fn an_engine_is_examined_without_files() {
    let stack = Stack::new("doctor-bare");
    let report = report(&stack, &JSON, 0);
    let (own, foreign) = platforms();
    assert_eq!(how(&report, own), "native", "{report:#}");
    assert_eq!(how(&report, foreign), "qemu", "{report:#}");
    assert_eq!(report["engine"]["guest"]["platform"], own);
    assert_eq!(report["engine"]["guest"]["is_this_machine"], true);
    assert_eq!(report["engine"]["clock_ahead"], 0);
    assert_eq!(report["file_events"]["arrival"], "all");
    assert_eq!(report["project"], Value::Null);
    stack.run(["doctor"]).success().stdout_has("under QEMU").stdout_has("Engine");
    stack.run(["doctor", "--format", "yaml"]).code(1).stderr_has("unsupported format");
}

#[test]
fn a_builder_of_buildx_is_named() {
    let stack = Stack::new("doctor-builder").variable("BUILDX_BUILDER", "far");
    assert_eq!(report(&stack, &JSON, 1)["builder"], Value::Null);
    let instances = stack.home().join(".docker/buildx/instances");
    std::fs::create_dir_all(&instances).expect("folders can be made");
    let far =
        r#"{"Name":"far","Driver":"remote","Nodes":[{"Name":"far0","Endpoint":"tcp://far:1234"}]}"#;
    std::fs::write(instances.join("far"), far).expect("a file can be written");
    let report = report(&stack, &JSON, 0);
    assert_eq!(report["builder"]["driver"], "remote", "{report:#}");
    stack.run(["doctor"]).success().stdout_has("builds    far, of buildx (remote)");
}

#[test]
fn services_that_cannot_run_are_found() {
    let stack = Stack::of(
        "doctor-services",
        "
services:
  web:
    image: busybox:stable
    platform: linux/s390x
  db:
    image: busybox:stable
",
    );
    let report = report(&stack, &JSON, 1);
    let problems = report["problems"].as_array().expect("problems are an array");
    let first = problems.first().expect("there is one");
    assert_eq!(first["severity"], "error");
    let message = first["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("web: the engine cannot run linux/s390x"), "{report:#}");
    let remedy = first["remedy"].as_str().unwrap_or_default();
    assert!(remedy.ends_with("bireme platforms --fix web"), "{report:#}");
    assert_eq!(how(&report, "linux/s390x"), "none");
    assert!(!report.to_string().contains("--install s390x"), "{report:#}");
    assert_eq!(report["project"]["services"][0]["service"], "web");
}

#[test]
fn without_an_engine_it_is_told_what_was_tried() {
    let stack = Stack::new("doctor-nobody").variable("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let report = report(&stack, &JSON, 1);
    assert_eq!(report["engine"], Value::Null);
    assert_eq!(report["endpoint"]["host"], "unix:///nowhere/docker.sock");
    assert_eq!(report["tried"][0]["answer"], "no such file or directory");
    stack.run(["doctor"]).code(1).stdout_has("no engine answers at unix:///nowhere/docker.sock");
}

#[test]
fn mistakes_in_files_do_not_hide_the_engine() {
    let stack = Stack::of("doctor-mistake", "services:\n  web:\n    imag: busybox\n");
    let report = report(&stack, &JSON, 1);
    assert!(report["engine"].is_object());
    let message = report["problems"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("Compose files"), "{report:#}");
}
