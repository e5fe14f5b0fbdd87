//! Random valid projects: what `config` prints is the same project again, and files that say
//! nothing change nothing. The checks are those of the fuzz target `load`; here every project
//! loads, so that they are reached with every attribute in its short and its long forms.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

#[path = "../fuzz/src/lib.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a library to the fuzzers")]
mod targets;

/// Files that say nothing about a project with a service `web`.
const NOTHING: [&str; 4] = ["{}", "services: {}", "# nothing\n", "services: {web: {}}"];

/// What every project here declares for its services to use.
const RESOURCES: [(&str, [&str; 2]); 4] = [
    ("networks", ["front", "back"]),
    ("volumes", ["data", "cache"]),
    ("secrets", ["key", "token"]),
    ("configs", ["site", "rules"]),
];

type Entry = BoxedStrategy<Option<(String, Value)>>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_the_same_project(compose in project()) {
        if let Err(failure) = targets::load::holds(compose.as_bytes(), &NOTHING) {
            panic!("the project does not load: {failure}\n{compose}");
        }
    }
}

/// A Compose file of one to four services.
fn project() -> impl Strategy<Value = String> {
    let shared = (service(0), resources(), mapping(vec![entry("x-own", tree())]));
    let services = (1..5_usize).prop_flat_map(|count| (0..count).map(service).collect::<Vec<_>>());
    (shared, services, vec(any::<bool>(), 4)).prop_map(|((shared, rest, own), services, merges)| {
        let shared = with_one_kind_of_limits(shared, true);
        let mut text = format!("x-shared: &shared {}\nservices:\n", yaml(&shared));
        for ((name, mut service), merge) in NAMES.iter().zip(services).zip(merges) {
            service = with_one_kind_of_limits(service, false);
            service["image"] = json!(format!("registry.example/{name}:1"));
            let service = yaml(&service);
            // Merge keys are of YAML 1.1, and JSON has none: the first entry is put in by hand.
            let merged = if merge { "{<<: *shared, " } else { "{" };
            text.extend(["  \"", name, "\": ", merged, &service[1..], "\n"]);
        }
        for (key, value) in [rest, own].iter().filter_map(Value::as_object).flatten() {
            text.extend([key, ": ", &yaml(value), "\n"]);
        }
        text
    })
}

/// A service has its limits in `deploy` or beside it. One that others take over has none, for they
/// may have the other kind.
fn with_one_kind_of_limits(mut service: Value, shared: bool) -> Value {
    if let Some(service) = service.as_object_mut()
        && (shared || service.contains_key("deploy"))
    {
        service.retain(|key, _| !["mem_limit", "cpus"].contains(&key.as_str()));
        service.retain(|key, _| !shared || key != "deploy");
    }
    service
}

const NAMES: [&str; 4] = ["web", "data.base", "work_er-1", "null"];

/// A service; `index` is its place, and it depends on those before it.
fn service(index: usize) -> impl Strategy<Value = Value> {
    let earlier = &NAMES[..index];
    mapping(vec![
        entry("environment", pairs()),
        entry("labels", pairs()),
        entry("annotations", pairs()),
        entry("command", words()),
        entry("entrypoint", words()),
        entry("ports", numbered(port)),
        entry("volumes", numbered(volume)),
        entry("expose", one_of(&[json!(["80", 90]), json!(["100-102/udp"])])),
        entry("healthcheck", healthcheck()),
        entry("depends_on", depends_on(earlier)),
        entry("networks", networks()),
        entry("secrets", grants(["key", "token"])),
        entry("configs", grants(["site", "rules"])),
        entry("build", build()),
        entry("deploy", deploy()),
        entry(
            "extra_hosts",
            one_of(&[
                json!({"a": "10.0.0.1", "b": ["10.0.0.2", "::1"]}),
                json!(["a=10.0.0.1", "b:10.0.0.2", "c=[::1]"]),
            ]),
        ),
        entry("sysctls", one_of(&[json!({"net.core.somaxconn": 1024}), json!(["a.b=1"])])),
        entry("ulimits", one_of(&[json!({"nproc": 5, "nofile": {"soft": 1, "hard": 2}})])),
        entry("dns", one_of(&[json!("1.1.1.1"), json!(["1.1.1.1", "8.8.8.8"])])),
        entry("tmpfs", one_of(&[json!("/run"), json!(["/run", "/tmp:size=1m"])])),
        entry("env_file", one_of(&[json!([{"path": "none.env", "required": false}])])),
        entry("logging", pairs_only().prop_map(|it| json!({"driver": "local", "options": it}))),
        entry("mem_limit", one_of(&[json!("1.5g"), json!(64_000_000), json!("64m")])),
        entry("shm_size", one_of(&[json!("1gb"), json!(65_536)])),
        entry("cpus", one_of(&[json!(0.5), json!("1.25"), json!(2)])),
        entry("stop_grace_period", duration()),
        entry("restart", one_of(&[json!("no"), json!("on-failure:3"), json!("always")])),
        entry("user", one_of(&[json!("1000:1000"), json!("root")])),
        entry("init", any::<bool>().prop_map(Value::from)),
        entry("hostname", one_of(&[json!("host-1"), json!("${UNSET:-host}")])),
        entry("working_dir", text().prop_map(Value::from)),
        entry("pull_policy", one_of(&[json!("daily"), json!("missing"), json!("every_5h")])),
        entry(
            "blkio_config",
            one_of(&[json!({"weight": 3, "device_read_bps": [{"path": "/dev/x", "rate": "1mb"}]})]),
        ),
        entry(
            "devices",
            one_of(&[
                json!(["/dev/a:/dev/b:rw", "/dev/c"]),
                json!([{"source": "/dev/a", "target": "/dev/b", "permissions": "r"}]),
            ]),
        ),
        entry("x-more", tree()),
    ])
}

