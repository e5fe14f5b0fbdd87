//! What is mounted by itself: a container holds the file that was there when it started, and editors put another one
//! in its place.

use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::watch;
use crate::harness::{Running, Stack};

/// How long something may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// `web` has a rule of its own, so that `watch` has something to do, and none about the file.
const MOUNTED: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'echo >>/starts; sleep 1000'
    volumes: ['./app.conf:/app.conf']
    develop:
      watch:
        - {path: src, action: sync, target: /src}
";

/// The ways in which a file is changed, and whether there is another one in its place then.
const WAYS: [(&str, bool); 5] = [
    (
        "vim -es -u NONE -N -c 'set backupskip= writebackup backupcopy=yes' -c '%s/.*/WORD/' -c 'wq!' app.conf",
        false,
    ),
    (
        "vim -es -u NONE -N -c 'set backupskip= writebackup backupcopy=no' -c '%s/.*/WORD/' -c 'wq!' app.conf",
        true,
    ),
    ("sed -i 's/.*/WORD/' app.conf", true),
    ("echo WORD >app.new && mv app.new app.conf", true),
    ("echo WORD >app.conf", false),
];

fn edit(stack: &Stack, way: &str, word: &str) {
    let command = way.replace("WORD", word);
    let status = Command::new("sh").args(["-c", &command]).current_dir(stack.folder()).status();
    assert!(status.expect("there is a shell").success(), "`{command}` fails");
}

