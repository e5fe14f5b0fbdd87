//! Every project of `compose-fixtures/`: what `config` makes of it, or what it says is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bireme::compose::assemble::{Selection, assemble};
use bireme::compose::files::Disk;
use bireme::compose::load::{Failure, LoadOptions, merged};
use bireme::compose::source::Request;
use bireme::compose::yaml::Node;
use bireme::diagnostic::{Diagnostic, Edit, SourceMap};
use bireme::platform::mend::{Wanted, mend};
use bireme::ui::diff;

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

/// Taking the platforms out of a project's files changes what `mended.diff` says, and no other byte.
#[test]
fn pins_are_taken_out_as_expected() {
    let mut failures = Vec::new();
    for fixture in fixtures() {
        let Ok(merged) = merged(&request(&fixture), &LoadOptions::default(), &Disk::default())
        else {
            continue;
        };
        let services = merged.tree.get("services").and_then(Node::as_mapping);
        let pinned: Vec<String> = services
            .into_iter()
            .flat_map(|services| services.iter())
            .filter(|(_, service)| service.node.get("platform").is_some())
            .map(|(name, _)| name.clone())
            .collect();
        let wanted = Wanted { unpinned: pinned, ..Wanted::default() };
        let native = bireme::platform::Platform::new("linux", "arm64", "");
        let mended = mend(&request(&fixture), &Disk::default(), &wanted, &native);
        let Ok(mended) = mended else { continue };
        let mut text = String::new();
        for change in &mended.changes {
            let name = change.path.strip_prefix(&fixture).unwrap_or(&change.path);
            text +=
                &diff(&name.display().to_string(), change.before.as_deref(), &change.after, false);
        }
        for refusal in &mended.refused {
            text.extend([&refusal.service, ": ", &refusal.reason, "\n"]);
        }
        let text = text.replace(&fixture.display().to_string(), HERE);
        check(&fixture.join("mended.diff"), &text, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
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

/// What is offered as an edit mends the problem: with it, the problem is gone.
#[test]
fn edits_mend_what_they_are_offered_for() {
    let mut tried = 0;
    for fixture in fixtures() {
        let before = load(&fixture);
        for diagnostic in before.diagnostics.iter().filter(|it| !it.edits.is_empty()) {
            let folder = tempfile::tempdir().expect("a temporary directory");
            let copy = folder.path().join("fixture");
            copy_folder(&fixture, &copy);
            apply(&diagnostic.edits, &before.sources, &fixture, &copy);
            let message = diagnostic.message.replace(&*fixture.to_string_lossy(), HERE);
            let after = load(&copy);
            let still = after.diagnostics.iter().any(|other| {
                let place = |it: &Diagnostic| it.labels.first().map(|label| label.span.start);
                other.message.replace(&*copy.to_string_lossy(), HERE) == message
                    && place(other) == place(diagnostic)
            });
            assert!(!still, "{}: {message}\n{:#?}", fixture.display(), diagnostic.edits);
            tried += 1;
        }
    }
    assert!(tried > 50, "only {tried} diagnostics with edits");
}

/// The diagnostics of a project that does not load; none of one that does.
fn request(folder: &Path) -> Request {
    Request {
        current_directory: folder.to_owned(),
        project_name: Some("fixture".to_owned()),
        ..Request::default()
    }
}

fn load(folder: &Path) -> Failure {
    let (options, files) = (LoadOptions::default(), Disk::default());
    merged(&request(folder), &options, &files)
        .and_then(|merged| assemble(merged, &options, &Selection::default(), &files))
        .err()
        .unwrap_or_else(|| Failure::new(Vec::new(), SourceMap::default()))
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the file can be copied");
        }
    }
}

fn apply(edits: &[Edit], sources: &SourceMap, from: &Path, to: &Path) {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.file, edit.span.start, edit.span.end)));
    for edit in edits {
        let name = sources.name(edit.span.file).strip_prefix(from).expect("a file of the fixture");
        let path = to.join(name);
        let mut text = fs::read_to_string(&path).expect("the file is readable");
        text.replace_range(edit.span.range(), &edit.replacement);
        fs::write(&path, text).expect("the file is writable");
    }
}
