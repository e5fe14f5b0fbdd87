//! Every project of `compose-fixtures/`: what `config` makes of it, or what it says is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands for the fixture's directory in what is expected.
const HERE: &str = "@HERE@";

/// What `config` wrote for one fixture, free of where the fixture lies.
struct Outcome {
    loads: bool,
    stdout: String,
    stderr: String,
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("compose-fixtures");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn config(fixture: &Path) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_bireme"))
        .args(["--project-name", "fixture", "config"])
        .current_dir(fixture)
        .env_clear()
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("the output is text");
        text.replace(&fixture.display().to_string(), HERE)
    };
    Outcome {
        loads: output.status.success(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Compares with the file, or writes it when asked to; an empty text and a missing file are one.
fn check(path: &Path, actual: &str, failures: &mut Vec<String>) {
    if std::env::var_os("BIREME_BLESS").is_some() {
        if actual.is_empty() {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, actual).expect("the fixture is writable");
        }
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected != actual {
        failures
            .push(format!("{}\n--- expected\n{expected}\n--- actual\n{actual}", path.display()));
    }
}

#[test]
fn every_fixture_is_read_as_expected() {
    let mut failures = Vec::new();
    for fixture in fixtures() {
        let Outcome { loads, stdout, stderr } = config(&fixture);
        if !loads && stderr.is_empty() {
            failures.push(format!("{}: refused without a word", fixture.display()));
        }
        check(&fixture.join("expected.yaml"), &stdout, &mut failures);
        check(&fixture.join("expected.txt"), &stderr, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// A fixture cannot be forgotten, and a project that is refused prints nothing on standard output.
#[test]
fn every_fixture_says_what_it_expects() {
    for fixture in fixtures() {
        let has = |name: &str| fixture.join(name).exists();
        assert!(has("expected.yaml") || has("expected.txt"), "{}", fixture.display());
        let refused = !has("expected.yaml");
        assert_eq!(refused, !config(&fixture).loads, "{}", fixture.display());
    }
}

/// What was printed is a project that loads to the same.
#[test]
fn what_config_printed_loads_to_the_same() {
    for fixture in fixtures() {
        let Outcome { loads: true, stdout, .. } = config(&fixture) else { continue };
        let stdout = stdout.replace(HERE, &fixture.display().to_string());
        let folder = tempfile::tempdir().expect("a temporary directory");
        fs::write(folder.path().join("compose.yaml"), &stdout).expect("it is writable");
        assert_eq!(config(folder.path()).stdout, stdout, "{}", fixture.display());
    }
}
