//! `platforms`, and what other commands say of platforms: verdicts on services whose images offer one platform or
//! both, on an engine that emulates the other.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Relay, Stack, machine, platforms, registry};

/// A service for each verdict. `native-only` and `foreign-only` exist for one platform, `both` for both.
fn mixed() -> String {
    let (_, foreign) = platforms();
    format!(
        "services:
  free: {{image: 'both:1', command: sleep 1000, stop_signal: SIGKILL}}
  pinned:
    image: both:2
    platform: {foreign}
    command: sleep 1000
    stop_signal: SIGKILL
  needed: {{image: 'foreign-only:1', platform: {foreign}, command: sleep 1000, stop_signal: SIGKILL}}
  accepted:
    image: both:3
    platform: {foreign}
    command: sleep 1000
    stop_signal: SIGKILL
    x-bireme: {{emulation: accepted}}
"
    )
}

fn verdicts(stack: &Stack, arguments: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> =
        ["platforms", "--format", "json"].into_iter().chain(arguments.iter().copied()).collect();
    let told = stack.run(arguments).success();
    let rows: Value = serde_json::from_str(&told.stdout).expect("an array");
    rows.as_array().expect("an array").clone()
}

#[test]
fn each_service_gets_its_verdict() {
    let (native, foreign) = platforms();
    let stack = Stack::of("verdicts", &mixed());
    let rows = verdicts(&stack, &[]);
    let row = |service: &str| {
        rows.iter().find(|row| row["service"] == service).unwrap_or_else(|| panic!("{service}"))
    };
    for (service, verdict, chosen, accepted) in [
        ("free", "native", native, false),
        ("pinned", "needless", foreign, false),
        ("needed", "needed", foreign, false),
        ("accepted", "needless", foreign, true),
    ] {
        let row = row(service);
        assert_eq!(row["verdict"], verdict, "{row}");
        assert_eq!(row["chosen"], chosen, "{row}");
        assert_eq!(row["accepted"], accepted, "{row}");
        let how = if chosen == native { "native" } else { "qemu" };
        assert_eq!(row["how"], how, "{row}");
    }
    let pinned = row("pinned");
    let offered: Vec<&str> =
        pinned["offered"].as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    assert!(offered.contains(&native) && offered.contains(&foreign), "{pinned}");
    assert_eq!(pinned["causes"][0]["code"], "pinned");
    assert_eq!(pinned["causes"][0]["file"], "compose.yaml");
    assert_eq!(pinned["causes"][0]["line"], 5);
    assert_eq!(pinned["remedy"], "bireme platforms --fix pinned");

    stack.run(["platforms", "--check"]).code(3);
    stack.run(["platforms", "--check", "free", "needed", "accepted"]).success();
    let table = stack.run(["platforms", "pinned"]).success();
    assert!(table.stdout.contains("emulated needlessly"), "{table}");
    assert!(table.stdout.contains("compose.yaml:5"), "{table}");
}

#[test]
fn one_line_is_said_of_a_needless_emulation_and_none_of_another() {
    let (_, foreign) = platforms();
    let stack = Stack::of("said", &mixed());
    let line =
        format!("pinned: runs emulated (QEMU) needlessly: pinned to {foreign} at compose.yaml:5");
    let pulled = stack.run(["pull", "-q"]).success();
    assert_eq!(pulled.stderr.matches("needlessly").count(), 1, "{pulled}");
    let up = stack.run(["up", "-d"]).success();
    assert_eq!(up.stderr.matches(&line).count(), 1, "{up}");
    assert_eq!(up.stderr.matches("needlessly").count(), 1, "{up}");
    let plan = stack.run(["plan"]);
    assert_eq!(plan.stderr.matches(&line).count(), 1, "{plan}");

    let table = stack.run(["ps"]).success();
    let header = table.stdout.lines().next().unwrap_or_default();
    assert!(header.ends_with("PLATFORM"), "{table}");
    let far = table.stdout.lines().filter(|line| line.trim_end().ends_with(foreign)).count();
    assert_eq!(far, 3, "{table}");
    for row in verdicts(&stack, &[]) {
        assert_eq!(row["running"][0], row["chosen"], "{row}");
    }
}

