//! The variables that a project sees: those of the process, then those of environment files.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use super::Request;
use crate::compose::dotenv::{self, DotenvError};
use crate::compose::files::{FileKind, Files, absolute};
use crate::compose::trace::{Purpose, Trace};
use crate::diagnostic::{Diagnostic, FileId, SourceMap, codes};

/// Variables while they are collected. What is there already is never replaced.
pub(super) struct Environment<'run> {
    request: &'run Request,
    files: &'run dyn Files,
    sources: &'run mut SourceMap,
    trace: &'run mut dyn Trace,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) warnings: Vec<Diagnostic>,
    /// What is wrong with the files.
    pub(super) mistakes: Vec<Diagnostic>,
    /// Whether it cannot be told which Compose files are meant, since what could not be read may say.
    pub(super) is_astray: bool,
    /// The messages of the warnings: each is given once, at its first place.
    warned: HashSet<String>,
}

impl<'run> Environment<'run> {
    pub(super) fn new(
        request: &'run Request,
        files: &'run dyn Files,
        sources: &'run mut SourceMap,
        trace: &'run mut dyn Trace,
    ) -> Self {
        let mut variables = request.environment.clone();
        variables
            .entry("PWD".to_owned())
            .or_insert_with(|| request.current_directory.display().to_string());
        trace.process(&variables);
        Self {
            request,
            files,
            sources,
            trace,
            variables,
            warnings: Vec::new(),
            mistakes: Vec::new(),
            is_astray: false,
            warned: HashSet::new(),
        }
    }

    /// The environment files that a flag or else a variable of the process asks for; absolute.
    pub(super) fn requested_files(&self) -> Vec<PathBuf> {
        let listed = self.request.environment.get("COMPOSE_ENV_FILES").map_or("", String::as_str);
        let listed: Vec<PathBuf> =
            listed.split(',').filter(|file| !file.is_empty()).map(PathBuf::from).collect();
        let asked =
            if self.request.env_files.is_empty() { &listed } else { &self.request.env_files };
        asked.iter().map(|file| absolute(&self.request.current_directory, file)).collect()
    }

    /// Adds the variables of `.env` in a directory, if it is there and wanted.
    pub(super) fn add_default_file(&mut self, directory: &Path) -> Result<(), Box<Diagnostic>> {
        if self.default_file_is_disabled()? {
            return Ok(());
        }
        let path = directory.join(".env");
        if !self.files.is_file(&path) {
            return Ok(());
        }
        self.add_files(Purpose::Default, &[path]);
        Ok(())
    }

    fn default_file_is_disabled(&self) -> Result<bool, Box<Diagnostic>> {
        match self.request.environment.get("COMPOSE_DISABLE_ENV_FILE").map(String::as_str) {
            None | Some("0" | "f" | "F" | "FALSE" | "false" | "False") => Ok(false),
            Some("1" | "t" | "T" | "TRUE" | "true" | "True") => Ok(true),
            Some(value) => Err(Box::new(
                Diagnostic::error(
                    codes::SETTING_INVALID,
                    format!("strconv.ParseBool: parsing {value:?}: invalid syntax"),
                )
                .help("set `COMPOSE_DISABLE_ENV_FILE` to `true` or `false`, or unset it"),
            )),
        }
    }

    /// Adds the variables of files. A later file wins over an earlier one and may use its
    /// variables. What cannot be read is noted.
    pub(super) fn add_files(&mut self, purpose: Purpose<'_>, paths: &[PathBuf]) {
        self.trace.env_files(purpose);
        let mut read: IndexMap<String, String> = IndexMap::new();
        for path in paths {
            match self.text(path) {
                Ok((file, text)) => read = self.read(path, file, &text, read),
                Err(problem) => {
                    self.mistakes.push(*problem);
                    self.is_astray = true;
                }
            }
        }
        for (name, value) in read {
            self.variables.entry(name).or_insert(value);
        }
    }

    fn text(&mut self, path: &Path) -> Result<(FileId, Arc<str>), Box<Diagnostic>> {
        let shown = path.display();
        let problem = match self.files.kind(path) {
            Some(FileKind::File) => None,
            Some(FileKind::Directory) => {
                Some((codes::FILE_UNREADABLE, format!("{shown} is a directory")))
            }
            None => Some((codes::ENV_FILE_MISSING, format!("couldn't find env file: {shown}"))),
        };
        if let Some((code, message)) = problem {
            return Err(Box::new(Diagnostic::error(code, message)));
        }
        let bytes = self.files.read(path).map_err(|error| {
            let message = format!("couldn't read env file: {shown}: {error}");
            Box::new(Diagnostic::error(codes::FILE_UNREADABLE, message))
        })?;
        let file = self.sources.add(path, String::from_utf8_lossy(&bytes));
        let text = self.sources.file(file).map(|file| file.text.clone()).unwrap_or_default();
        Ok((file, text))
    }

    fn read(
        &mut self,
        path: &Path,
        file: FileId,
        text: &str,
        earlier: IndexMap<String, String>,
    ) -> IndexMap<String, String> {
        let lookup = |name: &str| self.variables.get(name).cloned();
        let assigned =
            &mut |assignment: &dotenv::Assignment<'_>| self.trace.assigned(file, assignment);
        let parsed = match dotenv::parse_observed(earlier, text, &lookup, assigned) {
            Ok(parsed) => parsed,
            Err(mut mistaken) => {
                let all_known = self.mistakes.is_empty();
                mistaken.mistakes.retain(|it| all_known || !it.is_missing_variable());
                let steers = |it: &DotenvError| line(text, it.range.start).contains("COMPOSE_");
                self.is_astray |= mistaken.mistakes.iter().any(steers);
                self.mistakes.extend(mistaken.diagnostics(file, path));
                return mistaken.rest.variables;
            }
        };
        for warning in parsed.warnings(file).filter(|_| self.mistakes.is_empty()) {
            if self.warned.insert(warning.message.clone()) {
                self.warnings.push(warning);
            }
        }
        parsed.variables
    }
}

/// The line of a text that has an offset.
fn line(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or_default()
}
