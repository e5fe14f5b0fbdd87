//! The judge's matrix: what a registry, an image, a pin, a copy and a build lead to, all in one project on a real
//! engine. The tables say each service's verdict and its first cause; a line of `plan` is expected of exactly those
//! that are emulated needlessly or cannot run.
//!
//! `own` is this machine's platform, `other` the one that it emulates, and `far` one that nothing here runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::servers::{INDEX, Registry, Server};
use crate::harness::{Stack, platforms};

const FAR: &str = "linux/s390x";

/// Verdicts by what an image offers (first column) and what the service asks for. `by default` asks for nothing, where
/// `DOCKER_DEFAULT_PLATFORM` is `other`.
const OF_REGISTRIES: &str = "
offer     | nothing                      | own                     | other                        | far                     | by default
both      | native                       | native                  | needless pinned              | cannot-run not-offered  | needless default-platform
many      | native                       | native                  | needless pinned              | cannot-run no-emulator  | needless default-platform
own       | native                       | native                  | cannot-run not-offered       | cannot-run not-offered  | cannot-run not-offered
other     | cannot-run no-native-variant | cannot-run not-offered  | needed no-native-variant     | cannot-run not-offered  | needed no-native-variant
far       | cannot-run no-native-variant | cannot-run not-offered  | cannot-run not-offered       | cannot-run no-emulator  | cannot-run not-offered
own+far   | native                       | native                  | cannot-run not-offered       | cannot-run no-emulator  | cannot-run not-offered
other+far | cannot-run no-native-variant | cannot-run not-offered  | needed no-native-variant     | cannot-run no-emulator  | needed no-native-variant
one own   | native                       | native                  | cannot-run not-offered       | cannot-run not-offered  | cannot-run not-offered
one other | needed no-native-variant     | cannot-run not-offered  | needed no-native-variant     | cannot-run not-offered  | needed no-native-variant
empty     | cannot-run no-native-variant | cannot-run not-offered  | cannot-run not-offered       | cannot-run not-offered  | cannot-run not-offered
nested    | unknown offer-unknown        | native                  | unknown offer-unknown        | cannot-run no-emulator  | unknown offer-unknown
missing   | unknown offer-unknown        | unknown offer-unknown   | unknown offer-unknown        | cannot-run no-emulator  | unknown offer-unknown
mirrored  | native                       | native                  | needless pinned              | cannot-run not-offered  | needless default-platform
let in    | native                       | native                  | needless pinned              | cannot-run not-offered  | needless default-platform
kept out  | unknown offer-unknown        | unknown offer-unknown   | unknown offer-unknown        | cannot-run no-emulator  | unknown offer-unknown
limiting  | unknown offer-unknown        | native                  | unknown offer-unknown        | cannot-run no-emulator  | unknown offer-unknown
silent    | unknown offer-unknown        | native                  | unknown offer-unknown        | cannot-run no-emulator  | unknown offer-unknown
down      | unknown offer-unknown        | native                  | unknown offer-unknown        | cannot-run no-emulator  | unknown offer-unknown
";

/// The same where the engine has a copy. `down` means that the registry is.
const OF_COPIES: &str = "
copy            | nothing                  | own     | other                    | by default
own of both     | native                   | native  | needless pinned          | needless default-platform
other of both   | needless stale-image     | native  | needless pinned          | needless default-platform
other of other  | needed no-native-variant | cannot-run not-offered | needed no-native-variant | needed no-native-variant
other of two tags | needless stale-image   | native  | needless pinned          | needless default-platform
own, down       | native                   | native  | needless pinned          | needless default-platform
other, down     | unknown offer-unknown    | native  | unknown offer-unknown    | unknown offer-unknown
";

/// What differs in a store that keeps the index of what was pulled.
const OF_COPIES_IN_CONTAINERD: &str = "
copy              | nothing              | own    | other           | by default
other of two tags | native               | native | needless pinned | needless default-platform
other, down       | needless stale-image | native | needless pinned | needless default-platform
";

