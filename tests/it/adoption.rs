//! Containers that another program made of the same files.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::Stack;

const COMPOSE: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 3600
    stop_signal: SIGKILL
    env_file: own.env
    volumes:
      - ./data:/data
      - {type: bind, source: ./data, target: /there, bind: {create_host_path: false}}
";

/// What Docker Compose 5 hashes of the service above: unlike 2.x it leaves out that missing folders
/// are created, and writes that they are not.
fn hashed_by_version_5(folder: &str) -> String {
    let service = format!(
        r#"{{"command":["sleep","3600"],"entrypoint":null,"environment":{{"A":"1"}},"image":"busybox:stable","networks":{{"default":null}},"stop_signal":"SIGKILL","volumes":[{{"type":"bind","source":"{folder}/data","target":"/data","bind":{{}}}},{{"type":"bind","source":"{folder}/data","target":"/there","bind":{{"create_host_path":false}}}}]}}"#
    );
    let hexadecimal =
        Sha256::digest(service).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    hexadecimal.concat()
}

/// Makes the container of a service again, with these labels besides its own. Gives its ID.
fn make_again(stack: &Stack, service: &str, labels: &[(&str, &str)]) -> String {
    let mut old = stack.container(service);
    let mut request = old.0["Config"].take();
    for (name, value) in labels {
        request["Labels"][name] = json!(value);
    }
    request["HostConfig"] = old.0["HostConfig"].take();
    let networks = old.0["NetworkSettings"]["Networks"].as_object();
    let networks = networks.expect("a container tells its networks").iter();
    let endpoints = networks.map(|(name, at)| (name.clone(), json!({ "Aliases": at["Aliases"] })));
    request["NetworkingConfig"] = json!({ "EndpointsConfig": Value::Object(endpoints.collect()) });

    let call = |method: &str, path: &str, body: Option<&Value>| {
        let (status, answer) = stack.engine().call(method, path, body);
        assert!((200..300).contains(&status), "`{method} {path}` gave {status}: {answer}");
        answer
    };
    call("DELETE", &format!("/containers/{}?force=1", old.id()), None);
    let path = format!("/containers/create?name={}", old.name());
    let made = call("POST", &path, Some(&request));
    let id = made["Id"].as_str().expect("a new container has an ID").to_owned();
    call("POST", &format!("/containers/{id}/start"), None);
    id
}

#[test]
fn a_container_of_version_5_stays_until_its_files_change() {
    let stack = Stack::of("adoption", COMPOSE).file("own.env", "A=1").file("data/note", "");
    stack.run(["up", "-d"]).success();
    let folder = stack.folder().canonicalize().expect("the folder exists");
    let hash = hashed_by_version_5(folder.to_str().expect("temporary folders have plain names"));
    let version = ("com.docker.compose.version", "5.5.0");
    let id = make_again(&stack, "web", &[version, ("com.docker.compose.config-hash", &hash)]);

    stack.run(["up", "-d"]).success();
    assert_eq!(stack.container("web").id(), id, "nothing changed");

    stack.write("own.env", "A=2");
    stack.run(["up", "-d"]).success();
    let replaced = stack.container("web");
    assert_ne!(replaced.id(), id);
    assert_eq!(replaced.state(), "running");
    stack.run(["exec", "-T", "web", "env"]).success().stdout_has("A=2");
}
