//! Variables and labels of services that stand in files of their own, and variables that services
//! take from outside by name.
//!
//! A variable of a service has the value of, in this order: `environment`, the outside for a key
//! without a value, the last of its environment files that has it. A key that `environment` names
//! and nobody gives a value stays without one, whatever the files say.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::dotenv;
use super::files::Files;
use super::limits;
use super::model::{EnvFile, Service};
use super::remote::{Guard, Used};
use super::trace::{Purpose, Trace};
use crate::diagnostic::{Diagnostic, FileId, SourceMap, Span, codes};

/// What of this machine can be seen.
pub struct View<'a> {
    /// Where files come from.
    pub files: &'a dyn Files,
    /// What files from afar may see.
    pub guard: &'a mut Guard,
    /// Variables that are no secret to them.
    pub given: &'a BTreeSet<String>,
    /// Whether the outside has all its variables. If mistakes that were reported keep some away,
    /// nothing is said about those that are missing.
    pub is_outside_known: bool,
}

/// Reads the files that services name, each once.
pub struct Resolver<'a> {
    /// What can be seen.
    pub view: View<'a>,
    /// The variables of the outside.
    pub environment: &'a BTreeMap<String, String>,
    /// Takes the texts that are read.
    pub sources: &'a mut SourceMap,
    /// Takes what is wrong with them.
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Is told of every line that sets a variable or label.
    pub trace: &'a mut dyn Trace,
    /// The texts that were read.
    known: HashMap<String, (FileId, Arc<str>)>,
    /// Bytes that were looked at so far, those of a text as often as it is used.
    bytes: usize,
    /// Variables and labels that services have from files so far.
    variables: usize,
}

impl<'a> Resolver<'a> {
    /// Reads what can be seen, with the variables of the outside.
    pub fn new(
        view: View<'a>,
        environment: &'a BTreeMap<String, String>,
        sources: &'a mut SourceMap,
        diagnostics: &'a mut Vec<Diagnostic>,
        trace: &'a mut dyn Trace,
    ) -> Self {
        let known = HashMap::new();
        Self { view, environment, sources, diagnostics, trace, known, bytes: 0, variables: 0 }
    }

    /// Gives a service the variables of its environment files, and takes the files off it.
    /// `place` finds where the item of that index is written.
    pub fn environment(&mut self, service: &mut Service, place: impl Fn(usize) -> Option<Span>) {
        for (name, value) in &mut service.environment {
            if value.is_none() {
                *value = self.environment.get(name).cloned();
            }
        }
        if self.variables > limits::VARIABLES {
            return;
        }
        self.trace.env_files(Purpose::Environment(&service.name));
        let mut from_files: IndexMap<String, String> = IndexMap::new();
        let mut all_known = self.view.is_outside_known;
        for (index, file) in std::mem::take(&mut service.env_file).iter().enumerate() {
            let Some((id, text)) = read_env_file(self, file, place(index)) else { continue };
            let used = Used::default();
            let lookup = |name: &str| {
                let own = || service.environment.get(name).cloned().flatten();
                used.lookup(name, self.environment).or_else(own)
            };
            let assigned =
                &mut |assignment: &dotenv::Assignment<'_>| self.trace.assigned(id, assignment);
            let earlier = std::mem::take(&mut from_files);
            let variables = match file.format.as_str() {
                "" => match dotenv::parse_observed(earlier, &text, &lookup, assigned) {
                    Ok(parsed) => {
                        if all_known {
                            self.diagnostics.extend(parsed.warnings(id));
                        }
                        parsed.variables
                    }
                    Err(mut mistaken) => {
                        mistaken.mistakes.retain(|it| all_known || !it.is_missing_variable());
                        self.diagnostics.extend(mistaken.diagnostics(id, Path::new(&file.path)));
                        all_known = false;
                        mistaken.rest.variables
                    }
                },
                "raw" => match dotenv::parse_raw_observed(&text, &lookup, assigned) {
                    Ok(variables) => {
                        from_files = earlier;
                        variables
                    }
                    Err(mistaken) => {
                        let path = Path::new(&file.path);
                        let diagnostics =
                            mistaken.mistakes.iter().map(|it| it.diagnostic(id, path));
                        self.diagnostics.extend(diagnostics);
                        all_known = false;
                        from_files = earlier;
                        mistaken.rest
                    }
                },
                format => {
                    let message = format!("unsupported env_file format {format:?}");
                    let problem = Diagnostic::error(codes::ENV_FILE_FORMAT, message)
                        .at(place(index), "expected `raw`, or no format at all");
                    self.diagnostics.push(problem);
                    continue;
                }
            };
            for name in used.names() {
                let View { guard, given, .. } = &mut self.view;
                guard.variable(Path::new(&file.path), &name, place(index), self.environment, given);
            }
            from_files.extend(variables);
        }
        self.count(from_files.len());
        for (name, value) in from_files {
            service.environment.entry(name).or_insert(Some(value));
        }
    }

