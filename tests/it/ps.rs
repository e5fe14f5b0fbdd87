//! `ps`: which containers there are, in every form.

use crate::harness::Stack;

const THREE: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
    deploy: {replicas: 2}
  job:
    image: busybox:stable
    command: sh -c 'exit 3'
  sick:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
    healthcheck: {test: [CMD, 'false'], interval: 1s, retries: 1}
";

#[test]
fn containers_are_listed_in_every_form() {
    let stack = Stack::of("ps", THREE);
    let project = stack.project();
    stack.run(["up", "-d", "web"]).success();
    let table = stack.run(["ps"]).success();
    let mut lines = table.stdout.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(header, ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"]);
    assert_eq!(lines.count(), 2, "{table}");

    let names = stack.run(["ps", "--format", "{{.Name}} {{.State}}"]).success();
    assert_eq!(names.stdout, format!("{project}-web-1 running\n{project}-web-2 running\n"));
    assert_eq!(stack.run(["ps", "--services"]).success().stdout, "web\n");
    let ids: Vec<String> =
        stack.run(["ps", "-q"]).success().stdout.lines().map(str::to_owned).collect();
    assert_eq!(ids, [stack.containers()[0].id(), stack.containers()[1].id()]);

    stack.run(["up", "job"]).success();
    assert_eq!(stack.run(["ps", "-q", "job"]).success().stdout, "");
    let json = stack.run(["ps", "--status", "exited", "--format", "json"]).success();
    let row: serde_json::Value =
        serde_json::from_str(&json.stdout).expect("one object on one line");
    assert_eq!(
        (row["Service"].as_str(), row["ExitCode"].as_i64()),
        (Some("job"), Some(3)),
        "{json}"
    );
    // Containers of `run` have states, too.
    stack.run(["run", "job"]).code(3);
    let of_run = stack.run(["ps", "-q", "--status", "exited"]).success();
    assert_eq!(of_run.stdout.lines().count(), 2, "{of_run}");
    stack.run(["ps", "nosuch"]).code(1).stderr_has("no such service: nosuch\n");
}

#[test]
fn templates_and_their_mistakes_are_those_of_go() {
    let stack = Stack::of("templates", THREE)
        .file("docker/config.json", r#"{"psFormat": "table {{.Name}}\\t{{.Health}}"}"#);
    let project = stack.project();
    stack.run(["up", "-d", "web"]).success();
    let loops = r#"{{range $i, $word := split .Name "-"}}{{if $i}}+{{end}}{{upper $word}}{{end}}"#;
    let shown = stack.run(["ps", "--format", loops]).success();
    let name = project.to_uppercase().replace('-', "+");
    assert_eq!(shown.stdout, format!("{name}+WEB+1\n{name}+WEB+2\n"));
    let words = r#"table {{.Label "com.docker.compose.service"}}\t{{.ExitCode}}\t{{.ID}}"#;
    let header = stack.run(["ps", "--format", words]).success().stdout;
    assert_eq!(header.lines().next(), Some("service   <no value>   CONTAINER ID"));
    for (format, message) in [
        ("{{.Name", "template: :1: unclosed action\n"),
        (
            "{{.Bogus}}",
            "template: :1:2: executing \"\" at <.Bogus>: can't evaluate field Bogus in type \
             *formatter.ContainerContext\n",
        ),
    ] {
        let refused = stack.run(["ps", "--format", format]).code(1);
        assert_eq!(refused.stderr, format!("template parsing error: {message}"));
    }
    let folder = stack.folder().join("docker");
    let stack = stack.variable("DOCKER_CONFIG", &folder.display().to_string());
    let configured = stack.run(["ps"]).success().stdout;
    let header: Vec<&str> =
        configured.lines().next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(header, ["NAME", "<no", "value>"], "{configured}");
    assert_eq!(stack.run(["ps", "-q"]).success().stdout.lines().count(), 2);
}

#[test]
fn health_is_read_without_asking_for_each_container() {
    let stack = Stack::of("health", THREE);
    stack.run(["up", "--wait", "sick"]).code(1).stderr_has("is unhealthy");
    let health = stack.run(["ps", "--format", "{{.Service}} {{.Health}}"]).success();
    assert_eq!(health.stdout, "sick unhealthy\n");
}

#[test]
fn a_project_without_its_files_is_known_by_its_name() {
    let stack = Stack::of("nameless", THREE);
    stack.run(["up", "-d", "web"]).success();
    std::fs::remove_file(stack.folder().join("compose.yaml")).expect("the file is there");
    let by_name = stack.run(["-p", stack.project(), "ps", "--services"]).success();
    assert_eq!(by_name.stdout, "web\n");
    stack.run(["ps"]).code(1).stderr_has("no configuration file provided: not found\n");
    stack.run(["-p", stack.project(), "stop"]).success();
    assert!(stack.containers().iter().all(|container| container.state() == "exited"));
}
