//! `extends`, `include`, `!reset` and `!override`.

use super::{load, load_with};
use crate::compose::load::LoadOptions;

#[test]
fn extends_in_one_file() {
    let outcome = load(&[(
        "a.yaml",
        "services:\n  a: {extends: b, image: y, ports: ['81']}\n  b: {extends: {service: c}, command: [q]}\n  c: {image: x, ports: ['80'], depends_on: [b]}\n",
    )]);
    assert_eq!(outcome.at("services.a.image"), "\"y\"");
    assert_eq!(outcome.at("services.a.command"), "[\"q\"]");
    assert_eq!(outcome.at("services.a.ports[1].target"), "81");
    assert_eq!(outcome.at("services.a.extends"), "nothing");
    assert_eq!(outcome.at("services.b.image"), "\"x\"");
    assert_eq!(outcome.origin("services.a.image"), "/p/a.yaml:2:26");
    assert_eq!(outcome.origin("services.a.command"), "/p/a.yaml:3:39");
}

#[test]
fn extends_from_another_file() {
    let files = [
        ("a.yaml", "services:\n  a: {extends: {service: b, file: sub/b.yaml}, image: y}\n"),
        (
            "sub/b.yaml",
            "services:\n  b:\n    extends: {service: c, file: deep/c.yaml}\n    build: {context: x}\n    env_file: e.env\n",
        ),
        ("sub/deep/c.yaml", "services:\n  c: {image: c, volumes: ['./v:/v']}\n"),
    ];
    let outcome = load(&files);
    for (path, value, origin) in [
        ("services.a.image", "\"y\"", "/p/a.yaml:2:55"),
        ("services.a.build.context", "\"/p/sub/x\"", "/p/sub/b.yaml:4:22"),
        ("services.a.env_file[0].path", "\"/p/sub/e.env\"", "/p/sub/b.yaml:5:15"),
        ("services.a.volumes[0].source", "\"/p/sub/deep/v\"", "/p/sub/deep/c.yaml:2:27"),
    ] {
        assert_eq!(outcome.at(path), value);
        assert_eq!(outcome.origin(path), origin);
    }

    let options = LoadOptions { no_path_resolution: true, ..LoadOptions::default() };
    let outcome = load_with(&files, &options);
    assert_eq!(outcome.at("services.a.build.context"), "\"sub/x\"");
    assert_eq!(outcome.at("services.a.volumes[0].source"), "\"sub/deep/v\"");
}

#[test]
fn extends_refused() {
    for (files, message, place) in [
        (
            vec![(
                "a.yaml",
                "services:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: a}\n",
            )],
            "Circular reference: service a extends b extends c extends a",
            "/p/a.yaml:4:16",
        ),
        (
            vec![
                ("a.yaml", "services:\n  a: {extends: {service: b, file: s/b.yaml}}\n"),
                ("s/b.yaml", "services:\n  b: {extends: {service: a, file: ../a.yaml}}\n"),
            ],
            "Circular reference: service a extends b extends a",
            "/p/s/b.yaml:2:16",
        ),
        (
            vec![("a.yaml", "services:\n  a: {extends: webb}\n  web: {image: x}\n")],
            "cannot extend service \"a\" in /p/a.yaml: service \"webb\" not found",
            "/p/a.yaml:2:16",
        ),
        (
            vec![
                ("a.yaml", "services:\n  a: {extends: {service: b, file: s/b.yaml}}\n"),
                ("s/b.yaml", "services: {c: {}}\n"),
            ],
            "cannot extend service \"a\" in /p/a.yaml: service \"b\" not found in s/b.yaml",
            "/p/a.yaml:2:26",
        ),
        (
            vec![
                ("a.yaml", "services:\n  a: {extends: {service: b, file: s/b.yaml}}\n"),
                ("s/b.yaml", "x-foo: 5\n"),
            ],
            "cannot extend service \"a\" in /p/s/b.yaml: no services section",
            "/p/a.yaml:2:35",
        ),
        (
            vec![("a.yaml", "services:\n  a: {extends: {service: b, file: no.yml}}\n")],
            "open /p/no.yml: no such file or directory",
            "/p/a.yaml:2:35",
        ),
        (
            vec![("a.yaml", "services:\n  a: {extends: {file: b.yml}}\n")],
            "extends.a.service is required",
            "/p/a.yaml:2:7",
        ),
        (
            vec![("a.yaml", "services:\n  a: {extends: {service: b, file: 'oci://x/y'}}\n")],
            "remote Compose files cannot be fetched here: oci://x/y",
            "/p/a.yaml:2:35",
        ),
        (vec![("a.yaml", "services: 5\n")], "services must be a mapping", "/p/a.yaml:1:1"),
        (vec![("a.yaml", "services:\n  a: 5\n")], "services.a must be a mapping", "/p/a.yaml:2:3"),
    ] {
        let outcome = load(&files);
        assert_eq!(outcome.messages().first().map(String::as_str), Some(message));
        let label = &outcome.diagnostics[0].labels[0];
        assert_eq!(outcome.sources.describe(label.span), place, "{message}");
    }
}

