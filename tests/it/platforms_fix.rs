//! `platforms --fix` and `platforms --measure` on a real engine.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::harness::{Stack, platforms, registry};

/// Two services of the same image, of which one is pinned to the platform that is emulated here.
fn pinned(label: &str, tag: &str) -> Stack {
    let foreign = platforms().1;
    // A name of its own: on an engine that keeps one platform under a name others would get the wrong one.
    let image = format!("{}/library/busybox:{tag}", registry());
    Stack::of(
        label,
        &format!(
            "services:
  db:
    image: {image}
    platform: {foreign} # copied from an answer
    command: sleep 1000
    stop_signal: SIGKILL
  web:
    image: native-only:1
    command: sleep 1000
    stop_signal: SIGKILL
"
        ),
    )
}

/// What is named is mended, of what is not it is said that it could be.
#[test]
fn services_that_are_not_named_are_not_forgotten() {
    let (_, foreign) = platforms();
    let file = format!(
        "services:
  one: {{image: 'both:1', platform: {foreign}}}
  two: {{image: 'both:2', platform: {foreign}, profiles: [rare]}}
  three: {{image: 'both:3', platform: {foreign}}}
  four: {{image: 'both:4', platform: {foreign}, x-bireme: {{emulation: accepted}}}}
"
    );
    let stack = Stack::of("fix-named", &file);
    let told = stack.run(["platforms", "--fix", "--yes", "--no-up", "two"]).success();
    let line = "one, three are emulated needlessly, too: bireme platforms --fix one three";
    assert_eq!(told.stderr.matches(line).count(), 1, "{told}");
    assert_eq!(compose(&stack), file.replacen(&format!(", platform: {foreign}, p"), ", p", 1));
    stack.run(["platforms", "--fix", "--yes", "nobody"]).code(1).stderr_has("no such service");
}

fn compose(stack: &Stack) -> String {
    std::fs::read_to_string(stack.folder().join("compose.yaml")).expect("the file is there")
}

fn mended(stack: &Stack) -> String {
    let text = compose(stack);
    text.split_inclusive('\n').filter(|line| !line.contains("platform:")).collect()
}

/// A policy that keeps what is there keeps the foreign copy, too, unless the pull is told otherwise.
#[test]
fn a_stale_copy_is_replaced_whatever_the_policy_says() {
    let (native, foreign) = platforms();
    let image = format!("{}/library/both:7", registry());
    let file = format!(
        "services:\n  kept: {{image: '{image}', pull_policy: never, command: sleep 1000, stop_signal: SIGKILL}}\n"
    );
    let stack = Stack::of("stale-kept", &file);
    let remove = || stack.engine().call("DELETE", &format!("/images/{image}?force=true"), None);
    remove();
    let name = image.rsplit_once(':').expect("it has a tag").0;
    let pull = format!("/images/create?fromImage={name}&tag=7&platform={foreign}");
    assert_eq!(stack.engine().call("POST", &pull, None).0, 200);
    let held = stack.engine().get(&format!("/images/{image}/json"))["Architecture"].clone();
    // A store that keeps both may still have the native one from elsewhere.
    if held == foreign.trim_start_matches("linux/") {
        let remedy = "bireme pull --policy always kept";
        let told = stack.run(["platforms"]).success();
        assert!(told.stdout.contains(remedy), "{told}");
        stack.run(["platforms", "--fix", "--no-up", "-y"]).success().stderr_has(remedy);
        stack.run(["up", "-d"]).success();
        assert_eq!(architecture(&stack, "kept"), held);
        stack.run(["platforms", "--fix", "-y"]).success();
        assert_eq!(architecture(&stack, "kept"), Value::from(native.trim_start_matches("linux/")));
    }
    stack.run(["down"]).success();
    remove();
}

/// What `--fix` leaves alone is not given for a remedy, and what is given works.
#[test]
fn a_platform_of_variables_is_mended_by_what_is_told() {
    let (native, foreign) = platforms();
    let cpu = |platform: &'static str| platform.trim_start_matches("linux/");
    let file = format!(
        "services:\n  a: {{image: 'both:1', platform: 'linux/${{CPU-{}}}'}}\n",
        cpu(foreign)
    );
    let stack = Stack::of("fix-variable", &file);
    let remedy = format!("set CPU={}", cpu(native));
    let told = stack.run(["platforms", "--check"]).code(3);
    assert!(told.stdout.contains(&remedy) && !told.stdout.contains("--fix"), "{told}");
    stack.run(["platforms", "--fix", "-y"]).code(1).stderr_has(&remedy);
    stack.variable("CPU", cpu(native)).run(["platforms", "--check"]).success();
}