    /// Gives a service the labels of its label files. The service's own labels win over them.
    pub fn labels(&mut self, service: &mut Service, place: impl Fn(usize) -> Option<Span>) {
        self.trace.env_files(Purpose::Labels(&service.name));
        let mut labels: IndexMap<String, String> = IndexMap::new();
        let mut all_known = true;
        for (index, path) in service.label_file.iter().enumerate() {
            let (id, text) = match self.text(path) {
                Ok(read) => read,
                Err(error) => {
                    self.report_unreadable("label", path, &error, place(index));
                    continue;
                }
            };
            let assigned =
                &mut |assignment: &dotenv::Assignment<'_>| self.trace.assigned(id, assignment);
            // What earlier files set wins within a file over its own, though not in the result.
            let lookup = |name: &str| labels.get(name).cloned();
            match dotenv::parse_observed(IndexMap::new(), &text, &lookup, assigned) {
                Ok(parsed) => {
                    if all_known {
                        self.diagnostics.extend(parsed.warnings(id));
                    }
                    labels.extend(parsed.variables);
                }
                Err(mut mistaken) => {
                    mistaken.mistakes.retain(|it| all_known || !it.is_missing_variable());
                    self.diagnostics.extend(mistaken.diagnostics(id, Path::new(path)));
                    all_known = false;
                    labels.extend(mistaken.rest.variables);
                }
            }
        }
        self.count(labels.len());
        for (name, value) in labels {
            service.labels.entry(name).or_insert(value);
        }
    }