/// `environment`, `labels` and so on, as a mapping or as a list.
fn pairs() -> BoxedStrategy<Value> {
    let item = (name(), proptest::option::of(text()))
        .prop_map(|(name, value)| value.map_or(name.clone(), |value| format!("{name}={value}")));
    let list = proptest::collection::btree_set(item, 0..4)
        .prop_map(|items| Value::from(items.into_iter().collect::<Vec<_>>()));
    prop_oneof![pairs_only(), list].boxed()
}

fn pairs_only() -> BoxedStrategy<Value> {
    let value = prop_oneof![
        4 => text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (-1e6..1e6_f64).prop_map(Value::from),
    ];
    btree_map(name(), value, 0..4).prop_map(object).boxed()
}

fn words() -> BoxedStrategy<Value> {
    prop_oneof![
        one_of(&[
            json!("run 'it all' --now"),
            json!("sh -c \"echo $$HOME\""),
            json!(""),
            json!([])
        ]),
        vec(text(), 1..4).prop_map(Value::from),
    ]
    .boxed()
}

fn port(number: usize) -> BoxedStrategy<Value> {
    let (container, host) = (100 + number * 10, 8_000 + number * 10);
    one_of(&[
        json!(container),
        json!(container.to_string()),
        json!(format!("{host}:{container}")),
        json!(format!("{host}-{}:{container}/udp", host + 5)),
        json!(format!("127.0.0.1:{host}-{}:{container}-{}", host + 2, container + 2)),
        json!(format!("[::1]:{host}:{container}")),
        json!({"target": container}),
        json!({"target": container, "published": host, "protocol": "udp", "mode": "host"}),
        json!({"target": container, "published": format!("{host}-{}", host + 3), "name": "http",
            "host_ip": "127.0.0.1", "app_protocol": "http", "x-why": "because"}),
    ])
}

fn volume(number: usize) -> BoxedStrategy<Value> {
    let target = format!("/mnt/{number}");
    one_of(&[
        json!(target),
        json!(format!("data:{target}")),
        json!(format!("cache:{target}:ro,nocopy")),
        json!(format!("./files:{target}:z")),
        json!(format!("~/files:{target}:ro,rslave")),
        json!({"type": "volume", "source": "data", "target": target, "volume": {"subpath": "a"}}),
        json!({"type": "bind", "source": "../x", "target": target, "read_only": true,
            "bind": {"create_host_path": false, "propagation": "shared"}}),
        json!({"type": "tmpfs", "target": target, "tmpfs": {"size": "1m", "mode": 493}}),
    ])
}

/// Up to three items, each told its number so that no two are the same.
fn numbered(item: fn(usize) -> BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (0..4_usize)
        .prop_flat_map(move |count| (0..count).map(item).collect::<Vec<_>>())
        .prop_map(Value::from)
        .boxed()
}

