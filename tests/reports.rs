//! `config --diagnostics`: what is wrong with the files, for people and for programs.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const MISTAKEN: &str = "services:\n  web:\n    image: nginx:$TAG\n    enviroment: [A=1]\n";
const SOUND: &str = "services:\n  web:\n    image: nginx:$TAG\n";

/// A repository with a project in a folder of its own.
fn repository(compose: &str) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(root.path().join(".git")).expect("it is writable");
    fs::create_dir(root.path().join("stack")).expect("it is writable");
    fs::write(root.path().join("stack/compose.yaml"), compose).expect("it is writable");
    root
}

fn bireme(directory: &Path, words: &[&str], stdin: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bireme"))
        .args(words)
        .current_dir(directory)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // The program may not read its input.
    let _ = program.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    program.wait_with_output().expect("the program ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is text")
}

fn config(directory: &Path, words: &[&str]) -> Output {
    bireme(directory, &[&["config"], words].concat(), "")
}

#[test]
fn errors_and_warnings_are_the_output() {
    let root = repository(MISTAKEN);
    let stack = root.path().join("stack");
    let plain = config(&stack, &[]);
    let short = config(&stack, &["--diagnostics", "short"]);
    assert_eq!(short.status.code(), plain.status.code());
    assert!(short.stderr.is_empty(), "all is on standard output");
    let lines = stdout(&short);
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].contains("compose.yaml:3:18: warning: The \"TAG\" variable"), "{lines:?}");
    assert!(lines[1].contains("compose.yaml:4:5: error: "), "{lines:?}");
    assert_eq!(lines.len(), 2);

    let json: Value = serde_json::from_str(&stdout(&config(&stack, &["--diagnostics", "json"])))
        .expect("it is JSON");
    assert_eq!(json["version"], 1);
    assert_eq!(json["diagnostics"][1]["code"], "BIR0201");
    assert_eq!(json["diagnostics"][1]["start"]["line"], 4);

    let text = stdout(&config(&stack, &["--diagnostics", "text"]));
    assert!(text.contains("error[BIR0201]") && text.contains("^^^^^^^^^^ unknown attribute"));
}

#[test]
fn a_project_that_loads_is_not_printed() {
    let root = repository(SOUND);
    let output = config(&root.path().join("stack"), &["--diagnostics", "short"]);
    assert!(output.status.success());
    assert_eq!(stdout(&output).lines().count(), 1, "the warning alone");
}

#[test]
fn code_scanning_is_given_paths_in_the_repository() {
    let root = repository(MISTAKEN);
    let stack = root.path().join("stack");
    let written = config(&stack, &["--diagnostics", "sarif", "--output", "report.sarif"]);
    assert_eq!((written.status.code(), stdout(&written).as_str()), (Some(1), ""));
    let sarif = fs::read_to_string(stack.join("report.sarif")).expect("it was written");
    let sarif: Value = serde_json::from_str(&sarif).expect("it is JSON");
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["exitCode"], 1);
    let place = &run["results"][1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stack/compose.yaml");
    assert_eq!(place["region"]["snippet"]["text"], "enviroment");

    let annotations = stdout(&config(&stack, &["--diagnostics", "github"]));
    let annotations: Vec<&str> = annotations.lines().collect();
    assert!(
        annotations[1].starts_with("::error file=stack/compose.yaml,line=4,"),
        "{annotations:?}"
    );
}

#[test]
fn an_editor_asks_about_a_text_that_is_not_saved() {
    let root = repository(SOUND);
    fs::write(root.path().join("stack/.env"), "TAG=1\n").expect("it is writable");
    let from = |files: &[&str], name: &str| {
        let words = [files, &["config", "--diagnostics", "short", "--stdin-filename", name]];
        let output = bireme(root.path(), &words.concat(), MISTAKEN);
        assert_eq!(output.status.code(), Some(1));
        stdout(&output)
    };
    // The variables are those of the file's own directory, so only one line is left.
    let as_a_file = from(&["-f", "stack/compose.yaml"], "stack/compose.yaml");
    assert!(as_a_file.contains("stack/compose.yaml:4:5: error: "), "{as_a_file}");
    assert_eq!(as_a_file.lines().count(), 1);
    assert_eq!(from(&["-f", "-"], "stack/compose.yaml"), as_a_file);
    let new = from(&["-f", "-"], "stack/new.yaml");
    assert!(new.contains("stack/new.yaml:4:5: error: "), "{new}");
}

#[test]
fn a_problem_that_is_in_no_file_is_told_too() {
    let root = repository("services:\n  web:\n    image: nginx\n");
    let stack = root.path().join("stack");
    let output = config(&stack, &["--diagnostics", "json", "nosuch"]);
    assert!(!output.status.success());
    let json: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(json["diagnostics"][0]["code"], "BIR0465");
    assert_eq!(json["diagnostics"][0]["file"], Value::Null);
    let sarif = stdout(&config(&stack, &["--diagnostics", "sarif", "nosuch"]));
    let sarif: Value = serde_json::from_str(&sarif).expect("it is JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "BIR0465");
}

#[test]
fn a_form_that_does_not_exist_is_refused_with_those_that_do() {
    let root = repository(SOUND);
    let output = config(root.path(), &["--diagnostics", "xml"]);
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("text, short, json, sarif, github"), "{stderr}");
}

/// Warnings change nothing: not what is printed, not the exit code; and they come once.
#[test]
fn warnings_are_on_standard_error_alone() {
    let root = repository("services:\n  web:\n    image: nginx\nvolumes:\n  lost:\n");
    let stack = root.path().join("stack");
    let stderr = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let warned = config(&stack, &[]);
    assert!(warned.status.success());
    assert_eq!(stderr(&warned).matches("warning[BIR0501]").count(), 1);
    fs::write(stack.join("compose.yaml"), "services:\n  web:\n    image: nginx\n")
        .expect("it is writable");
    assert_eq!(stdout(&config(&stack, &[])), stdout(&warned));
    fs::write(
        stack.join("compose.yaml"),
        "services:\n  web:\n    image: nginx\nvolumes:\n  lost: # bireme: ignore BIR0501\n",
    )
    .expect("it is writable");
    assert_eq!(stderr(&config(&stack, &[])), "", "silenced");
    assert_eq!(stderr(&config(&stack, &["--services"])), "", "who asks for a list");
}

#[test]
fn all_mistakes_of_env_files_are_told_with_those_of_the_compose_file() {
    let root = repository(
        "services:\n  web:\n    image: nginx:$TAG\n    env_file: web.env\n    enviroment: [A=1]\n",
    );
    let stack = root.path().join("stack");
    fs::write(stack.join("web.env"), "A b=1\nC='1\n").expect("it is writable");
    let sound = config(&stack, &[]).status.code();
    fs::write(stack.join(".env"), "TAG x=1\nB=1\nC!=1\n").expect("it is writable");
    let output = config(&stack, &["--diagnostics", "short"]);
    assert_eq!(output.status.code(), sound);
    let lines = stdout(&output);
    let places: Vec<&str> = lines.lines().filter_map(|line| line.split(": error").next()).collect();
    let expected = [".env:1:1", ".env:3:1", "compose.yaml:5:5", "web.env:1:1", "web.env:2:3"];
    assert_eq!(places.len(), expected.len(), "{lines}");
    for (place, expected) in places.iter().zip(expected) {
        assert!(place.ends_with(expected), "{lines}");
    }

    // Commands that read no Compose file tell all of them, too.
    let output = bireme(&stack, &["-p", "explain3", "run", "-e", "A", "web"], "");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("TAG x=1") && errors.contains("C!=1"), "{errors}");
}
