//! `logs`: what was written, as it was written.

use std::collections::BTreeMap;

use crate::harness::Stack;

#[test]
fn logs_show_what_was_written_on_either_stream() {
    let stack = Stack::of(
        "logs",
        r"
services:
  one:
    image: busybox:stable
    command: sh -c 'echo first; echo second >&2; printf third'
  long-name:
    image: busybox:stable
    command: sh -c 'echo here'
",
    );
    stack.run(["up"]).success();
    let all = stack.run(["logs"]).success();
    assert_eq!(all.stderr, "", "both streams go to standard output: {all}");
    let mut lines: Vec<&str> = all.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "long-name-1  | here",
            "one-1        | first",
            "one-1        | second",
            "one-1        | third",
        ]
    );
    let tail = stack.run(["logs", "--no-log-prefix", "-n", "1", "one"]).success();
    assert_eq!(tail.stdout, "third\n");
    let none = stack.run(["logs", "--until", "2001-01-01T00:00:00Z"]).success();
    assert_eq!(none.stdout, "");
    let timed = stack.run(["logs", "-t", "--index", "1", "long-name"]).success();
    let line = timed.stdout.trim_end();
    assert!(line.starts_with("long-name-1  | 20") && line.ends_with("Z here"), "{line}");
}

#[test]
fn followed_logs_go_on_with_containers_that_start_later() {
    let stack = Stack::of(
        "follow",
        "
services:
  one:
    image: busybox:stable
    init: true
    command: sh -c 'echo one speaks; sleep 1000'
  two:
    image: busybox:stable
    init: true
    command: sh -c 'echo two speaks; sleep 1000'
",
    );
    stack.run(["create"]).success();
    stack.run(["start", "one"]).success();
    let mut logs = stack.start(["logs", "-f"]);
    assert_eq!(logs.wait_for("speaks"), "one-1  | one speaks\n");
    stack.run(["start", "two"]).success();
    assert_eq!(logs.wait_for("speaks"), "two-1  | two speaks\n");
    stack.run(["stop"]).success();
    logs.finish().success().stdout_has("two-1 exited with code 143\n");
}

#[test]
fn a_flood_comes_through_whole_and_byte_by_byte() {
    let stack = Stack::of(
        "flood",
        r"
services:
  flood:
    image: busybox:stable
    command: sh -c 'seq 1 50000; printf \\377\\376\\n'
",
    );
    // Once as it is written, and once read back.
    for arguments in [&["up", "--no-log-prefix"][..], &["logs", "--no-log-prefix"]] {
        let output = stack.run(arguments).success();
        let numbers = output.stdout.lines().filter_map(|line| line.parse::<u32>().ok());
        assert!(numbers.eq(1..=50_000), "{arguments:?}: {} lines", output.stdout.lines().count());
    }
    // Only what is attached to comes byte by byte: the engine's log driver keeps text.
    let mut command = stack.command(["up", "--no-log-prefix"]);
    let bytes = command.output().expect("the program can be started").stdout;
    assert!(bytes.windows(4).any(|four| four == b"\n\xff\xfe\n"), "the last line is not text");
}

/// Writes numbers until it is stopped, each with the name of its run, and says how far it came.
const COUNTER: &str = r#"
services:
  count:
    image: busybox:stable
    init: true
    environment: {GENERATION: "${GENERATION:-1}"}
    command:
      - sh
      - -c
      - |
        run=$$(cat /proc/sys/kernel/random/uuid)
        i=0; on=1
        trap 'on=0' TERM
        while [ $$on = 1 ]; do
          i=$$((i+1)); echo "count $$run $$i"
          [ $$((i % 50)) = 0 ] && usleep 2000
        done
        echo "last $$run $$i"
"#;

