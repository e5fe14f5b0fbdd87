//! The examples of `docs/diagnostics.md`, run: the bad one of a code gives that code, the good one
//! loads without it. And the document is complete: each code has a section, in order, whose words
//! are those of the table of codes. With `BIREME_BLESS=1` they are written from the table; what
//! remains is to write the examples.
//!
//! An example is made of code blocks. A block is a file: `` ```yaml bad compose.yaml ``; without
//! `bad` or `good` it belongs to both, without a name it is `compose.yaml`. A block of `sh` is
//! what is typed; without one it is `bireme config`. Of a shell it knows just what the examples
//! need: `cd`, `ln -s`, `printf … > FILE`, `yes … | head -n … > FILE`, variables before `bireme`.
//! Behind a command that needs an engine, a comment says which: `# engine API 1.43`. Behind one
//! that shall leave out the check of consistency, it says `# unchecked`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::command::Command;
use super::config::{Refusal, answer};
use super::context::Context;
use super::entry::Entry;
use super::global::Global;
use super::parse::{Arguments, parse};
use super::process::Process;
use crate::build::request::{BuildOptions, BuildRequest};
use crate::compose::assemble::{Selection, assemble};
use crate::compose::digests::Wanted;
use crate::compose::files::{Memory, absolute};
use crate::compose::load::{LoadOptions, merged};
use crate::compose::model::Project;
use crate::compose::remote::Remote;
use crate::diagnostic::codes::ALL;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::engine::api::ApiVersion;
use crate::stack::StackError;
use crate::stack::testing::{NEWEST, problem_of_up};
use crate::ui::{Terminals, Ui};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics.md");

/// A part of the document that is about one code.
#[derive(Default)]
struct Section {
    heading: String,
    /// The text before the first example.
    words: String,
    /// The rest.
    examples: String,
}

/// A block of code.
#[derive(Debug)]
struct Block {
    language: String,
    /// `bad`, `good`, or both if empty.
    which: String,
    file: String,
    text: String,
}

/// The text before the first section, and the sections.
fn sections(document: &str) -> (String, Vec<Section>) {
    let mut preamble = String::new();
    let mut sections: Vec<Section> = Vec::new();
    let mut fenced = false;
    for line in document.split_inclusive('\n') {
        let fence = line.starts_with("```");
        fenced ^= fence;
        let heading = line.strip_prefix("### BIR").filter(|_| !fenced);
        if heading.is_some() {
            let heading = line.trim_start_matches('#').trim().to_owned();
            sections.push(Section { heading, ..Section::default() });
            continue;
        }
        match sections.last_mut() {
            None => preamble += line,
            Some(section) if section.examples.is_empty() && !fence => section.words += line,
            Some(section) => section.examples += line,
        }
    }
    (preamble, sections)
}

fn blocks(examples: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fenced = false;
    for line in examples.split_inclusive('\n') {
        if let Some(info) = line.strip_prefix("```") {
            fenced = !fenced;
            if fenced {
                let mut words = info.split_whitespace();
                let language = words.next().unwrap_or_default().to_owned();
                let mut rest: Vec<&str> = words.collect();
                let which = match rest.first() {
                    Some(&which @ ("bad" | "good")) => {
                        rest.remove(0);
                        which.to_owned()
                    }
                    _ => String::new(),
                };
                let file = rest.first().unwrap_or(&"compose.yaml").to_string();
                blocks.push(Block { language, which, file, text: String::new() });
            }
        } else if let Some(block) = blocks.last_mut().filter(|_| fenced) {
            block.text += line;
        }
    }
    blocks
}

/// A shell that knows just what examples need.
struct Shell {
    files: Memory,
    directory: PathBuf,
}

