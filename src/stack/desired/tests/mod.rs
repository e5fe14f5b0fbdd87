//! The body of a container with nearly everything, against one that Docker Compose 2.40.3 was
//! recorded to send (API 1.41).

use crate::stack::programs::Brought;
use std::collections::BTreeMap;

use pretty::assert_json;

use super::files::injected_files;
use super::{Blueprint, Instance, Purpose, Setting, blueprint, desire};
use crate::compose::model::{
    ByteSize, Deploy, DeviceMapping, Duration, FileObject, FileReference, Float, Healthcheck,
    Logging, Mount, MountBind, MountTmpfs, MountVolume, Network, NetworkAttachment, Port, Project,
    ResourceLimits, Resources, RestartPolicy, Service, Ulimit,
};
use crate::engine::api::{ApiVersion, ImageDetails, MountDetails};
use crate::stack::StackError;
use crate::stack::selection::{Companions, select};
use crate::stack::testing::{self, NoFiles};

mod too_old;

mod pretty {
    /// Compares two JSON values, and shows the first difference as text.
    pub(super) fn assert_json(actual: &serde_json::Value, expected: &serde_json::Value) {
        let text = |value| serde_json::to_string_pretty(value).expect("a value");
        assert_eq!(text(&sorted(actual)), text(&sorted(expected)));
    }

