//! Copies of images that the engine has, and that are not what the registry has under their names.

use serde_json::{Value, json};

use super::servers::Registry;
use crate::harness::{Stack, platforms};

fn rows(stack: &Stack) -> Vec<Value> {
    let told = stack.run(["platforms", "--format", "json"]).success();
    serde_json::from_str(&told.stdout).expect("an array")
}

/// A foreign copy is only called needless where a pull brings another one: not where it was tagged or made here, under a
/// name that nobody has or that stands for something else.
#[test]
fn a_copy_that_no_pull_replaces_is_not_called_needless() {
    let (own, other) = platforms();
    let stack = Stack::new("made-here");
    let registry = Registry::of_the_lab();
    let repository = format!("copies/{}", stack.project());
    let made = registry.images(&repository, &[own, other]);
    registry.index(&repository, "known", &made);
    registry.index(&repository, "committed", &made);
    registry.index(&repository, "second", &made);
    let another = format!("{repository}-another");
    registry.index(&another, "retagged", &registry.images(&another, &[own, other]));
    let name = format!("{}/{repository}", registry.address);
    let retagged = format!("{}/{another}", registry.address);
    let engine = stack.engine();
    let path = format!("/images/create?fromImage={name}&tag=known&platform={other}");
    assert_eq!(engine.call("POST", &path, None).0, 200);
    // A classic engine has the digest with the first of two, and the name with the last.
    for platform in [own, other] {
        let path = format!("/images/create?fromImage={name}&tag=second&platform={platform}");
        assert_eq!(engine.call("POST", &path, None).0, 200);
    }
    let path = format!("/images/{name}:known/tag?repo={name}&tag=tagged");
    assert_eq!(engine.call("POST", &path, None).0, 201);
    let path = format!("/images/{name}:known/tag?repo={retagged}&tag=retagged");
    assert_eq!(engine.call("POST", &path, None).0, 201);
    let body = json!({"Image": format!("{name}:known"), "Cmd": ["nothing"]});
    let path = format!("/containers/create?platform={other}");
    let (status, container) = engine.call("POST", &path, Some(&body));
    assert_eq!(status, 201, "{container}");
    let id = container["Id"].as_str().expect("it has an id");
    for tag in ["committed", "unknown"] {
        let path = format!("/commit?container={id}&repo={name}&tag={tag}");
        assert_eq!(engine.call("POST", &path, Some(&json!({}))).0, 201);
    }
    engine.call("DELETE", &format!("/containers/{id}"), None);

    let tags = ["known", "tagged", "committed", "unknown"];
    let services = tags.map(|tag| format!("  {tag}: {{image: '{name}:{tag}'}}\n")).concat();
    let pinned = format!("  pinned: {{image: '{name}:tagged', platform: {other}}}\n");
    let second = format!("  second: {{image: '{name}:second', platform: {other}}}\n");
    let moved = format!("  retagged: {{image: '{retagged}:retagged'}}\n");
    let stack =
        stack.file("compose.yaml", &format!("services:\n{services}{pinned}{second}{moved}"));
    let rows = rows(&stack);
    let row =
        |service: &str| rows.iter().find(|row| row["service"] == service).expect("it is there");
    assert_eq!(row("second")["verdict"], "needless", "{}", row("second"));
    // A containerd store has the whole index under a name, and takes the native platform out of it.
    let has_index = stack.engine().has_containerd_store();
    let (verdict, remedy) =
        if has_index { ("native", Value::Null) } else { ("needless", json!("bireme pull known")) };
    assert_eq!(row("known")["verdict"], verdict, "{}", row("known"));
    assert_eq!(row("known")["remedy"], remedy);
    if has_index {
        assert_eq!(row("tagged")["verdict"], "native", "{}", row("tagged"));
        assert_eq!(row("pinned")["verdict"], "needless", "{}", row("pinned"));
        for service in ["committed", "unknown"] {
            assert_eq!(row(service)["verdict"], "unknown", "{}", row(service));
        }
    } else {
        for service in ["tagged", "committed", "unknown", "pinned", "retagged"] {
            let row = row(service);
            assert_eq!(row["verdict"], "unknown", "{row}");
            assert_eq!(row["chosen"], other, "{row}");
            assert_eq!(row["remedy"], Value::Null, "{row}");
        }
        let message = row("committed")["causes"][0]["message"].to_string();
        assert!(message.contains("not what the registry has under its name"), "{message}");
        let plan = stack.run(["plan"]);
        assert_eq!(plan.stderr.matches("needlessly").count(), 2, "{plan}");
        stack.run(["pull", "known"]).success();
    }
    stack.engine().call("DELETE", &format!("/images/{retagged}:retagged?force=true"), None);
    for tag in tags.iter().chain(&["second"]) {
        stack.engine().call("DELETE", &format!("/images/{name}:{tag}?force=true"), None);
    }
}

/// A classic store keeps one platform under a digest, and gives it to another only once it is free.
#[test]
fn an_image_by_its_digest_is_pulled_for_another_platform() {
    let (own, other) = platforms();
    let stack = Stack::new("by-digest");
    let registry = Registry::of_the_lab();
    let repository = format!("copies/{}", stack.project());
    let made = registry.images(&repository, &[own, other]);
    let index = registry.index(&repository, "both", &made);
    let digest = index["digest"].as_str().expect("it has a digest");
    let name = format!("{}/{repository}@{digest}", registry.address);
    let stack = stack.file("compose.yaml", "");
    for platform in [own, other, own] {
        let file =
            format!("services: {{web: {{image: '{name}', platform: {platform}, command: x}}}}\n");
        stack.write("compose.yaml", &file);
        stack.run(["pull"]).success();
        let up = stack.run(["create"]).success();
        assert!(!up.stderr.contains("Pulling"), "{up}");
        stack.run(["down"]).success();
    }
    stack.engine().call("DELETE", &format!("/images/{name}?force=true"), None);
}
