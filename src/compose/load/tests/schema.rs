//! What the schema and the constraints refuse, in which words and at which place.

use super::{load, service};
use crate::diagnostic::Severity;

/// Attributes of service `a` from line 3 on, the message about them, and its line and column.
#[test]
fn services() {
    for (attributes, reason, place) in [
        ("foo: 1\nbar: 2", "services.a additional properties 'foo', 'bar' not allowed", "3:5"),
        ("ports: 80", "services.a.ports must be a array", "3:12"),
        ("ports:", "services.a.ports must be a array", "3:5"),
        ("init: 5", "services.a.init must be a boolean or string", "3:11"),
        (
            "environment: {A: [1]}",
            "services.a.environment.A must be a boolean, null, number or string",
            "3:19",
        ),
        ("environment: 5", "services.a.environment must be a mapping", "3:18"),
        (
            "container_name: q",
            "services.a.container_name 'q' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+'",
            "3:21",
        ),
        (
            "pull_policy: every_x",
            "services.a.pull_policy 'every_x' does not match pattern 'always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+'",
            "3:18",
        ),
        ("depends_on: {b: {}}", "services.a.depends_on.b missing property 'condition'", "3:18"),
        ("depends_on: {b: }", "services.a.depends_on.b must be a mapping", "3:18"),
        (
            "depends_on: {b: {condition: x}}",
            "services.a.depends_on.b.condition value must be one of 'service_started', 'service_healthy', 'service_completed_successfully'",
            "3:33",
        ),
        ("security_opt: [a, b, a]", "services.a.security_opt items at 0 and 2 are equal", "3:26"),
        (
            "networks: {'b c': }",
            "services.a.networks additional properties 'b c' not allowed",
            "3:16",
        ),
        ("build: {context: 7}", "services.a.build.context must be a string", "3:22"),
        ("cgroup: x", "services.a.cgroup value must be one of 'host', 'private'", "3:13"),
        (
            "volumes: [{type: tmpfs, target: /a, tmpfs: {size: -1}}]",
            "services.a.volumes.0.tmpfs.size must be greater than or equal to 0",
            "3:55",
        ),
        ("cpu_percent: 200.0", "services.a.cpu_percent must be less than or equal to 100", "3:18"),
        (
            "cpu_percent: !override 200",
            "services.a.cpu_percent must be less than or equal to 100",
            "3:28",
        ),
        ("cpu_percent: '-1'", "services.a.cpu_percent must be greater than or equal to 0", "3:18"),
        (
            "oom_score_adj: 1001",
            "services.a.oom_score_adj must be less than or equal to 1000",
            "3:20",
        ),
        (
            "develop: {watch: [{path: x}]}",
            "services.a.develop.watch.0 missing property 'action'",
            "3:23",
        ),
        ("ulimits: {a: {hard: 5}}", "services.a.ulimits.a missing property 'soft'", "3:15"),
        (
            "logging: {options: {a: [1]}}",
            "services.a.logging.options.a must be a null, number or string",
            "3:25",
        ),
        ("gpus: some", "services.a.gpus value must be 'all'", "3:11"),
        ("command: [5]", "services.a.command.0 must be a string", "3:15"),
        (
            "blkio_config: {x-a: 1}",
            "services.a.blkio_config additional properties 'x-a' not allowed",
            "3:20",
        ),
        ("scale: 1.5", "services.a.scale must be a integer or string", "3:12"),
        ("deploy: 5", "services.a.deploy must be a mapping or null", "3:13"),
    ] {
        let outcome = service(&[attributes]);
        assert_eq!(outcome.messages(), [format!("validating /p/a.yaml: {reason}")]);
        let place = format!("/p/a.yaml:{place}");
        assert_eq!(
            outcome.sources.describe(outcome.diagnostics[0].labels[0].span),
            place,
            "{attributes}"
        );
    }
}

