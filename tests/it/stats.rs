//! `stats`: what containers use.

use crate::harness::Stack;

const TWO: &str = "
services:
  web:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
  later:
    image: busybox:stable
    command: sleep 1000
    stop_signal: SIGKILL
";

#[test]
fn one_picture_is_taken_of_running_containers() {
    let stack = Stack::of("stats", TWO);
    let project = stack.project();
    stack.run(["up", "-d", "web"]).success();
    stack.run(["create", "later"]).success();
    let json = stack.run(["stats", "--no-stream", "--format", "json"]).success().stdout;
    let row: serde_json::Value = serde_json::from_str(&json).expect("one object");
    let keys: Vec<&String> = row.as_object().expect("an object").keys().collect();
    let names =
        ["BlockIO", "CPUPerc", "Container", "ID", "MemPerc", "MemUsage", "Name", "NetIO", "PIDs"];
    assert_eq!(keys, names);
    assert_eq!((&row["Name"], &row["PIDs"]), (&format!("{project}-web-1").into(), &"1".into()));
    let all = ["stats", "-a", "--no-stream", "--format", "{{.Name}} {{.PIDs}}"];
    let all = stack.run(all).success().stdout;
    assert_eq!(all, format!("{project}-later-1 0\n{project}-web-1 1\n"));
    let none = stack.run(["stats", "--no-stream", "later"]).success().stdout;
    assert!(none.starts_with("CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT"), "{none}");
    assert_eq!(none.lines().count(), 1);
    stack
        .run(["stats", "web", "later"])
        .code(1)
        .stderr_has("accepts at most 1 arg(s), received 2\n");
}

#[test]
fn containers_that_start_join_the_picture() {
    let stack = Stack::of("join", TWO);
    let project = stack.project();
    stack.run(["up", "-d", "web"]).success();
    let mut stats = stack.in_terminal(24, 120, &["stats"]);
    stats.wait_for(&format!("{project}-web-1"));
    stack.run(["up", "-d", "later"]).success();
    stats.wait_for(&format!("{project}-later-1"));
    stack.run(["rm", "-fs", "web"]).success();
    // A picture in which the header is followed by the other one.
    stats.wait_for("PIDS\u{1b}[K\r\n");
    stats.press("\u{3}");
    let (code, text) = stats.finish();
    assert_eq!(code, 130);
    let last = text.rsplit("\u{1b}[H").next().unwrap_or_default();
    assert!(last.contains("CONTAINER ID"), "{last}");
}