    fn sorted(value: &serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(map) => {
                let sorted: std::collections::BTreeMap<_, _> =
                    map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
                sorted.into_iter().collect()
            }
            serde_json::Value::Array(items) => items.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn volume(source: &str, target: &str) -> Mount {
    Mount {
        r#type: "volume".into(),
        source: source.into(),
        target: target.into(),
        volume: Some(MountVolume::default()),
        ..Mount::default()
    }
}

fn bind(source: &str, target: &str, create: bool) -> Mount {
    Mount {
        r#type: "bind".into(),
        source: source.into(),
        target: target.into(),
        read_only: create,
        bind: Some(MountBind { create_host_path: create.then_some(true), ..MountBind::default() }),
        ..Mount::default()
    }
}

/// The project of the recording.
fn recorded() -> Project {
    let mut project = testing::empty();
    project.name = "refa".into();
    for key in ["n1", "n2"] {
        let name = format!("refa_{key}");
        project.networks.insert(key.into(), Network { name, ..Network::default() });
    }
    testing::volume(&mut project, "data");
    let file = |name: &str, file: &str| FileObject {
        name: name.into(),
        file: file.into(),
        ..FileObject::default()
    };
    project.secrets.insert("s1".into(), file("refa_s1", "/srv/app/s1"));
    project.configs.insert("c2".into(), file("refa_c2", "/srv/app/c2"));
    project.services.insert("db".into(), service());
    project
}

fn service() -> Service {
    let reference =
        |source: &str| FileReference { source: source.into(), ..FileReference::default() };
    Service {
        name: "db".into(),
        image: "busybox".into(),
        hostname: "hh2".into(),
        domainname: "dd".into(),
        stdin_open: true,
        expose: strings(&["70", "71/udp"]),
        ports: vec![
            Port {
                host_ip: "127.0.0.1".into(),
                target: 80,
                published: "18090".into(),
                protocol: "udp".into(),
                ..Port::default()
            },
            Port { target: 81, protocol: "tcp".into(), ..Port::default() },
        ],
        environment: BTreeMap::from([("A".into(), Some("1".into())), ("NOTSET".into(), None)]),
        command: Some(strings(&["sh", "-c", "sleep 1"])),
        healthcheck: Some(Healthcheck {
            test: strings(&["CMD-SHELL", "exit 0"]),
            interval: Some(Duration(1_000_000_000)),
            retries: Some(2),
            ..Healthcheck::default()
        }),
        mac_address: "02:42:ac:11:65:43".into(),
        labels: map(&[("l", "1")]),
        stop_grace_period: Some(Duration(3_000_000_000)),
        logging: Some(Logging {
            driver: "json-file".into(),
            options: map(&[("max-size", "1m")]),
            ..Logging::default()
        }),
        deploy: Some(Box::new(Deploy {
            restart_policy: Some(RestartPolicy {
                condition: "on-failure".into(),
                max_attempts: Some(2),
                ..RestartPolicy::default()
            }),
            resources: Resources {
                limits: Some(ResourceLimits {
                    cpus: Float(0.5),
                    memory: ByteSize(67_108_864),
                    pids: 50,
                    ..ResourceLimits::default()
                }),
                reservations: Some(ResourceLimits {
                    memory: ByteSize(33_554_432),
                    ..ResourceLimits::default()
                }),
                ..Resources::default()
            },
            ..Deploy::default()
        })),
        cap_add: strings(&["net_admin"]),
        dns: strings(&["9.9.9.9"]),
        extra_hosts: BTreeMap::from([("h".into(), strings(&["1.2.3.4"]))]),
        group_add: strings(&["7"]),
        ipc: "private".into(),
        pid: "host".into(),
        oom_score_adj: 5,
        security_opt: strings(&["no-new-privileges:true", "systempaths=unconfined"]),
        tmpfs: strings(&["/run:size=1m", "/x"]),
        shm_size: ByteSize(33_554_432),
        sysctls: map(&[("net.ipv4.ip_unprivileged_port_start", "0")]),
        cpuset: "0".into(),
        devices: vec![DeviceMapping {
            source: "/dev/null".into(),
            target: "/dev/xn".into(),
            permissions: "rwm".into(),
            ..DeviceMapping::default()
        }],
        ulimits: BTreeMap::from([
            ("nofile".into(), Ulimit::Single(1024)),
            ("nproc".into(), Ulimit::Range { soft: 5, hard: 6 }),
        ]),
        init: Some(true),
        networks: BTreeMap::from([
            (
                "n1".into(),
                Some(Box::new(NetworkAttachment {
                    aliases: strings(&["aa"]),
                    ipv4_address: "172.29.0.9".into(),
                    ipv6_address: "fd29::9".into(),
                    priority: 10,
                    ..NetworkAttachment::default()
                })),
            ),
            ("n2".into(), Some(Box::default())),
        ]),
        volumes: vec![
            volume("data", "/d"),
            bind("/srv/app/h", "/h", true),
            bind("/srv/app/h", "/h2", false),
            Mount {
                volume: Some(MountVolume { nocopy: true, ..MountVolume::default() }),
                ..volume("data", "/nc")
            },
            Mount {
                r#type: "tmpfs".into(),
                target: "/t".into(),
                tmpfs: Some(MountTmpfs { size: ByteSize(1_048_576), ..MountTmpfs::default() }),
                ..Mount::default()
            },
            volume("", "/anon"),
        ],
        secrets: vec![reference("s1")],
        configs: vec![reference("c2")],
        ..Service::default()
    }
}

fn made(project: &Project, api_version: ApiVersion) -> Result<Blueprint, StackError> {
    made_with(project, api_version, &mut Vec::new())
}

fn made_with(
    project: &Project,
    api_version: ApiVersion,
    warnings: &mut Vec<String>,
) -> Result<Blueprint, StackError> {
    let none = BTreeMap::new();
    let setting = Setting {
        project,
        api_version,
        files: &NoFiles,
        compatibility: false,
        proxy_environment: &none,
    };
    let selection = select(project, &[], Companions::Dependencies)?;
    let desired = desire(&setting, &selection, None, &BTreeMap::new(), &Brought::default())?;
    let image = ImageDetails { id: "sha256:abc".into(), ..ImageDetails::default() };
    let inherited = [MountDetails {
        r#type: "volume".into(),
        name: "86b6de88".into(),
        destination: "/anon".into(),
        writable: true,
        ..MountDetails::default()
    }];
    let instance = Instance {
        name: "refa-db-1",
        purpose: Purpose::Replica(1),
        image: Some(&image),
        inherited: &inherited,
        replaces: Some("db-1".into()),
        linked: BTreeMap::new(),
    };
    blueprint(&setting, &desired.services[0], &instance, warnings)
}

/// The recorded body; keys at their zero value left out.
const RECORDED: &str = r#"{
            "Hostname": "hh2", "Domainname": "dd", "AttachStdout": true, "AttachStderr": true,
            "ExposedPorts": {"70": {}, "71/udp": {}, "80/udp": {}, "81/tcp": {}},
            "OpenStdin": true, "Env": ["A=1", "NOTSET"], "Cmd": ["sh", "-c", "sleep 1"],
            "Healthcheck": {"Test": ["CMD-SHELL", "exit 0"], "Interval": 1000000000, "Retries": 2},
            "Image": "busybox", "MacAddress": "02:42:ac:11:65:43", "StopTimeout": 3,
            "Labels": {
                "l": "1",
                "com.docker.compose.project": "refa",
                "com.docker.compose.service": "db",
                "com.docker.compose.version": "2.40.3",
                "com.docker.compose.project.working_dir": "/srv/shop",
                "com.docker.compose.project.config_files": "/srv/shop/compose.yaml",
                "com.docker.compose.oneoff": "False",
                "com.docker.compose.container-number": "1",
                "com.docker.compose.depends_on": "",
                "com.docker.compose.image": "sha256:abc",
                "com.docker.compose.replace": "db-1"
            },
            "HostConfig": {
                "Binds": ["refa_data:/d:rw", "/srv/app/h:/h:ro"],
                "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
                "NetworkMode": "refa_n1",
                "PortBindings": {
                    "80/udp": [{"HostIp": "127.0.0.1", "HostPort": "18090"}],
                    "81/tcp": [{"HostIp": "", "HostPort": ""}]
                },
                "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
                "CapAdd": ["CAP_NET_ADMIN"], "Dns": ["9.9.9.9"], "ExtraHosts": ["h:1.2.3.4"],
                "GroupAdd": ["7"], "IpcMode": "private", "PidMode": "host", "OomScoreAdj": 5,
                "SecurityOpt": ["no-new-privileges:true"],
                "Tmpfs": {"/run": "size=1m", "/x": ""}, "ShmSize": 33554432,
                "Sysctls": {"net.ipv4.ip_unprivileged_port_start": "0"},
                "Memory": 67108864, "NanoCpus": 500000000, "CpusetCpus": "0",
                "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/xn", "CgroupPermissions": "rwm"}],
                "MemoryReservation": 33554432, "OomKillDisable": false, "PidsLimit": 50,
                "Ulimits": [
                    {"Name": "nofile", "Hard": 1024, "Soft": 1024},
                    {"Name": "nproc", "Hard": 6, "Soft": 5}
                ],
                "Mounts": [
                    {"Type": "volume", "Source": "86b6de88", "Target": "/anon"},
                    {"Type": "bind", "Source": "/srv/app/h", "Target": "/h2", "BindOptions": {}},
                    {"Type": "volume", "Source": "refa_data", "Target": "/nc", "VolumeOptions": {"NoCopy": true}},
                    {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1048576}},
                    {"Type": "bind", "Source": "/srv/app/s1", "Target": "/run/secrets/s1", "ReadOnly": true, "BindOptions": {}},
                    {"Type": "bind", "Source": "/srv/app/c2", "Target": "/c2", "ReadOnly": true}
                ],
                "MaskedPaths": [], "ReadonlyPaths": [], "Init": true
            },
            "NetworkingConfig": {"EndpointsConfig": {"refa_n1": {
                "IPAMConfig": {"IPv4Address": "172.29.0.9", "IPv6Address": "fd29::9"},
                "Aliases": ["refa-db-1", "db", "aa"],
                "IPAddress": "172.29.0.9", "IPv6Gateway": "fd29::9"
            }}}
        }"#;

