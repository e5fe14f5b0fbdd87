mod lines;
mod merge_keys;
mod winners;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;
use crate::compose::files::Memory;

/// A project in `/srv/app`, and what is asked about it.
struct Project {
    files: Memory,
    request: Request,
}

/// A project of these files; `compose.yaml` and `compose.override.yaml` are found by their names.
fn project(files: &[(&str, &str)]) -> Project {
    let mut memory = Memory::default();
    for (name, text) in files {
        memory = memory.file(format!("/srv/app/{name}"), *text);
    }
    let request = Request { current_directory: PathBuf::from("/srv/app"), ..Request::default() };
    Project { files: memory, request }
}

impl Project {
    fn shell(mut self, name: &str, value: &str) -> Self {
        self.request.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn answer(&self, asked: &str) -> Answer {
        let question = Question {
            asked,
            request: &self.request,
            completed: &BTreeSet::new(),
            options: &LoadOptions::default(),
            all_resources: false,
        };
        explain(&question, &self.files)
    }

    fn explained(&self, asked: &str) -> Explanation {
        self.answer(asked).explanation.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The value, and below it a line for each candidate: outcome, place, what is written, why.
    fn lines(&self, asked: &str) -> Vec<String> {
        let explanation = self.explained(asked);
        let value = explanation.value.map_or("nothing".to_owned(), |value| value.to_string());
        let mut lines = vec![value];
        add(&explanation.candidates, &mut lines, 0);
        lines
    }
}

fn add(candidates: &[Candidate], lines: &mut Vec<String>, depth: usize) {
    for candidate in candidates {
        let mut line = format!("{:depth$}{:?}", "", candidate.outcome).to_lowercase();
        let _ = match (&candidate.place, candidate.source) {
            (_, Source::Compose) => write!(line, " implied"),
            (Some(place), _) => {
                let name = place.file.strip_prefix("/srv/app").unwrap_or(&place.file);
                write!(line, " {}:{}", name.display(), place.line)
            }
            (None, source) => write!(line, " {}", format!("{source:?}").to_lowercase()),
        };
        let _ = write!(line, " {}: {}", candidate.written, candidate.reason);
        lines.push(line);
        for via in &candidate.via {
            lines.push(format!("{:depth$}  via {}", "", via.text));
        }
        for made in &candidate.made {
            lines.push(format!("{:depth$}  made {made}", ""));
        }
        for used in &candidate.variables {
            let becomes = used.becomes.clone().unwrap_or_default();
            lines.push(format!("{:depth$}  {} = {becomes}: {}", "", used.written, used.reason));
            add(&used.candidates, lines, depth + 4);
        }
    }
}

#[test]
fn every_kind_of_candidate_of_a_variable_of_a_service() {
    let project = project(&[
        (
            "compose.yaml",
            "services:\n  web:\n    image: x\n    env_file: [one.env, {path: two.env, format: raw}]\n    environment:\n      A: 1\n      PASS:\n      LOST:\n      D: \"${D:-${E}}\"\n",
        ),
        (
            "compose.override.yaml",
            "services:\n  web:\n    environment: [A=2, A=3]\n",
        ),
        (".env", "PASS=dotenv\nE=first\nE=last\n"),
        ("one.env", "A=9\nF=1\nF=2\nPASS=file\nLOST=file\n"),
        ("two.env", "F=\"3\"\n"),
    ])
    .shell("PASS", "shell");
    for (name, expected) in [
        (
            "A",
            &[
                "\"3\"",
                "wins compose.override.yaml:3 A=3: the last file that says it",
                "overridden compose.override.yaml:3 A=2: overridden: a later item of the list has the same key",
                "overridden compose.yaml:6 A: 1: overridden: a later file wins",
                "overridden one.env:1 A=9: `environment` wins over `env_file`",
            ][..],
        ),
        (
            "F",
            &[
                "\"\\\"3\\\"\"",
                "wins two.env:1 F=\"3\": `environment` does not say it, `env_file` does",
                "overridden one.env:3 F=2: a later file of `env_file` wins",
                "overridden one.env:2 F=1: a later file of `env_file` wins",
            ],
        ),
        (
            "PASS",
            &[
                "\"shell\"",
                "wins compose.yaml:7 PASS: a key without a value takes the environment's",
                "  PASS = shell: PASS is set",
                "    wins shell PASS=shell: the shell's environment comes before all files",
                "    overridden .env:1 PASS=dotenv: the shell's environment wins",
                "overridden one.env:4 PASS=file: `environment` wins over `env_file`",
            ],
        ),
        (
            "LOST",
            &[
                "null",
                "wins compose.yaml:8 LOST: a key without a value, and the environment has none: the container goes without",
                "overridden one.env:5 LOST=file: `environment` wins over `env_file`",
            ],
        ),
        (
            "D",
            &[
                "\"last\"",
                "wins compose.yaml:9 D: \"${D:-${E}}\": nothing else says it",
                "  ${D:-${E}} = last: D is not set: the default \"${E}\" stands in",
            ],
        ),
    ] {
        assert_eq!(project.lines(&format!("services.web.environment.{name}")), expected, "{name}");
    }
    let within = &project.explained("services.web.environment.D").candidates[0].variables[0].within;
    assert_eq!(within[0].written, "${E}");
    let mut lines = Vec::new();
    add(&within[0].candidates, &mut lines, 0);
    assert_eq!(
        lines,
        [
            "wins .env:3 E=last: the project's `.env`",
            "overridden .env:2 E=first: a later line wins"
        ]
    );
}

#[test]
fn what_files_do_to_each_others_values() {
    let project = project(&[
        (
            "compose.yaml",
            "x-a: &a {LEVEL: info}\nservices:\n  web:\n    image: one\n    command: [a, b]\n    entrypoint: [a]\n    labels: {x.y: 1, z: 2}\n    environment: {<<: *a}\n    ports: ['80:80', '81:81']\n    logging: {driver: json-file, options: {max-size: 1m}}\n    hostname: h\n    scale: \"${SCALE:-2}\"\n    healthcheck: {interval: 90s}\n    volumes: [./d:/d]\n",
        ),
        (
            "compose.override.yaml",
            "services:\n  web:\n    image: two\n    command: [c]\n    entrypoint: !override [d]\n    labels: {x.y: !reset null}\n    ports: ['80:80', '82:82']\n    logging: {driver: none}\n    hostname:\n",
        ),
    ]);
    for (path, expected) in [
        (
            "image",
            &[
                "\"two\"",
                "wins compose.override.yaml:3 image: two: the last file that says it",
                "overridden compose.yaml:4 image: one: overridden: a later file wins",
            ][..],
        ),
        (
            "command",
            &[
                "[\"c\"]",
                "overridden compose.yaml:5 command: [a, b]: overridden: a later file replaces all of `command`",
                "kept compose.override.yaml:4 command: [c]: ",
            ],
        ),
        (
            "entrypoint",
            &[
                "[\"d\"]",
                "removed compose.yaml:6 entrypoint: [a]: replaced by `!override`",
                "kept compose.override.yaml:5 entrypoint: !override [d]: `!override` replaces what was said before",
            ],
        ),
        (
            "labels.x.y",
            &[
                "nothing",
                "removes compose.override.yaml:6 x.y: !reset null: `!reset` removes what was said before",
                "removed compose.yaml:7 x.y: 1: removed by `!reset`",
            ],
        ),
        (
            "environment.LEVEL",
            &[
                "\"info\"",
                "wins compose.yaml:1 LEVEL: info: nothing else says it",
                "  via written at an anchor, and merged (`<<`) or repeated (`*`) here",
            ],
        ),
        (
            "ports[0].published",
            &[
                "\"80\"",
                "wins compose.override.yaml:7 '80:80': Compose Specification: it follows from the short syntax",
                "overridden compose.yaml:9 '80:80': overridden: a later file wins",
            ],
        ),
        (
            "ports[1].protocol",
            &[
                "\"tcp\"",
                "wins compose.yaml:9 '81:81': Compose Specification: it follows from the short syntax",
            ],
        ),
        (
            "logging.options.max-size",
            &[
                "nothing",
                "overridden compose.yaml:10 max-size: 1m: overridden: a later file says `logging` with another driver, which replaces all of it",
            ],
        ),
        (
            "hostname",
            &[
                "\"h\"",
                "wins compose.yaml:11 hostname: h: the last file that says it",
                "ignored compose.override.yaml:9 hostname: null changes nothing that an earlier file says",
            ],
        ),
        (
            "scale",
            &[
                "2",
                "wins compose.yaml:12 scale: \"${SCALE:-2}\": nothing else says it",
                "  ${SCALE:-2} = 2: SCALE is not set: the default \"2\" stands in",
            ],
        ),
        (
            "healthcheck.interval",
            &[
                "\"1m30s\"",
                "wins compose.yaml:13 interval: 90s: nothing else says it",
                "  made printed in one form: \"90s\" → \"1m30s\"",
            ],
        ),
        (
            "volumes[0].source",
            &[
                "\"/srv/app/d\"",
                "wins compose.yaml:14 ./d:/d: Compose Specification: it follows from the short syntax",
                "  made made absolute: \"./d\" → \"/srv/app/d\"",
            ],
        ),
        (
            "networks.default",
            &[
                "null",
                "wins implied no value: Compose Specification: the default network: a service is on it unless it says `networks` or `network_mode`",
            ],
        ),
    ] {
        assert_eq!(project.lines(&format!("services.web.{path}")), expected, "{path}");
    }
    assert_eq!(
        project.lines("networks.default.name"),
        [
            "\"app_default\"",
            "wins implied \"app_default\": Compose Specification: a resource is named <project>_<key>, or <key> if it is external",
        ]
    );
}

#[test]
fn documents_of_one_file_and_lists_that_are_printed_otherwise() {
    let project = project(&[(
        "compose.yaml",
        "services:\n  a: {image: x, extra_hosts: ['z:1.1.1.1', 'a:2.2.2.2'], environment: {A: 'x$$y'}}\n  b: {image: x, extra_hosts: {z: 1.1.1.1, a: 2.2.2.2}}\n---\nservices:\n  a: {environment: [A=two]}\n",
    )]);
    for (path, expected) in [
        (
            "a.environment.A",
            &[
                "\"two\"",
                "wins compose.yaml:6 A=two: the last file that says it",
                "overridden compose.yaml:2 A: 'x$$y': overridden: a later document of the file wins",
                "  made `$$` stands for a dollar: \"x$$y\" → \"x$y\"",
            ][..],
        ),
        (
            "a.extra_hosts[0]",
            &[
                "\"a=2.2.2.2\"",
                "wins compose.yaml:2 'a:2.2.2.2': nothing else says it",
                "  made printed in one form: \"a:2.2.2.2\" → \"a=2.2.2.2\"",
            ],
        ),
        (
            "b.extra_hosts[0]",
            &[
                "\"a=2.2.2.2\"",
                "wins compose.yaml:3 a: 2.2.2.2: nothing else says it",
                "  made printed in one form: \"2.2.2.2\" → \"a=2.2.2.2\"",
            ],
        ),
    ] {
        assert_eq!(project.lines(&format!("services.{path}")), expected, "{path}");
    }
}

#[test]
fn what_came_from_elsewhere_says_the_way() {
    let project = project(&[
        (
            "compose.yaml",
            "include: [{path: sub/compose.yaml, env_file: sub.env}]\nservices:\n  web: {extends: {file: base.yaml, service: base}, image: own}\n  twin: {extends: web, environment: {A: twin}}\n",
        ),
        (
            "base.yaml",
            "services:\n  root: {image: root, environment: {A: root, B: root}}\n  base: {extends: root, image: base, environment: {A: base}}\n",
        ),
        ("sub/compose.yaml", "services: {db: {image: 'db:${V}', environment: {A: '${PLACE}'}}}\n"),
        ("sub.env", "V=sub\nPLACE=sub\n"),
        (".env", "V=main\n"),
    ]);
    for (path, expected) in [
        (
            "web.image",
            &[
                "\"own\"",
                "wins compose.yaml:3 image: own: the last file that says it",
                "overridden base.yaml:3 image: base: overridden: service `web`, which extends this one, wins",
                "  via service `web` extends `base`",
                "overridden base.yaml:2 image: root: overridden: service `base`, which extends this one, wins",
                "  via service `base` extends `root`",
            ][..],
        ),
        (
            "web.environment.B",
            &[
                "\"root\"",
                "wins base.yaml:2 B: root: nothing else says it",
                "  via service `base` extends `root`",
                "  via service `web` extends `base`",
            ],
        ),
        (
            "twin.environment.A",
            &[
                "\"twin\"",
                "wins compose.yaml:4 A: twin: the last file that says it",
                "overridden base.yaml:3 A: base: overridden: a service that extends this one wins",
                "  via service `web` extends `base`",
                "  via service `twin` extends `web`",
                "overridden base.yaml:2 A: root: overridden: a service that extends this one wins",
                "  via service `base` extends `root`",
                "  via service `web` extends `base`",
                "  via service `twin` extends `web`",
            ],
        ),
        (
            "db.image",
            &[
                "\"db:main\"",
                "wins sub/compose.yaml:1 image: 'db:${V}': nothing else says it",
                "  via included",
                "  ${V} = main: V is set",
                "    wins .env:1 V=main: the project's `.env`",
                "    overridden sub.env:1 V=sub: another env file wins",
            ],
        ),
        (
            "db.environment.A",
            &[
                "\"sub\"",
                "wins sub/compose.yaml:1 A: '${PLACE}': nothing else says it",
                "  via included",
                "  ${PLACE} = sub: PLACE is set",
                "    wins sub.env:2 PLACE=sub: an env file of the included project",
            ],
        ),
    ] {
        assert_eq!(project.lines(&format!("services.{path}")), expected, "{path}");
    }
}

#[test]
fn the_name_of_the_project() {
    let files = [
        ("compose.yaml", "name: file\nservices: {a: {image: x}}\n"),
        (".env", "COMPOSE_PROJECT_NAME=dotenv\n"),
    ];
    let mut flagged = project(&files).shell("COMPOSE_PROJECT_NAME", "shell");
    flagged.request.project_name = Some("flag".to_owned());
    for (project, expected) in [
        (
            flagged,
            &[
                "\"flag\"",
                "wins flag -p flag: `-p` comes before everything",
                "overridden shell COMPOSE_PROJECT_NAME=shell: something stronger names the project",
                "overridden .env:1 COMPOSE_PROJECT_NAME=dotenv: something stronger names the project",
                "overridden compose.yaml:1 name: file: something stronger names the project",
                "overridden directory app/: something stronger names the project",
            ][..],
        ),
        (
            project(&files),
            &[
                "\"dotenv\"",
                "wins .env:1 COMPOSE_PROJECT_NAME=dotenv: COMPOSE_PROJECT_NAME comes before `name:` and the directory",
                "overridden compose.yaml:1 name: file: something stronger names the project",
                "overridden directory app/: something stronger names the project",
            ],
        ),
        (
            project(&files[..1]),
            &[
                "\"file\"",
                "wins compose.yaml:1 name: file: the last file that has `name:`",
                "overridden directory app/: something stronger names the project",
            ],
        ),
        (
            project(&[("compose.yaml", "services: {a: {image: x}}\n")]),
            &["\"app\"", "wins directory app/: nothing names the project, so its directory does"],
        ),
    ] {
        assert_eq!(project.lines("name"), expected);
    }
}

#[test]
fn a_variable_and_its_uses() {
    let project = project(&[
        (
            "compose.yaml",
            "services:\n  a: {image: 'x:${TAG:-1}', labels: {l: '$TAG ${OTHER-${TAG?}}'}}\n",
        ),
        (".env", "TAG=2\n"),
    ]);
    for asked in ["TAG", "$TAG", "${TAG}", "${TAG:-1}"] {
        let explanation = project.explained(asked);
        assert_eq!(explanation.path, "TAG", "{asked}");
        let uses: Vec<String> = explanation
            .uses
            .iter()
            .map(|used| {
                let column = used.place.as_ref().map_or(0, |place| place.column);
                let path = used.path.clone().unwrap_or_default();
                format!("{column} {path} {} = {:?}", used.written, used.becomes)
            })
            .collect();
        assert_eq!(
            uses,
            [
                "17 services.a.image ${TAG:-1} = Some(\"2\")",
                "42 services.a.labels.l $TAG = Some(\"2\")",
                "55 services.a.labels.l ${TAG?} = Some(\"2\")",
            ],
            "{asked}"
        );
    }
    assert_eq!(project.explained("OTHER").value, None);
    assert_eq!(project.explained("COMPOSE_PROJECT_NAME").candidates[0].source, Source::ProjectName);
}

#[test]
fn what_does_not_exist_has_near_names() {
    let project = project(&[(
        "compose.yaml",
        "services: {web: {image: 'x$TAG', labels: {traefik.enable: 'true'}}}\n",
    )]);
    for (asked, expected) in [
        ("services.wep.image", &["services.web.image"][..]),
        ("service.web.image", &["services.web.image"]),
        ("services.web.imgae", &["services.web.image"]),
        ("web.image", &["services.web.image"]),
        ("services.web.labels.traefik.enabel", &["services.web.labels[\"traefik.enable\"]"]),
        ("TAGG", &["TAG"]),
        ("${TGA}", &["TAG"]),
        ("nothing.of.the.kind", &[]),
        ("services.web.image.tag", &[]),
        ("", &[]),
        ("[", &[]),
        ("$", &[]),
    ] {
        let found = project.answer(asked).explanation;
        let suggestions = found.expect_err(asked).suggestions;
        assert_eq!(suggestions, expected, "{asked}");
    }
}

#[test]
fn disabled_services_and_broken_files_are_explained_as_far_as_they_go() {
    let disabled = project(&[
        (
            "compose.yaml",
            "services:\n  a: {image: x}\n  b: {image: y, profiles: [p], env_file: b.env}\n",
        ),
        ("b.env", "A=1\n"),
    ]);
    let explanation = disabled.explained("services.b.environment.A");
    assert_eq!(explanation.value, Some("1".into()));
    assert_eq!(explanation.notes[0], "service `b` is disabled: none of its profiles (p) is active");
    let broken = project(&[
        ("compose.yaml", "services:\n  a: {image: one, ports: 80, environment: {A: 1}}\n"),
        ("compose.override.yaml", "services:\n  a: {image: two, environment: {A: '${A:?no}'}}\n"),
    ]);
    let answer = broken.answer("services.a.image");
    assert!(answer.has_errors());
    assert_eq!(
        broken.lines("services.a.image"),
        [
            "\"two\"",
            "wins compose.override.yaml:2 image: two: the last file that says it",
            "overridden compose.yaml:2 image: one: overridden: a later file wins",
        ]
    );
    let variable = &broken.explained("services.a.environment.A").candidates[0].variables[0];
    assert_eq!(
        (variable.becomes.as_deref(), &*variable.reason),
        (None, "A is not set, but it must be")
    );
}

#[test]
fn of_what_does_not_pass_the_checks_nothing_wins() {
    let broken = project(&[(
        "compose.yaml",
        "services:\n  a:\n    image: one\n    ports: 80\n    restart: [b]\n    networks:\n      default:\n",
    )]);
    assert!(broken.answer("services.a").has_errors());
    for (asked, line) in [("ports", "4 ports: 80"), ("restart", "5 restart: [b]")] {
        let lines = broken.lines(&format!("services.a.{asked}"));
        let expected =
            format!("ignored compose.yaml:{line}: it does not pass the checks: the error says why");
        assert_eq!(lines, ["null".to_owned(), expected]);
    }
    assert_eq!(
        broken.lines("services.a.networks.default"),
        ["null", "wins compose.yaml:7 default: nothing else says it"]
    );
}