    /// The text of a file. It stands in the map of sources once, however many services name it.
    fn text(&mut self, path: &str) -> io::Result<(FileId, Arc<str>)> {
        if !self.known.contains_key(path) {
            let bytes = self.view.files.read(Path::new(path))?;
            let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
            let id = self.sources.add(path, Arc::clone(&text));
            self.known.insert(path.to_owned(), (id, text));
        }
        let (id, text) = self.known[path].clone();
        self.bytes += text.len();
        if self.bytes > limits::LOAD_BYTES {
            let limit = limits::LOAD_BYTES >> 20;
            let message = format!("files of variables and labels have more than {limit} MiB");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok((id, text))
    }

    /// Counts what a service has from files, and reports when that is too much for the first time.
    fn count(&mut self, variables: usize) {
        let before = self.variables;
        self.variables += variables;
        if before <= limits::VARIABLES && self.variables > limits::VARIABLES {
            let limit = limits::VARIABLES;
            let message =
                format!("services have more than {limit} variables and labels from files");
            self.diagnostics.push(Diagnostic::error(codes::YAML_TOO_LARGE, message));
        }
    }

    fn report_unreadable(
        &mut self,
        kind: &str,
        path: &str,
        error: &io::Error,
        place: Option<Span>,
    ) {
        let message = match error.kind() {
            io::ErrorKind::NotFound => {
                format!("{kind} file {path} not found: stat {path}: no such file or directory")
            }
            io::ErrorKind::IsADirectory => {
                format!("failed to read {path}: read {path}: is a directory")
            }
            _ => format!("failed to read {path}: {error}"),
        };
        self.diagnostics
            .push(Diagnostic::error(codes::VARIABLES_UNREADABLE, message).at(place, ""));
    }
}

/// The text of an environment file; `None` if it cannot be read, or need not exist and does not.
fn read_env_file(
    resolver: &mut Resolver<'_>,
    file: &EnvFile,
    place: Option<Span>,
) -> Option<(FileId, Arc<str>)> {
    match resolver.text(&file.path) {
        Ok(read) => Some(read),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.required => None,
        Err(error) => {
            resolver.report_unreadable("env", &file.path, &error, place);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::load::LoadOptions;
    use crate::compose::loaded::Loaded;

    fn loaded(service: &str) -> Loaded {
        Loaded::from(&format!(
            "services:\n  a:\n    image: x\n    {}",
            service.replace('\n', "\n    ")
        ))
        .variable("OUTSIDE", "outside")
        .file("one.env", "A=one\nB=one\nOUTSIDE=one\nOWN=one\nREF=$OWN-$OUTSIDE-$A\nBARE\n")
        .file("two.env", "B=two\nBOTH=$A$B\n")
        .file("raw.env", "A=$B \"x\"\n")
        .file("bad.env", "A=\"x\n")
        .file("labels", "one=file\ntwo=$OUTSIDE\n")
        .file("more", "one=more\nthree=$one-$OUTSIDE\n")
    }

    fn environment(service: &str) -> String {
        let project = loaded(service).project();
        let variables = project.services["a"].environment.iter();
        variables
            .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("?")))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_service_wins_over_the_outside_and_that_over_files() {
        assert_eq!(
            environment("env_file: [one.env, two.env]\nenvironment: {OWN: own, OUTSIDE: , A: }"),
            "A=? B=two BOTH=onetwo OUTSIDE=outside OWN=own REF=own-outside-one"
        );
        assert_eq!(environment("env_file: [{path: none.env, required: false}]"), "");
        assert_eq!(environment("env_file: [{path: raw.env, format: raw}]"), "A=$B \"x\"");
    }

    #[test]
    fn labels_of_files_stand_back() {
        let project = loaded("label_file: labels\nlabels: {one: own}").project();
        let service = &project.services["a"];
        assert_eq!(service.labels["one"], "own");
        assert_eq!(service.labels["two"], "", "the outside is not looked at");
        assert!(service.label_file.is_empty(), "config does not print them");
        let options = LoadOptions { to_run: true, ..LoadOptions::default() };
        let project = loaded("label_file: labels").options(options).project();
        assert_eq!(
            project.services["a"].label_file,
            ["/srv/app/labels"],
            "a container's identity has them"
        );

        let project = loaded("label_file: [labels, more]").project();
        let labels = &project.services["a"].labels;
        assert_eq!(labels["one"], "more", "the last file wins");
        assert_eq!(labels["three"], "file-", "the files before and nothing else are looked at");
    }

    #[test]
    fn files_may_be_left_alone() {
        let options = LoadOptions { no_env_resolution: true, ..LoadOptions::default() };
        let project = loaded("env_file: none.env").options(options).project();
        assert_eq!(project.services["a"].env_file[0].path, "/srv/app/none.env");
    }

    #[test]
    fn mistakes_have_docker_composes_words() {
        for (service, expected) in [
            (
                "env_file: none.env",
                "4:15 env file /srv/app/none.env not found: stat /srv/app/none.env: no such file or directory",
            ),
            (
                "env_file: [one.env, {path: one.env, format: zip}]",
                "4:25 unsupported env_file format \"zip\"",
            ),
            (
                "label_file: [one.env, none]",
                "4:27 label file /srv/app/none not found: stat /srv/app/none: no such file or directory",
            ),
            (
                "env_file: bad.env",
                "1:3 failed to read /srv/app/bad.env: line 1: unterminated quoted value \"x",
            ),
        ] {
            assert_eq!(loaded(service).problems(), [expected], "{service}");
        }
    }

    #[test]
    fn all_mistakes_of_all_files_are_told() {
        let compose = "services:\n  a:\n    image: x\n    env_file: [one.env, two.env]\n  b:\n    \
            image: x\n    env_file: [one.env, {path: raw.env, format: raw}]\n    label_file: labels\n";
        let problems = Loaded::from(compose)
            .file("one.env", "A b=1\nC=1\nD!=2\n")
            .file("two.env", "E=$D$A\nF=${G\n")
            .file("raw.env", "H i=1\n=2\n")
            .file("labels", "J k=1\nL='x\n")
            .problems();
        let expected = [
            "1:1 failed to read /srv/app/one.env: line 1: key cannot contain a space",
            "3:1 failed to read /srv/app/one.env: line 3: unexpected character \"!\" in variable name \"D!=2\"",
            "2:3 failed to read /srv/app/two.env: Invalid template: \"${G\"",
            "1:1 failed to read /srv/app/raw.env: variable 'H i' contains whitespaces",
            "2:1 failed to read /srv/app/raw.env: no variable name on line '=2'",
            "1:1 failed to read /srv/app/labels: line 1: key cannot contain a space",
            "2:3 failed to read /srv/app/labels: line 2: unterminated quoted value 'x",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn a_broken_project_env_hides_no_other_mistake_and_brings_none() {
        let compose = "services:\n  a:\n    image: x:$GONE\n    ports: ['$PORT:80']\n    command: ${MUST?be}\n    \
            enviroment: {}\n    env_file: a.env\n    cpus: $LEFT\n";
        let loaded = |env: &str| {
            let loaded = Loaded::from(compose).file(".env", env);
            loaded.file("a.env", "A=${B?b}$C\nD e=1\n").problems()
        };
        let expected = [
            "1:1 failed to read /srv/app/.env: line 1: key cannot contain a space",
            "3:5 failed to read /srv/app/.env: Invalid template: \"${X\"",
            "6:5 ",
            "8:11 ",
            "2:1 failed to read /srv/app/a.env: line 2: key cannot contain a space",
        ];
        let problems = loaded("GONE x=1\nLEFT=many\nOFF=${X\n");
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, start) in problems.iter().zip(expected) {
            assert!(problem.starts_with(start), "{problems:#?}");
        }
        // It cannot be told any more which files are meant.
        assert_eq!(loaded("COMPOSE_FILE x=1\n").len(), 1);
    }
}