fn healthcheck() -> BoxedStrategy<Value> {
    let test = prop_oneof![
        text().prop_map(Value::from),
        text().prop_map(|text| json!(["CMD", "curl", text])),
        text().prop_map(|text| json!(["CMD-SHELL", text])),
    ];
    mapping(vec![
        entry("test", test),
        entry("interval", duration()),
        entry("timeout", duration()),
        entry("start_period", duration()),
        entry("retries", (1..9_u8).prop_map(Value::from)),
        entry("disable", any::<bool>().prop_map(Value::from)),
    ])
    .boxed()
}

fn depends_on(earlier: &'static [&'static str]) -> BoxedStrategy<Value> {
    let short: Value = earlier.iter().copied().collect();
    let long =
        ["service_started", "service_healthy", "service_completed_successfully"].map(|condition| {
            let options = json!({"condition": condition, "required": false, "restart": true});
            object(earlier.iter().map(|name| ((*name).to_owned(), options.clone())))
        });
    one_of(&[&[short], &long[..]].concat())
}

fn networks() -> BoxedStrategy<Value> {
    one_of(&[
        json!(["front"]),
        json!(["back", "front"]),
        json!({"front": null, "back": {"aliases": ["a", "b"], "priority": 3}}),
        json!({"front": {"ipv4_address": "10.0.0.5", "gw_priority": 1, "x-own": 1},
            "default": {"mac_address": "02:42:ac:11:00:02", "driver_opts": {"a": "b"}}}),
    ])
}

/// Secrets or configs of a service.
fn grants([one, other]: [&'static str; 2]) -> BoxedStrategy<Value> {
    one_of(&[
        json!([one]),
        json!([one, other]),
        json!([{"source": one, "target": "/etc/x", "mode": 288}, other]),
        json!([{"source": other, "uid": "1", "gid": "2", "mode": "0440"}]),
    ])
}

fn build() -> BoxedStrategy<Value> {
    let long = mapping(vec![
        entry("context", one_of(&[json!("."), json!("https://example.com/a.git#main")])),
        entry("dockerfile", one_of(&[json!("Dockerfile.web")])),
        entry("args", pairs()),
        entry("labels", pairs()),
        entry("target", one_of(&[json!("stage")])),
        entry("additional_contexts", one_of(&[json!({"a": "./a"}), json!(["a=./a"])])),
        // A key with a path is printed with `: `, which Docker Compose itself does not read.
        entry("ssh", one_of(&[json!(["default"]), json!({"default": null})])),
        entry("secrets", grants(["key", "token"])),
        entry("cache_from", one_of(&[json!(["a:1", "type=local,src=x"])])),
        entry("no_cache", any::<bool>().prop_map(Value::from)),
        entry("shm_size", one_of(&[json!("1m"), json!(5)])),
        entry("x-own", tree()),
    ]);
    prop_oneof![1 => one_of(&[json!("."), json!("./sub")]), 3 => long].boxed()
}

fn deploy() -> BoxedStrategy<Value> {
    let resources = one_of(&[
        json!({"limits": {"cpus": "0.5", "memory": "64M", "pids": 5}}),
        json!({"limits": {"cpus": 0.25}, "reservations": {"memory": "1g",
            "devices": [{"capabilities": ["gpu"], "count": "all", "driver": "x"}]}}),
    ]);
    mapping(vec![
        entry("replicas", (0..9_u8).prop_map(Value::from)),
        entry("labels", pairs()),
        entry("resources", resources),
        entry("update_config", duration().prop_map(|it| json!({"delay": it, "parallelism": 2}))),
        entry("restart_policy", duration().prop_map(|it| json!({"condition": "any", "window": it}))),
        entry("placement", one_of(&[
            json!({"constraints": ["node.role == manager"], "preferences": [{"spread": "zone"}]}),
        ])),
        entry("endpoint_mode", one_of(&[json!("vip")])),
    ])
    .boxed()
}

/// The networks, volumes, secrets and configs that services use.
fn resources() -> BoxedStrategy<Value> {
    let external = || one_of(&[json!({"external": true}), json!({"external": true, "name": "n"})]);
    let network = prop_oneof![
        external(),
        one_of(&[
            json!(null),
            json!({"driver": "bridge", "internal": true, "enable_ipv6": true,
            "ipam": {"config": [{"subnet": "10.0.0.0/16", "gateway": "10.0.0.1"}]}})
        ]),
        pairs().prop_map(|it| json!({"labels": it, "driver_opts": {"a": 1}, "x-own": null})),
    ];
    let volume = prop_oneof![
        external(),
        one_of(&[json!(null), json!({}), json!({"driver_opts": {"type": "nfs", "o": "ro"}})]),
        pairs().prop_map(|it| json!({"labels": it, "name": "own"})),
    ];
    let secret = prop_oneof![
        external(),
        one_of(&[json!({"file": "./secret.txt"}), json!({"environment": "HOME"})]),
    ];
    let config = prop_oneof![
        external(),
        one_of(&[json!({"file": "./site.conf"}), json!({"environment": "HOME"})]),
        text().prop_map(|text| json!({"content": format!("{text}.")})),
    ];
    let kinds = [network.boxed(), volume.boxed(), secret.boxed(), config.boxed()];
    let sections = RESOURCES.into_iter().zip(kinds).map(|((section, names), kind)| {
        (kind.clone(), kind)
            .prop_map(move |(one, other)| (section, json!({names[0]: one, names[1]: other})))
            .boxed()
    });
    sections
        .collect::<Vec<_>>()
        .prop_map(|sections| object(sections.into_iter().map(|(key, it)| (key.to_owned(), it))))
        .boxed()
}

/// An extension: any tree.
fn tree() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(prop_oneof![name(), key()], inner, 0..4).prop_map(object),
        ]
    })
    .boxed()
}