#[test]
fn a_cycle_has_all_its_places() {
    let outcome =
        load(&[("a.yaml", "services:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: a}\n")]);
    let labels: Vec<(String, &str)> = outcome.diagnostics[0]
        .labels
        .iter()
        .map(|label| (outcome.sources.describe(label.span), label.message.as_str()))
        .collect();
    assert_eq!(
        labels,
        [
            ("/p/a.yaml:4:16".to_owned(), "`c` extends `a`"),
            ("/p/a.yaml:2:16".to_owned(), "`a` extends `b`"),
            ("/p/a.yaml:3:16".to_owned(), "`b` extends `c`"),
        ]
    );
}

#[test]
fn of_the_environment_files_of_an_inclusion_the_last_wins() {
    let outcome = load(&[
        ("a.yaml", "include: [{path: s/b.yaml, env_file: [one.env, two.env]}]\n"),
        ("one.env", "A=one\nB=one\n"),
        ("two.env", "V=two\nB=two-$A-$B\n"),
        ("s/b.yaml", "services:\n  b: {image: \"$A $B $V\"}\n"),
    ]);
    assert_eq!(outcome.at("services.b.image"), "\"one two-one-one value\"");
}

#[test]
fn include_has_its_own_directory_and_environment() {
    let outcome = load(&[
        (
            "a.yaml",
            "include: [s/b.yaml, {path: t/c.yaml, project_directory: t/d, env_file: e.env}]\nservices:\n  a: {image: x}\n",
        ),
        ("s/b.yaml", "services:\n  b: {image: \"$W\", build: ., environment: [Q, W]}\n"),
        ("s/.env", "W=s\nV=hidden\n"),
        ("t/c.yaml", "services:\n  c: {image: \"$W-$V\", build: ./q}\nnetworks: {n: }\n"),
        ("t/d/file", ""),
        ("e.env", "W=e\n"),
    ]);
    for (path, value) in [
        ("services.a.image", "\"x\""),
        ("services.b.image", "\"s\""),
        ("services.b.build.context", "\"/p/s\""),
        ("services.b.environment", "[\"Q\",\"W=s\"]"),
        ("services.c.image", "\"e-value\""),
        ("services.c.build.context", "\"/p/t/d/q\""),
        ("networks.n", "null"),
        ("include", "nothing"),
    ] {
        assert_eq!(outcome.at(path), value, "{path}");
    }
    assert_eq!(outcome.origin("services.b.image"), "/p/s/b.yaml:2:14");
}

#[test]
fn later_files_may_change_what_was_included() {
    let outcome = load(&[
        ("a.yaml", "include: [s/b.yaml]\n"),
        ("b.yaml", "services:\n  b: {command: q}\n"),
        ("s/b.yaml", "services:\n  b: {image: x}\n"),
    ]);
    assert_eq!(outcome.at("services.b"), "{image:\"x\",command:\"q\"}");
}