#[test]
fn a_default_platform_is_one_cause_for_all() {
    let (_, foreign) = platforms();
    let file = "services:
  one: {image: 'both:4'}
  two: {image: 'both:5'}
  none: {image: 'both:5', scale: 0}
";
    let stack = Stack::of("default", file).variable("DOCKER_DEFAULT_PLATFORM", foreign);
    let created = stack.run(["create"]).success();
    let line =
        format!("one, two: run emulated (QEMU) needlessly: DOCKER_DEFAULT_PLATFORM is {foreign}");
    assert_eq!(created.stderr.matches(&line).count(), 1, "{created}");
}

/// A classic store has one image under a name: whoever asks for a platform decides for all who use the name. Containerd's
/// has both.
#[test]
fn a_pin_decides_for_all_who_share_its_name_in_a_classic_store() {
    let (native, foreign) = platforms();
    let file = format!(
        "services:
  asks: {{image: 'both:7', platform: {foreign}, command: sleep 1000, stop_signal: SIGKILL}}
  free: {{image: 'both:7', command: sleep 1000, stop_signal: SIGKILL}}
"
    );
    let stack = Stack::of("shared-name", &file);
    // An earlier run may have left what it pulled last.
    stack.engine().call("DELETE", "/images/both:7?force=true", None);
    let has_both = stack.engine().has_containerd_store();
    let runs = if has_both { native } else { foreign };
    let line =
        format!("asks: runs emulated (QEMU) needlessly: pinned to {foreign} at compose.yaml:2");
    let up = stack.run(["up", "-d"]).success();
    assert_eq!(up.stderr.matches(&line).count(), 1, "{up}");
    assert_eq!(up.stderr.matches("needlessly").count(), 1, "{up}");
    assert_eq!(
        up.stderr.contains("(free uses the image's name and gets it, too)"),
        !has_both,
        "{up}"
    );
    for row in verdicts(&stack, &[]) {
        let expected = if row["service"] == "free" { runs } else { foreign };
        assert_eq!(row["running"][0], expected, "{row}");
        let told = row["causes"].as_array().expect("an array");
        let is_told = told.iter().any(|cause| cause["code"] == "shared-name");
        assert_eq!(is_told, row["service"] == "free" && !has_both, "{row}");
    }
}

/// Whose emulation is accepted is not spoken of, but who gets the same image for it, unasked, is.
#[test]
fn an_accepted_pin_is_told_of_who_gets_its_image_unasked() {
    let (_, foreign) = platforms();
    let image = format!("{}/library/both:5", registry());
    let file = format!(
        "services:
  asks: {{image: '{image}', platform: {foreign}, x-bireme: {{emulation: accepted}}, command: sleep 1000}}
  free: {{image: '{image}', command: sleep 1000}}
"
    );
    let stack = Stack::of("shared-accepted", &file);
    stack.engine().call("DELETE", &format!("/images/{image}?force=true"), None);
    let created = stack.run(["create"]).success();
    let line =
        format!("free: will be emulated needlessly: asks asks for {foreign} at compose.yaml:2");
    let expected = usize::from(!stack.engine().has_containerd_store());
    assert_eq!(created.stderr.matches(&line).count(), expected, "{created}");
    assert_eq!(created.stderr.matches("needlessly").count(), expected, "{created}");
    let rows = verdicts(&stack, &[]);
    let free = rows.iter().find(|row| row["service"] == "free").expect("a row");
    let verdict = if expected == 1 { "needless" } else { "native" };
    assert_eq!(free["verdict"], verdict, "{free}");
    let check = stack.run(["platforms", "--check"]);
    check.code(if expected == 1 { 3 } else { 0 });
}

