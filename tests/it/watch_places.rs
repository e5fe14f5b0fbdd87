//! `watch`: what becomes of places that go and come back, and of those in a container that take nothing.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::watch::{RULE, end, expect, idle, start_with_warnings, watch};
use crate::harness::Stack;

#[test]
fn what_is_watched_is_followed_again_when_a_directory_around_it_comes_back() {
    let stack = Stack::of(
        "watch-back",
        &idle(
            &[],
            &[
                "{path: deep/lib/app, action: sync, target: /deep}",
                "{path: top, action: sync, target: /app}",
                "{path: top/front/package.json, action: restart}",
            ],
        ),
    )
    .file("deep/lib/app/x", "old")
    .file("top/front/package.json", "{}");
    let running = watch(&stack, &["watch"]);
    for (round, name) in ["deep/lib/app", "deep/lib", "deep", "top/front"].iter().enumerate() {
        let path = stack.folder().join(name);
        fs::rename(&path, stack.folder().join("away")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        let (file, there) = match *name {
            "top/front" => ("top/front/a.js", "/app/front/a.js"),
            _ => ("deep/lib/app/x", "/deep/x"),
        };
        stack.write(file, &round.to_string());
        expect(&stack, "web", 1, &format!("cat {there}"), &round.to_string());
        let again = format!("{round} again");
        stack.write(file, &again);
        expect(&stack, "web", 1, &format!("cat {there}"), &again);
        fs::remove_dir_all(stack.folder().join("away")).unwrap();
    }
    end(running);
}

#[test]
fn what_a_container_does_not_take_keeps_nothing_else_away() {
    let stack = Stack::of(
        "watch-refused",
        "
configs:
  cfg: {file: cfg.conf}
services:
  web:
    image: busybox:stable
    init: true
    command: sh -c 'mkdir -p /app/kdir && touch /app/kdir/own /ready && sleep 1000'
    healthcheck: {test: test -e /ready, interval: 100ms}
    volumes: [/app/node_modules, './read-only:/app/vendor:ro']
    configs: [{source: cfg, target: /app/cfg.conf}]
    develop: {watch: [{path: src, action: sync, target: /app}]}
",
    )
    .file("read-only/kept", "kept")
    .file("cfg.conf", "its own")
    .file("src/a", "a");
    stack.run(["up", "-d", "--wait"]).success();
    let mut running = start_with_warnings(&stack, "watch --no-up");
    running.wait_for("Watch enabled");
    let src = stack.folder().join("src");

    stack.write("src/node_modules/module/index", "brought");
    expect(&stack, "web", 1, "cat /app/node_modules/module/index", "brought");
    fs::remove_dir_all(src.join("node_modules")).unwrap();
    running.wait_for("/app/node_modules cannot be taken away there");
    stack.write("src/b", "b");
    expect(&stack, "web", 1, "cat /app/b; ls /app/node_modules", "b");

    stack.write("src/cfg.conf", "ours");
    running.wait_for("/app/cfg.conf");
    stack.write("src/kdir", "a file");
    running.wait_for("/app/kdir");
    stack.write("src/vendor/one", "1");
    running.wait_for("/app/vendor");
    // Several of them, among others, at once.
    for name in ["a", "cfg.conf", "kdir", "vendor/one", "vendor/two", "z/deep"] {
        stack.write(format!("src/{name}"), "once more");
    }
    expect(&stack, "web", 1, "cat /app/a /app/z/deep", "once moreonce more");
    expect(&stack, "web", 1, "cat /app/cfg.conf /app/vendor/*", "its ownkept");
    running.wait_for("still failing: sync of web");

    fs::remove_file(src.join("kdir")).unwrap();
    stack.write("src/kdir/new", "new");
    expect(&stack, "web", 1, "cat /app/kdir/new; ls /app/kdir", "newnew\nown\n");
    let told = end(running);
    assert_eq!(told.matches("/app/node_modules cannot be taken away there").count(), 1, "{told}");
}

#[test]
fn what_an_image_has_keeps_its_links_modes_and_owners() {
    let stack = Stack::of(
        "watch-own",
        "
services:
  web:
    image: busybox:stable
    init: true
    command:
      - sh
      - -c
      - |
        mkdir -p /data/rel && touch /data/rel/own && ln -s /data/rel /cur
        mkdir -p /app/up && chown 33:33 /app/up && chmod 2775 /app/up && chmod 1777 /app
        touch /ready && sleep 1000
    healthcheck: {test: test -e /ready, interval: 100ms}
    develop:
      watch:
        - {path: src, action: sync, target: /cur, initial_sync: true}
        - {path: src, action: sync, target: /app, initial_sync: true}
",
    )
    .file("src/up/file", "x")
    .file("src/new/file", "x");
    let mode = |name: &str, mode| {
        let path = stack.folder().join("src").join(name);
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    mode("", 0o700);
    mode("new", 0o750);
    stack.run(["up", "-d", "--wait"]).success();
    let running = watch(&stack, &["watch", "--no-up"]);
    let expect = |command: &str, expected: &str| expect(&stack, "web", 1, command, expected);
    expect("readlink /cur; cat /cur/up/file; ls /data/rel", "/data/rel\nxnew\nown\nup\n");
    expect("stat -c '%a %u' /app /app/up /app/new", "1777 0\n2775 33\n750 0\n");
    mode("up", 0o711);
    mode("new", 0o700);
    expect("stat -c '%a' /app /app/up /app/new", "1777\n711\n700\n");
    fs::remove_dir_all(stack.folder().join("src")).unwrap();
    expect("readlink /cur; ls /data/rel", "/data/rel\nown\n");
    end(running);
}

#[test]
fn a_file_goes_whose_name_is_no_text() {
    let stack = Stack::of("watch-bytes", &idle(&[], &[RULE])).file("src/kept", "");
    let running = watch(&stack, &["watch"]);
    let src = stack.folder().join("src");
    let path = |name: &[u8]| src.join(OsStr::from_bytes(name));
    fs::write(path(b"file\xff"), "x").unwrap();
    fs::create_dir(path(b"directory\xff")).unwrap();
    expect(&stack, "web", 1, "ls /app | wc -l", "2\n");
    fs::remove_file(path(b"file\xff")).unwrap();
    fs::remove_dir(path(b"directory\xff")).unwrap();
    expect(&stack, "web", 1, "ls /app | wc -l", "0\n");
    end(running);
}

#[test]
fn what_is_in_memory_is_told_and_not_claimed_to_have_landed() {
    let stack = Stack::of("watch-memory", &idle(&["tmpfs: [/app/tmp]"], &[RULE])).file("src/a", "");
    let mut running = start_with_warnings(&stack, "watch");
    running.wait_for("service \"web\" has a tmpfs at /app/tmp: nothing is brought there");
    running.wait_for("Watch enabled");
    stack.write("src/tmp/file", "not seen");
    stack.write("src/a", "seen");
    expect(&stack, "web", 1, "cat /app/a; ls /app/tmp", "seen");
    let told = end(running);
    assert_eq!(told.matches("Syncing").count(), 1, "{told}");
}

#[test]
fn a_project_that_is_moved_away_is_told() {
    let stack =
        Stack::new("watch-away-moved").file("around/shop/compose.yaml", &idle(&[], &[RULE]));
    stack.write("around/shop/src/a", "");
    let flags = format!("-p {} -f around/shop/compose.yaml watch", stack.project());
    let mut running = start_with_warnings(&stack, &flags);
    running.wait_for("Watch enabled");
    let path = |name: &str| stack.folder().join(name);
    fs::rename(path("around"), path("elsewhere")).unwrap();
    running.wait_for("saves do not land until the watch is begun anew where it is now");
    end(running);
}

#[test]
fn what_is_brought_belongs_to_the_user_of_the_container() {
    let service = |name: &str, user: &str| {
        format!(
            "  {name}:\n    build: .\n    init: true\n    user: '{user}'\n    command: sleep 1000\n    \
             develop: {{watch: [{{path: src, action: sync, target: /app}}]}}\n"
        )
    };
    let users = [
        ("named", "app", "1234:4321"),
        ("grouped", "app:grp", "1234:2345"),
        ("listed", "1234", "1234:4321"),
        ("numbered", "1000:1000", "1000:1000"),
        ("unlisted", "777", "777:0"),
        ("root", "", "0:0"),
    ];
    let services: String = users.iter().map(|(name, user, _)| service(name, user)).collect();
    // Another one of that name may be listed on the engine's machine.
    let recipe = "FROM busybox:stable
RUN mkdir -p /etc /app && echo app:x:1234:4321::/:/bin/sh >>/etc/passwd && echo grp:x:2345: >>/etc/group
";
    let stack = Stack::of("watch-owner", &format!("services:\n{services}"))
        .file("Dockerfile", recipe)
        .file("src/there", "");
    let running = watch(&stack, &["watch", "--quiet"]);
    stack.write("src/new/file", "x");
    for (name, _, owner) in users {
        let expected = format!("{owner}\n{owner}\n");
        expect(&stack, name, 1, "stat -c %u:%g /app/new /app/new/file", &expected);
    }
    end(running);
}