#[test]
fn body_is_what_compose_sends() {
    let project = recorded();
    let blueprint = made(&project, ApiVersion::new(1, 41)).expect("everything is supported");
    let mut body = blueprint.body(&|_| None);
    let hash = body.labels.remove("com.docker.compose.config-hash").unwrap_or_default();
    assert_eq!(hash.len(), 64);
    assert_json(
        &serde_json::to_value(&body).expect("a body"),
        &serde_json::from_str(RECORDED).expect("the recording is JSON"),
    );
    assert_eq!(blueprint.later_endpoints.len(), 1);
    assert_json(
        &serde_json::to_value(&blueprint.later_endpoints[0]).expect("an endpoint"),
        &serde_json::json!(["refa_n2", {"IPAMConfig": {}, "Aliases": ["refa-db-1", "db"]}]),
    );
}

#[test]
fn newer_engines_take_all_networks_at_once() {
    let project = recorded();
    let blueprint = made(&project, ApiVersion::new(1, 44)).expect("everything is supported");
    let body = blueprint.body(&|_| None);
    assert!(blueprint.later_endpoints.is_empty());
    let endpoints = body.networking_config.expect("networks").endpoints_config;
    assert_eq!(endpoints.keys().collect::<Vec<_>>(), ["refa_n1", "refa_n2"]);
    assert_eq!(endpoints["refa_n1"].mac_address, "02:42:ac:11:65:43");
    assert_eq!(body.mac_address, "", "the endpoint has it");
}