/// Engines refuse it before they look at any image.
#[test]
fn what_is_no_platform_makes_nothing_native() {
    let file = "services:
  word: {image: 'both:4', platform: foo}
  long: {build: {dockerfile_inline: 'FROM both:4'}, platform: a/b/c/d}
  plain: {image: 'both:4'}
";
    for row in verdicts(&Stack::of("no-platform", file), &["word", "long"]) {
        assert_eq!(row["verdict"], "unknown", "{row}");
        let message = row["causes"][0]["message"].as_str().expect("a text");
        assert!(message.contains("engines refuse the one that is asked for"), "{row}");
    }
}

/// Docker Compose heeds the variable in an environment file, too.
#[test]
fn a_default_platform_is_told_with_the_line_that_sets_it() {
    let (_, foreign) = platforms();
    let stack = Stack::of("default-file", "services:\n  one: {image: 'both:4'}\n");
    let text = format!("A=1\nDOCKER_DEFAULT_PLATFORM={foreign}\n");
    std::fs::write(stack.folder().join(".env"), text).expect("it can be written");
    let row = &verdicts(&stack, &[])[0];
    assert_eq!((&row["causes"][0]["file"], &row["causes"][0]["line"]), (&json!(".env"), &json!(2)));
    let remedy = row["remedy"].as_str().expect("a text");
    // Where the store has a copy of that platform, the pull that replaces it follows.
    let (change, pull) = remedy.split_once("; ").unwrap_or((remedy, "bireme pull one"));
    assert_eq!((change, pull), ("take DOCKER_DEFAULT_PLATFORM out of .env:2", "bireme pull one"));
}

/// Containers that were made under a default for another platform go on when the default is gone: nothing else has
/// changed where the store has both images.
#[test]
fn containers_that_go_on_emulated_are_told() {
    let (_, foreign) = platforms();
    let file = "services:
  kept: {image: 'busybox:stable', command: sleep 1000, stop_signal: SIGKILL}
";
    let stack = Stack::of("former", file);
    if !stack.engine().has_containerd_store() {
        // In a classic store the name stands for another image then, and the container is replaced.
        return;
    }
    stack.run(["pull", "-q"]).success();
    let mut before = stack.command(["up", "-d"]);
    let before = before.env("DOCKER_DEFAULT_PLATFORM", foreign).output().expect("it can be run");
    assert!(before.status.success(), "{before:?}");
    let line = format!(
        "kept: its containers are still of {foreign} and run under QEMU: the next ones will be native; \
         bireme platforms --fix kept"
    );
    for arguments in [&["up", "-d"][..], &["plan"], &["up", "--dry-run"]] {
        let told = stack.run(arguments);
        assert_eq!(told.stderr.matches(&line).count(), 1, "{told}");
    }
    let row = &verdicts(&stack, &[])[0];
    assert_eq!((&row["how"], &row["verdict"]), (&json!("qemu"), &json!("needless")), "{row}");
    stack.run(["platforms", "--check"]).code(3);
    let replaced = stack.run(["up", "-d", "--force-recreate"]).success();
    assert!(!replaced.stderr.contains("still of"), "{replaced}");
    stack.run(["platforms", "--check"]).success();
}

#[test]
fn what_nothing_here_can_run_is_refused_before_anything_is_created() {
    let file = "services:
  far: {image: '127.0.0.1:1/far:1', platform: linux/s390x}
  near: {image: 'busybox:stable', command: sleep 1000, stop_signal: SIGKILL}
";
    let stack = Stack::of("hopeless", file);
    let refuses = |stack: &Stack| {
        let refused = stack.run(["up", "-d"]).code(1);
        assert!(refused.stderr.contains("far: cannot run here"), "{refused}");
        assert!(refused.stderr.contains("nothing was created"), "{refused}");
        assert!(stack.containers().is_empty());
    };
    refuses(&stack);
    // Also where the verdict is there before the plan, which asks for volumes.
    let socket = stack.home().join("engine.sock");
    let relay = Relay::late(stack.engine(), &socket, "/volumes", Duration::from_secs(1));
    let stack = stack.variable("DOCKER_HOST", &relay.endpoint());
    refuses(&stack);
}

