//! The calls of installers in a `RUN`.

mod arguments;
mod lockers;
mod node;
mod others;
mod pip;

use super::files::{Copied, Source, absolute};
use super::shell::{Command, Word, commands};
use super::stages::split_keyword;
use super::variables::{Variables, expand};
use super::{State, Walk};
use crate::build::dockerfile::Instruction;

/// Words before a command that change nothing about what it installs.
const PREFIXES: [&str; 14] = [
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "command",
    "nice", "sudo",
];

/// Shells that are given a command by `-c`.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// A call: the words behind the program's name, with what holds where it happens.
pub(super) struct Call<'c> {
    /// The arguments.
    pub(super) words: &'c [Word],
    /// The line of the program's name.
    pub(super) line: u32,
    /// The directory that it runs in.
    pub(super) directory: &'c str,
    /// The variables that it has.
    pub(super) variables: &'c Variables,
    /// The file that its output goes to.
    pub(super) output: Option<&'c str>,
}

/// Finds what a `RUN` installs.
pub(super) fn run(
    walk: &mut Walk<'_>,
    number: usize,
    instruction: &Instruction<'_>,
    state: &mut State,
) {
    let (_, rest) = split_keyword(&instruction.text);
    // What is mounted is there for this instruction alone.
    let copied = state.copied.len();
    for flag in rest.split(' ').take_while(|word| word.starts_with("--")) {
        if let Some(mount) = flag.strip_prefix("--mount=") {
            let mount = expand(mount, &state.variables);
            state.copied.extend(bind(walk, number, &mount, &state.directory));
        }
    }
    let behind =
        rest.split_inclusive(' ').skip_while(|word| word.starts_with("--")).collect::<String>();
    let mut shell =
        Shell { directory: state.directory.clone(), variables: state.variables.clone() };
    if let Ok(words) = serde_json::from_str::<Vec<String>>(&behind) {
        let line = instruction.lines.0;
        let words = words.into_iter().map(|text| Word { text, line }).collect();
        shell.command(walk, &Command { words, output: None }, state);
    } else {
        let (script, line) = script(instruction);
        for command in commands(script, line, &shell.variables.clone()) {
            shell.command(walk, &command, state);
        }
    }
    state.copied.truncate(copied);
}

/// The script of a `RUN` as it is written, behind its flags, and its line.
fn script<'s>(instruction: &Instruction<'s>) -> (&'s str, u32) {
    let mut rest = instruction.source.get("RUN".len()..).unwrap_or_default();
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let trimmed = match trimmed.strip_prefix(['\\', '`']) {
            Some(behind) if behind.trim_start_matches([' ', '\t', '\r']).starts_with('\n') => {
                rest = behind;
                continue;
            }
            _ => trimmed,
        };
        rest = trimmed;
        if rest.starts_with("--") {
            let end = rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
            rest = rest.get(end..).unwrap_or_default();
        } else if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, behind)| behind);
        } else {
            break;
        }
    }
    let before = instruction.source.len() - rest.len();
    let breaks = instruction.source.get(..before).unwrap_or_default().matches('\n').count();
    (rest, instruction.lines.0 + u32::try_from(breaks).unwrap_or(0))
}

/// A bind mount.
fn bind(walk: &Walk<'_>, number: usize, mount: &str, directory: &str) -> Option<Copied> {
    let field = |names: [&str; 3]| {
        mount.split(',').find_map(|field| {
            let (name, value) = field.split_once('=')?;
            names.contains(&name).then(|| value.trim_matches(['"', '\'']))
        })
    };
    if field(["type"; 3]).is_some_and(|kind| kind != "bind") {
        return None;
    }
    let source = field(["source", "src", "from-path"]).unwrap_or("");
    let to = absolute(directory, field(["target", "dst", "destination"])?);
    let from = match field(["from"; 3]) {
        None => Source::Context(absolute("/", source).trim_start_matches('/').to_owned()),
        Some(name) => Source::Stage(walk.stages.find(name, number)?, absolute("/", source)),
    };
    Some(Copied { from, to, into: false })
}

