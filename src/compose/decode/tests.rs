use crate::compose::loaded::Loaded;
use crate::compose::model::{Service, Ulimit};

/// A service with these attributes, as they stand in a file.
fn service(attributes: &str) -> Service {
    let project = Loaded::from(&compose(attributes)).project();
    project.services["a"].clone()
}

fn problems(attributes: &str) -> Vec<String> {
    Loaded::from(&compose(attributes)).problems()
}

fn compose(attributes: &str) -> String {
    let attributes = attributes.replace('\n', "\n    ");
    format!(
        "services:\n  a:\n    image: busybox\n    {attributes}\nsecrets: {{s: {{file: ./s}}}}\n"
    )
}

#[test]
fn sizes_take_units_and_whole_numbers() {
    for (attributes, bytes) in [
        ("mem_limit: 512", 512),
        ("mem_limit: 1.5g", 1_610_612_736),
        ("mem_limit: 64 MiB", 67_108_864),
        ("mem_limit: -1", -1),
        ("mem_limit: 1.5", 0),
    ] {
        assert_eq!(service(attributes).mem_limit.0, bytes, "{attributes}");
    }
}

#[test]
fn variables_have_the_texts_that_go_prints() {
    let written =
        "environment: {A: 1.50, B: 1_000, C: 017, D: 1e6, E: true, F: null, G: '', H: 1e-7}";
    let expected = [
        ("A", Some("1.5")),
        ("B", Some("1000")),
        ("C", Some("15")),
        ("D", Some("1e+06")),
        ("E", Some("true")),
        ("F", None),
        ("G", Some("")),
        ("H", Some("1e-07")),
    ];
    for (name, value) in expected {
        let service = service(written);
        assert_eq!(service.environment[name].as_deref(), value, "{name}");
    }
}

#[test]
fn pairs_may_be_listed() {
    let service = service(
        "environment: [A=1, B, C=a=b]\nlabels: [x, y=1]\nsysctls: [net.core.somaxconn=1]\n\
         extra_hosts: ['a:1.1.1.1', 'a=2.2.2.2', 'b:::1', 'c=[::1],[::2]']",
    );
    let environment: Vec<_> = service
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("?")))
        .collect();
    assert_eq!(environment, ["A=1", "B=?", "C=a=b"]);
    assert_eq!(service.labels["x"], "");
    assert_eq!(service.labels["y"], "1");
    assert_eq!(service.sysctls["net.core.somaxconn"], "1");
    assert_eq!(service.extra_hosts["a"], ["1.1.1.1", "2.2.2.2"]);
    assert_eq!(service.extra_hosts["b"], ["::1"]);
    assert_eq!(service.extra_hosts["c"], ["::1", "::2"]);
}

#[test]
fn commands_are_split_and_emptiness_is_kept() {
    let words = |command: Option<Vec<String>>| command.map(|words| words.join("|"));
    assert_eq!(words(service("command: sh -c 'a b'").command).as_deref(), Some("sh|-c|a b"));
    assert_eq!(words(service("command: [sh, -c, a b]").command).as_deref(), Some("sh|-c|a b"));
    assert_eq!(words(service("entrypoint: ''").entrypoint).as_deref(), Some(""));
    assert_eq!(service("entrypoint: []").entrypoint, Some(Vec::new()));
    assert_eq!(service("command: null").command, None);
}

#[test]
fn other_notations() {
    let service = service(
        "healthcheck: {test: exit 0, interval: 1w2d, retries: 3}\n\
         ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}\n\
         gpus: [{count: '2', driver: x}, {count: ALL}]\n\
         cpus: '0.5'\nattach: 'yes'\ndns: 1.1.1.1\nscale: 2\n\
         secrets: [{source: s, mode: '0440'}, {source: s, target: t, mode: 0o400}]\n\
         provider: {type: x, options: {one: 1, many: [1, true, c]}}\nx-note: {a: [1, 2.5]}",
    );
    let healthcheck = service.healthcheck.unwrap();
    assert_eq!(healthcheck.test, ["CMD-SHELL", "exit 0"]);
    assert_eq!(healthcheck.interval.unwrap().to_string(), "216h0m0s");
    assert_eq!(service.ulimits["nofile"], Ulimit::Single(5));
    assert_eq!(service.ulimits["nproc"], Ulimit::Range { soft: 1, hard: 2 });
    assert_eq!(service.gpus.iter().map(|gpu| gpu.count.0).collect::<Vec<_>>(), [2, -1]);
    assert!((service.cpus.0 - 0.5).abs() < f32::EPSILON);
    assert_eq!(service.attach, Some(true));
    assert_eq!(service.dns, ["1.1.1.1"]);
    assert_eq!(service.scale, Some(2));
    let modes: Vec<_> = service.secrets.iter().map(|secret| secret.mode.unwrap().0).collect();
    assert_eq!(modes, [0o440, 0o400]);
    let options = service.provider.unwrap().options;
    assert_eq!(options["one"], ["1"]);
    assert_eq!(options["many"], ["1", "true", "c"]);
    assert_eq!(service.extensions["x-note"].to_string(), r#"{"a":[1,2.5]}"#);
}

#[test]
fn mistakes_have_a_place_and_docker_composes_words() {
    for (attributes, expected) in [
        ("mem_limit: 1x", "4:16 'services[a].mem_limit' invalid suffix: 'x'"),
        ("attach: maybe", "4:13 'services[a].attach' invalid boolean: maybe"),
        ("command: a (b", "4:14 'services[a].command' invalid command line string"),
        (
            "storage_opt: {a: 1.5}",
            "4:22 'services[a].storage_opt[a]' expected type 'string', got unconvertible type 'float64'",
        ),
        (
            "blkio_config: {weight: '300'}",
            "4:28 'services[a].blkio_config.weight' expected type 'uint16', got unconvertible type 'string'",
        ),
        (
            "secrets: [{source: s, mode: '99'}]",
            "4:33 'services[a].secrets[0].mode' strconv.ParseInt: parsing \"99\": invalid syntax",
        ),
        (
            "secrets: [{source: s, mode: 0999}]",
            "4:33 'services[a].secrets[0].mode' unexpected value type float64 for mode",
        ),
        (
            "environment: ['A =1']",
            "4:19 'services[a].environment' environment variable A  is declared with a trailing space",
        ),
        (
            "extra_hosts: [a]",
            "4:19 'services[a].extra_hosts' invalid additional host, missing IP: a",
        ),
        ("extra_hosts: ['=::1']", "4:19 'services[a].extra_hosts' bad host name ''"),
        (
            "deploy: {resources: {limits: {cpus: a}}}",
            "4:41 'services[a].deploy.resources.limits.cpus' strconv.ParseFloat: parsing \"a\": invalid syntax",
        ),
    ] {
        assert_eq!(problems(attributes), [expected], "{attributes}");
    }
}

#[test]
fn every_mistake_is_told() {
    let found = problems("mem_limit: 1x\nstop_grace_period: soon\nshm_size: 2y");
    assert_eq!(
        found,
        [
            "4:16 'services[a].mem_limit' invalid suffix: 'x'",
            "5:24 'services[a].stop_grace_period' time: invalid duration \"soon\"",
            "6:15 'services[a].shm_size' invalid suffix: 'y'",
        ]
    );
}