/// An index of Python packages on a port of its own: `everywhere` exists for all platforms, `elsewhere` for the one
/// that is not this machine's, and `sources` for that one and as source.
fn index() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a connection");
            let mut request = String::new();
            let mut lines = BufReader::new(connection.try_clone().expect("a second handle"));
            let _ = lines.read_line(&mut request);
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let name = request.split('/').nth(2).unwrap_or_default();
            let suffix = match name {
                "everywhere" => "py3-none-any".to_owned(),
                _ => format!("cp312-cp312-manylinux2014_{}", machine(platforms().1)),
            };
            let file = format!("{name}-1.0-{suffix}.whl");
            let source = (name == "sources").then(|| format!("{name}-1.0.tar.gz"));
            let files = [Some(file), source].into_iter().flatten();
            let files = files.map(|file| json!({"filename": file, "url": file, "hashes": {}}));
            let page = json!({
                "meta": {"api-version": "1.0"},
                "name": name,
                "files": files.collect::<Vec<_>>(),
            })
            .to_string();
            let _ = write!(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.pypi.simple.v1+json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    format!("http://{address}/simple/")
}

#[test]
fn packages_tell_whether_a_build_needs_its_pin() {
    let (native, foreign) = platforms();
    let service = |package: &str| {
        format!(
            "    platform: {foreign}
    build:
      dockerfile_inline: |
        FROM python:3.12
        RUN pip install {package}==1.0
"
        )
    };
    let file = format!(
        "services:\n  bound:\n{}  free:\n{}  open:\n{}",
        service("elsewhere"),
        service("everywhere"),
        service("sources")
    );
    let stack = Stack::of("packages", &file).variable("PIP_INDEX_URL", &index());
    let rows = verdicts(&stack, &[]);
    assert_eq!((&rows[0]["service"], &rows[0]["verdict"]), (&json!("bound"), &json!("needed")));
    let cause = &rows[0]["causes"][0];
    assert_eq!(cause["code"], "packages", "{}", rows[0]);
    assert_eq!((&cause["file"], &cause["line"]), (&json!("compose.yaml"), &json!(7)), "{cause}");
    assert_eq!((&rows[1]["service"], &rows[1]["verdict"]), (&json!("free"), &json!("needless")));
    let told = stack.run(["platforms", "--packages", "bound"]).success();
    assert!(told.stdout.contains(&format!("elsewhere 1.0 has no wheel for {native}")), "{told}");
    assert!(told.stdout.contains("its package does not exist"), "{told}");
    // The image is known to come with a compiler.
    assert_eq!((&rows[2]["service"], &rows[2]["verdict"]), (&json!("open"), &json!("unknown")));
    let cause = rows[2]["causes"][0]["message"].as_str().expect("it has a cause");
    assert!(cause.contains("the build has a C compiler"), "{cause}");
    stack.run(["platforms", "--packages", "open", "--check"]).success().stdout_has("C compiler");
    stack.run(["platforms", "--packages", "free", "--check"]).code(3).stdout_has("exists for");
}

#[test]
fn a_stale_copy_is_said_once_though_the_engine_warns_too() {
    let (native, foreign) = platforms();
    let image = format!("{}/library/both:6", registry());
    let file = format!(
        "services:\n  stale: {{image: '{image}', command: sleep 1000, stop_signal: SIGKILL}}\n"
    );
    let stack = Stack::of("stale", &file);
    let remove = || stack.engine().call("DELETE", &format!("/images/{image}?force=true"), None);
    remove();
    let name = image.rsplit_once(':').expect("it has a tag").0;
    let pull = format!("/images/create?fromImage={name}&tag=6&platform={foreign}");
    assert_eq!(stack.engine().call("POST", &pull, None).0, 200);
    let held = stack.engine().get(&format!("/images/{image}/json"))["Architecture"].clone();
    // A store that keeps both may still have the native one from elsewhere.
    if held == foreign.trim_start_matches("linux/") {
        let created = stack.run(["create"]).success();
        let line = format!("the copy of {image} that the engine has is of {foreign}");
        assert_eq!(created.stderr.matches(&line).count(), 1, "{created}");
        assert!(!created.stderr.contains("does not match"), "{created}");
        let mended = stack.run(["up", "-d", "--pull", "always"]).success();
        assert!(!mended.stderr.contains("needlessly"), "{mended}");
        assert_eq!(verdicts(&stack, &[])[0]["running"][0], native);
    }
    stack.run(["down"]).success();
    remove();
}