#[test]
fn include_refused() {
    let b = ("s/b.yaml", "services:\n  b: {image: x}\n");
    for (files, message, place) in [
        (
            vec![("a.yaml", "include: [s/b.yaml]\nservices:\n  b: {image: y}\n"), b],
            "services.b conflicts with imported resource",
            "/p/a.yaml:3:3",
        ),
        (
            vec![
                ("a.yaml", "include: [s/b.yaml]\n"),
                ("s/b.yaml", "include: [c.yaml]\n"),
                ("s/c.yaml", "include: [../a.yaml]\n"),
            ],
            "include cycle detected: /p/a.yaml include /p/s/b.yaml include /p/s/c.yaml include /p/a.yaml",
            "/p/s/c.yaml:1:11",
        ),
        (
            vec![("a.yaml", "include: s/b.yaml\n"), b],
            "`include` must be a list, got s/b.yaml",
            "/p/a.yaml:1:1",
        ),
        (
            vec![("a.yaml", "include: [s/no.yaml]\n"), b],
            "open /p/s/no.yaml: no such file or directory",
            "/p/a.yaml:1:11",
        ),
        (
            vec![("a.yaml", "include: [{path: s/b.yaml, env_file: no.env}]\n"), b],
            "stat /p/no.env: no such file or directory",
            "/p/a.yaml:1:38",
        ),
        (
            vec![("a.yaml", "include: [{path: s/b.yaml, env_file: s}]\n"), b],
            "/p/s is not a file",
            "/p/a.yaml:1:38",
        ),
        (
            vec![("a.yaml", "include: ['https://example.com/x.git#main']\n")],
            "remote Compose files cannot be fetched here: https://example.com/x.git#main",
            "/p/a.yaml:1:11",
        ),
        (
            vec![
                ("a.yaml", "include: [s/b.yaml]\n"),
                ("s/b.yaml", "services:\n  b: {image: x, foo: q}\n"),
            ],
            "validating /p/s/b.yaml: services.b additional properties 'foo' not allowed",
            "/p/s/b.yaml:2:17",
        ),
    ] {
        let outcome = load(&files);
        assert_eq!(outcome.messages(), [message]);
        let label = &outcome.diagnostics[0].labels[0];
        assert_eq!(outcome.sources.describe(label.span), place, "{message}");
    }
}

#[test]
fn the_same_definition_twice_is_no_conflict() {
    let outcome = load(&[
        ("a.yaml", "include: [s/b.yaml]\nservices:\n  b: {image: x}\n"),
        ("s/b.yaml", "services:\n  b: {image: x}\n"),
    ]);
    assert_eq!(outcome.at("services.b"), "{image:\"x\"}");
}

#[test]
fn reset_and_override() {
    const BASE: (&str, &str) = (
        "a.yaml",
        "services:\n  a:\n    image: x\n    command: [q]\n    ports: ['80']\n    environment: {A: '1', B: '2'}\n  b: {image: y}\n",
    );
    for (over, path, value) in [
        ("services:\n  a: {command: !reset null}\n", "services.a.command", "nothing"),
        ("services:\n  a: {ports: !reset []}\n", "services.a.ports", "nothing"),
        (
            "services:\n  a: {environment: {A: !reset null}}\n",
            "services.a.environment",
            "[\"B=2\"]",
        ),
        ("services:\n  b: !reset null\n", "services.b", "nothing"),
        (
            "services:\n  a: {environment: !override {C: '3'}}\n",
            "services.a.environment",
            "{C:\"3\"}",
        ),
        ("services:\n  a: !override {image: z}\n", "services.a", "{image:\"z\"}"),
        ("services:\n  a: {cap_add: [A, !reset B]}\n", "services.a.cap_add", "[\"A\"]"),
    ] {
        let outcome = load(&[BASE, ("b.yaml", over)]);
        assert_eq!(outcome.at(path), value, "{over}");
    }
    let outcome = load(&[(
        "a.yaml",
        "services:\n  a: {extends: b, command: !reset null, ports: !override ['81']}\n  b: {image: x, command: [a], ports: ['80']}\n",
    )]);
    assert_eq!(outcome.at("services.a.command"), "nothing");
    assert_eq!(outcome.at("services.a.ports[0].target"), "81");
    assert_eq!(outcome.at("services.a.ports[1]"), "nothing");
    assert_eq!(outcome.at("services.b.command"), "[\"a\"]");
}

#[test]
fn variables_become_content() {
    let outcome = load(&[(
        "a.yaml",
        "services: {a: {image: x, environment: [V, UNSET]}}\nsecrets: {s: {environment: V}}\n",
    )]);
    assert_eq!(outcome.at("services.a.environment"), "[\"V=value\",\"UNSET\"]");
    assert_eq!(outcome.at("secrets.s"), "{environment:\"V\",x-#value:\"value\"}");
}

#[test]
fn extending_an_empty_service_changes_nothing() {
    let outcome = load(&[
        ("a.yaml", "services:\n  a: {extends: {service: b, file: s/b.yaml}, image: x}\n"),
        ("s/b.yaml", "services:\n  b:\n"),
    ]);
    assert_eq!(outcome.at("services.a"), r#"{image:"x",extends:{service:"b",file:"/p/s/b.yaml"}}"#);
}
