//! `plan`, `up --plan` and `why`, over stacks that Bireme made and over containers that have no record of ours, as those
//! of Docker Compose have none.

use serde_json::{Value, json};

use crate::harness::{Output, Stack};

/// One service for each kind of change.
const BEFORE: &str = "
x-all: &all {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL}
services:
  ports: {<<: *all, ports: ['80']}
  mounts: {<<: *all, volumes: ['one:/data']}
  variables: {<<: *all, environment: {MODE: a, KEY: '$KEY'}}
  image: {<<: *all}
  probed: {<<: *all, healthcheck: {test: 'true', interval: 5s}}
  networked: {<<: *all}
  labelled: {<<: *all, labels: {team: one}}
  scaled: {<<: *all}
  dependent: {<<: *all, depends_on: [labelled]}
  secret: {<<: *all, secrets: [token]}
volumes: {one: {}, two: {}}
networks: {back: {}}
secrets: {token: {environment: TOKEN}}
";

fn after() -> String {
    BEFORE
        .replace("ports: ['80']", "ports: ['81']")
        .replace("one:/data", "two:/data")
        .replace("MODE: a", "MODE: b")
        .replace("image: {<<: *all}", "image: {<<: *all, image: 'with-volume:1'}")
        .replace("interval: 5s", "interval: 7s")
        .replace("networked: {<<: *all}", "networked: {<<: *all, networks: [default, back]}")
        .replace("team: one", "team: two")
        .replace("scaled: {<<: *all}", "scaled: {<<: *all, scale: 2}")
        .replace("[labelled]", "[labelled, probed]")
}

/// Makes every container again as it is, but without what Bireme keeps in it.
fn forget_records(stack: &Stack) {
    for container in stack.containers() {
        let mut body = container.0["Config"].clone();
        body["Labels"]
            .as_object_mut()
            .expect("labels")
            .retain(|key, _| !key.starts_with("io.bireme."));
        body["HostConfig"] = container.0["HostConfig"].clone();
        // What the engine made of the id.
        let short = &container.id()[..12];
        body["Hostname"] = json!("");
        let aliases = |endpoint: &Value| -> Vec<Value> {
            let all = endpoint["Aliases"].as_array().cloned().unwrap_or_default();
            all.into_iter().filter(|alias| *alias != *short).collect()
        };
        let networks = &container.0["NetworkSettings"]["Networks"];
        let endpoints = networks
            .as_object()
            .expect("networks")
            .iter()
            .map(|(name, endpoint)| (name.clone(), json!({ "Aliases": aliases(endpoint) })));
        let endpoints: serde_json::Map<String, Value> = endpoints.collect();
        body["NetworkingConfig"] = json!({ "EndpointsConfig": endpoints });
        let engine = stack.engine();
        let call = |method: &str, path: &str, body: Option<&Value>| {
            let (status, answer) = engine.call(method, path, body);
            assert!((200..300).contains(&status), "{method} {path}: {answer}");
        };
        call("DELETE", &format!("/containers/{}?force=1", container.id()), None);
        call("POST", &format!("/containers/create?name={}", container.name()), Some(&body));
        call("POST", &format!("/containers/{}/start", container.name()), None);
    }
}

/// What the table of a plan says of a service, with runs of blanks as one: its row, and the changes below it.
fn rows(output: &Output, service: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in output.stdout.lines().take_while(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with("        ") {
            let name = words.iter().find(|word| !matches!(**word, "-/+" | "+" | "-" | "~" | "!"));
            inside = name == Some(&service);
        }
        if inside {
            found.push(words.join(" "));
        }
    }
    found
}

