//! The vectors were taken from Docker Compose 2.40.3: from `config --hash` and from the labels of
//! containers, networks and volumes that it made.

use super::*;
use crate::compose::load::LoadOptions;
use crate::compose::loaded::Loaded;
use crate::compose::model::Project;

const RICH: &str = include_str!("tests/rich.yaml");

/// Each service's JSON and hash in the dialect of version 2.
fn check(project: &Project, name: &str, json: &str, hash: &str) {
    let json = json.replace('\n', "");
    assert_eq!(service_json(project.services[name].clone(), Dialect::V2), json, "{name}");
    assert_eq!(service(&project.services[name], Dialect::V2), hash, "{name}");
}

#[test]
fn services_hash_as_docker_compose_has_it() {
    let project = Loaded::from(
        r#"
services:
  plain: {image: busybox, command: sleep 1000}
  cpuf: {image: busybox, cpus: 1.23456789, credential_spec: {file: f.json}}
  built:
    build: {context: ., args: {X: 1}}
    platform: linux/amd64
    scale: 3
    cpus: 0.1
    mem_limit: 1gb
    oom_score_adj: -500
  gpu:
    image: busybox
    deploy:
      labels: {x: "y"}
      placement: {constraints: [node.role==manager], preferences: [{spread: node.labels.zone}]}
      update_config: {parallelism: 2, delay: 10s}
      resources: {reservations: {devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]}}
  links:
    image: busybox
    links: ["plain:pl"]
    cap_add: [NET_ADMIN]
    privileged: true
    restart: "on-failure:3"
    tty: true
    network_mode: bridge
  nsshare:
    image: busybox
    network_mode: service:plain
    pid: service:plain
    volumes_from: [links, "plain:ro"]
    gpus: all
    init: false
"#,
    )
    .project();
    check(
        &project,
        "plain",
        r#"{"command":["sleep","1000"],"entrypoint":null,"image":"busybox","networks":{"default":null}}"#,
        "39a6ed0eec1ef3603ac14738fc339adc0b5751c4ae48684d1483696fff5a2b8d",
    );
    check(
        &project,
        "cpuf",
        r#"{"cpus":1.2345679,"command":null,"credential_spec":{"file":"f.json"},"entrypoint":null,"image":"busybox","networks":{"default":null}}"#,
        "83fc57fea6c894d2d2f8b64f74520ce0cd22e2ec16aae99a216b5a8124446606",
    );
    check(
        &project,
        "built",
        r#"{"cpus":0.1,"command":null,"entrypoint":null,"mem_limit":"1073741824","networks":{"default":null},"oom_score_adj":-500,"platform":"linux/amd64"}"#,
        "c01ca3dfa4e397cfcae162d2dcb976a22df8a3f28263a91dbf52b00d696c6998",
    );
    check(
        &project,
        "gpu",
        r#"{"command":null,"deploy":{"labels":{"x":"y"},"update_config":{"parallelism":2,"delay":"10s"},
"resources":{"reservations":{"devices":[{"capabilities":["gpu"],"driver":"nvidia","count":2}]}},
"placement":{"constraints":["node.role==manager"],"preferences":[{"spread":"node.labels.zone"}]}},
"entrypoint":null,"image":"busybox","networks":{"default":null}}"#,
        "a60ac886a8c1bdb8560d8083860c8b012e65ac9f9fc79f9d026c70956e8b09cf",
    );
    check(
        &project,
        "links",
        r#"{"cap_add":["NET_ADMIN"],"command":null,"entrypoint":null,"image":"busybox","links":["plain:pl"],"network_mode":"bridge","privileged":true,"restart":"on-failure:3","tty":true}"#,
        "110e7b4d285d8d6f4b690f12cae64ccfeee63cd7c7ee0478fee88ddf58bef679",
    );
    let shared = &project.services["nsshare"];
    assert_eq!(
        service_json(shared.clone(), Dialect::V2),
        r#"{"command":null,"entrypoint":null,"gpus":[{"count":-1}],"image":"busybox","init":false,"network_mode":"service:plain","pid":"service:plain","volumes_from":["links","plain:ro"]}"#
    );
    for name in ["plain", "cpuf", "built", "gpu", "links", "nsshare"] {
        let service = &project.services[name];
        assert_eq!(super::service(service, Dialect::V2), super::service(service, Dialect::V5));
    }
}