/// Verdicts on builds: the service beside its Dockerfile; the Dockerfile, lines separated by `;`. `BOTH` and
/// so on are images.
const OF_BUILDS: &[(&str, &str, &str)] = &[
    ("", "FROM BOTH", "native"),
    ("", "FROM scratch", "native"),
    ("", "FROM --platform=OTHER scratch;COPY --from=BOTH / /", "native"),
    ("", "FROM OWN;RUN true", "native"),
    ("", "FROM --platform=$BUILDPLATFORM BOTH AS a;FROM BOTH;COPY --from=a / /", "native"),
    ("", "FROM --platform=$TARGETPLATFORM BOTH", "native"),
    ("platform: OTHER", "FROM --platform=$BUILDPLATFORM BOTH", "native"),
    ("", "ARG P;FROM --platform=$P BOTH", "unknown offer-unknown"),
    ("", "FROM --platform=OTHER BOTH AS a;FROM BOTH", "native"),
    ("", "FROM --platform=OTHER BOTH AS a;RUN true;FROM BOTH", "native"),
    ("", "FROM --platform=OTHER BOTH AS a;FROM BOTH;COPY --from=a / /", "native"),
    (
        "",
        "FROM --platform=OTHER BOTH AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "needless pinned-stage",
    ),
    (
        "",
        "FROM --platform=OTHER BOTH AS a;FROM a AS b;RUN true;FROM BOTH;COPY --from=b / /",
        "needless pinned-stage",
    ),
    (
        "",
        "ARG P=OTHER;FROM --platform=$P BOTH AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "needless pinned-argument",
    ),
    ("", "FROM --platform=NATIVE BOTH AS a;RUN true;FROM BOTH;COPY --from=a / /", "native"),
    (
        "",
        "FROM --platform=$BUILDPLATFORM BOTH AS a;ARG TARGETARCH;RUN true;FROM BOTH;COPY --from=a / /",
        "native",
    ),
    (
        "",
        "FROM --platform=OTHER FOREIGN AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "needed no-native-variant",
    ),
    (
        "",
        "FROM --platform=OTHER MISSING AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "unknown offer-unknown",
    ),
    (
        "",
        "FROM --platform=OTHER BOTH AS a;RUN pip install numpy;FROM BOTH;COPY --from=a / /",
        "unknown packages-unseen",
    ),
    (
        "",
        "FROM --platform=OTHER BOTH AS a;RUN true;FROM BOTH;RUN pip install numpy;COPY --from=a / /",
        "needless pinned-stage",
    ),
    (
        "",
        "FROM --platform=FAR MANY AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "cannot-run no-emulator",
    ),
    (
        "",
        "FROM --platform=OTHER OWN AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "cannot-run not-offered",
    ),
    (
        "platform: OTHER",
        "FROM --platform=OTHER BOTH AS a;RUN true;FROM FOREIGN;COPY --from=a / /",
        "needed no-native-variant",
    ),
    (
        "platforms: [OTHER, NATIVE]",
        "FROM BOTH AS a;RUN true;FROM BOTH;COPY --from=a / /",
        "native builder-stage",
    ),
    ("", "FROM --platform=OTHER BOTH", "needless pinned-from"),
    ("", "FROM --platform=OTHER BOTH AS a;FROM a", "needless pinned-from"),
    ("", "ARG P=OTHER;FROM --platform=$P BOTH", "needless pinned-argument"),
    ("args: {P: OTHER}", "ARG P;FROM --platform=$P BOTH", "needless pinned-argument"),
    ("args: {P: NATIVE}", "ARG P=OTHER;FROM --platform=$P BOTH", "native"),
    ("", "FROM --platform=OTHER FOREIGN", "needed no-native-variant"),
    ("", "FROM FOREIGN", "cannot-run not-offered"),
    ("", "FROM --platform=FAR BOTH", "cannot-run not-offered"),
    ("", "FROM --platform=FAR MANY", "cannot-run no-emulator"),
    ("platform: OTHER", "FROM BOTH", "needless pinned"),
    ("platform: OTHER", "FROM FOREIGN", "needed no-native-variant"),
    ("platform: OTHER", "FROM BOTH;COPY --from=FOREIGN / /", "needed no-native-variant"),
    (
        "platform: OTHER",
        "FROM BOTH AS a;RUN true;FROM FOREIGN;COPY --from=a / /",
        "needed no-native-variant",
    ),
    ("platform: OTHER", "FROM OWN", "cannot-run not-offered"),
    ("platform: OTHER", "FROM MISSING", "unknown offer-unknown"),
    ("platform: OTHER", "FROM BOTH;RUN pip install numpy", "unknown packages-unseen"),
    ("platform: OTHER", "FROM scratch", "needless pinned"),
    ("platform: NATIVE", "FROM BOTH;RUN pip install numpy", "native"),
    ("platform: FAR", "FROM BOTH", "cannot-run not-offered"),
    (
        "platform: OTHER",
        "FROM FOREIGN AS s-arm64;FROM OWN AS s-amd64;FROM s-$TARGETARCH",
        "needless pinned",
    ),
    ("", "FROM FOREIGN AS s-arm64;FROM OWN AS s-amd64;FROM s-$TARGETARCH", "native"),
    ("platforms: [OTHER]", "FROM BOTH", "needless pinned"),
    ("platforms: [OTHER, NATIVE]", "FROM BOTH", "native"),
    ("platforms: [OTHER]", "FROM FOREIGN", "needed no-native-variant"),
    ("accepted: OTHER", "FROM BOTH", "needless pinned"),
];