/// The architecture of the image that the container of a service was made from.
fn architecture(stack: &Stack, service: &str) -> Value {
    let container = stack.container(service);
    let details = stack.engine().get(&format!("/containers/{}/json", container.id()));
    // A name may stand for several in containerd's store.
    let own = &details["ImageManifestDescriptor"]["platform"]["architecture"];
    if !own.is_null() {
        return own.clone();
    }
    let image = details["Image"].as_str().expect("a container has an image").to_owned();
    stack.engine().get(&format!("/images/{image}/json"))["Architecture"].clone()
}

#[test]
fn a_needless_pin_goes_and_its_container_runs_natively() {
    let stack = pinned("fix", "1.36");
    stack.run(["up", "-d"]).success();
    let (native, foreign) = platforms();
    assert_eq!(Value::from(foreign.trim_start_matches("linux/")), architecture(&stack, "db"));
    let web = stack.container("web").id().to_owned();
    let expected = mended(&stack);
    let output = stack.run(["platforms", "--fix", "--yes"]).success();
    assert!(output.stdout.contains("-    platform: "), "{output}");
    assert_eq!(compose(&stack), expected);
    assert_eq!(Value::from(native.trim_start_matches("linux/")), architecture(&stack, "db"));
    assert_eq!(stack.container("web").id(), web, "the other one goes on");
    assert_eq!(stack.container("db").state(), "running");
    assert!(
        stack.run(["platforms", "--fix", "--yes"]).success().stderr.contains("nothing to mend")
    );
}

#[test]
fn nothing_is_written_unasked() {
    let stack = pinned("fix-asked", "1.36");
    let before = compose(&stack);
    let output = stack.run(["platforms", "--fix", "db"]).code(1);
    assert!(output.stderr.contains("--yes"), "{output}");
    let shown = stack.run(["platforms", "--fix", "--dry-run"]).success();
    assert!(shown.stdout.contains("-    platform: "), "{shown}");
    assert_eq!(compose(&stack), before);

    let file = stack.folder().join("compose.yaml");
    let mode = |mode| std::fs::set_permissions(&file, Permissions::from_mode(mode));
    mode(0o444).expect("it is ours");
    let refused = stack.run(["platforms", "--fix", "--yes", "--no-up"]).code(1);
    refused.stderr_has("it is read-only").stderr_has("chmod u+w");
    assert_eq!(compose(&stack), before);
    mode(0o644).expect("it is ours");

    let mut terminal = stack.in_terminal(40, 120, &["platforms", "--fix"]);
    terminal.wait_for("Write this? (y/N)");
    terminal.press("n\n");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(compose(&stack), before);
    let mut terminal = stack.in_terminal(40, 120, &["platforms", "--fix", "--no-up"]);
    terminal.wait_for("Write this? (y/N)");
    terminal.press("y\n");
    assert_eq!(terminal.finish().0, 0);
    assert_ne!(compose(&stack), before);
}