impl Shell {
    /// Runs the lines and gives the diagnostics of the last `bireme`.
    fn run(mut self, script: &str) -> Vec<Diagnostic> {
        let mut found = None;
        for line in script.lines().filter(|line| !line.trim().is_empty()) {
            let words = words(line);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["cd", directory] => {
                    self.directory = absolute(&self.directory, Path::new(directory));
                }
                ["ln", "-s", target, link] => {
                    let at = |path: &str| absolute(&self.directory, Path::new(path));
                    self.files = self.files.link(at(link), at(target));
                }
                ["printf", text, ">", file] => self.write(file, unescaped(text)),
                ["yes", text, "|", "head", "-n", count, ">", file] => {
                    let count = count.parse().expect("a number of lines");
                    self.write(file, format!("{text}\n").repeat(count).into_bytes());
                }
                words => found = Some(self.bireme(words)),
            }
        }
        found.expect("the last line runs bireme")
    }

    /// Puts a file where its name says: on this machine, or where a reference leads.
    fn write(&mut self, file: &str, content: Vec<u8>) {
        let files = std::mem::take(&mut self.files);
        self.files = if Remote::of(file).is_some() {
            let path = Path::new("/far").join(file.replace("://", "/")).join("compose.yaml");
            files.file(&path, content).copy(file, path)
        } else {
            files.file(absolute(&self.directory, Path::new(file)), content)
        };
    }

    /// Runs the program as far as it needs no engine.
    fn bireme(&self, words: &[&str]) -> Vec<Diagnostic> {
        let (words, comment) = match words.iter().position(|word| *word == "#") {
            Some(at) => words.split_at(at),
            None => (words, &[][..]),
        };
        let start = words.iter().position(|word| *word == "bireme").expect("a command");
        let variables = words[..start].iter().map(|word| {
            let (name, value) = word.split_once('=').expect("a variable");
            (name.to_owned(), value.to_owned())
        });
        let arguments: Vec<String> =
            words[start + 1..].iter().map(|word| (*word).to_owned()).collect();
        let Arguments { global, command, .. } =
            parse(&arguments, &Entry::default()).expect("the flags exist");
        let process = Process {
            variables: variables.collect(),
            directory: self.directory.clone(),
            ..Process::default()
        };
        let global = Global::resolve(global, &process.variables, Terminals::default());
        let global = global.expect("the flags fit together");
        let ui = Ui::new(global.appearance);
        let context = Context::new(process, global, ui);
        match command {
            Some(Command::Config(args)) => {
                let digests = |_: &Wanted| panic!("an example asks no registry");
                match answer(&args, &context.request(), false, &self.files, &digests) {
                    Ok(answer) => answer.warnings,
                    Err(Refusal::Files(failure)) => failure.diagnostics,
                    Err(Refusal::Request(failure)) => panic!("{failure:?}"),
                }
            }
            Some(Command::Up(_)) => {
                let version = comment.iter().rev().find_map(|word| word.parse().ok());
                let scale = words.iter().zip(words.iter().skip(1));
                let scale =
                    scale.filter(|(flag, _)| **flag == "--scale").filter_map(|(_, value)| {
                        let (name, count) = value.split_once('=')?;
                        Some((name.to_owned(), count.parse().ok()?))
                    });
                self.up(&context, version.unwrap_or(NEWEST), &scale.collect())
            }
            Some(Command::Build(_)) => self.build(&context, comment.contains(&"unchecked")),
            other => panic!("no example needs {other:?}"),
        }
    }

    fn project(
        &self,
        context: &Context,
        unchecked: bool,
    ) -> Result<(Project, Vec<Diagnostic>), Vec<Diagnostic>> {
        let options =
            LoadOptions { advice: true, no_consistency: unchecked, ..LoadOptions::default() };
        merged(&context.request(), &options, &self.files)
            .and_then(|merged| assemble(merged, &options, &Selection::default(), &self.files))
            .map_err(|failure| failure.diagnostics)
    }

    fn up(
        &self,
        context: &Context,
        version: ApiVersion,
        scale: &BTreeMap<String, i64>,
    ) -> Vec<Diagnostic> {
        let (project, mut found) = match self.project(context, false) {
            Ok(loaded) => loaded,
            Err(diagnostics) => return diagnostics,
        };
        match problem_of_up(&project, version, &self.files, scale) {
            Ok(()) => {}
            Err(StackError::Project(problem)) => found.extend(problem.diagnostics),
            Err(other) => panic!("{other}"),
        }
        found
    }

    fn build(&self, context: &Context, unchecked: bool) -> Vec<Diagnostic> {
        let (project, mut found) = match self.project(context, unchecked) {
            Ok(loaded) => loaded,
            Err(diagnostics) => return diagnostics,
        };
        let options = BuildOptions { single_platform: true, ..BuildOptions::default() };
        for service in project.services.values().filter(|service| service.build.is_some()) {
            found.extend(BuildRequest::new(&project, service, &options).err());
        }
        found
    }
}

/// The words of a line; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, open @ ('\'' | '"')) => {
                quote = Some(open);
                word.get_or_insert_with(String::new);
            }
            (None, ' ') => words.extend(word.take()),
            (_, character) => word.get_or_insert_with(String::new).push(character),
        }
    }
    words.extend(word);
    words
}

