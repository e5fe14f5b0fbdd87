//! `watch`: what changes here is in the containers, and what follows from it.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::{Relay, Running, Stack};

/// How long something may take to arrive on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a command gives in the containers of a service, once it is what is expected.
#[track_caller]
pub(super) fn expect(stack: &Stack, service: &str, index: u32, command: &str, expected: &str) {
    let begun = Instant::now();
    let index = index.to_string();
    loop {
        let output = stack.run([
            "exec",
            "-T",
            "--index",
            &index,
            service,
            "sh",
            "-c",
            &format!("{command} 2>&1"),
        ]);
        if output.stdout == expected {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{service} {index}: `{command}`: {output}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Begins to watch.
#[track_caller]
pub(super) fn watch(stack: &Stack, arguments: &[&str]) -> Running {
    let mut running = stack.start(arguments);
    running.wait_for("Watch enabled");
    running
}

/// Begins to watch, with what goes to standard error among the lines.
#[track_caller]
pub(super) fn start_with_warnings(stack: &Stack, arguments: &str) -> Running {
    let script = format!("exec \"$1\" {arguments} 2>&1");
    stack.start_program("sh", &["-c", &script, "sh", env!("CARGO_BIN_EXE_bireme")])
}

/// Ends a watch as Ctrl-C does.
#[track_caller]
pub(super) fn end(running: Running) -> String {
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert!(output.stdout.contains("Watch disabled\n"), "{output}");
    output.stdout
}

/// A service `web` that does nothing, with these keys and rules.
pub(super) fn idle(keys: &[&str], rules: &[&str]) -> String {
    let keys: String = keys.iter().flat_map(|key| ["    ", *key, "\n"]).collect();
    let rules: String = rules.iter().flat_map(|rule| ["        - ", *rule, "\n"]).collect();
    format!(
        "services:\n  web:\n    image: busybox:stable\n    init: true\n    command: sleep 1000\n\
         {keys}    develop:\n      watch:\n{rules}"
    )
}

/// The rule of most tests.
pub(super) const RULE: &str = "{path: src, action: sync, target: /app}";

const SYNCED: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sleep 1000
    deploy: {replicas: 2}
    develop:
      watch:
        - {path: src, action: sync, target: /app, ignore: ['*.tmp'], initial_sync: true}
        - {path: only, action: sync, target: /only, include: ['*.txt']}
";

#[test]
fn what_changes_is_in_every_container() {
    let stack = Stack::of("watch-sync", SYNCED).file("src/there", "before").file("only/b.c", "");
    let running = watch(&stack, &["watch"]);
    for index in [1, 2] {
        expect(&stack, "web", index, "cat /app/there", "before");
    }
    stack.write("src/new/deep/file", "new");
    stack.write("src/left.tmp", "");
    stack.write("src/there", "after");
    stack.write("only/a.txt", "a");
    for index in [1, 2] {
        expect(&stack, "web", index, "cat /app/new/deep/file /app/there /only/*", "newaftera");
    }
    let src = stack.folder().join("src");
    std::fs::rename(src.join("new"), src.join("renamed")).unwrap();
    std::fs::remove_file(src.join("there")).unwrap();
    for index in [1, 2] {
        expect(
            &stack,
            "web",
            index,
            "cd /app && find . | sort | tr '\\n' ' '",
            ". ./renamed ./renamed/deep ./renamed/deep/file ",
        );
    }
    let told = end(running);
    assert!(told.contains("Syncing service \"web\" after "), "{told}");
    assert!(told.contains(" saves landed, median "), "{told}");
}

#[test]
fn what_is_there_says_that_what_went_before_it_is_gone() {
    const ROUNDS: [&str; 4] = ["1", "2", "3", "4"];
    let compose = format!(
        "
services:
  web:
    image: busybox:stable
    init: true
    command:
      - sh
      - -c
      - |
        for round in {}; do
          until [ -e /app/new$$round ]; do :; done
          if [ -e /app/old$$round ]; then echo early; else echo in order; fi
        done
        sleep 1000
    develop: {{watch: [{{path: src, action: sync, target: /app, initial_sync: true}}]}}
",
        ROUNDS.join(" ")
    );
    let mut stack = Stack::of("watch-order", &compose);
    for round in ROUNDS {
        stack = stack.file(format!("src/old{round}/file"), "x");
    }
    let running = watch(&stack, &["watch"]);
    expect(&stack, "web", 1, "cat /app/old*/file", "xxxx");
    for round in ROUNDS {
        std::fs::remove_dir_all(stack.folder().join(format!("src/old{round}"))).unwrap();
        stack.write(format!("src/new{round}"), "");
        expect(&stack, "web", 1, &format!("ls /app | grep new{round}"), &format!("new{round}\n"));
    }
    let told = || stack.run(["logs", "--no-log-prefix", "web"]).stdout;
    let begun = Instant::now();
    while told().lines().count() < ROUNDS.len() {
        assert!(begun.elapsed() < PATIENCE, "{}", told());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(told(), "in order\n".repeat(ROUNDS.len()));
    end(running);
}

#[test]
fn directories_go_with_all_that_was_brought_there_and_with_nothing_else() {
    let mut stack = Stack::of("watch-gone", SYNCED);
    for name in (0..20).flat_map(|number| [format!("whole/deep/{number}"), format!("own/{number}")])
    {
        stack = stack.file(format!("src/{name}"), "x");
    }
    let running = watch(&stack, &["watch"]);
    expect(&stack, "web", 1, "cd /app && find . -type f | wc -l", "40\n");
    expect(&stack, "web", 1, "mkdir /app/own/cache && touch /app/own/cache/kept", "");
    for name in ["whole", "own"] {
        std::fs::remove_dir_all(stack.folder().join("src").join(name)).unwrap();
    }
    let found = "cd /app && find . | sort | tr '\\n' ' '";
    expect(&stack, "web", 1, found, ". ./own ./own/cache ./own/cache/kept ");
    expect(&stack, "web", 2, found, ". ");
    end(running);
}

#[test]
fn saves_land_where_no_more_directories_can_be_listened_to() {
    let stack = Stack::of("watch-limit", SYNCED).file("only/a.txt", "");
    for number in 0..12 {
        stack.write(format!("src/{number}/file"), "old");
    }
    // A limit of its own, which no other program notices.
    let script = "echo 6 >/proc/sys/user/max_inotify_watches && exec \"$1\" watch";
    let bireme = env!("CARGO_BIN_EXE_bireme");
    let arguments = ["--user", "--map-root-user", "sh", "-c", script, "sh", bireme];
    let mut running = stack.start_program("unshare", &arguments);
    running.wait_for("Watch enabled");
    for number in [0, 11] {
        stack.write(format!("src/{number}/file"), "new");
        expect(&stack, "web", 1, &format!("cat /app/{number}/file"), "new");
    }
    stack.write("src/more/deep/file", "more");
    let src = stack.folder().join("src");
    std::fs::rename(src.join("11"), src.join("12")).expect("a folder can be renamed");
    expect(
        &stack,
        "web",
        1,
        "cat /app/more/deep/file /app/12/file; ls -d /app/1?",
        "morenew/app/10\n/app/12\n",
    );
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert_eq!(output.stderr.matches("cannot be listened to").count(), 1, "{output}");
}

#[test]
fn saves_land_where_the_system_gives_no_listener() {
    let stack = Stack::of("watch-unheard", SYNCED).file("src/a", "old").file("only/a.txt", "");
    let script = "echo 0 >/proc/sys/user/max_inotify_instances && exec \"$1\" watch";
    let bireme = env!("CARGO_BIN_EXE_bireme");
    let arguments = ["--user", "--map-root-user", "sh", "-c", script, "sh", bireme];
    let mut running = stack.start_program("unshare", &arguments);
    running.wait_for("Watch enabled");
    stack.write("src/a", "new");
    stack.write("src/more/deep/file", "more");
    expect(&stack, "web", 1, "cat /app/a /app/more/deep/file", "newmore");
    running.signal(Signal::INT);
    running.finish().code(130).stderr_has("fs.inotify.max_user_instances");
}

const RESTARTED: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    develop:
      watch:
        - {path: conf, action: sync+restart, target: /conf}
        - {path: plain, action: restart}
        - path: script
          action: sync+exec
          target: /script
          exec:
            command: sh -c 'echo in $$WORD as $$(id -u) at $$PWD'
            user: '7'
            working_dir: /tmp
            environment: {WORD: words}
  dependent:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    depends_on:
      web: {condition: service_started, restart: true}
";

#[test]
fn restarts_and_commands_follow_what_landed() {
    let stack = Stack::of("watch-restart", RESTARTED);
    for folder in ["conf", "plain", "script"] {
        std::fs::create_dir(stack.folder().join(folder)).unwrap();
    }
    let mut running = watch(&stack, &["watch"]);
    stack.write("conf/main.conf", "text");
    running.wait_for("Syncing service \"web\" after 1 changes were detected");
    running.wait_for("service(s) [\"web\"] restarted because of conf/main.conf");
    expect(&stack, "web", 1, "cat /conf/main.conf; wc -l </starts", "text2\n");
    expect(&stack, "dependent", 1, "wc -l </starts", "2\n");

    stack.write("plain/file", "");
    running.wait_for("restarted because of plain/file");
    expect(
        &stack,
        "web",
        1,
        "wc -l </starts; ls -d /plain",
        "3\nls: /plain: No such file or directory\n",
    );

    stack.write("script/a", "");
    running.wait_for("in words as 7 at /tmp");
    running.wait_for("service(s) [\"web\"] ran its command because of script/a in ");
    expect(&stack, "web", 1, "wc -l </starts", "3\n");
    end(running);
}

#[test]
fn what_ends_after_a_restart_is_told_until_it_is_mended() {
    let stack = Stack::of(
        "watch-ends",
        "
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'sh /app/main; sleep 1000'
    develop:
      watch:
        - {path: src, action: sync+restart, target: /app}
        - {path: other, action: sync, target: /other}
",
    );
    for folder in ["src", "other"] {
        std::fs::create_dir(stack.folder().join(folder)).unwrap();
    }
    let mut running = watch(&stack, &["watch"]);
    stack.write("src/main", "echo why >&2; kill -9 $PPID");
    running.wait_for("restarted because of src/main");
    // Whatever is saved next.
    let mut saves = 0;
    while !running.has_printed("still failing: health of web") {
        saves += 1;
        assert!(saves < 100, "it is not told");
        std::thread::sleep(Duration::from_millis(500));
        stack.write("other/file", &saves.to_string());
    }
    end(running);
}

const BUILT: &str = "
services:
  web:
    build: app
    init: true
    command: sleep 1000
    develop:
      watch:
        - {path: app, action: rebuild}
  other:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop:
      watch:
        - {path: src, action: sync, target: /src}
";

#[test]
fn a_rebuild_replaces_the_container_and_a_failing_one_leaves_it() {
    let dockerfile = "FROM busybox:stable\nCOPY file /file\n";
    let stack = Stack::of("watch-rebuild", BUILT)
        .file("app/Dockerfile", dockerfile)
        .file("app/.dockerignore", "ignored\n")
        .file("app/file", "1")
        .file("src/a", "");
    let mut running = watch(&stack, &["watch", "--quiet"]);
    let first = stack.container("web").id().to_owned();
    stack.write("app/ignored", "");
    stack.write("app/file", "2");
    running.wait_for(
        "Rebuilding service(s) [\"web\"] after changes were detected... because of app/file\n",
    );
    running.wait_for("service(s) [\"web\"] successfully built");
    expect(&stack, "web", 1, "cat /file", "2");
    let second = stack.container("web").id().to_owned();
    assert_ne!(first, second);

    stack.write("app/Dockerfile", "FROM busybox:stable\nRUN echo fails && exit 3\n");
    running.wait_for("because of app/Dockerfile");
    // Told with the first batch after the build has failed.
    let mut saves = 0;
    while !running.has_printed("still failing: build of web") {
        saves += 1;
        stack.write("src/a", &saves.to_string());
        expect(&stack, "other", 1, "cat /src/a", &saves.to_string());
    }
    assert_eq!(stack.container("web").id(), second);

    stack.write("app/Dockerfile", dockerfile);
    stack.write("app/file", "3");
    running.wait_for("successfully built");
    expect(&stack, "web", 1, "cat /file", "3");
    end(running);
}

const BUILT_SLOWLY: &str = "
services:
  web:
    build: app
    init: true
    command: sh -c 'echo >>/starts; cp /app/main /seen; sleep 1000'
    develop:
      watch:
        - {path: app, action: rebuild, ignore: [src/]}
        - {path: app/src, action: sync+restart, target: /app}
  other:
    image: busybox:stable
    init: true
    command: sleep 1000
    develop:
      watch:
        - {path: src, action: sync, target: /src}
";

/// A build that takes a minute if its file says so, and is none that a cache has.
const SLOW: &str =
    "FROM busybox:stable\nCOPY . /\nRUN mkdir -p /app && cp /src/* /app/ && sleep $(cat /slow)\n";

fn built_slowly(name: &str) -> Stack {
    Stack::of(name, BUILT_SLOWLY)
        .file("app/Dockerfile", SLOW)
        .file("app/slow", "0")
        .file("app/src/main", "1")
        .file("src/a", "1")
}

#[test]
fn saves_land_while_a_build_runs_and_a_newer_one_takes_its_place() {
    let stack = built_slowly("watch-beside");
    let mut running = watch(&stack, &["watch", "--quiet"]);
    let first = stack.container("web").id().to_owned();
    stack.write("app/slow", "600");
    running.wait_for("because of app/slow");
    stack.write("src/a", "2");
    expect(&stack, "other", 1, "cat /src/a", "2");
    // The service that is being built has what it had, and gets saves, too.
    stack.write("app/src/main", "2");
    running.wait_for("restarted because of app/src/main");
    expect(&stack, "web", 1, "cat /seen; wc -l </starts", "22\n");
    assert_eq!(stack.container("web").id(), first);

    stack.write("app/slow", "1");
    running.wait_for("because of app/slow");
    stack.write("app/src/main", "3");
    running.wait_for("service(s) [\"web\"] successfully built");
    // What was brought meanwhile is there before the new container starts.
    let begun = Instant::now();
    while stack.containers().iter().any(|container| container.id() == first) {
        assert!(begun.elapsed() < PATIENCE, "it is not replaced");
        std::thread::sleep(Duration::from_millis(100));
    }
    expect(&stack, "web", 1, "cat /seen; wc -l </starts", "31\n");
    // Its first container was stopped soon after its restart, and did not end by itself.
    running.signal(Signal::INT);
    let output = running.finish().code(130);
    assert!(!output.stderr.contains("exited"), "{output}");
}

#[test]
fn a_service_that_is_saved_faster_than_it_builds_gets_new_containers_too() {
    let stack = built_slowly("watch-pressed").file("app/count", "0");
    // No build before had this.
    stack.write("app/salt", &format!("{:?}", std::time::SystemTime::now()));
    let mut running = watch(&stack, &["watch", "--quiet"]);
    let first = stack.container("web").id().to_owned();
    stack.write("app/slow", "6");
    running.wait_for("because of app/slow");
    let (begun, mut saves) = (Instant::now(), 0);
    while stack.containers().iter().any(|container| container.id() == first) {
        assert!(begun.elapsed() < 2 * PATIENCE, "it is never replaced");
        saves += 1;
        stack.write("app/count", &saves.to_string());
        std::thread::sleep(Duration::from_secs(2));
    }
    running.wait_for("because of app/count, when the build under way has ended");
    // The last state follows by itself.
    expect(&stack, "web", 1, "cat /count", &saves.to_string());
    end(running);
}

const FOLLOWED: &str = "
services:
  web:
    build: {context: ., dockerfile_inline: \"FROM busybox:stable\\nCOPY version script /\\n\"}
    init: true
    command: sleep 1000
    develop:
      watch:
        - {path: version, action: rebuild}
        - path: script
          action: sync+exec
          target: /script
          exec: {command: sh -c 'echo ran in $$(cat /version)'}
  dependent:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    depends_on:
      web: {condition: service_started, restart: true}
  other:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    depends_on: [web]
";

#[test]
fn commands_and_dependents_follow_a_rebuild() {
    let stack = Stack::of("watch-followed", FOLLOWED).file("version", "1\n").file("script", "");
    let mut running = watch(&stack, &["watch", "--quiet"]);
    // In one batch.
    for (name, text) in [("version", "2\n"), ("script", "new")] {
        stack.write(format!("{name}.new"), text);
    }
    for name in ["version", "script"] {
        let path = |name: &str| stack.folder().join(name);
        std::fs::rename(path(&format!("{name}.new")), path(name)).expect("it can be renamed");
    }
    running.wait_for("ran in 2");
    expect(&stack, "dependent", 1, "wc -l </starts", "2\n");
    expect(&stack, "other", 1, "wc -l </starts", "1\n");
    end(running);
}

#[test]
fn an_interrupt_ends_a_build_and_the_watch() {
    let stack = built_slowly("watch-cut");
    let mut running = watch(&stack, &["watch", "--quiet"]);
    let first = stack.container("web").id().to_owned();
    stack.write("app/slow", "600");
    running.wait_for("because of app/slow");
    let begun = Instant::now();
    end(running);
    assert!(begun.elapsed() < PATIENCE, "it waited for the build");
    assert_eq!(stack.container("web").id(), first);
}

#[test]
fn a_new_container_gets_what_was_brought_before() {
    let stack = Stack::of("watch-new", SYNCED).file("src/a", "a");
    stack.run(["up", "-d"]).success();
    let running = watch(&stack, &["watch", "--no-up"]);
    stack.write("src/b", "b");
    expect(&stack, "web", 1, "cat /app/a /app/b", "ab");
    stack.run(["up", "-d", "--force-recreate", "--scale", "web=3"]).success();
    for index in [1, 2, 3] {
        expect(&stack, "web", index, "cat /app/a /app/b", "ab");
    }
    end(running);
}

#[test]
fn one_watch_excludes_another() {
    let stack = Stack::of("watch-lock", SYNCED).file("src/a", "a");
    let running = watch(&stack, &["watch"]);
    let path = stack.home().join(format!(".docker/docker-compose/{}.pid", stack.project()));
    let pid = std::fs::read_to_string(&path).unwrap();
    let message = format!(
        "cannot take exclusive lock for project {:?}: process with PID {pid} is still running",
        stack.project()
    );
    stack.run(["watch"]).code(1).stderr_has(&message);
    end(running);
    assert!(!path.exists());
    // A process that is gone is no obstacle.
    std::fs::write(&path, "2147483646").unwrap();
    end(watch(&stack, &["watch", "--no-up"]));
}

/// Nothing follows from a save in a directory that is mounted for a program of which nothing is known, but from its replacement.
#[test]
fn what_is_mounted_is_followed_where_no_rule_can_be_derived() {
    let service = "services:\n  web:\n    image: busybox:stable\n    init: true\n    command: sleep 99\n    \
                   volumes: ['./src:/src']\n";
    for command in ["dev", "up --watch"] {
        let stack = Stack::of("watch-mounted", service).file("src/a", "old");
        let mut running = stack.start(command.split(' '));
        running.wait_for("web: src is mounted: ");
        running.wait_for("Watch enabled");
        let away = stack.folder().join("away");
        std::fs::rename(stack.folder().join("src"), &away).unwrap();
        std::fs::create_dir(stack.folder().join("src")).unwrap();
        stack.write("src/a", "new");
        running.wait_for("restarted");
        let read = stack.run(["exec", "-T", "web", "cat", "/src/a"]).success();
        assert_eq!(read.stdout, "new");
        end(running);
    }
}

#[test]
fn what_cannot_be_watched_is_told() {
    let service =
        "services:\n  web:\n    image: busybox:stable\n    init: true\n    command: sleep 9\n";
    let stack = Stack::of("watch-nothing", service);
    stack.run(["watch"]).code(1).stderr_has(
        "none of the selected services is configured for watch, consider setting a 'develop' section",
    );
    stack.run(["up", "--watch"]).code(1).stderr_has(
        "none of the selected services is configured for watch, \
         see https://docs.docker.com/compose/how-tos/file-watch/",
    );
    assert!(stack.containers().is_empty());
    let rule = "    develop: {watch: [{path: a, action: rebuild}]}\n";
    stack.write("compose.yaml", &format!("{service}{rule}"));
    stack
        .run(["watch"])
        .code(1)
        .stderr_has("can't watch service \"web\" with action rebuild without a build context");
}

#[test]
fn an_up_in_the_foreground_watches_too() {
    let stack = Stack::of("watch-up", SYNCED).file("src/a", "a");
    let mut running = stack.start(["up", "--watch"]);
    running.wait_for("⦿ Watch enabled");
    stack.write("src/b", "b");
    expect(&stack, "web", 2, "cat /app/a /app/b", "ab");
    running.signal(Signal::INT);
    running.finish().code(130).stdout_has("⦿ Watch disabled");
    assert!(stack.containers().iter().all(|container| container.state() == "exited"));
}

#[test]
fn a_dry_run_says_what_would_be_watched() {
    let stack = Stack::of("watch-dry", SYNCED).file("src/a", "a");
    stack
        .run(["watch", "--dry-run"])
        .success()
        .stdout_has("watch src: sync web to /app\nwatch only: sync web to /only\n");
    assert!(stack.containers().is_empty());
}

#[test]
fn events_are_json_on_demand() {
    let stack = Stack::of("watch-json", SYNCED).file("src/a", "a");
    let running = stack.start(["--progress", "json", "watch"]);
    expect(&stack, "web", 1, "cat /app/a", "a");
    stack.write("src/b", "bb");
    for index in [1, 2] {
        expect(&stack, "web", index, "cat /app/b", "bb");
    }
    running.signal(Signal::INT);
    running
        .finish()
        .code(130)
        .stderr_has("\"msg\":\"Watch enabled\"")
        .stderr_has("{\"id\":\"web\",\"text\":\"1 file, 2B to 2 containers in ")
        .stderr_has("\"status\":\"Synced\"");
}

const UNRULED: &str = "
services:
  web:
    build: .
    init: true
    environment: {LEVEL: '1'}
    volumes: ['./app.conf:/etc/app.conf']
";
const RECIPE: &str = "FROM busybox:stable\nWORKDIR /app\nCOPY src/ .\nCMD [\"sleep\", \"1000\"]\n";

fn unruled(label: &str) -> Stack {
    Stack::of(label, UNRULED)
        .file("Dockerfile", RECIPE)
        .file("src/page", "one")
        .file("app.conf", "old\n")
}

#[test]
fn without_rules_they_are_derived_and_compose_files_are_followed() {
    let stack = unruled("dev");
    let mut running = stack.start(["dev"]);
    let rule = running.wait_for("sync src to /app");
    assert!(rule.contains("(Dockerfile:3)"), "{rule}");
    running.wait_for("Watch enabled");
    stack.write("src/page", "two");
    expect(&stack, "web", 1, "cat /app/page", "two");
    // As editors do: what is mounted alone is another file then, which only a restart shows.
    stack.write("app.new", "new\n");
    let file = |name: &str| stack.folder().join(name);
    std::fs::rename(file("app.new"), file("app.conf")).expect("a file can be renamed");
    running.wait_for("restarted because of app.conf");
    expect(&stack, "web", 1, "cat /etc/app.conf", "new\n");
    // A mistake leaves the stack as it is.
    stack.write("compose.yaml", &format!("{UNRULED}nonsense:\n"));
    running.wait_for("compose.yaml changed");
    stack.write("compose.yaml", &UNRULED.replace("'1'", "'2'"));
    running.wait_for("Watch enabled");
    expect(&stack, "web", 1, "echo $LEVEL", "2\n");
    end(running);
}

const SLOWLY_UP: &str = "
services:
  web:
    build: .
    init: true
    environment: {LEVEL: '1'}
    develop:
      watch:
        - {path: src, action: sync, target: /app}
";

#[test]
fn what_is_saved_while_the_stack_comes_up_lands_too() {
    let stack = Stack::of("watch-early", SLOWLY_UP).file("src/a", "1").file(
        "Dockerfile",
        "FROM busybox:stable\nCOPY src /app\nRUN sleep 5\nCMD [\"sleep\", \"1000\"]\n",
    );
    let mut running = stack.start(["watch"]);
    // What is copied is in the image by then.
    running.wait_for("sleep 5");
    stack.write("src/a", "2");
    running.wait_for("Watch enabled");
    expect(&stack, "web", 1, "cat /app/a", "2");
    end(running);
}

#[test]
fn a_compose_file_that_changes_replaces_only_what_differs_and_nothing_is_missed() {
    let other = |level: &str| {
        format!(
            "{UNRULED}  other:\n    image: busybox:stable\n    init: true\n    command: sleep 1000\n    environment: {{A: {level}}}\n"
        )
    };
    let stack = Stack::of("dev-differs", &other("a"))
        // So that each image is another one when the Compose file is.
        .file(
            "Dockerfile",
            "FROM busybox:stable\nWORKDIR /app\nCOPY . .\nCMD [\"sleep\", \"1000\"]\n",
        )
        .file("page", "one")
        .file("app.conf", "");
    let mut running = stack.start(["dev"]);
    running.wait_for("compose.yaml: loaded again");
    running.wait_for("Watch enabled");
    let ids = || (stack.container("web").id().to_owned(), stack.container("other").id().to_owned());
    let first = ids();
    // A mistake leaves everything as it is, and saves land.
    stack.write("compose.yaml", &format!("{UNRULED}nonsense:\n"));
    running.wait_for("compose.yaml changed");
    stack.write("page", "two");
    running.wait_for("Syncing service \"web\" after 1 changes");
    stack.write("compose.yaml", &other("b"));
    stack.write("page", "three");
    running.wait_for("environment.A");
    running.wait_for("Watch enabled");
    expect(&stack, "web", 1, "cat page", "three");
    let second = ids();
    assert!(first.0 == second.0 && first.1 != second.1, "{first:?} {second:?}");
    // Whoever makes a new container of the old image gets all of it.
    stack.run(["up", "-d", "--force-recreate"]).success();
    expect(&stack, "web", 1, "cat page", "three");
    end(running);
}

#[test]
fn derived_rules_can_be_written_into_the_file() {
    let stack = unruled("dev-write");
    stack.run(["dev", "--write"]).code(1).stderr_has("nothing was written");
    stack.run(["dev", "--write", "--yes"]).success().stdout_has("+    develop:\n");
    let written = std::fs::read_to_string(stack.folder().join("compose.yaml"));
    let written = written.expect("the file is there");
    assert!(written.starts_with(UNRULED), "what was there stays:\n{written}");
    stack.run(["watch", "--dry-run"]).success().stdout_has("watch src: sync web to /app\n");
    stack.run(["dev", "--write", "--yes"]).success().stderr_has("nothing to write");
}

#[test]
fn rules_of_an_included_file_are_written_there_with_its_own_paths() {
    let other = "  other:\n    image: busybox:stable\n    develop: {watch: []}\n    volumes: ['./app.conf:/a']\n";
    let stack = Stack::of("dev-included", "include: [sub/compose.yaml]\n")
        .file("sub/compose.yaml", &format!("{UNRULED}{other}"))
        .file("sub/Dockerfile", RECIPE)
        .file("sub/src/page", "one")
        .file("sub/app.conf", "");
    stack.run(["dev", "--write", "--yes"]).success().stdout_has("path: ./src\n");
    let written = std::fs::read_to_string(stack.folder().join("sub/compose.yaml"));
    let written = written.expect("the file is there");
    assert!(written.starts_with(UNRULED) && !written.contains("watch: []"), "{written}");
    stack.run(["watch", "--dry-run"]).success().stdout_has("watch sub/src: sync web to /app\n");
}

#[test]
fn rules_that_are_not_written_are_told_with_the_reason() {
    let outside = Stack::of("dev-outside", UNRULED)
        .file("Dockerfile", RECIPE)
        .file("src/page", "one")
        .file("app.conf", "");
    let file = outside.folder().join("compose.yaml").display().to_string();
    let stack = Stack::of("dev-includes", &format!("include: [{file}]\n"));
    let reason = format!("{file} is not in the project's directory");
    stack.run(["dev", "--write", "--yes"]).code(1).stderr_has(&reason);
}

#[test]
fn an_up_that_watches_derives_rules_too() {
    let stack = unruled("dev-up");
    let mut running = stack.start(["up", "--watch"]);
    running.wait_for("Watch enabled");
    stack.write("src/page", "two");
    expect(&stack, "web", 1, "cat /app/page", "two");
    running.signal(Signal::INT);
    running.finish();
}

/// A watch whose output gets into a file in the tree, by this script, takes no line of its own for a save.
fn writes_beside_what_is_saved(label: &str, script: &str) {
    let stack = Stack::of(label, SYNCED).file("src/there", "").file("only/b.c", "");
    let bireme = env!("CARGO_BIN_EXE_bireme");
    let running = stack.start_program("sh", &["-c", script, "sh", bireme]);
    let output = stack.folder().join("src/dev.out");
    let lines = |word: &str| {
        let text = std::fs::read_to_string(&output).unwrap_or_default();
        text.lines().filter(|line| line.contains(word)).count()
    };
    let until = |word: &str, count: usize| {
        let begun = Instant::now();
        while lines(word) < count {
            assert!(begun.elapsed() < PATIENCE, "{word}: {:?}", std::fs::read_to_string(&output));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("Watch enabled", 1);
    for (count, name) in [(1, "a"), (2, "b"), (3, "c")] {
        stack.write(format!("src/{name}"), name);
        until("Syncing service \"web\" after 1 changes were detected", count);
    }
    expect(&stack, "web", 1, "ls /app", "a\nb\nc\nthere\n");
    assert_eq!(lines("were detected"), 3, "{:?}", std::fs::read_to_string(&output));
    running.signal(Signal::INT);
    running.finish().code(130);
}

#[test]
fn what_a_watch_writes_itself_is_no_save() {
    writes_beside_what_is_saved("watch-output", "exec \"$1\" watch >src/dev.out 2>&1");
}

#[test]
fn what_a_program_writes_that_reads_a_watch_is_no_save() {
    let script = "mkfifo told; tee src/dev.out <told & exec \"$1\" watch >told 2>&1";
    writes_beside_what_is_saved("watch-output-behind", script);
}

const WRITES: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/app/state; sleep 1000'
    volumes: ['./src:/app']
    develop:
      watch:
        - {path: src, action: restart}
";

#[test]
fn a_service_that_changes_what_restarts_it_is_not_restarted_without_end() {
    let stack = Stack::of("watch-loop", WRITES).file("src/app", "");
    let mut running = start_with_warnings(&stack, "watch");
    running.wait_for(
        "web: src/state changes right after each start, so the service seems to write it",
    );
    stack.write("src/app", "saved");
    running.wait_for("restarted because of src/state and src/app in ");
    let told = end(running);
    let restarts = told.matches("restarted because of src/state in ").count();
    assert!((1..16).contains(&restarts), "{told}");
}

#[test]
fn a_container_that_a_changed_file_replaces_gets_what_was_brought_before() {
    let text = |level: &str| {
        format!(
            "services:\n  web:\n    image: busybox:stable\n    init: true\n    command: sleep 1000\n    \
             environment: {{LEVEL: {level}}}\n    develop:\n      watch:\n        \
             - {{path: src, action: sync, target: /app}}\n"
        )
    };
    let stack = Stack::of("dev-brought", &text("one")).file("src/there", "");
    let mut running = watch(&stack, &["dev"]);
    stack.write("src/a", "saved");
    expect(&stack, "web", 1, "cat /app/a", "saved");
    stack.write("compose.yaml", &text("two"));
    running.wait_for("environment.LEVEL");
    running.wait_for("Watch enabled");
    expect(&stack, "web", 1, "echo $LEVEL; cat /app/a", "two\nsaved");
    end(running);
}

#[test]
fn what_cannot_follow_while_the_engine_is_away_follows_when_it_is_back() {
    let text = |level: &str| {
        format!(
            "services:\n  web:\n    image: busybox:stable\n    init: true\n    command: sh -c 'echo >>/starts; sleep \
             1000'\n    environment: {{LEVEL: {level}}}\n    develop:\n      watch:\n        \
             - {{path: conf, action: sync+restart, target: /conf}}\n"
        )
    };
    let stack = Stack::of("watch-away", &text("one")).file("conf/there", "");
    let relay = Relay::new(stack.engine(), &stack.home().join("engine.sock"));
    let stack = stack.variable("DOCKER_HOST", &relay.endpoint());
    let mut running = start_with_warnings(&stack, "dev");
    running.wait_for("Watch enabled");
    relay.go();
    stack.write("conf/a", "saved");
    let mut saves = 0;
    while !running.has_printed("still failing: restart of web") {
        saves += 1;
        assert!(saves < 100, "it is not told");
        stack.write("conf/b", &saves.to_string());
        std::thread::sleep(Duration::from_millis(200));
    }
    relay.come();
    running.wait_for("service(s) [\"web\"] restarted because of conf/");
    expect(&stack, "web", 1, "cat /conf/a; wc -l </starts", "saved2\n");

    relay.go();
    stack.write("compose.yaml", &text("two"));
    running.wait_for("this goes on when the engine answers again");
    relay.come();
    running.wait_for("Watch enabled");
    expect(&stack, "web", 1, "echo $LEVEL; cat /conf/a", "two\nsaved");
    end(running);
}

#[test]
fn what_cannot_follow_yet_follows_also_when_a_compose_file_changes_meanwhile() {
    let text = |level: &str| {
        format!(
            "services:\n  web:\n    image: busybox:stable\n    init: true\n    command: sh -c 'echo >>/starts; sleep \
             1000'\n    develop:\n      watch:\n        - {{path: conf, action: sync+restart, target: /conf}}\n  \
             other:\n    image: busybox:stable\n    init: true\n    command: sleep 1000\n    \
             environment: {{LEVEL: {level}}}\n"
        )
    };
    let stack = Stack::of("watch-away-changed", &text("one")).file("conf/there", "");
    let relay = Relay::new(stack.engine(), &stack.home().join("engine.sock"));
    let stack = stack.variable("DOCKER_HOST", &relay.endpoint());
    let mut running = start_with_warnings(&stack, "dev");
    running.wait_for("Watch enabled");
    relay.go();
    stack.write("conf/a", "saved");
    running.wait_for("web: ");
    stack.write("compose.yaml", &text("two"));
    running.wait_for("this goes on when the engine answers again");
    relay.come();
    running.wait_for("service(s) [\"web\"] restarted because of conf/a in");
    expect(&stack, "web", 1, "cat /conf/a; wc -l </starts", "saved2\n");
    expect(&stack, "other", 1, "echo $LEVEL", "two\n");
    end(running);
}

#[test]
fn what_is_mounted_below_a_target_is_left_alone() {
    let compose =
        idle(&["volumes: ['./src:/app/src']"], &["{path: ., action: sync, target: /app}"]);
    let stack = Stack::of("watch-mounted", &compose).file("src/a", "").file("b", "");
    let mut running = start_with_warnings(&stack, "watch");
    running.wait_for("it is not brought there");
    running.wait_for("Watch enabled");
    let path = stack.folder().join("src/a");
    let inode = || std::os::unix::fs::MetadataExt::ino(&path.metadata().unwrap());
    let before = inode();
    stack.write("src/a", "saved");
    stack.write("b", "brought");
    running.wait_for("Syncing service \"web\" after ");
    expect(&stack, "web", 1, "cat /app/src/a /app/b", "savedbrought");
    assert_eq!((inode(), std::fs::read_to_string(&path).unwrap().as_str()), (before, "saved"));
    let told = end(running);
    assert_eq!(told.matches("Syncing").count(), 1, "{told}");
}

#[test]
fn nothing_is_written_behind_a_link_and_the_rest_lands() {
    let stack = Stack::of("watch-astray", BUILT)
        .file("app/Dockerfile", "FROM busybox:stable\nCMD [\"sleep\", \"1000\"]\n")
        .file("src/deep/a", "");
    let mut running = start_with_warnings(&stack, "watch --quiet other");
    running.wait_for("Watch enabled");
    stack.write("src/deep/a", "saved");
    expect(&stack, "other", 1, "cat /src/deep/a", "saved");
    // A program there makes it lead elsewhere, some time after the save.
    let link = "rm -r /src/deep && mkdir /else && ln -s /else /src/deep";
    expect(&stack, "other", 1, link, "");
    std::thread::sleep(Duration::from_secs(1));
    stack.write("src/deep/a", "saved again");
    running.wait_for("/src/deep is a symbolic link there: nothing is written or deleted behind it");
    stack.write("src/b", "beside");
    expect(&stack, "other", 1, "cat /src/b; ls /else", "beside");
    // What has a directory in its way again lands.
    expect(&stack, "other", 1, "rm /src/deep && mkdir /src/deep", "");
    expect(&stack, "other", 1, "cat /src/deep/a", "saved again");
    end(running);
}