/// What changes from command to command of one script.
struct Shell {
    directory: String,
    variables: Variables,
}

impl Shell {
    fn command(&mut self, walk: &mut Walk<'_>, command: &Command, state: &mut State) {
        let mut words = command.words.as_slice();
        let mut own = self.variables.clone();
        let mut assigned = false;
        let mut prefixed = false;
        while let Some((first, rest)) = words.split_first() {
            let text = first.text.as_str();
            if let Some((name, value)) = assignment(text) {
                own.insert(name.to_owned(), value.to_owned());
                assigned = true;
            } else if PREFIXES.contains(&text) || text == "env" {
                prefixed = true;
            } else if !(prefixed && text.starts_with('-')) {
                break;
            }
            words = rest;
        }
        let Some((program, words)) = words.split_first() else {
            // Assignments alone hold from now on.
            if assigned {
                self.variables = own;
            }
            return;
        };
        let name = program.text.rsplit('/').next().unwrap_or_default();
        let call = Call {
            words,
            line: program.line,
            directory: &self.directory,
            variables: &own,
            output: command.output.as_deref(),
        };
        match name {
            "cd" => {
                if let Some(to) = words.first() {
                    self.directory = absolute(&self.directory, &to.text);
                }
            }
            "export" => {
                for (name, value) in words.iter().filter_map(|word| assignment(&word.text)) {
                    self.variables.insert(name.to_owned(), value.to_owned());
                }
            }
            shell if SHELLS.contains(&shell) => {
                // Where it goes and what it sets ends with it.
                let directory = self.directory.clone();
                let mut inner = Self { directory, variables: own };
                if let Some(script) = script_of(words) {
                    for command in commands(&script.text, script.line, &inner.variables.clone()) {
                        inner.command(walk, &command, state);
                    }
                }
            }
            name => program_call(walk, name, &call, state),
        }
    }
}

/// The script that a shell is given by `-c`, which may stand among other letters.
fn script_of(words: &[Word]) -> Option<&Word> {
    let mut is_script = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = word.text.strip_prefix(['-', '+']) else {
            return Some(word).filter(|_| is_script);
        };
        if option.starts_with('-') {
            continue;
        }
        is_script |= option.contains('c');
        // The name of an option of the shell.
        if option.ends_with(['o', 'O']) {
            words.next();
        }
    }
    None
}

/// A call of any program.
fn program_call(walk: &mut Walk<'_>, name: &str, call: &Call<'_>, state: &mut State) {
    let module = || match call.words {
        [flag, module, rest @ ..] if flag.text == "-m" => Some((module.text.as_str(), rest)),
        _ => None,
    };
    match name {
        python if is_versioned(python, "python") => {
            if let Some((module, words)) = module() {
                program_call(walk, module, &Call { words, ..*call }, state);
            }
        }
        pip if is_versioned(pip, "pip") => pip::pip(walk, call, state),
        "uv" => lockers::uv(walk, call, state),
        "poetry" => lockers::poetry(walk, call, state),
        "pipenv" => lockers::pipenv(walk, call, state),
        "pdm" => lockers::pdm(walk, call, state),
        "npm" | "yarn" | "yarnpkg" | "pnpm" => node::node(walk, name, call, state),
        "corepack" => {
            if let Some((program, words)) = call.words.split_first() {
                program_call(walk, &program.text, &Call { words, ..*call }, state);
            }
        }
        "bundle" | "bundler" => others::bundle(walk, call, state),
        "conda" | "mamba" | "micromamba" => others::conda(walk, call),
        "apt-get" | "apt" | "apk" | "dnf" | "microdnf" | "yum" => {
            state.has_compiler |= others::installs_compiler(call);
        }
        _ => {}
    }
}

/// `NAME=value` before a command.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    is_name.then_some((name, value))
}

/// Whether a program is that one, in any version: `python3.12`.
fn is_versioned(name: &str, program: &str) -> bool {
    name.strip_prefix(program)
        .is_some_and(|version| version.chars().all(|it| it.is_ascii_digit() || it == '.'))
}
