//! Projects become other models, and containers become projects.

use std::fs;
use std::process::Stdio;

use crate::harness::Stack;

/// An image that converts: it shows the model, who runs it, and its templates.
const DOCKERFILE: &str = "
FROM busybox:stable
LABEL com.docker.compose.bridge=transformation
EXPOSE 99
RUN mkdir /templates && echo own > /templates/page.tmpl
CMD cp /in/compose.yaml /out/model.yaml && cat /templates/* > /out/page && id -u > /out/user \
    && chmod a+r /out/* && echo converted
";

const APP: &str = r#"
services:
  converter: {build: {context: .}, command: sleep 1000}
  web:
    image: busybox:stable
    command: ["sh", "-c", "echo $$HOME; exec sleep 1000"]
    environment: {PRICE: 5 $$}
    ports: ["127.0.0.1::80"]
    secrets: [token]
    volumes: ["data:/data:ro"]
    labels: {team: shop}
    stop_signal: SIGKILL
volumes: {data: {}}
secrets: {token: {file: token.txt}}
"#;

fn stack(label: &str) -> Stack {
    Stack::of(label, APP).file("Dockerfile", DOCKERFILE).file("token.txt", "a secret\n")
}

#[test]
fn a_project_goes_through_the_images_that_convert() {
    let stack = stack("bridge");
    stack.run(["build"]).success();
    let image = format!("{}-converter", stack.project());
    let read = |path: &str| fs::read_to_string(stack.folder().join(path)).expect("it was written");
    let convert = ["bridge", "convert", "-t", &image];

    stack.run(convert).success().stdout_has("converted\n");
    let model = read("out/model.yaml");
    for part in ["content: |\n      a secret\n", "PRICE: 5 $\n", "- \"99\"\n", "- \"80\"\n"] {
        assert!(model.contains(part), "{part:?} is not in\n{model}");
    }
    assert!(model.contains(&format!("image: {image}\n")), "{model}");
    assert_eq!(read("out/page"), "own\n");
    assert_eq!(read("out/user").trim(), rustix::process::getuid().as_raw().to_string());

    stack.write("out/mine", "precious");
    let mut unanswered = stack.command(convert);
    let refused = unanswered.stdin(Stdio::null()).output().expect("bireme can be run");
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(read("out/mine"), "precious");
    stack.run(["bridge", "convert", "-t", &image, "-o", ".", "--yes"]).code(1);
    assert_eq!(read("token.txt"), "a secret\n");

    stack.write("templates/page.tmpl", "another\n");
    stack.run(["bridge", "convert", "-t", &image, "--yes", "--templates", "templates"]).success();
    assert_eq!(read("out/page"), "another\n");
    assert!(!stack.folder().join("out/mine").exists());

    let listed = stack.run(["bridge", "transformations", "ls", "-q"]).success();
    listed.stdout_has(&format!("{image}:latest\n"));
    let create = ["bridge", "transformations", "create", "mine", "--from", &image];
    stack.run(create).success().stdout_has("Transformer created in ");
    assert_eq!(read("mine/templates/page.tmpl"), "own\n");
    assert!(read("mine/Dockerfile").contains("COPY templates /templates\n"));
    stack.run(create).code(1).stderr_has("already exists");
}

#[test]
fn containers_are_described_by_a_file_that_makes_them_again() {
    let stack = stack("generate");
    stack.run(["up", "-d", "web"]).success();
    let container = format!("{}-web-1", stack.project());
    let generated = stack.run(["alpha", "generate", &container, "--name", "again"]).success();
    let generated = generated.stderr_has("generate command is EXPERIMENTAL\n").stdout.clone();
    stack.write("again.yaml", &generated);
    let config = stack.run(["-f", "again.yaml", "config", "--format", "json"]).success();
    let config: serde_json::Value = serde_json::from_str(&config.stdout).expect("JSON");
    let web = &config["services"]["web"];
    assert_eq!(config["name"], "again");
    assert_eq!(web["environment"]["PRICE"], "5 $$");
    assert_eq!(web["ports"][0]["target"], 80);
    assert_eq!(web["labels"], serde_json::json!({"team": "shop"}));
    assert_eq!(web["volumes"][0]["target"], "/data");
    assert_eq!(web["volumes"][0]["read_only"], true);
    assert_eq!(web["secrets"][0]["source"], "token");
    stack
        .run(["alpha", "generate", "nobody-has-this-name"])
        .code(1)
        .stderr_has("no container(s) found with the following name(s): nobody-has-this-name");
}