#[test]
fn each_change_is_told_whoever_made_the_containers() {
    let stack =
        Stack::of("plan-changes", BEFORE).variable("KEY", "s3cret").variable("TOKEN", "t0ken");
    stack.run(["up", "-d"]).success();
    stack.run(["plan"]).success().stdout_has("nothing to do: 10 kept");
    stack.write("compose.yaml", &after());
    let project = stack.project().to_owned();
    for recorded in [true, false] {
        if !recorded {
            forget_records(&stack);
        }
        let plan = stack.run(["plan"]).code(2);
        let replaced = |service: &str| {
            format!("-/+ {service} replace {project}-{service}-1 service \"{service}\" changed")
        };
        for (service, changes) in [
            ("ports", &["ports 80 → 81 compose.yaml:4:29"][..]),
            ("mounts", &["volumes one:/data → two:/data compose.yaml:5:32"]),
            ("variables", &["environment.MODE a → b compose.yaml:6:45"]),
            ("image", &["image busybox:stable → with-volume:1 compose.yaml:7:28"]),
            ("probed", &["healthcheck.interval 5s → 7s compose.yaml:8:60"]),
            ("networked", &["networks (none) → back compose.yaml:9:45"]),
            ("labelled", &["labels.team one → two compose.yaml:10:39"]),
        ] {
            let found = rows(&plan, service);
            let expected: Vec<String> = std::iter::once(replaced(service))
                .chain(changes.iter().map(ToString::to_string))
                .collect();
            assert_eq!(found, expected, "recorded: {recorded}\n{plan}");
        }
        let scaled = rows(&plan, "scaled");
        assert_eq!(scaled[0], format!("scaled keep {project}-scaled-1"), "{plan}");
        assert!(scaled[1].starts_with(&format!("+ scaled create {project}-scaled-2")), "{plan}");
        // What a service depends on is no part of its containers.
        assert_eq!(rows(&plan, "dependent"), [format!("dependent keep {project}-dependent-1")]);
        assert_eq!(rows(&plan, "secret"), [format!("secret keep {project}-secret-1")]);
        assert!(!plan.stdout.contains("s3cret"), "{plan}");
    }
}

