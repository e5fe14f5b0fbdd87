//! Reading a Dockerfile into a [`Recipe`].

use std::collections::BTreeMap;

use super::{Copy, From, Recipe, Run, Stage, Step, What, absolute};
use crate::build::dockerfile::Instruction;
use crate::build::dockerfile::words::{Variables, declare, expand, split};
use crate::watch::derive::{commands, image};

/// A Dockerfile under way.
pub(super) struct Reading<'a> {
    pub(super) escape: char,
    pub(super) args: &'a Variables,
    pub(super) contexts: &'a BTreeMap<String, String>,
    /// What the `ARG`s before the first `FROM` come to.
    pub(super) global: Variables,
    pub(super) recipe: Recipe,
}

impl Reading<'_> {
    /// Takes the next instruction.
    pub(super) fn take(&mut self, instruction: &Instruction<'_>) {
        let line = instruction.lines.0;
        let words = split(&instruction.text, self.escape);
        let keyword = words.first().map(|it| it.to_ascii_uppercase()).unwrap_or_default();
        let rest = instruction.text.get(keyword.len()..).unwrap_or_default().trim();
        if keyword == "FROM" {
            self.from(&words, line);
            return;
        }
        let Some(mut stage) = self.recipe.stages.pop() else {
            if keyword == "ARG" {
                // What cannot be read stays unset, and is told where it is used.
                let _ = declare(&words, self.args, &mut self.global, self.escape);
            }
            return;
        };
        match keyword.as_str() {
            "ARG" => self.argument(&words, &mut stage),
            "ENV" => self.environment(&words, rest, &mut stage),
            "WORKDIR" => match self.word(rest, &stage) {
                Ok(path) => {
                    stage.directory = stage.path(&path);
                    stage.directories.extend(stage.directory.clone());
                }
                Err(why) => {
                    stage.directory = None;
                    self.recipe.unclear.push((line, why));
                }
            },
            "COPY" | "ADD" => match self.copy(&keyword, &words, rest, &stage) {
                Ok(copy) => {
                    stage.directories.extend(copy.into.then(|| copy.target.clone()));
                    stage.steps.push(Step { line, what: What::Copy(copy) });
                }
                Err(why) => self.recipe.unclear.push((line, why)),
            },
            "RUN" => {
                let what = What::Run(self.run(&words, instruction, &stage));
                stage.steps.push(Step { line, what });
            }
            "CMD" => stage.command = Some((exec_form(rest), line)),
            "ENTRYPOINT" => {
                stage.entrypoint = Some((exec_form(rest), line));
                // What a base has as its command is not meant for this program.
                let start = stage.line;
                stage.command = stage.command.filter(|(_, at)| *at > start);
            }
            _ => {}
        }
        self.recipe.stages.push(stage);
    }

    fn from(&mut self, words: &[String], line: u32) {
        let mut words = words.iter().skip(1).skip_while(|word| word.starts_with("--"));
        let written = words.next().map_or("", String::as_str);
        let base = expand(written, &self.global, self.escape).map(|it| it.text).unwrap_or_default();
        let name = words.nth(1).cloned().unwrap_or_default();
        let earlier =
            self.recipe.stages.iter().rposition(|stage| {
                !stage.name.is_empty() && stage.name.eq_ignore_ascii_case(&base)
            });
        let stage = match earlier.and_then(|number| self.recipe.stages.get(number)) {
            Some(earlier) => Stage { name, line, arguments: Variables::new(), ..earlier.clone() },
            None => Stage {
                name,
                line,
                directory: image::directory(&base).map(str::to_owned),
                image: base,
                ..Stage::default()
            },
        };
        self.recipe.stages.push(stage);
    }

    fn argument(&self, words: &[String], stage: &mut Stage) {
        let mut variables = stage.variables();
        let _ = declare(words, self.args, &mut variables, self.escape);
        for word in words.iter().skip(1) {
            let name = word.split('=').next().unwrap_or_default();
            let global = || self.global.get(name).cloned();
            let value = variables.get(name).cloned().or_else(global);
            if let Some(value) = value {
                stage.arguments.insert(name.to_owned(), value);
            }
        }
    }

    /// `ENV name=value …`, or the old `ENV name value`.
    fn environment(&self, words: &[String], rest: &str, stage: &mut Stage) {
        let variables = stage.variables();
        let value = |word: &str| expand(word, &variables, self.escape).map(|it| it.text);
        let is_old = words.get(1).is_some_and(|word| !word.contains('='));
        let old = rest.split_once(' ').filter(|_| is_old);
        let pairs = words.iter().skip(1).filter_map(|word| word.split_once('='));
        for (name, word) in old.into_iter().chain(pairs.filter(|_| !is_old)) {
            if let Ok(value) = value(word) {
                stage.environment.insert(name.to_owned(), value);
            }
        }
    }

    fn copy(
        &self,
        keyword: &str,
        words: &[String],
        rest: &str,
        stage: &Stage,
    ) -> Result<Copy, String> {
        let mut copy = Copy {
            from: From::Context,
            sources: Vec::new(),
            target: String::new(),
            into: false,
            parents: false,
            exclude: Vec::new(),
            altered: false,
        };
        let is_flag = |word: &&String| word.starts_with("--");
        for flag in words.iter().skip(1).take_while(is_flag) {
            let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
            match name {
                "--from" => copy.from = self.source(&self.word(value, stage)?),
                "--chmod" => copy.altered = true,
                "--parents" => copy.parents = value != "false",
                "--exclude" => copy.exclude.push(self.word(value, stage)?),
                _ => {}
            }
        }
        let list = rest.find('[').and_then(|at| rest.get(at..)).filter(|_| rest.ends_with(']'));
        let json: Option<Vec<String>> = list.and_then(|list| serde_json::from_str(list).ok());
        let written: Vec<String> =
            json.unwrap_or_else(|| words.iter().skip(1).skip_while(is_flag).cloned().collect());
        let mut paths: Vec<String> =
            written.iter().map(|word| self.word(word, stage)).collect::<Result<_, _>>()?;
        let target = paths.pop().unwrap_or_default();
        // Here-documents and addresses have no file on this machine.
        let is_elsewhere = |path: &String| {
            path.starts_with("<<")
                || (keyword == "ADD" && (path.contains("://") || path.starts_with("git@")))
        };
        let several = paths.len() > 1;
        copy.sources =
            paths.into_iter().filter(|it| !is_elsewhere(it)).map(|it| relative(&it)).collect();
        copy.altered |= keyword == "ADD" && copy.sources.iter().any(|it| is_archive(it));
        copy.target = stage
            .path(&target)
            .ok_or_else(|| format!("where {target:?} is in {:?} is not known", stage.image))?;
        copy.into = several
            || target.ends_with('/')
            || target.ends_with("/.")
            || target == "."
            || copy.target == "/"
            || stage.directories.contains(&copy.target)
            || copy.sources.iter().any(|source| source.contains(['*', '?', '[']));
        Ok(copy)
    }

    /// What a name in `--from` means, for the stage that is being read.
    fn source(&self, name: &str) -> From {
        if self.contexts.contains_key(name) {
            return From::Named(name.to_owned());
        }
        match self.recipe.find(name, self.recipe.stages.len()) {
            Some(stage) => From::Stage(stage),
            None => From::Named(name.to_owned()),
        }
    }

    fn run(&self, words: &[String], instruction: &Instruction<'_>, stage: &Stage) -> Run {
        let flags: Vec<&String> =
            words.iter().skip(1).take_while(|word| word.starts_with("--")).collect();
        let mut mounts = Vec::new();
        let mut stages = Vec::new();
        for mount in flags.iter().filter_map(|flag| flag.strip_prefix("--mount=")) {
            match self.mount(mount, stage) {
                Some((From::Context, path, target)) => mounts.push((relative(&path), target)),
                Some((From::Stage(number), path, _)) => stages.push((number, absolute("/", &path))),
                Some((From::Named(_), ..)) | None => {}
            }
        }
        // A here-document is a script of its own; else the words are, behind the flags.
        let script = match instruction.source.split_once("<<") {
            Some((_, document)) => {
                document.split_once('\n').map_or("", |(_, script)| script).to_owned()
            }
            None => words.iter().skip(1 + flags.len()).cloned().collect::<Vec<_>>().join(" "),
        };
        let mut directory = stage.directory.clone().unwrap_or_else(|| "/".to_owned());
        let lines = match serde_json::from_str::<Vec<String>>(&script) {
            Ok(words) => vec![words],
            Err(_) => commands::lines(&script),
        };
        let mut commands = Vec::new();
        for line in lines {
            let line: Vec<String> = line.iter().map(|word| self.known(word, stage)).collect();
            if let [cd, path] = line.as_slice()
                && cd == "cd"
            {
                directory = absolute(&directory, path);
            } else {
                commands.push((line, directory.clone()));
            }
        }
        Run { commands, mounts, stages }
    }

    /// A bind mount of a `RUN`: of what, which path of it, and where.
    fn mount(&self, fields: &str, stage: &Stage) -> Option<(From, String, String)> {
        let field = |names: &[&str]| {
            let mut pairs = fields.split(',').filter_map(|it| it.split_once('='));
            pairs.find(|(name, _)| names.contains(name)).map(|(_, value)| value)
        };
        if field(&["type"]).is_some_and(|kind| kind != "bind") {
            return None;
        }
        let from = match field(&["from"]) {
            Some(name) => self.source(&self.word(name, stage).ok()?),
            None => From::Context,
        };
        let path = self.word(field(&["source", "src"]).unwrap_or_default(), stage).ok()?;
        let target = field(&["target", "dst", "destination"]).unwrap_or_default();
        let target = self.word(target, stage).ok()?;
        let place = stage.path(&target).unwrap_or_else(|| absolute("/", &target));
        Some((from, path, place))
    }

    /// A word of a command, with its variables where all are known. One with quotes or escapes stays: it may be a
    /// text of another language.
    fn known(&self, word: &str, stage: &Stage) -> String {
        let is_plain = word.contains('$') && !word.contains(['\\', '"', '\'', '(', '`']);
        let expanded = is_plain.then(|| self.word(word, stage).ok()).flatten();
        expanded.unwrap_or_else(|| word.to_owned())
    }

    /// A word with its variables, all of which must be known.
    fn word(&self, word: &str, stage: &Stage) -> Result<String, String> {
        let expanded = expand(word, &stage.variables(), self.escape).map_err(|why| why.0)?;
        match expanded.unset.first() {
            Some(name) => Err(format!("the value of {name} is not known")),
            None => Ok(expanded.text),
        }
    }
}

impl Stage {
    /// `ENV` goes before `ARG`.
    fn variables(&self) -> Variables {
        let mut variables = self.arguments.clone();
        variables.extend(self.environment.clone());
        variables
    }

    /// A path as the working directory has it.
    fn path(&self, path: &str) -> Option<String> {
        match &self.directory {
            _ if path.starts_with('/') => Some(absolute("/", path)),
            directory => directory.as_deref().map(|directory| absolute(directory, path)),
        }
    }
}

/// The words that an engine runs: a list as it is, a text by a shell.
fn exec_form(rest: &str) -> Vec<String> {
    serde_json::from_str(rest)
        .unwrap_or_else(|_| vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.to_owned()])
}

/// A source without slashes at its ends, `.` and `..`; empty for the whole.
fn relative(path: &str) -> String {
    absolute("/", path).trim_start_matches('/').to_owned()
}

/// Whether `ADD` unpacks it.
fn is_archive(path: &str) -> bool {
    [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"]
        .iter()
        .any(|ending| path.ends_with(ending))
}
