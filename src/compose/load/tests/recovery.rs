//! Loading goes on past what is broken: every mistake is told, and none because of another.

use super::super::merged;
use crate::compose::assemble::{Selection, assemble};
use crate::compose::files::Memory;
use crate::compose::load::LoadOptions;
use crate::compose::source::Request;
use crate::diagnostic::Severity;

/// The errors of a project, each message behind `file:line` of its place.
fn errors(files: &[(&str, &str)]) -> Vec<String> {
    let memory = files.iter().fold(Memory::default(), |memory, (name, text)| {
        memory.file(std::path::Path::new("/p").join(name), *text)
    });
    let main = files.iter().map(|(name, _)| *name).filter(|name| name.starts_with("compose"));
    let request = Request {
        files: main.map(str::to_owned).collect(),
        current_directory: "/p".into(),
        ..Request::default()
    };
    let options = LoadOptions::default();
    let outcome = merged(&request, &options, &memory)
        .and_then(|merged| assemble(merged, &options, &Selection::default(), &memory));
    let failure = outcome.expect_err("the project has mistakes");
    let errors = failure.diagnostics.iter().filter(|it| it.severity == Severity::Error);
    errors
        .map(|error| {
            let place = error.labels.first().map(|label| failure.sources.describe(label.span));
            let place = place.unwrap_or_default();
            let mut parts = place.trim_start_matches("/p/").split(':');
            let (file, line) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            format!("{file}:{line} {}", error.message)
        })
        .collect()
}

#[test]
fn one_load_tells_the_mistakes_of_all_stages() {
    let found = errors(&[(
        "compose.yaml",
        "services:
  web:
    ports: 80
    networks: [front, bakc]
    mem_limit: 12q
    image: ${IMAGE:?which image}
    env_file: missing.env
    depends_on: [db]
  db:
    image: postgres
    image: postgres:15
    depends_on: [web]
  job:
    extends: nobody
    volumes: [data:/x, '/aa:/bb:ro:dd']
networks:
  front: {}
",
    )]);
    assert_eq!(
        found,
        [
            r#"compose.yaml:11 failed to parse /p/compose.yaml: line 11: mapping key "image" already defined at line 10"#,
            "compose.yaml:3 validating /p/compose.yaml: services.web.ports must be a array",
            r#"compose.yaml:4 service "web" refers to undefined network bakc: invalid compose project"#,
            "compose.yaml:5 'services[web].mem_limit' invalid suffix: 'q'",
            "compose.yaml:6 error while interpolating services.web.image: required variable IMAGE is missing a value: which image",
            "compose.yaml:7 env file /p/missing.env not found: stat /p/missing.env: no such file or directory",
            "compose.yaml:12 dependency cycle detected: db -> web -> db",
            r#"compose.yaml:14 cannot extend service "job" in /p/compose.yaml: service "nobody" not found"#,
            r#"compose.yaml:15 service "job" refers to undefined volume data: invalid compose project"#,
            "compose.yaml:15 invalid spec: /aa:/bb:ro:dd: too many colons",
        ]
    );
}

/// Mistakes, by what they are in, beside what would look wrong only because of them.
#[test]
fn a_mistake_causes_no_others() {
    for (text, places) in [
        ("services: {a: {imge: x}}", "imge"),
        ("services: {a: {zzz: x}}", "zzz"),
        ("services: {a: 5, b: {image: x, depends_on: [a]}}", "a"),
        ("services: {a: {image: 5}}", "image"),
        ("services: {a: {extends: b}}", "extends"),
        ("services: {a: {extends: b}, b: {extends: a}}", "extends"),
        ("services: {a: {extends: {file: none.yaml, service: x}}}", "file"),
        (
            "include: [none.yaml]\nservices: {a: {image: x, depends_on: [b], networks: [n]}}",
            "include",
        ),
        ("services: {a: {<<: *none, depends_on: [b]}, b: {image: x}}", "<<"),
        ("services: {a: {image: x, networks: [n]}}\nnetworks: [n]", "networks"),
        ("services: {a: {image: x, networks: [n]}}\nnetwrks: {n: }", "netwrks"),
        ("services: {a: {image: x, volumes: [v:/v]}}\nstorage: {v: }", "storage"),
        ("services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {fil: ./x}}", "fil"),
        ("services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {external: maybe}}", "external"),
        ("services: {a: {image: x, healthcheck: {test: ['${V:?}', x]}}}", "test"),
        (
            "services: {a: {image: x, mem_limit: 5m, deploy: {resources: {limits: {memory: 5q}}}}}",
            "5q",
        ),
        ("x-a: &x {restart: [no]}\nservices: {a: {<<: *x, image: y}, b: {<<: *x, image: y}}", "x"),
        ("services: {1: {image: x}, b: {image: x, depends_on: ['1']}}", "1"),
        (
            "services:\n  a:\n    image: x\n   depends_on: [b]\n  b: {image: x}\nnetworks: {}",
            "depends_on",
        ),
        ("services: {a: {image: x, volumes: [{type: volume}, {type: tmpfs}]}}", "type type"),
        ("services: {a: {image: x, secrets: ['${V:?}']}}", "secrets"),
        ("services: {a: {image: x, extra_hosts: ['${V:?}']}}", "extra_hosts"),
    ] {
        let found = errors(&[("compose.yaml", text)]);
        assert_eq!(found.len(), places.split(' ').count(), "{text}: {found:#?}");
    }
}

#[test]
fn a_file_that_is_no_yaml_hides_no_other() {
    let found = errors(&[
        ("compose.yaml", "services:\n  a:\n    image: x\n    restart: 5\n"),
        ("compose.2.yaml", "services:\n  a:\n    command: [\n"),
        ("compose.3.yaml", "services:\n  a:\n    image: 'x\n"),
    ]);
    let places: Vec<&str> = found.iter().filter_map(|message| message.split(' ').next()).collect();
    assert_eq!(places, ["compose.2.yaml:3", "compose.yaml:4", "compose.3.yaml:3"], "{found:#?}");
}

#[test]
fn a_limit_of_all_services_is_told_once() {
    let ports = |range: &str, count: usize| {
        let services =
            (0..count).map(|index| format!("  a{index}: {{image: x, ports: [{range}]}}\n"));
        format!("services:\n{}", services.collect::<String>())
    };
    let found = errors(&[("compose.yaml", &ports("1-65535, 80", 20))]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("compose.yaml:3 "), "{found:#?}");
    assert!(found[0].contains("more than 100000"), "{found:#?}");
    // Exactly as many as there may be.
    assert_eq!(super::load(&[("compose.yaml", &ports("1-50000", 2))]).messages(), [""; 0]);
    // Long forms count like short ones.
    let found = errors(&[("compose.yaml", &ports("{target: 1}, 1-50000", 2))]);
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn only_so_many_misspelt_keys_are_read_as_what_they_nearly_say() {
    // Each would bring a second mistake once its name is right.
    let services = (0..300).map(|index| format!("  a{index}: {{image: x, restrt: 5}}\n"));
    let found =
        errors(&[("compose.yaml", &format!("services:\n{}", services.collect::<String>()))]);
    let unknown = found.iter().filter(|message| message.contains("restrt")).count();
    assert_eq!((unknown, found.len() - unknown), (300, 200), "{found:#?}");
}