#[test]
fn emulation_is_measured_and_leaves_nothing() {
    let stack = pinned("measure", "latest");
    let output = stack
        .run(["platforms", "--measure", "db", "--runs", "2", "--", "sh", "-c", "sleep 3"])
        .success();
    assert!(output.stdout.contains("2 runs each, start to end"), "{output}");
    assert!(output.stdout.contains("wall time"), "{output}");
    assert!(stack.containers().is_empty());
    let kept = stack.home().join(".local/state/bireme/measurements");
    assert_eq!(std::fs::read_dir(kept).expect("the figures are kept").count(), 1);

    let cost = || {
        let shown = stack.run(["platforms", "--format", "json"]).success();
        let rows: Value = serde_json::from_str(&shown.stdout).expect("it is JSON");
        rows[0]["cost"]["command"].clone()
    };
    assert_eq!(cost(), serde_json::json!(["sh", "-c", "sleep 3"]));
    let own = compose(&stack);
    stack.write("compose.yaml", &own.replacen("command:", "entrypoint: [nice]\n    command:", 1));
    assert_eq!(cost(), Value::Null, "something else would run");
    stack.write("compose.yaml", &own);

    let refused = stack.run(["platforms", "--measure", "db"]).code(1);
    assert!(refused.stderr.contains("no healthcheck"), "{refused}");
    let failed = stack.run(["platforms", "--measure", "db", "--", "sh", "-c", "exit 4"]).code(1);
    assert!(failed.stderr.contains("exit code 4"), "{failed}");
    assert!(stack.containers().is_empty());
    assert_eq!(stack.engine().networks(stack.project()), Vec::<Value>::new());

    let compose = compose(&stack).replace(
        "services:\n  db:\n",
        "volumes: {data: {}}\nservices:\n  db:\n    volumes: ['data:/data']\n    healthcheck: {test: 'false', interval: 1s, \
         retries: 1}\n",
    );
    stack.write("compose.yaml", &compose);
    let ill = stack.run(["platforms", "--measure", "db", "--runs", "1"]).code(1);
    assert!(ill.stderr.contains("became unhealthy"), "{ill}");
    assert!(stack.containers().is_empty());
    assert_eq!(stack.engine().networks(stack.project()), Vec::<Value>::new());
    assert_eq!(stack.engine().volumes(stack.project()), Vec::<Value>::new());
    let dry = stack.run(["--dry-run", "platforms", "--measure", "db"]).code(1);
    assert!(dry.stderr.contains("--dry-run runs none"), "{dry}");
}

#[test]
fn a_measurement_that_is_broken_off_leaves_nothing_either() {
    let foreign = platforms().1;
    let image = format!("{}/library/with-healthcheck:1", registry());
    let stack = Stack::of(
        "measure-off",
        &format!("services:\n  db: {{image: '{image}', platform: {foreign}}}\n"),
    );
    let path = format!("/images/{image}/json");
    let is_there = || stack.engine().call("GET", &path, None).0 == 200;
    stack.engine().call("DELETE", &format!("/images/{image}?force=true"), None);
    let measuring = stack.start(["platforms", "--measure", "db", "--runs", "50"]);
    // Listed only: a run may be over, and its container gone, before it can be looked at.
    let listed = format!(
        "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22com.docker.compose.project%3D{}%22%5D%7D",
        stack.project()
    );
    while stack.engine().get(&listed).as_array().is_none_or(Vec::is_empty) {
        std::thread::sleep(Duration::from_millis(50));
    }
    measuring.signal(Signal::INT);
    measuring.finish().code(130);
    assert!(stack.containers().is_empty());
    assert!(!is_there(), "the image was not here before");

    let whole = stack.run(["platforms", "--measure", "db", "--runs", "1"]).success();
    assert!(whole.stdout.contains("1 run each, start to healthy"), "{whole}");
    assert!(stack.containers().is_empty() && !is_there());
}

#[test]
fn a_measurement_leaves_no_name_to_an_image_that_was_there() {
    let (native, foreign) = platforms();
    let name = format!("{}/library/with-volume", registry());
    let file = format!("services:\n  db: {{image: '{name}:1', platform: {foreign}}}\n");
    let stack = Stack::of("measure-names", &file);
    let pull = format!("/images/create?fromImage=with-volume&tag=1&platform={native}");
    assert_eq!(stack.engine().call("POST", &pull, None).0, 200);
    let names = || {
        let images = stack.engine().get("/images/json").to_string();
        images.matches(&name).count()
    };
    stack.engine().call("DELETE", &format!("/images/{name}:1?force=true"), None);
    let before = names();
    stack.run(["platforms", "--measure", "db", "--runs", "1", "--", "true"]).success();
    assert_eq!(names(), before);
}

/// A database that is pinned to the other CPU, with its data in a volume.
fn database(name: &str) -> Stack {
    let (_, foreign) = platforms();
    Stack::of(
        name,
        &format!(
            "services:
  db:
    image: postgres:16
    platform: {foreign}
    command: sleep 1000
    stop_signal: SIGKILL
    volumes: ['data:/var/lib/postgresql/data']
volumes: {{data: {{}}}}
"
        ),
    )
}

#[test]
fn what_is_at_stake_in_data_is_said_once() {
    let (native, _) = platforms();
    let stack = database("fix-agreed");
    stack.run(["up", "-d"]).success();
    let mut terminal = stack.in_terminal(40, 400, &["platforms", "--fix"]);
    terminal.wait_for("Write this? (y/N)");
    terminal.press("y\n");
    terminal.wait_for(&format!("Start db on this data as {native}? (y/N)"));
    terminal.press("y\n");
    terminal.wait_for("Replace the containers of db now? (y/N)");
    terminal.press("y\n");
    let (code, told) = terminal.finish();
    assert_eq!((code, told.matches("has written.").count()), (0, 1), "{told}");
    let machine = Value::from(native.trim_start_matches("linux/"));
    assert_eq!(architecture(&stack, "db"), machine);
}