#[test]
fn references_are_resolved_to_containers() {
    let project = Loaded::from(
        r#"
services:
  web: {image: busybox}
  side:
    image: busybox
    network_mode: service:web
    pid: service:web
    ipc: service:lost
    volumes_from: ["web:ro", "container:other"]
    depends_on: {lost: {condition: service_started, required: false}}
  lost: {image: busybox, profiles: [later]}
"#,
    )
    .options(LoadOptions { no_consistency: true, ..LoadOptions::default() })
    .project();
    let container = |name: &str| (name == "web").then(|| "0123abcd".to_owned());
    let resolved = resolve_references(&project.services["side"], container);
    assert_eq!(
        service_json(resolved, Dialect::V2),
        r#"{"command":null,"entrypoint":null,"image":"busybox","ipc":"service:lost","network_mode":"container:0123abcd","pid":"container:0123abcd","volumes_from":["0123abcd","other"]}"#
    );
}

/// A service with nearly every attribute. What `config --hash` prints leaves environment files
/// unread; a container's label has them read and keeps the paths of label files.
#[test]
fn a_rich_service_hashes_as_docker_compose_has_it() {
    let loaded = || {
        Loaded::from(RICH)
            .file("e.env", "A=from_file\nB=\"two words & <x>\"\nEMPTY=\nNOVAL\n")
            .file("l.env", "com.lbl=one\n")
    };
    let unread = LoadOptions { no_env_resolution: true, ..LoadOptions::default() };
    let printed = loaded().options(unread).project();
    check(
        &printed,
        "rich",
        include_str!("tests/rich.json"),
        "aa79cc32b8bca3d93354deaadb93b9f714c0e269996719a3dcde75868624ef1a",
    );
    let to_run = LoadOptions { to_run: true, ..LoadOptions::default() };
    assert_eq!(
        service(&loaded().options(to_run).project().services["rich"], Dialect::V2),
        "8199013609467057edca1a89868c3c2670139bf1fa234639eb60b859cd8f6b81"
    );
}

#[test]
fn dialects_differ_in_bind_mounts() {
    let project = Loaded::from(
        r"
services:
  web:
    image: busybox
    volumes:
      - /short:/short
      - {type: bind, source: /no, target: /no, bind: {create_host_path: false}}
      - {type: bind, source: /open, target: /open, bind: {selinux: z}}
",
    )
    .project();
    let binds = |dialect| {
        let json = service_json(project.services["web"].clone(), dialect);
        let parts = json.split("\"bind\":").skip(1);
        parts.filter_map(|part| Some(part[..=part.find('}')?].to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(binds(Dialect::V2), [r#"{"create_host_path":true}"#, "{}", r#"{"selinux":"z"}"#]);
    assert_eq!(binds(Dialect::V5), ["{}", r#"{"create_host_path":false}"#, r#"{"selinux":"z"}"#]);
}

#[test]
fn networks_and_volumes_hash_as_docker_compose_has_it() {
    let project = Loaded::from(
        r#"
services: {web: {image: busybox, networks: [default, back, front, plain], volumes: ["data:/a", "vol:/b"]}}
networks:
  default: {name: refhash_default}
  back: {name: refhash_back, internal: true}
  front:
    name: refhash_front
    driver_opts: {foo: 1}
    ipam: {config: [{subnet: 172.28.0.0/16}]}
    labels: {n: "1"}
  plain: {name: refw_default}
volumes:
  data: {name: refhash_data, labels: {v: x}}
  vol: {name: refw_vol}
"#,
    )
    .project();
    for (key, expected) in [
        ("default", "3d1cdf8b30b2f0e7a40fc1f718a705333bd7b95790399d5ec73d78beac96c6c8"),
        ("back", "af6ee7e36f3cdd143cb7623168a0d68474636c834cdce2a04e1cce7a9047d418"),
        ("front", "20b561ea523420ded3c11ba5c6c637fc20b6332b8e448db095615100d0a379c7"),
        ("plain", "f0628dced871f7b601fcb76173a356884518fb83f526d3090d1704bb2df67687"),
    ] {
        assert_eq!(network(&project.networks[key], Dialect::V2), expected, "{key}");
    }
    for (key, expected) in [
        ("data", "aebfddc4db2f6448179515afe16951a2e30cde0d25bcc16d72e9f013c176cadc"),
        ("vol", "ecfeca37dff4ca858eb6c2f54d7e66a2c5ca3b110e08a25d1da0b48b01810fd5"),
    ] {
        assert_eq!(volume(&project.volumes[key]), expected, "{key}");
    }
}