#[track_caller]
fn expect(stack: &Stack, command: &str, expected: &str) {
    let begun = Instant::now();
    loop {
        let output = stack.run(["exec", "-T", "web", "sh", "-c", command]);
        if output.stdout == expected {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "`{command}`: {output}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Every way of a change, in a watch that runs: what the container sees, and that it restarts only where it has to.
#[track_caller]
fn all_ways(stack: &Stack, running: &mut Running) {
    let mut starts = 1;
    for (number, (way, replaces)) in WAYS.iter().enumerate() {
        let word = format!("word{number}");
        edit(stack, way, &word);
        if *replaces {
            starts += 1;
            running.wait_for("restarted because of app.conf, which another file has replaced, in ");
        }
        expect(stack, "cat /app.conf", &format!("{word}\n"));
        expect(stack, "wc -l </starts", &format!("{starts}\n"));
    }
}

fn stack(label: &str) -> Stack {
    Stack::of(label, MOUNTED).file("app.conf", "before\n").file("src/a", "")
}

#[test]
fn a_watch_restores_what_is_mounted() {
    let stack = stack("mounted-watch");
    let mut running = stack.start(["watch"]);
    running.wait_for("Watch enabled");
    all_ways(&stack, &mut running);
    running.signal(Signal::INT);
    running.finish().code(130);
}

#[test]
fn an_up_that_watches_restores_what_is_mounted() {
    let stack = stack("mounted-up");
    let mut running = stack.start(["up", "--watch"]);
    running.wait_for("Watch enabled");
    all_ways(&stack, &mut running);
    running.signal(Signal::INT);
    running.finish();
}

/// `dev` derives a restart for configuration; data is not configuration, and is seen without one unless it is replaced.
#[test]
fn dev_restores_what_is_mounted() {
    let compose =
        MOUNTED.replace("app.conf", "app.data").split_once("    develop").unwrap().0.to_owned();
    let stack = Stack::of("mounted-dev", &format!("{compose}    env_file: [web.env]\n"))
        .file("web.env", "A=1\n")
        .file("app.data", "before\n");
    // Something to watch beside it.
    let other = "  other:\n    image: busybox:stable\n    command: sleep 1000\n    init: true\n    \
                 volumes: ['./other.conf:/etc/other.conf']\n";
    stack.write("other.conf", "");
    let text = std::fs::read_to_string(stack.folder().join("compose.yaml")).unwrap();
    stack.write("compose.yaml", &format!("{text}{other}"));
    let mut running = stack.start(["dev"]);
    running.wait_for("Watch enabled");
    let mut starts = 1;
    for (number, (way, replaces)) in WAYS.iter().enumerate() {
        let word = format!("word{number}");
        edit(&stack, &way.replace("app.conf", "app.data"), &word);
        if *replaces {
            starts += 1;
            running.wait_for("restarted because of app.data, which another file has replaced, in ");
        }
        expect(&stack, "cat /app.data", &format!("{word}\n"));
        expect(&stack, "wc -l </starts", &format!("{starts}\n"));
    }
    running.signal(Signal::INT);
    running.finish().code(130);
}

#[test]
fn what_was_replaced_before_the_watch_began_is_restored_and_a_directory_too() {
    let compose =
        MOUNTED.replace("'./app.conf:/app.conf'", "'./app.conf:/app.conf', './made:/made'");
    let stack = Stack::of("mounted-before", &compose)
        .file("app.conf", "before\n")
        .file("made/page", "one\n")
        .file("src/a", "");
    stack.run(["up", "-d"]).success();
    // The clocks of two machines are not the same.
    std::thread::sleep(Duration::from_secs(3));
    edit(&stack, "echo WORD >app.new && mv app.new app.conf", "after");
    expect(&stack, "cat /app.conf", "before\n");
    let mut running = stack.start(["watch"]);
    running.wait_for("restarted because of app.conf, which another file has replaced, in ");
    expect(&stack, "cat /app.conf; wc -l </starts", "after\n2\n");
    edit(&stack, "rm -r made && mkdir made && echo WORD >made/page", "two");
    running.wait_for("restarted because of made, which another file has replaced, in ");
    expect(&stack, "cat /made/page; wc -l </starts", "two\n3\n");
    running.signal(Signal::INT);
    running.finish().code(130);
}

const PROXY: &str = "
services:
  web:
    build: proxy
    init: true
    volumes: ['./nginx.conf:/etc/nginx/nginx.conf', './conf.d:/etc/nginx/conf.d']
  edge:
    build: {context: proxy, target: edge}
    init: true
    volumes: ['./edge:/etc/caddy']
";

/// Programs with the names and the habits of well-known ones.
const PROXY_IMAGE: &str = r#"FROM busybox:stable AS edge
RUN printf '#!/bin/sh\n[ "$1" = run ] && exec sleep 1000\ngrep -q wrong "$3" && echo refused >>/told && exit 1\necho "$@" >>/told\n' >/bin/caddy && chmod +x /bin/caddy
CMD ["caddy", "run"]
FROM busybox:stable
RUN printf '#!/bin/sh\ntrap "cat /etc/nginx/*.conf /etc/nginx/conf.d/* >>/told" HUP\necho >>/starts\nwhile :; do sleep 0.1; done\n' >/bin/nginx && chmod +x /bin/nginx
CMD ["nginx"]
"#;

#[test]
fn programs_that_read_their_configuration_again_are_told_to() {
    let stack = Stack::of("mounted-signal", PROXY)
        .file("proxy/Dockerfile", PROXY_IMAGE)
        .file("nginx.conf", "one\n")
        .file("conf.d/site", "a\n")
        .file("edge/Caddyfile", "one\n");
    let mut running = stack.start(["dev"]);
    running
        .wait_for("web: signal SIGHUP nginx.conf: nginx reads its configuration again on SIGHUP");
    running.wait_for("Watch enabled");
    // By then it listens to signals.
    expect(&stack, "wc -l </starts", "1\n");
    stack.write("nginx.conf", "two\n");
    running.wait_for("service(s) [\"web\"] told by SIGHUP because of nginx.conf in ");
    expect(&stack, "cat /told", "two\na\n");
    stack.write("conf.d/site", "b\n");
    running.wait_for("told by SIGHUP because of conf.d/site in ");
    expect(&stack, "cat /told; wc -l </starts", "two\na\ntwo\nb\n1\n");
    // A signal would make it read the old file.
    edit(&stack, "echo WORD >new && mv new nginx.conf", "three");
    running.wait_for("restarted because of nginx.conf, which another file has replaced, in ");
    expect(&stack, "cat /etc/nginx/nginx.conf; wc -l </starts", "three\n2\n");

    stack.write("edge/Caddyfile", "two\n");
    running.wait_for("service(s) [\"edge\"] told by `caddy reload --config /etc/caddy/Caddyfile`");
    stack.write("edge/Caddyfile", "wrong\n");
    stack.write("conf.d/site", "c\n");
    running.wait_for("told by SIGHUP because of conf.d/site in ");
    // The two go on side by side.
    let told = "reload --config /etc/caddy/Caddyfile\nrefused\n";
    watch::expect(&stack, "edge", 1, "cat /told", told);
    stack.write("conf.d/site", "d\n");
    running.wait_for("still failing: reload of edge");
    stack.write("edge/Caddyfile", "right\n");
    running.wait_for("service(s) [\"edge\"] told by");
    running.signal(Signal::INT);
    running.finish().code(130).stderr_has("edge: command exited with 1 in ");
}