#[test]
fn what_stands_elsewhere_than_below_its_field_is_found_there() {
    let compose = |label: &str| {
        format!(
            "services:
  labelled: {{image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL, label_file: [more, {label}]}}
  linked:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    LINKED
  filed:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    configs:
      - {{source: page, target: FILED}}
    SOCKET
configs: {{page: {{file: page}}}}
networks:
  default:
    driver_opts: {{com.docker.network.driver.mtu: \"MTU\"}}
"
        )
    };
    let of = |linked: &str, filed: &str, socket: &str, mtu: &str| {
        let with = compose("labels").replace("LINKED", linked).replace("FILED", filed);
        with.replace("SOCKET", socket).replace("MTU", mtu)
    };
    let before = of("links: [labelled]", "/etc/page", "init: true", "1400");
    let stack = Stack::of("plan-elsewhere", &before)
        .file("labels", "one=1\ntwo=2\n")
        .file("more", "three=3\n")
        .file("page", "a page\n");
    stack.run(["up", "-d"]).success();
    stack.write("labels", "one=1\ntwo=3\n");
    stack.write(
        "compose.yaml",
        &of(
            "links: ['labelled:other']\n    external_links: [stranger]",
            "/etc/pages",
            "init: true\n    use_api_socket: true",
            "1410",
        ),
    );
    let plan = stack.run(["plan"]).code(2);
    let has = |line: &str| {
        let lines = plan.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert!(lines.map(|words| words.join(" ")).any(|it| it == line), "{line}: {plan}");
    };
    has("labels.two (hidden) → (hidden) labels:2:1");
    has("links labelled → labelled:other compose.yaml:7:12");
    has("external_links (none) → stranger compose.yaml:8:21");
    let page = stack.folder().join("page").display().to_string();
    has(&format!("configs.page {page}:/etc/page → {page}:/etc/pages compose.yaml:14:7"));
    has("use_api_socket (none) → true compose.yaml:16:21");
    has("driver_opts.com.docker.network.driver.mtu 1400 → 1410 compose.yaml:20:50");
    for made_up in ["volumes", "DOCKER_CONFIG", "configs.#", "labelled-1"] {
        let changed = plan.stdout.lines().filter(|line| line.contains(" → "));
        assert!(changed.into_iter().all(|line| !line.contains(made_up)), "{made_up}: {plan}");
    }
}

#[test]
fn a_hidden_value_is_shown_on_demand() {
    let compose = "services: {web: {image: 'busybox:stable', command: sleep 3600, stop_signal: SIGKILL, environment: {KEY: '$KEY'}}}\n";
    let stack = Stack::of("plan-hidden", compose).variable("KEY", "0ld");
    stack.run(["up", "-d"]).success();
    let stack = stack.variable("KEY", "n3w");
    for arguments in
        [&["plan"][..], &["plan", "--format", "json"], &["up", "--dry-run"], &["plan", "--steps"]]
    {
        let plan = stack.run(arguments);
        let all = format!("{}{}", plan.stdout, plan.stderr);
        assert!(
            !all.contains("0ld") && !all.contains("n3w") && all.contains("environment.KEY"),
            "{plan}"
        );
    }
    stack.run(["plan", "--show-values"]).code(2).stdout_has("0ld → n3w");
    stack.run(["up", "-d"]).success();
    let why = stack.run(["why", "web"]).success().stdout_has("environment.KEY");
    assert!(!why.stdout.contains("0ld") && !why.stdout.contains("n3w"), "{why}");
    let label = stack.container("web");
    let label = label.label("io.bireme.record").expect("Bireme made it");
    assert!(!label.contains("0ld") && !label.contains("n3w"), "{label}");
}

const WEB: &str = "services:
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    environment: {MODE: a}
";

#[test]
fn a_saved_plan_is_carried_out_or_refused() {
    let stack = Stack::of("plan-saved", WEB);
    stack.run(["plan", "--out", "first.json"]).code(2).stdout_has("1 to create");
    stack.run(["up", "-d", "--plan", "first.json"]).success();
    let first = stack.container("web");
    // It was for a stack that had no container.
    let refused = stack.run(["up", "-d", "--plan", "first.json"]).code(1);
    refused
        .stderr_has(&format!("container {} is new", first.name()))
        .stderr_has("nothing was done");

    stack.write("compose.yaml", &WEB.replace("MODE: a", "MODE: b"));
    stack
        .run(["plan", "--out", "second.json"])
        .code(2)
        .stdout_has("environment.MODE  a → b  compose.yaml:6:25");
    stack.write("compose.yaml", &WEB.replace("MODE: a", "MODE: c"));
    let refused = stack.run(["up", "-d", "--plan", "second.json"]).code(1);
    refused
        .stderr_has("compose.yaml changed")
        .stderr_has("services.web.environment.MODE has another value");
    assert_eq!(stack.container("web").id(), first.id(), "nothing was done");

    stack.write("compose.yaml", &WEB.replace("MODE: a", "MODE: b"));
    stack.run(["kill", "web"]).success();
    let refused = stack.run(["up", "-d", "--plan", "second.json"]).code(1);
    refused.stderr_has(&format!("container {}: state running → exited", first.name()));

    stack.run(["plan", "--out", "third.json"]).code(2);
    stack.write("compose.override.yaml", "services: {web: {labels: {new: one}}}");
    let refused = stack.run(["up", "-d", "--plan", "third.json"]).code(1);
    refused.stderr_has("compose.override.yaml is read now");
    std::fs::remove_file(stack.folder().join("compose.override.yaml")).expect("it is there");
    stack
        .run(["up", "-d", "--plan", "third.json", "web"])
        .code(1)
        .stderr_has("--plan cannot be combined");
    stack
        .run(["up", "-d", "--plan", "third.json", "--build"])
        .code(1)
        .stderr_has("--plan cannot be combined");
    stack.run(["up", "-d", "--wait", "--plan", "third.json"]).success();
    assert_ne!(stack.container("web").id(), first.id());
    stack.run(["plan"]).success().stdout_has("nothing to do: 1 kept");

    stack.write("other.json", "{\"bireme_plan\": 99, \"program\": \"Bireme 9\"}");
    stack.run(["up", "--plan", "other.json"]).code(1).stderr_has("written by Bireme 9");
    stack.run(["up", "--plan", "compose.yaml"]).code(1).stderr_has("is no plan");
    stack.run(["up", "--plan", "none.json"]).code(1).stderr_has("cannot read the plan none.json");
}

#[test]
fn a_flag_that_replaces_hides_no_change() {
    let stack = Stack::of("plan-forced", WEB);
    stack.run(["up", "-d"]).success();
    stack.write("compose.yaml", &WEB.replace("MODE: a", "MODE: b"));
    for flag in ["--force-recreate", "--renew-anon-volumes"] {
        let plan = stack.run(["plan", flag]).code(2).stdout_has(flag);
        plan.stdout_has("environment.MODE  a → b  compose.yaml:6:25");
    }
    stack.run(["up", "-d", "--force-recreate"]).success();
    stack.run(["why"]).success().stdout_has("environment.MODE  a → b");
}

#[test]
fn a_container_that_gets_another_name_is_replaced() {
    let stack = Stack::of("plan-name", WEB);
    stack.write("compose.yaml", &format!("{WEB}    volumes: [/kept]\n    init: true\n"));
    stack.run(["up", "-d"]).success();
    let name = format!("{}-renamed", stack.project());
    let named = format!("{WEB}    volumes: [/kept]\n    init: true\n    container_name: {name}\n");
    stack.write("compose.yaml", &named);
    stack
        .run(["plan"])
        .code(2)
        .stdout_has(&format!("replace  {name}"))
        .stdout_has(&format!("has no name; passes with its content to the new {name}"))
        .stdout_has("1 to replace; down for");
    stack.run(["up", "-d"]).success();
    stack.run(["plan"]).success();
}

#[test]
fn what_engines_tell_of_a_container_nobody_asked_for_is_no_change() {
    let text = format!("{WEB}    volumes: [/kept]\n    mac_address: '02:42:ac:11:65:43'\n");
    let stack = Stack::of("plan-quiet", &text);
    stack.run(["up", "-d"]).success();
    stack.write("compose.yaml", &text.replace("MODE: a", "MODE: b").replace("[/kept]", "[/new]"));
    let output = stack.run(["plan"]).code(2);
    let output = output.stdout_has("environment.MODE  a → b").stdout_has("/kept → /new");
    assert!(!output.stdout.contains("mac_address"), "{output}");
}

#[test]
fn the_document_for_programs() {
    let stack = Stack::of("plan-json", &WEB.replace("busybox:stable", "nowhere.invalid/none:1"));
    let plan = stack.run(["plan", "--format", "json"]).code(2);
    let document: Value = serde_json::from_str(&plan.stdout).expect("JSON");
    assert_eq!(document["form"], 1);
    assert_eq!(document["changes"], true);
    assert_eq!(document["services"][0]["fate"], "create");
    assert_eq!(document["images"][0]["action"], "pull");
    assert_eq!(document["images"][0]["place"], "compose.yaml:3:12");
    assert_eq!(document["totals"]["create"], 1);
    assert_eq!(document["networks"][0]["network"], format!("{}_default", stack.project()));
    stack.run(["plan", "--format", "yaml"]).code(1).stderr_has("unsupported format \"yaml\"");
    assert!(stack.containers().is_empty() && stack.engine().networks(stack.project()).is_empty());
}

#[test]
fn a_dry_run_has_the_steps_of_the_plan() {
    let stack = Stack::of("plan-steps", WEB);
    let dry = stack.run(["up", "--dry-run"]).success();
    let plan = stack.run(["plan", "--steps"]).code(2);
    assert!(plan.stdout.ends_with(&format!("\n\n{}", dry.stdout)), "{plan}\n{dry}");
}

#[test]
fn a_secret_with_other_content_is_noted() {
    let compose = format!("{WEB}    configs: [motd]\nconfigs: {{motd: {{content: one}}}}\n");
    let stack = Stack::of("plan-content", &compose);
    stack.run(["up", "-d"]).success();
    let plan = stack.run(["plan"]).success();
    assert!(!plan.stdout.contains("/motd"), "{plan}");
    stack.write("compose.yaml", &compose.replace("content: one", "content: two"));
    stack.run(["plan"]).success().stdout_has("/motd has other content than when");
}

#[test]
fn why_tells_the_last_change_and_what_can_be_known() {
    let stack = Stack::of("why", WEB);
    stack.run(["up", "-d"]).success();
    stack
        .run(["why", "web"])
        .success()
        .stdout_has("why: service \"web\" has no container (compose.yaml:3:5)");
    let first = stack.container("web").id()[..12].to_owned();
    stack.write("compose.yaml", &WEB.replace("MODE: a", "MODE: b"));
    stack.run(["up", "-d"]).success();
    stack.run(["kill", "web"]).success();
    // The engine answers before the container has ended.
    stack.run(["wait", "web"]);
    let why = stack.run(["why", "web"]).success();
    why.stdout_has("environment.MODE  a → b  compose.yaml:6:25")
        .stdout_has(&format!("it replaced {first}, made"))
        .stdout_has("with exit code 137")
        .stdout_has("die exit code 137");

    stack.run(["up", "-d"]).success();
    forget_records(&stack);
    stack.run(["why", "web"]).success().stdout_has("Docker Compose 2.40.3 keeps no record of why");
    let json = stack.run(["why", "web", "--format", "json"]).success();
    let document: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(document[0]["service"], "web");
    assert_eq!(document[0]["record"], Value::Null);
    stack.run(["why", "wbe"]).code(1).stderr_has("no such service: wbe");
    stack.run(["down"]).success();
    stack.run(["why", "web"]).code(1).stderr_has("service \"web\" has no container");
}