/// Registries and images by the names that the tables have for them.
struct Ground {
    images: BTreeMap<String, String>,
    /// What the engine has copies of for these.
    pulled: Vec<String>,
    _registry: Registry,
    _servers: [Server; 2],
}

impl Ground {
    fn prepare(stack: &Stack) -> Self {
        let (own, other) = platforms();
        let tests = Registry::of_the_lab();
        let repository = format!("matrix/{}", stack.project());
        let name = |tag: &str| format!("{}/{repository}:{tag}", tests.address);
        let variants = [own, other, FAR, "linux/arm/v7"];
        let made = tests.images(&repository, &variants);
        let mut attestation = made[0].clone();
        attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        let both = made[..2].to_vec();
        let inner = tests.index(&repository, "both", &both);
        tests.index(&repository, "many", &[made.clone(), vec![attestation]].concat());
        tests.index(&repository, "nested", &[inner]);
        tests.index(&repository, "own", &made[..1]);
        tests.index(&repository, "other", &made[1..2]);
        tests.index(&repository, "far", &made[2..3]);
        tests.index(&repository, "own-far", &[made[0].clone(), made[2].clone()]);
        tests.index(&repository, "other-far", &made[1..3]);
        tests.tag(&repository, "one-own", &made[0]);
        tests.tag(&repository, "one-other", &made[1]);
        let empty = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).to_string();
        tests.put(&repository, "empty", INDEX, &empty);
        let mut images: BTreeMap<String, String> = [
            "both",
            "many",
            "nested",
            "own",
            "other",
            "far",
            "own+far",
            "other+far",
            "one own",
            "one other",
            "empty",
            "missing",
        ]
        .map(|offer| (offer.to_owned(), name(&offer.replace(['+', ' '], "-"))))
        .into();

        let mut copies = Vec::new();
        for (copy, offered, pulled) in [
            ("own of both", &["1"][..], &[("1", own)][..]),
            ("other of both", &["1"], &[("1", other)]),
            ("other of other", &["2"], &[("2", other)]),
            ("other of two tags", &["1", "2"], &[("1", own), ("1", other), ("2", other)]),
        ] {
            let repository = format!("{repository}/{}", copy.replace(' ', "-"));
            let made = tests.images(&repository, &[own, other]);
            for &tag in offered {
                tests.index(&repository, tag, if tag == "1" { &made } else { &made[1..] });
            }
            let name = format!("{}/{repository}", tests.address);
            for (tag, platform) in pulled {
                let image = format!("{name}:{tag}");
                pull(stack, &image, platform);
                copies.push(image);
            }
            let name = format!("{name}:{}", offered[0]);
            if let Some((copy, "of both")) = copy.split_once(' ') {
                let down = format!("127.0.0.1:1/{repository}");
                let path = format!("/images/{name}/tag?repo={down}&tag=1");
                assert_eq!(stack.engine().call("POST", &path, None).0, 201);
                images.insert(format!("{copy}, down"), format!("{down}:1"));
                copies.push(format!("{down}:1"));
            }
            images.insert(copy.to_owned(), name);
        }

        let locked = Registry::locked();
        let inside = locked.images("private/app", &[own, other]);
        locked.index("private/app", "1", &inside);
        let auths = json!({"auths": {&locked.address: {"auth": "c29tZW9uZTpzZWNyZXQ="}}});
        let configuration = stack.home().join(".docker");
        std::fs::create_dir_all(&configuration).expect("a folder can be made");
        std::fs::write(configuration.join("config.json"), auths.to_string()).expect("it is new");
        let port = locked.address.rsplit(':').next().expect("an address has a port");
        let servers = [Server::limiting(), Server::silent()];
        images.extend([
            ("mirrored".to_owned(), "busybox:stable".to_owned()),
            ("let in".to_owned(), format!("{}/private/app:1", locked.address)),
            // Credentials are for a name.
            ("kept out".to_owned(), format!("localhost:{port}/private/app:1")),
            ("limiting".to_owned(), format!("{}/a/b:1", servers[0].address)),
            ("silent".to_owned(), format!("{}/a/b:1", servers[1].address)),
            ("down".to_owned(), "127.0.0.1:1/a/b:1".to_owned()),
        ]);
        Self { images, pulled: copies, _registry: locked, _servers: servers }
    }
}