#[test]
fn shared_namespaces_are_named_by_id() {
    let mut project = testing::project(&[("web", &[]), ("side", &["web"])]);
    let side = &mut project.services["side"];
    side.network_mode = "service:web".into();
    side.networks.clear();
    side.pid = "service:web".into();
    side.volumes_from = strings(&["web:ro", "container:other"]);
    let none = BTreeMap::new();
    let setting = Setting {
        project: &project,
        api_version: ApiVersion::new(1, 41),
        files: &NoFiles,
        compatibility: false,
        proxy_environment: &none,
    };
    let selection = select(&project, &[], Companions::Dependencies).expect("all");
    let desired = desire(&setting, &selection, None, &BTreeMap::new(), &Brought::default())
        .expect("a project");
    let instance = Instance {
        name: "shop-side-1",
        purpose: Purpose::Replica(1),
        image: None,
        inherited: &[],
        replaces: None,
        linked: BTreeMap::new(),
    };
    let side = desired.service("side").expect("it is there");
    let blueprint = blueprint(&setting, side, &instance, &mut Vec::new()).expect("a body");
    let of = |id: &'static str| {
        blueprint.body(&move |service: &str| (service == "web").then(|| id.to_owned()))
    };
    let body = of("1111");
    assert_eq!(body.host_config.network_mode, "container:1111");
    assert_eq!(body.host_config.pid_mode, "container:1111");
    assert_eq!(body.host_config.volumes_from, ["1111", "other"]);
    let hash = "com.docker.compose.config-hash";
    assert_ne!(body.labels[hash], of("2222").labels[hash], "the hash covers the id");
}

#[test]
fn what_no_service_uses_is_wanted_where_it_was_kept() {
    let mut project = testing::project(&[("web", &[]), ("side", &[])]);
    let network = project.networks["default"].clone();
    for (service, key) in [("web", "of-web"), ("side", "of-side")] {
        project.networks.insert(key.to_owned(), network.clone());
        project.services[service].networks.insert(key.to_owned(), None);
    }
    project.networks.insert("of-nobody".to_owned(), network);
    let none = BTreeMap::new();
    let setting = Setting {
        project: &project,
        api_version: ApiVersion::new(1, 41),
        files: &NoFiles,
        compatibility: false,
        proxy_environment: &none,
    };
    let wanted = |services: &[String]| {
        let selection = select(&project, services, Companions::None).expect("selected");
        let desired = desire(&setting, &selection, None, &BTreeMap::new(), &Brought::default());
        let networks = desired.expect("desired").networks;
        networks.into_iter().map(|network| network.key).collect::<Vec<_>>()
    };
    assert_eq!(wanted(&["web".to_owned()]), ["default", "of-nobody", "of-web"]);
}

#[test]
fn a_captured_secret_needs_no_variable_of_the_project() {
    let mut project = recorded();
    project.services["db"].read_only = false;
    project.environment.insert("OF_PROJECT".into(), "outer".into());
    let object = |environment: &str, content: &str| FileObject {
        environment: environment.into(),
        content: content.into(),
        ..FileObject::default()
    };
    let none = BTreeMap::new();
    for (secret, expected) in [
        (object("OF_INCLUDED", "inner"), Some("inner")),
        (object("OF_PROJECT", "inner"), Some("inner")),
        (object("OF_PROJECT", ""), Some("outer")),
        (object("OF_NOBODY", ""), None),
    ] {
        project.secrets.insert("s1".into(), secret);
        let setting = Setting {
            project: &project,
            api_version: ApiVersion::new(1, 41),
            files: &NoFiles,
            compatibility: false,
            proxy_environment: &none,
        };
        let files = injected_files(&setting, &project.services["db"]).ok();
        let contents = files.map(|files| files[0].content.clone());
        assert_eq!(contents.as_deref(), expected);
    }
}
