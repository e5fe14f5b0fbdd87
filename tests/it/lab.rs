//! The ground that the other tests stand on: what the lab promises, and that a test leaves nothing behind.

use serde_json::json;

use crate::harness::{Engine, Stack, machine, platforms, registry};

/// Creates a container that belongs to a project, as Compose labels it, and gives its identifier.
fn create(engine: &Engine, project: &str, image: &str, platform: &str, command: &[&str]) -> String {
    let from = format!("/images/create?fromImage={image}&platform={platform}");
    assert_eq!(engine.call("POST", &from, None).0, 200, "{image} for {platform} cannot be pulled");
    let body = json!({
        "Image": image,
        "Cmd": command,
        "Labels": { "com.docker.compose.project": project },
        "Volumes": { "/anonymous": {} },
    });
    let (status, answer) =
        engine.call("POST", &format!("/containers/create?platform={platform}"), Some(&body));
    assert_eq!(status, 201, "{answer}");
    answer["Id"].as_str().expect("a created container has an identifier").to_owned()
}

#[test]
fn containers_of_both_platforms_run() {
    let stack = Stack::new("platforms");
    let (native, foreign) = platforms();
    for platform in [native, foreign] {
        // Fails unless the machine inside is the platform's.
        let check = format!("test $(uname -m) = {}", machine(platform));
        let image = format!("{}/library/busybox:stable", registry());
        let id = create(stack.engine(), stack.project(), &image, platform, &["sh", "-c", &check]);
        assert_eq!(stack.engine().call("POST", &format!("/containers/{id}/start"), None).0, 204);
        let (_, ended) = stack.engine().call("POST", &format!("/containers/{id}/wait"), None);
        assert_eq!(ended["StatusCode"], 0, "`{check}` fails on {platform}");
    }
}

#[test]
fn nothing_of_a_failed_test_stays() {
    let engine = Engine::from_environment();
    let stack = Stack::new("failing");
    let project = stack.project().to_owned();
    let failed = std::panic::catch_unwind(move || {
        let engine = stack.engine();
        create(engine, stack.project(), "busybox:stable", platforms().0, &["true"]);
        let labels = json!({ "com.docker.compose.project": stack.project() });
        let network = json!({ "Name": format!("{}_default", stack.project()), "Labels": labels });
        assert_eq!(engine.call("POST", "/networks/create", Some(&network)).0, 201);
        let volume = json!({ "Name": format!("{}_data", stack.project()), "Labels": labels });
        assert_eq!(engine.call("POST", "/volumes/create", Some(&volume)).0, 201);
        assert!(stack.containers().is_empty(), "as a test fails");
    });
    assert!(failed.is_err());
    assert!(engine.containers(&project).is_empty());
    assert!(engine.networks(&project).is_empty());
    assert!(engine.volumes(&project).is_empty());
}

#[test]
fn images_for_one_platform_only_are_refused_for_the_other() {
    let engine = Engine::from_environment();
    let (native, foreign) = platforms();
    for (name, offered, refused) in
        [("native-only", native, foreign), ("foreign-only", foreign, native)]
    {
        // A pull answers 200 before it knows; what went wrong is in the stream after that.
        let pull = |platform: &str| {
            let path = format!(
                "/images/create?fromImage={}/library/{name}:1&platform={platform}",
                registry()
            );
            engine.call("POST", &path, None).1.to_string()
        };
        assert!(!pull(offered).contains("error"), "{name} is offered for {offered}");
        let answer = pull(refused);
        assert!(
            answer.contains("no matching manifest"),
            "{name} is not offered for {refused}: {answer}"
        );
    }
}