#[test]
fn other_sections() {
    for (text, message, place) in [
        (
            "web: {image: x}\n",
            "validating /p/a.yaml:  additional properties 'web' not allowed",
            "1:1",
        ),
        ("services:\n  a:\n", "validating /p/a.yaml: services.a must be a mapping", "2:3"),
        (
            "services: {'a b': {image: x}}\n",
            "validating /p/a.yaml: services additional properties 'a b' not allowed",
            "1:12",
        ),
        ("networks: 5\n", "validating /p/a.yaml: networks must be a mapping", "1:11"),
        (
            "networks: {n: 5}\n",
            "validating /p/a.yaml: networks.n must be a mapping or null",
            "1:15",
        ),
        ("version: 3\n", "validating /p/a.yaml: version must be a string", "1:10"),
        (
            "volumes: {v: {external: 5}}\n",
            "validating /p/a.yaml: volumes.v.external must be a boolean, mapping or string",
            "1:25",
        ),
        ("models: {m: {}}\n", "validating /p/a.yaml: models.m missing property 'model'", "1:10"),
        (
            "volumes: {v: {external: true, driver: x}}\n",
            "volumes.v: conflicting parameters \"external\" and \"driver\" specified",
            "1:31",
        ),
        (
            "configs: {c: {file: ./x, content: y}}\n",
            "configs.c: file|environment|content attributes are mutually exclusive",
            "1:26",
        ),
        (
            "configs: {c: {name: x}}\n",
            "configs.c: one of file|environment|content must be set",
            "1:11",
        ),
        (
            "services: {a: {image: x, ports: [{target: 80, host_ip: h}]}}\n",
            "services.a.ports.[]: invalid ip address: h",
            "1:56",
        ),
        (
            "services: {a: {image: x, gpus: [{count: 1, device_ids: ['0']}]}}\n",
            "services.a.gpus.[]: \"count\" and \"device_ids\" attributes are exclusive",
            "1:34",
        ),
        (
            "services: {a: {image: x, volumes: [{type: volume, source: v}]}}\n",
            "service volume services.a.volumes.[0] is missing a mount target",
            "1:37",
        ),
        (
            "services: {a: {image: x, volumes: [{type: bind, target: /v}]}}\n",
            "invalid mount config for type \"bind\": field Source must not be empty",
            "1:43",
        ),
        (
            "services: {a: {image: x, devices: ['/a:/b:r:x']}}\n",
            "confusing device mapping, please use long syntax: /a:/b:r:x",
            "1:36",
        ),
        (
            "networks: {n: {name: a, external: {name: b}}}\n",
            "networks.n: name and external.name conflict; only use name",
            "1:42",
        ),
    ] {
        let outcome = load(&[("a.yaml", text)]);
        let errors: Vec<_> = outcome
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .collect();
        let [error] = errors.as_slice() else { panic!("{text}: {:?}", outcome.messages()) };
        assert_eq!(error.message, message);
        let place = format!("/p/a.yaml:{place}");
        assert_eq!(outcome.sources.describe(error.labels[0].span), place, "{text}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let outcome =
        load(&[("a.yaml", "services:\n  a: {imge: x, ports: 80}\n  b: {init: 5}\nfoo: 1\n")]);
    assert_eq!(outcome.messages().len(), 4, "{:?}", outcome.messages());
}

#[test]
fn help_says_what_was_meant() {
    for (text, help, replacement) in [
        ("services: {a: {imge: x}}\n", "did you mean `image`?", "image"),
        ("services: {a: {image: x, env: [A]}}\n", "did you mean `environment`?", "environment"),
        ("services: {a: {image: x, env-file: x}}\n", "did you mean `env_file`?", "env_file"),
        ("services: {a: {image: x, dockerfile: D}}\n", "`dockerfile` belongs in `build`", ""),
        ("services: {a: {image: x, replicas: 2}}\n", "`replicas` belongs in `deploy`", ""),
        ("web: {image: x}\n", "write `services:` above, and `web` below it, indented", ""),
        ("services: {a: {image: x, cgroup: hots}}\n", "did you mean `host`?", "host"),
        ("services: {a: {image: x, user: 1000}}\n", "put the value in quotes", "\""),
        ("services: {a: {image: x, cap_add: X}}\n", "write a list, even of one item", "["),
    ] {
        let outcome = load(&[("a.yaml", text)]);
        let diagnostic = &outcome.diagnostics[0];
        assert_eq!(diagnostic.help.as_deref(), Some(help), "{text}");
        let edit = diagnostic.edits.first().map_or("", |edit| &edit.replacement);
        assert_eq!(edit, replacement, "{text}");
    }
}

#[test]
fn valid_forms_are_accepted() {
    for attributes in [
        "pull_policy: every_12h",
        "container_name: '?abc'",
        "cpu_percent: 50",
        "deploy:",
        "develop:",
        "command:",
        "networks: {n: }",
        "x-foo: [1, {a: b}]",
        "ulimits: {Nofile: 5}",
        "ports: [80, '81', {target: 82}]",
        "pre_start: [{command: x, image: y, per_replica: true}]",
        "gpus: all",
        "storage_opt: {size: 1}",
    ] {
        let outcome = service(&[&format!("image: x\n{attributes}")]);
        assert!(outcome.tree.is_some(), "{attributes}: {:?}", outcome.messages());
    }
}

#[test]
fn version_is_obsolete() {
    let outcome =
        load(&[("a.yaml", "version: '3'\nservices: {a: {image: x}}\n---\nversion: '3'\n")]);
    assert_eq!(outcome.at("version"), "nothing");
    assert_eq!(
        outcome.messages(),
        [
            "/p/a.yaml: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion"
        ]
    );
}