/// The bytes that `printf` writes: `\n`, and three octal digits behind a `\`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let octal = behind.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let octal = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match (first, behind.first(), octal) {
            (b'\\', Some(b'n'), _) => {
                bytes.push(b'\n');
                rest = &behind[1..];
            }
            (b'\\', _, Some(byte)) => {
                bytes.push(byte);
                rest = &behind[3..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    bytes
}

/// The diagnostics of the `bad` or the `good` example; none if there is no such example.
fn example(blocks: &[Block], which: &str) -> Option<Vec<Diagnostic>> {
    if !blocks.iter().any(|block| block.which == which) {
        return None;
    }
    let mut shell = Shell { files: Memory::default(), directory: PathBuf::from("/srv/shop") };
    let mut script = String::new();
    for block in blocks.iter().filter(|block| block.which.is_empty() || block.which == which) {
        if block.language == "sh" {
            script += &block.text;
        } else {
            shell.write(&block.file, block.text.clone().into_bytes());
        }
    }
    Some(shell.run(if script.is_empty() { "bireme config" } else { &script }))
}

/// What the document says of a code before its examples.
fn words_of(code: Code) -> String {
    let severity = match code.severity() {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    format!("\n**{severity}.** {}\n\n{}\n\n", code.summary(), code.explanation())
}

/// The document with the words of the table, and a place for the examples of each code.
fn blessed(preamble: &str, sections: &[Section]) -> String {
    let mut document = preamble.to_owned();
    for code in ALL {
        let heading = format!("{code} {}", code.name());
        let known = sections.iter().find(|it| it.heading.starts_with(code.as_str()));
        let examples = known.map_or("```yaml bad\n```\n\n```yaml good\n```\n\n", |it| &it.examples);
        // Writing to a string cannot fail.
        let _ = write!(document, "### {heading}\n{}{examples}", words_of(*code));
    }
    document.trim_end().to_owned() + "\n"
}

#[test]
fn every_code_has_its_section() {
    let document = std::fs::read_to_string(DOCUMENT).expect("the document is there");
    let (preamble, sections) = sections(&document);
    let blessed = blessed(&preamble, &sections);
    if std::env::var_os("BIREME_BLESS").is_some() {
        std::fs::write(DOCUMENT, blessed).expect("the document is writable");
        return;
    }
    let headings: BTreeSet<String> = sections.iter().map(|it| it.heading.clone()).collect();
    let expected: BTreeSet<String> =
        ALL.iter().map(|code| format!("{code} {}", code.name())).collect();
    let missing: Vec<_> = expected.difference(&headings).collect();
    let unknown: Vec<_> = headings.difference(&expected).collect();
    assert!(missing.is_empty(), "docs/diagnostics.md lacks {missing:?}: run with BIREME_BLESS=1");
    assert!(unknown.is_empty(), "docs/diagnostics.md has what is no code: {unknown:?}");
    for (code, section) in ALL.iter().zip(&sections) {
        assert!(!code.explanation().is_empty(), "{code} is not explained in codes.rs");
        assert_eq!(section.words, words_of(*code), "words of {code}: run with BIREME_BLESS=1");
    }
    assert_eq!(document, blessed, "run with BIREME_BLESS=1");
}

#[test]
fn bad_examples_give_their_code_and_good_ones_do_not() {
    let document = std::fs::read_to_string(DOCUMENT).expect("the document is there");
    let mut failures = Vec::new();
    for section in sections(&document).1 {
        let blocks = blocks(&section.examples);
        let id = section.heading.split(' ').next().unwrap_or_default();
        let told = |found: &[Diagnostic]| -> Vec<String> {
            found.iter().map(|it| format!("{}: {}", it.code, it.message)).collect()
        };
        match example(&blocks, "bad") {
            Some(found) if found.iter().any(|it| it.code.as_str() == id) => {}
            Some(found) => failures.push(format!("bad {id} gives {:#?}", told(&found))),
            None => failures.push(format!("{id} has no bad example")),
        }
        match example(&blocks, "good") {
            Some(found) => {
                let wrong =
                    |it: &Diagnostic| it.code.as_str() == id || it.severity == Severity::Error;
                if found.iter().any(wrong) {
                    failures.push(format!("good {id} gives {:#?}", told(&found)));
                }
            }
            None => failures.push(format!("{id} has no good example")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
