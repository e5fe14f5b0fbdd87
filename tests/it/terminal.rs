//! Commands on a terminal: keys, sizes, detaching, and the live view.

use crate::harness::Stack;

const SERVER: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sleep 1000
";

#[test]
fn exec_hands_over_keys_and_sizes_and_gives_the_exit_code() {
    let stack = Stack::of("exec", SERVER);
    stack.run(["up", "-d"]).success();
    let mut shell = stack.in_terminal(30, 100, &["exec", "web", "sh"]);
    shell.wait_for("# ");
    // A size comes after the start; the shell tells when it is there.
    shell.press("until [ \"$(stty size)\" = '30 100' ]; do :; done; echo first $((40+1))\r");
    shell.wait_for("first 41");
    shell.wait_for("# ");
    shell.resize(50, 132);
    shell.press("until [ \"$(stty size)\" = '50 132' ]; do :; done; echo it $((40+2))\r");
    shell.wait_for("it 42");
    // Before that line is shown, the shell itself reads the keys; after it, `sleep` may not run yet.
    shell.press("sh -c 'trap \"exit 0\" INT; echo last $((40+3)); while :; do sleep 1; done'\r");
    shell.wait_for("last 43");
    shell.press("\u{3}");
    shell.press("exit 9\r");
    let (code, text) = shell.finish();
    assert_eq!(code, 9, "{text}");
}

#[test]
fn run_on_a_terminal_can_be_answered_and_left() {
    let stack = Stack::of("run", SERVER);
    let mut run = stack.in_terminal(
        24,
        80,
        &["run", "--rm", "web", "sh", "-c", "echo who; read name; echo hello $name; exit 5"],
    );
    run.wait_for("who");
    run.press("you\r");
    run.wait_for("hello you");
    assert_eq!(run.finish().0, 5);

    let mut left = stack.in_terminal(24, 80, &["run", "web", "sh", "-c", "echo ready; sleep 1000"]);
    left.wait_for("ready");
    left.press("\u{10}\u{11}");
    let (code, text) = left.finish();
    assert_eq!(code, 0, "{text}");
    let states: Vec<_> =
        stack.containers().iter().map(|container| container.state().to_owned()).collect();
    assert_eq!(states, ["running"], "the container goes on without us");
}

#[test]
fn input_from_a_pipe_reaches_the_process_and_ends_there() {
    use std::io::Write as _;
    use std::process::Stdio;

    let stack = Stack::of("pipe", SERVER);
    stack.run(["up", "-d"]).success();
    // The exit code of a container of one's own is an error without a text: an empty line.
    for (arguments, end) in [
        (&["exec", "-T", "web", "sh", "-c", "cat; echo end >&2; exit 6"][..], "end\n"),
        (&["run", "--rm", "-T", "web", "sh", "-c", "cat; echo end >&2; exit 6"], "end\n\n"),
    ] {
        let mut command = stack.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let mut input = child.stdin.take().expect("standard input is a pipe");
        input.write_all(b"one\ntwo\n").expect("the program reads its input");
        drop(input);
        let output = child.wait_with_output().expect("a child can be waited for");
        assert_eq!(output.stdout, b"one\ntwo\n", "{arguments:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.ends_with(end) && !stderr.ends_with(&format!("{end}\n")), "{output:?}");
        assert_eq!(output.status.code(), Some(6), "{arguments:?}");
    }
}

#[test]
fn the_foreground_ends_at_ctrl_c() {
    let stack = Stack::of("ctrl-c", &SERVER.replace("sleep 1000", "sh -c 'echo up; sleep 1000'"));
    let mut up = stack.in_terminal(24, 80, &["up"]);
    up.wait_for("web-1");
    up.wait_for("up");
    up.press("\u{3}");
    up.wait_for("Gracefully Stopping");
    // A key that was pressed is no signal.
    assert_eq!(up.finish().0, 0);
    assert_eq!(stack.container("web").state(), "exited");

    let mut up = stack.in_terminal(24, 80, &["up", "--menu=false"]);
    up.wait_for("web-1");
    up.wait_for("up");
    up.press("\u{3}");
    up.wait_for("Gracefully Stopping");
    assert_eq!(up.finish().0, 130);
}

#[test]
fn exec_is_left_by_keys() {
    let stack = Stack::of("exec-left", SERVER);
    stack.run(["up", "-d"]).success();
    let mut shell = stack.in_terminal(24, 80, &["exec", "web", "sh"]);
    shell.wait_for("# ");
    shell.press("\u{10}");
    shell.press("\u{11}");
    let (code, text) = shell.finish();
    assert_eq!(code, 1, "{text}");
    assert!(text.ends_with("read escape sequence\r\n"), "{text}");
}

#[test]
fn the_live_view_ends_with_every_row_done_and_the_cursor_shown() {
    let stack = Stack::of("live", SERVER);
    let (code, text) = stack.in_terminal(24, 80, &["up", "-d"]).finish();
    assert_eq!(code, 0, "{text}");
    let mut screen = vt100::Parser::new(cells(24), cells(80), 0);
    screen.process(text.as_bytes());
    let screen = screen.screen();
    let lines: Vec<String> =
        screen.contents().lines().map(|line| line.trim_end().to_owned()).collect();
    assert!(lines[0].starts_with("[+] Running 2/2 "), "{lines:?}");
    assert!(lines[1].starts_with(" ✔ web ") && lines[1].contains(" Started "), "{lines:?}");
    assert!(lines[2].starts_with(&format!(" ✔ Network {}_default ", stack.project())), "{lines:?}");
    assert!(!screen.hide_cursor());
}

#[test]
fn keys_leave_or_stop_what_is_in_the_foreground_when_they_are_asked_for() {
    let stack = Stack::of("keys", &SERVER.replace("sleep 1000", "sh -c 'echo up; sleep 1000'"));
    let mut up = stack.in_terminal(24, 80, &["up", "--menu"]);
    up.wait_for("web-1  | ");
    up.wait_for("d detach");
    up.press("?");
    up.wait_for("the containers go on, and this ends");
    up.press("d");
    let (code, text) = up.finish();
    assert_eq!(code, 0, "{text}");
    assert_eq!(stack.container("web").state(), "running");

    let mut up = stack.in_terminal(24, 80, &["up", "--menu"]);
    up.wait_for("d detach");
    up.press("q");
    up.wait_for("Gracefully Stopping");
    assert_eq!(up.finish().0, 0);
    assert_eq!(stack.container("web").state(), "exited");
}

fn cells(count: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(count).expect("windows have a size")
}