#[test]
fn a_database_goes_on_with_its_data_only_if_somebody_says_so() {
    let (native, foreign) = platforms();
    let stack = database("fix-data");
    let is = |platform: &str| {
        assert_eq!(architecture(&stack, "db"), Value::from(platform.trim_start_matches("linux/")));
    };
    stack.run(["up", "-d"]).success();
    let risk = format!(
        "db: volume {}_data holds what a server for {foreign} has written",
        stack.project()
    );
    let unasked = stack.run(["platforms", "--fix", "--yes"]).success();
    assert!(unasked.stderr.contains(&risk), "{unasked}");
    assert!(unasked.stderr.contains("bireme up -d --pull always db"), "{unasked}");
    is(foreign);

    let mut terminal = stack.in_terminal(40, 200, &["platforms", "--fix"]);
    terminal.wait_for(&format!("Start db on this data as {native}? (y/N)"));
    terminal.press("n\n");
    assert_eq!(terminal.finish().0, 0);
    is(foreign);

    let up = stack.run(["up", "-d", "--pull", "always"]).success();
    assert_eq!(up.stderr.matches(&risk).count(), 1, "{up}");
    is(native);
    let again = stack.run(["up", "-d"]).success();
    assert!(!again.stderr.contains("has written"), "{again}");
}

#[test]
fn a_from_is_mended_from_wherever_it_is_asked_for() {
    let foreign = platforms().1;
    let stack = Stack::of("fix-from", "services:\n  app: {build: {context: app}}\n")
        .file("app/Dockerfile", &format!("FROM --platform={foreign} busybox:stable\n"));
    let file = stack.folder().join("compose.yaml").display().to_string();
    let mut command = stack.command(["-f", &file, "platforms", "--fix", "--yes", "--no-up"]);
    let mended = command.current_dir("/").output().expect("it can be run");
    assert!(mended.status.success(), "{}", String::from_utf8_lossy(&mended.stderr));
    let text = std::fs::read_to_string(stack.folder().join("app/Dockerfile"));
    assert_eq!(text.expect("it is there"), "FROM busybox:stable\n");
}

/// Stages of builds whose images are native: what pins them is told where they are built, and mended in Dockerfiles and
/// within Compose files.
#[test]
fn a_stage_that_is_emulated_needlessly_is_told_until_it_is_mended() {
    let (native, foreign) = platforms();
    let dockerfile = |platform: &str, base: &str| {
        format!(
            "FROM --platform={platform} {base} AS made\nRUN uname -m > /made\nFROM both:1\nCOPY --from=made \
             /made /made\n"
        )
    };
    let inline = dockerfile(foreign, "both:2").replace('\n', "\n        ");
    let file = format!(
        "services:
  app: {{build: app, command: sleep 1000, stop_signal: SIGKILL}}
  inline:
    build:
      context: app
      dockerfile_inline: |
        {inline}
  builders: {{build: {{context: app, dockerfile: Builders}}}}
"
    );
    let stack = Stack::of("fix-stage", &file)
        .file("app/Dockerfile", &dockerfile(foreign, "both:1"))
        .file("app/Builders", &dockerfile("$BUILDPLATFORM", "both:1"));
    let line = format!(
        "app: stage made runs emulated (QEMU) needlessly: pinned to {foreign} at app/Dockerfile:1, although \
         both:1 exists for {native}; bireme platforms --fix app"
    );
    let built = stack.run(["build", "app", "builders"]).success();
    assert_eq!(built.stderr.matches(&line).count(), 1, "{built}");
    assert_eq!(built.stderr.matches("needlessly").count(), 1, "{built}");
    // The image is there, so that no stage is run.
    let up = stack.run(["up", "-d", "app"]).success();
    assert!(!up.stderr.contains("needlessly"), "{up}");
    let again = stack.run(["up", "-d", "--build", "app"]).success();
    assert_eq!(again.stderr.matches(&line).count(), 1, "{again}");
    stack.run(["platforms", "--check", "builders"]).success();
    stack.run(["platforms", "--check", "app"]).code(3);

    let container = stack.container("app").id().to_owned();
    stack.run(["platforms", "--fix", "--yes"]).success();
    let read =
        |path: &str| std::fs::read_to_string(stack.folder().join(path)).expect("it is there");
    assert_eq!(read("app/Dockerfile"), dockerfile("$BUILDPLATFORM", "both:1"));
    let expected = file.replace(&format!("--platform={foreign}"), "--platform=$$BUILDPLATFORM");
    assert_eq!(read("compose.yaml"), expected);
    assert_eq!(stack.container("app").id(), container, "it was native before");
    stack.run(["platforms", "--check"]).success();
    let built = stack.run(["build"]).success();
    assert!(!built.stderr.contains("needlessly"), "{built}");
}