/// A text with everything that printing has to mind, its dollars doubled or of a variable.
fn text() -> BoxedStrategy<String> {
    let plain = select(vec![
        "",
        " ",
        "~",
        "null",
        "true",
        "no",
        "y",
        "0x1f",
        "1e3",
        "08",
        "1_000",
        ".5",
        ".inf",
        "-",
        "=",
        "2001-01-01",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "!a",
        "*a",
        "&a",
        "%a",
        "@a",
        "`a",
        "'a'",
        "\"a\"",
        "[a]",
        "{a}",
        "a\nb",
        "a\n",
        "\na",
        "a\n\n",
        " a\n b\n",
        "\ta",
        "a\t\n",
        "a\r\nb",
        "a\\b",
        "|",
        ">",
        "${UNSET:-x}",
        "$UNSET",
        "${UNSET-$$}",
        "$$",
        "$${A}",
        "---",
        "...",
        "<<",
        "1:30",
    ]);
    let odd = "[ -~äß€\u{85}\u{a0}\u{2028}\u{feff}\u{7f}\u{1}\u{1f600}\u{301}\n\t]{0,12}"
        .prop_map(|text: String| text.replace('$', "$$"));
    prop_oneof![plain.prop_map(str::to_owned), odd].boxed()
}

/// A key of a mapping that nothing reads. It has no dollar, which is printed doubled and stays so
/// in a key, and is not the merge key.
fn key() -> BoxedStrategy<String> {
    "[ -#%-;=-~äß€\u{85}\u{2028}\u{7f}\n]{1,8}".boxed()
}

fn name() -> BoxedStrategy<String> {
    "[A-Za-z_][A-Za-z0-9_.]{0,6}".boxed()
}

fn duration() -> BoxedStrategy<Value> {
    one_of(&[json!("5s"), json!("1m30s"), json!("0.5s"), json!("1h"), json!("100ms")])
}

fn one_of(values: &[Value]) -> BoxedStrategy<Value> {
    select(values.to_vec()).boxed()
}

/// An entry that is there or not.
fn entry(key: &str, value: impl Strategy<Value = Value> + 'static) -> Entry {
    let key = key.to_owned();
    proptest::option::weighted(0.3, value.prop_map(move |value| (key.clone(), value))).boxed()
}

fn mapping(entries: Vec<Entry>) -> impl Strategy<Value = Value> {
    entries.prop_map(|entries| object(entries.into_iter().flatten()))
}

fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.into_iter().collect::<Map<_, _>>())
}

/// The value as YAML on one line: JSON in which every character that YAML cannot hold, and every
/// one that an editor would not show, is written as an escape.
fn yaml(value: &Value) -> String {
    let escaped = |character: char| match character {
        '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{feff}' => {
            format!("\\u{:04x}", u32::from(character))
        }
        _ => character.to_string(),
    };
    value.to_string().chars().map(escaped).collect()
}
