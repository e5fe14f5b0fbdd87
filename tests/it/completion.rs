//! What shells and the docker command are told when a user presses TAB, and manual pages.

use crate::harness::Stack;

const THREE: &str = "
services:
  web: {image: busybox:stable, environment: {A: '${UNSET?}'}}
  worker: {image: busybox:stable, profiles: [jobs]}
  db: {image: busybox:stable, profiles: [jobs, data]}
";

/// A stack whose engine does not answer: nothing here needs one.
fn stack(label: &str) -> Stack {
    Stack::of(label, THREE)
        .file("other.yaml", "services: {cache: {image: busybox:stable}}")
        .variable("DOCKER_HOST", "unix:///nowhere/docker.sock")
}

#[test]
fn cobras_protocol_offers_what_can_stand_there() {
    let stack = stack("cobra");
    for (words, expected) in [
        (&["up", "w"][..], "web\nworker\n:4\n"),
        (&["logs", "-f", ""], "db\nweb\nworker\n:4\n"),
        (&["-f", "other.yaml", "up", ""], "cache\n:4\n"),
        (&["exec", "-u", "root", "d"], "db\n:4\n"),
        (&["exec", "db", ""], ":4\n"),
        (&["up", "--scale", "web"], "web=\n:6\n"),
        (&["cp", "wo"], "worker:\n:6\n"),
        (&["cp", "web:/etc/hosts", "oth"], "other.yaml\n:4\n"),
        (&["--profile", ""], "data\njobs\n:4\n"),
        (&["--progress", "p"], "plain\n:4\n"),
        (&["-f", "o"], "other.yaml\n:4\n"),
        (&["up", "--pull=n"], "--pull=never\n:4\n"),
        (&["-p", ""], ":4\n"),
    ] {
        let asked = stack.run([&["__completeNoDesc"][..], words].concat()).success();
        assert_eq!(asked.stdout, expected, "{words:?}");
        assert_eq!(asked.stderr, "", "{words:?}");
    }
    let described = stack.run(["__complete", "up", "--detac"]).success();
    assert_eq!(described.stdout, "--detach\tRun in the background\n:4\n");
    let commands = stack.run(["__complete", "resta"]).success();
    assert_eq!(commands.stdout, "restart\tRestart containers\n:4\n");
}

#[test]
fn projects_are_asked_of_the_engine() {
    let stack = Stack::of("projects", THREE).variable("UNSET", "set");
    stack.run(["create", "web"]).success();
    let asked = stack.run(["__completeNoDesc", "-p", &stack.project()[..12]]).success();
    asked.stdout_has(&format!("{}\n", stack.project()));
}

#[test]
fn bash_completes_by_the_script_that_it_is_given() {
    let stack = stack("bash");
    let bireme = env!("CARGO_BIN_EXE_bireme");
    let script = format!(
        "PATH={}:$PATH; source <(bireme completion bash); COMP_WORDS=(bireme up wo); COMP_CWORD=2; \
         COMP_TYPE=9; $(complete -p bireme | sed 's/.*-F \\([^ ]*\\).*/\\1/') bireme wo up; \
         echo \"${{COMPREPLY[@]}}\"",
        bireme.trim_end_matches("/bireme")
    );
    assert_eq!(stack.run_program("bash", &["-c", &script]).success().stdout, "worker\n");
    // Words come as they were typed.
    let elsewhere = script.replace(
        "COMP_WORDS=(bireme up wo); COMP_CWORD=2",
        "export HOME=$PWD; cd /; COMP_WORDS=(bireme -f '~/\"compose.yaml\"' up wo); COMP_CWORD=4",
    );
    assert_eq!(stack.run_program("bash", &["-c", &elsewhere]).success().stdout, "worker\n");
    let plugin = stack.run(["completion", "nosuch"]).code(1);
    plugin.stderr_has("invalid argument \"nosuch\"");
}

#[test]
fn every_command_has_a_manual_page() {
    let stack = stack("man");
    stack.run(["man", "pages"]).success();
    let page = std::fs::read_to_string(stack.folder().join("pages/bireme-up.1")).expect("a page");
    assert!(page.contains(".TH BIREME-UP 1"), "{page}");
    assert!(page.contains("Create and start containers"), "{page}");
    assert!(stack.folder().join("pages/bireme.1").exists());
}