#[test]
fn followed_logs_lose_and_repeat_nothing_whatever_becomes_of_the_containers() {
    let stack = Stack::of("counter", COUNTER);
    stack.run(["up", "-d"]).success();
    let mut logs = stack.start(["logs", "-f"]);
    // A run that is ended before it has spoken, or can be told to end, leaves no trace.
    let mut spoke = |runs: usize| {
        for _ in 0..runs {
            logs.wait_for(" 1\n");
        }
    };
    spoke(1);
    // By the same container again, by another one in its place, by more of them.
    stack.run(["restart"]).success();
    spoke(1);
    let stack = stack.variable("GENERATION", "2");
    stack.run(["up", "-d"]).success();
    spoke(1);
    stack.run(["up", "-d", "--scale", "count=3"]).success();
    spoke(2);
    stack.run(["restart"]).success();
    spoke(3);
    stack.run(["stop"]).success();
    let output = logs.finish().success();

    let mut runs = BTreeMap::<&str, (u32, Option<u32>)>::new();
    for line in output.stdout.lines().filter_map(|line| line.split_once(" | ")) {
        let words: Vec<&str> = line.1.split(' ').collect();
        let [kind, run, number] = words[..] else { panic!("not a whole line: {line:?}") };
        let number: u32 = number.parse().expect("a number");
        let (shown, last) = runs.entry(run).or_default();
        if kind == "count" {
            assert_eq!(number, *shown + 1, "of run {run} of {}", line.0);
            *shown = number;
        } else {
            *last = Some(number);
        }
    }
    assert_eq!(runs.len(), 8, "one run, and after each command as many as there are containers");
    for (run, (shown, last)) in runs {
        assert_eq!(Some(shown), last, "the end of run {run} is missing");
    }
}

/// Runs briefly, again and again; counts its runs.
const LOOPING: &str = r#"
services:
  job:
    image: busybox:stable
    restart: always
    command:
      - sh
      - -c
      - |
        n=$$(cat /n 2>/dev/null || echo 0); n=$$((n+1)); echo $$n >/n
        echo "run $$HOSTNAME $$n"; sleep 0.1
"#;

/// Which runs of which containers were shown, in this order.
fn runs(output: &str) -> BTreeMap<&str, Vec<u32>> {
    let mut runs = BTreeMap::<&str, Vec<u32>>::new();
    for run in output.lines().filter_map(|line| line.split_once(" | run ")) {
        let (container, number) = run.1.split_once(' ').expect("a container and a number");
        runs.entry(container).or_default().push(number.parse().expect("a number"));
    }
    runs
}

#[track_caller]
fn assert_in_order(runs: &BTreeMap<&str, Vec<u32>>) {
    for (container, shown) in runs {
        assert_eq!(shown.first(), Some(&1), "{container}: {shown:?}");
        assert!(shown.is_sorted_by(|one, next| one + 1 == *next), "{container}: {shown:?}");
    }
}

#[test]
fn followed_logs_go_on_when_a_container_is_restarted_that_waits_for_its_next_run() {
    let stack = Stack::of("between", LOOPING);
    stack.run(["up", "-d"]).success();
    let mut logs = stack.start(["logs", "-f"]);
    // The engine waits twice as long after each: here for more than a second.
    for number in 1..=5 {
        logs.wait_for(&format!(" {number}\n"));
    }
    while stack.container("job").state() != "restarting" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    stack.run(["restart"]).success();
    for number in 6..=7 {
        logs.wait_for(&format!(" {number}\n"));
    }
    stack.run(["stop"]).success();
    let output = logs.finish().success();
    assert_in_order(&runs(&output.stdout));
}

#[test]
fn followed_logs_begin_with_the_first_run_of_containers_that_take_the_place_of_others() {
    let stack = Stack::of("looping", LOOPING);
    let recreate = ["up", "-d", "--force-recreate", "--scale", "job=4"];
    stack.run(recreate).success();
    let mut logs = stack.start(["logs", "-f"]);
    logs.wait_for(" 2\n");
    for _ in 0..4 {
        stack.run(recreate).success();
        logs.wait_for(" 3\n");
    }
    stack.run(["stop"]).success();
    let output = logs.finish().success();
    let shown = runs(&output.stdout);
    assert_in_order(&shown);
    let left = stack.run(["logs"]).success();
    for (container, written) in runs(&left.stdout) {
        assert_eq!(shown.get(container), Some(&written), "{container}");
    }
}