/// From a classic store a builder takes only what is of the platform that it builds for; from containerd's, all.
#[test]
fn a_build_on_the_image_of_another_service_is_what_that_one_is() {
    let (_, foreign) = platforms();
    let file = format!(
        "services:
  base:
    image: on-service-base:1
    build:
      dockerfile_inline: |
        FROM --platform={foreign} both:6
        RUN true
  by-context:
    build:
      dockerfile_inline: |
        FROM below
        RUN true
      additional_contexts: {{below: 'service:base'}}
  by-name:
    build:
      dockerfile_inline: |
        FROM on-service-base:1
        RUN true
"
    );
    let stack = Stack::of("service-base", &file);
    stack.run(["build", "base"]).success();
    let takes_any = stack.engine().has_containerd_store();
    let verdict = if takes_any { "needless" } else { "cannot-run" };
    for service in ["by-context", "by-name"] {
        // Alone it is judged by the other one, too.
        for rows in [verdicts(&stack, &[]), verdicts(&stack, &[service])] {
            let row = rows.iter().find(|row| row["service"] == service).expect("it was asked for");
            assert_eq!(row["verdict"], verdict, "{row}");
            assert_eq!(row["causes"][0]["code"], "service-base", "{row}");
            assert_eq!(row["causes"][0]["line"], 6, "{row}");
            assert_eq!(row["remedy"], "bireme platforms --fix base", "{row}");
        }
        let built = stack.run(["build", service]);
        assert_eq!(built.code == 0, takes_any, "{built}");
    }
    let told = stack.run(["plan"]);
    assert_eq!(told.stderr.matches("bireme platforms --fix base").count(), 1, "{told}");
    assert!(told.stderr.contains("(by-context, by-name go back to its image"), "{told}");
}

/// What is proposed works where it is read: by the name that the program was called by, with the flags of the project.
#[test]
fn proposed_commands_are_typed_as_this_one_was() {
    let (_, foreign) = platforms();
    let file =
        format!("services:\n  db: {{image: 'both:1', platform: {foreign}, profiles: [dev]}}\n");
    let stack = Stack::of("spelled", "services: {}\n").file("shop file.yaml", &file);
    let flags = ["-f", "shop file.yaml", "--profile", "dev"];
    let plan = stack.run(flags.into_iter().chain(["plan"]));
    let proposed = "; bireme -f 'shop file.yaml' --profile dev platforms --fix db";
    assert!(plan.stderr.contains(proposed), "{plan}");
    let told = stack.run(flags.into_iter().chain(["platforms", "--format", "json"])).success();
    assert!(told.stdout.contains(&proposed[2..]), "{told}");

    // What variables say holds for the next command, too.
    let stack =
        stack.variable("COMPOSE_FILE", "shop file.yaml").variable("COMPOSE_PROFILES", "dev");
    let plan = stack.run(["plan"]);
    assert!(plan.stderr.contains("; bireme platforms --fix db"), "{plan}");
    stack.run(["platforms", "--fix", "--no-up", "--dry-run", "db"]).success();
}

/// `up` builds for this machine alone; `build` for all, which its base may not allow.
#[test]
fn a_build_for_platforms_that_its_base_lacks_is_told_beforehand() {
    let (native, foreign) = platforms();
    let file = format!(
        "services:
  web:
    image: for-both:1
    build:
      platforms: [{native}, {foreign}]
      dockerfile_inline: |
        FROM native-only:1
        RUN true
"
    );
    let stack = Stack::of("for-both", &file);
    let build = stack.run(["build"]);
    let told = format!(
        "it cannot be built for {foreign}, which `build.platforms` at compose.yaml:5 names"
    );
    assert_eq!(build.stderr.matches(&told).count(), 1, "{build}");
    let up = stack.run(["create"]).success();
    assert!(!up.stderr.contains("cannot be built"), "{up}");
}
