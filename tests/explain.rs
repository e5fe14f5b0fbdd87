//! The examples of `docs/explain.md`, run as they stand there. With BIREME_BLESS=1 the outputs are
//! written anew: read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A fenced block: the words behind the fence, and what is in it.
struct Block {
    words: String,
    text: String,
    /// Where the text stands in the page.
    range: std::ops::Range<usize>,
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/explain.md")
}

/// The fenced blocks of each section with a heading.
fn sections(page: &str) -> Vec<Vec<Block>> {
    let mut sections = vec![Vec::new()];
    let mut open: Option<(String, usize)> = None;
    let mut start = 0;
    for line in page.split_inclusive('\n') {
        let end = start + line.len();
        match (line.strip_prefix("```"), open.take()) {
            (Some(words), None) => open = Some((words.trim().to_owned(), end)),
            (Some(_), Some((words, from))) => {
                let block = Block { words, text: page[from..start].to_owned(), range: from..start };
                sections.last_mut().expect("it starts with one").push(block);
            }
            (None, still) => {
                if still.is_none() && line.starts_with("## ") {
                    sections.push(Vec::new());
                }
                open = still;
            }
        }
        start = end;
    }
    sections
}

/// What a line such as `$ A=1 bireme config` prints in a directory.
fn output(line: &str, directory: &Path) -> String {
    let mut words = line.trim_start_matches("$ ").split_whitespace().peekable();
    let mut program = Command::new(env!("CARGO_BIN_EXE_bireme"));
    program.current_dir(directory).env_clear();
    while let Some((name, value)) =
        words.next_if(|it| *it != "bireme").and_then(|it| it.split_once('='))
    {
        program.env(name, value);
    }
    assert_eq!(words.next(), Some("bireme"), "{line}");
    let output = program.args(words).output().expect("the program runs");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
    String::from_utf8(output.stdout).expect("the output is text")
}

#[test]
fn the_examples_of_the_page_are_true() {
    let text = fs::read_to_string(page()).expect("the page is there");
    let mut blessed = text.clone();
    let mut examples = 0;
    for section in sections(&text).into_iter().rev() {
        let directory = TempDir::new().expect("a temporary directory");
        let directory = directory.path().canonicalize().expect("it was made just now");
        let (console, files): (Vec<Block>, Vec<Block>) =
            section.into_iter().partition(|block| block.words == "console");
        for file in &files {
            let (_, name) = file.words.split_once(' ').expect("a block has the name of a file");
            fs::write(directory.join(name), &file.text).expect("it is writable");
        }
        for block in console.iter().rev() {
            let line = block.text.lines().next().expect("a block has a command");
            let printed = format!("{line}\n{}", output(line, &directory));
            if std::env::var_os("BIREME_BLESS").is_some() {
                blessed.replace_range(block.range.clone(), &printed);
            } else {
                assert_eq!(block.text, printed, "{line}");
            }
            examples += 1;
        }
    }
    assert!(examples >= 3);
    if blessed != text {
        fs::write(page(), blessed).expect("it is writable");
    }
}

#[test]
fn what_is_not_there_has_near_names_and_exit_code_1() {
    let directory = TempDir::new().expect("a temporary directory");
    fs::write(directory.path().join("compose.yaml"), "services: {web: {image: nginx}}\n")
        .expect("it is writable");
    let run = |asked: &str, more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_bireme"))
            .args(["config", "--explain", asked])
            .args(more)
            .current_dir(directory.path())
            .env_clear()
            .output()
            .expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("the output is text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(
        run("services.wep.image", &[]),
        (
            Some(1),
            String::new(),
            "nothing in the project is called \"services.wep.image\"\nhelp: did you mean `services.web.image`?\n"
                .to_owned()
        )
    );
    let (code, json, _) = run("services.web.image", &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(code, Some(0));
    assert_eq!(json["value"], "nginx");
    assert_eq!(json["candidates"][0]["outcome"], "wins");
    assert_eq!(json["candidates"][0]["place"]["line"], 1);
    let (code, _, stderr) = run("services.web.image", &["--format", "toml"]);
    assert_eq!((code, stderr.contains("unsupported format")), (Some(1), true));
}