fn pull(stack: &Stack, image: &str, platform: &str) {
    let (name, tag) = image.rsplit_once(':').expect("it has a tag");
    let path = format!("/images/create?fromImage={name}&tag={tag}&platform={platform}");
    let (status, told) = stack.engine().call("POST", &path, None);
    assert!(status == 200 && !told.to_string().contains("error"), "{image}: {told}");
}

/// The rows of a table: what each is about, and its cells by their titles.
fn rows(table: &str) -> Vec<(&str, BTreeMap<&str, &str>)> {
    let mut lines = table.trim().lines().map(|line| line.split('|').map(str::trim));
    let titles: Vec<&str> = lines.next().expect("it has titles").collect();
    lines
        .map(|cells| {
            let row: BTreeMap<&str, &str> = titles.iter().copied().zip(cells).collect();
            (row[titles[0]], row)
        })
        .collect()
}

/// A service of the project, and what is expected of it without and with a default platform.
struct Case {
    what: String,
    service: String,
    expected: String,
    by_default: Option<String>,
}

impl Case {
    /// Its service's entry in the file, on one line.
    fn entry(&self, number: usize) -> String {
        format!("  s{number}: {}\n", self.service)
    }
}

/// A case for each cell of a table.
fn cases_of(table: &str, ground: &Ground) -> Vec<Case> {
    let (own, other) = platforms();
    let mut cases = Vec::new();
    for (what, row) in rows(table) {
        let image = &ground.images[what];
        for (pin, expected) in &row {
            let platform = match *pin {
                "nothing" => None,
                "own" => Some(own),
                "other" => Some(other),
                "far" => Some(FAR),
                _ => continue,
            };
            let platform_entry = platform.map(|it| format!(", platform: {it}")).unwrap_or_default();
            cases.push(Case {
                what: format!("{what}, asking for {pin}"),
                service: format!("{{image: '{image}'{platform_entry}}}"),
                expected: (*expected).to_owned(),
                by_default: platform.is_none().then(|| row["by default"].to_owned()),
            });
        }
    }
    cases
}

fn cases_of_builds(ground: &Ground) -> Vec<Case> {
    let (own, other) = platforms();
    let names = [
        ("BOTH", ground.images["both"].as_str()),
        ("OWN", &ground.images["own"]),
        ("FOREIGN", &ground.images["other"]),
        ("MANY", &ground.images["many"]),
        ("MISSING", &ground.images["missing"]),
        ("NATIVE", own),
        ("OTHER", other),
        ("FAR", FAR),
    ];
    let filled_in =
        |text: &str| names.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let case = |&(beside, dockerfile, expected): &(&str, &str, &str)| {
        // Compose replaces variables before the builder does.
        let text = json!(filled_in(dockerfile).replace(';', "\n").replace('$', "$$") + "\n");
        let (service, build) = match beside.split_once(':') {
            Some(("platform", _)) => (format!(", {beside}"), String::new()),
            Some(("accepted", platform)) => (
                format!(", platform: {platform}, x-bireme: {{emulation: accepted}}"),
                String::new(),
            ),
            Some(_) => (String::new(), format!(", {beside}")),
            None => (String::new(), String::new()),
        };
        let service = format!("{{build: {{context: .{build}, dockerfile_inline: @}}{service}}}");
        Case {
            what: format!("{beside} {dockerfile}"),
            service: filled_in(&service).replace('@', &text.to_string()),
            expected: expected.to_owned(),
            by_default: None,
        }
    };
    OF_BUILDS.iter().map(case).collect()
}