/// Builds whose `FROM` has its platform from a build argument, by where that has its value from.
#[test]
fn what_mends_a_from_with_an_argument_is_told_and_works() {
    let (native, foreign) = platforms();
    let [own, other] = [native, foreign].map(|platform| platform.trim_start_matches("linux/"));
    let compose = format!(
        "services:
  literal:
    build: {{context: app, args: {{ARCH: {other}}}}}
  listed:
    build:
      context: app
      args:
        - \"ARCH={other}\" # an item
  variable:
    build: {{context: app, args: {{ARCH: '${{CPU:-{other}}}'}}}}
  passed:
    build: {{context: app, args: [ARCH]}}
  default:
    build: app
"
    );
    let stack = Stack::of("fix-argument", &compose)
        .file(
            "app/Dockerfile",
            &format!("ARG ARCH={other}\nFROM --platform=linux/$ARCH busybox:stable\n"),
        )
        .variable("ARCH", other);
    let told = stack.run(["platforms", "--format", "json"]).success();
    let rows: Value = serde_json::from_str(&told.stdout).expect("an array");
    let row = |service: &str| {
        let rows = rows.as_array().expect("an array");
        rows.iter().find(|row| row["service"] == service).expect("it is a service").clone()
    };
    for (service, file, line, remedy) in [
        ("literal", "compose.yaml", 3, "bireme platforms --fix literal".to_owned()),
        ("listed", "compose.yaml", 8, "bireme platforms --fix listed".to_owned()),
        ("variable", "compose.yaml", 10, format!("set CPU={own}")),
        ("passed", "compose.yaml", 12, format!("set ARCH={own}")),
        (
            "default",
            "app/Dockerfile",
            1,
            format!(
                "change the default of ARCH at app/Dockerfile:1 to {own}, or write `ARCH: {own}` into `build.args` of default"
            ),
        ),
    ] {
        let row = row(service);
        assert_eq!(row["verdict"], "needless", "{row}");
        assert_eq!(row["remedy"], remedy, "{row}");
        let cause = &row["causes"][0];
        assert_eq!((&cause["code"], &cause["file"]), (&"pinned-argument".into(), &file.into()));
        assert_eq!(cause["line"], line, "{row}");
    }
    let mended = stack.run(["platforms", "--fix", "--yes", "--no-up"]).success();
    for word in ["set CPU=", "set ARCH=", "change the default of ARCH"] {
        assert!(mended.stderr.contains(word), "{mended}");
    }
    let expected = compose
        .replace(&format!("{{ARCH: {other}}}"), &format!("{{ARCH: {own}}}"))
        .replace(&format!("\"ARCH={other}\""), &format!("\"ARCH={own}\""));
    assert_eq!(self::compose(&stack), expected);
    stack.run(["platforms", "--check", "literal", "listed"]).success();
    let by_variables = stack.variable("ARCH", own).variable("CPU", own);
    by_variables.run(["platforms", "--check", "variable", "passed"]).success();
    by_variables.run(["platforms", "--check"]).code(3);
}

#[test]
fn an_inline_from_is_mended_below_a_pin_that_goes() {
    let foreign = platforms().1;
    let compose = format!(
        "services:
  app:
    platform: {foreign}
    build:
      dockerfile_inline: |
        FROM --platform={foreign} busybox:stable AS base
        FROM base
"
    );
    let stack = Stack::of("fix-inline", &compose);
    stack.run(["platforms", "--fix", "--yes", "--no-up"]).success();
    assert_eq!(
        self::compose(&stack),
        compose
            .replace(&format!("    platform: {foreign}\n"), "")
            .replace(&format!("--platform={foreign} "), "")
    );
    stack.run(["platforms", "--check"]).success();
}