/// The verdicts on all services, as the tables have them.
fn judged(stack: &Stack) -> BTreeMap<String, String> {
    let told = stack.run(["platforms", "--format", "json"]).success();
    let rows: Value = serde_json::from_str(&told.stdout).expect("an array");
    let verdict = |row: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let code = text(&row["causes"][0]["code"]);
        // Cases stand for themselves, though they share images.
        let verdict = match &*code {
            "shared-name" => "native".to_owned(),
            "name-clash" => text(&row["verdict"]),
            code => format!("{} {code}", text(&row["verdict"])),
        };
        (text(&row["service"]), verdict.trim().to_owned())
    };
    rows.as_array().expect("an array").iter().map(verdict).collect()
}

/// Compares. A busy machine may take longer than the budget, so what was not known in time is asked again.
fn compare(stack: &Stack, expected: &BTreeMap<String, (&str, &str)>) {
    let mut wrong = Vec::new();
    for _ in 0..3 {
        let found = judged(stack);
        assert_eq!(found.len(), expected.len());
        wrong = expected
            .iter()
            .filter(|(service, (_, verdict))| found[*service] != *verdict)
            .map(|(service, (what, verdict))| {
                format!("{service} ({what}): expected {verdict}, found {}", found[service])
            })
            .collect();
        if wrong.is_empty() {
            return;
        }
    }
    panic!("{} of {}:\n{}", wrong.len(), expected.len(), wrong.join("\n"));
}

/// The services that lines on standard error speak of.
fn spoken_of(told: &str) -> BTreeSet<String> {
    let of_platforms = [
        ": runs emulated",
        ": run emulated",
        ": cannot run here",
        ": cannot be built here",
        ": stage a runs emulated",
        ": stage b runs emulated",
    ];
    told.lines()
        .filter_map(|line| of_platforms.iter().find_map(|words| line.split_once(words)))
        .flat_map(|(services, _)| services.trim_start_matches("warning: ").split(", "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_case_has_its_verdict_and_only_what_is_needless_is_spoken_of() {
    let stack = Stack::new("matrix");
    let ground = Ground::prepare(&stack);
    let mut cases = cases_of(OF_REGISTRIES, &ground);
    cases.extend(cases_of(OF_COPIES, &ground));
    if stack.engine().has_containerd_store() {
        let others = cases_of(OF_COPIES_IN_CONTAINERD, &ground);
        cases.retain(|case| others.iter().all(|other| other.what != case.what));
        cases.extend(others);
    }
    cases.extend(cases_of_builds(&ground));
    assert!(cases.len() > 110, "{}", cases.len());
    let entries: String =
        cases.iter().enumerate().map(|(number, case)| case.entry(number)).collect();
    let stack = stack.file("compose.yaml", &format!("services:\n{entries}"));
    let numbered = || cases.iter().enumerate().map(|(number, case)| (format!("s{number}"), case));

    let expected = numbered().map(|(service, case)| (service, (&*case.what, &*case.expected)));
    compare(&stack, &expected.collect());
    stack.run(["platforms", "--check"]).code(3);
    let plan = stack.run(["plan"]);
    let keeps_platforms_apart = stack.engine().has_containerd_store();
    let to_tell = |case: &Case| {
        let accepted = case.service.contains("accepted");
        // The line of the pin in the next column, which brings the copy, speaks of it.
        let brought = case.expected.ends_with("stale-image") && !keeps_platforms_apart;
        let needless = case.expected.starts_with("needless") && !accepted && !brought;
        needless || case.expected.starts_with("cannot")
    };
    let named = |services: BTreeSet<String>| -> Vec<String> {
        let what = |(service, case): (String, &Case)| {
            services.contains(&service).then(|| format!("{service} ({})", case.what))
        };
        numbered().filter_map(what).collect()
    };
    let to_tell =
        numbered().filter(|(_, case)| to_tell(case)).map(|(service, _)| service).collect();
    assert_eq!(named(spoken_of(&plan.stderr)), named(to_tell), "{plan}");

    let others = cases
        .iter()
        .enumerate()
        .filter_map(|(number, case)| Some((number, case, case.by_default.as_deref()?)));
    let others: Vec<_> = others.collect();
    let entries: String = others.iter().map(|(number, case, _)| case.entry(*number)).collect();
    let (_, other) = platforms();
    let stack = stack
        .file("compose.yaml", &format!("services:\n{entries}"))
        .variable("DOCKER_DEFAULT_PLATFORM", other);
    let expected = others.iter().map(|(number, case, by_default)| {
        (format!("s{number}"), (case.what.as_str(), *by_default))
    });
    compare(&stack, &expected.collect());
    for image in &ground.pulled {
        stack.engine().call("DELETE", &format!("/images/{image}?force=true"), None);
    }
}
