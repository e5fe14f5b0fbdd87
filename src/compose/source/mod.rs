//! Which files make up a project, where it is, and which variables it sees.
//!
//! Works out what flags, `COMPOSE_…` variables, environment files and the names of files in the
//! directories above say together. Reads environment files, but no Compose file.

mod environment;
mod name;
mod search;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::environment::Environment;
pub use self::name::{
    NameCandidates, NameSource, ProjectName, glimpsed_name, link_warning, normalize, project_name,
};
pub use self::search::overrides;
use super::files::{Files, absolute};
use super::remote::{Remote, Trust};
use super::trace::{Purpose, Trace, Untraced};
use crate::diagnostic::{Diagnostic, SourceMap, codes};

/// What the command line and the process say about the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The values of `-f`, as they were given.
    pub files: Vec<String>,
    /// The value of `--project-directory`.
    pub project_directory: Option<PathBuf>,
    /// The value of `-p`.
    pub project_name: Option<String>,
    /// The values of `--env-file`.
    pub env_files: Vec<PathBuf>,
    /// The values of `--profile`.
    pub profiles: Vec<String>,
    /// Where the process is; absolute.
    pub current_directory: PathBuf,
    /// The variables of the process.
    pub environment: BTreeMap<String, String>,
    /// What `~` stands for in the files.
    pub home: Option<PathBuf>,
    /// What files of other machines may have of this one.
    pub trust: Trust,
}

/// Where a Compose file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigFile {
    /// Standard input, written `-`.
    Stdin,
    /// A file on this machine; absolute.
    Path(PathBuf),
    /// A reference to an OCI artifact or a Git repository, as it was written.
    Remote(String),
}

/// Where a project is and what it sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// Its Compose files in the order of merging. May be empty: a command that needs only the
    /// project's name works without; others report [`no_file`].
    pub files: Vec<ConfigFile>,
    /// What relative paths are based on; absolute. Of a project whose first file is remote: the
    /// current directory, until the file's local copy is known.
    pub working_directory: PathBuf,
    /// Environment files that were asked for, absolute; empty when only `.env` was read.
    pub env_files: Vec<PathBuf>,
    /// The variables of the process and, where it has none, of environment files.
    pub environment: BTreeMap<String, String>,
    /// The profiles to enable.
    pub profiles: Vec<String>,
    /// What may not be as its author thinks.
    pub warnings: Vec<Diagnostic>,
    /// What is wrong with environment files. If anything is, the rest is made of the lines without
    /// mistakes: good to look for more mistakes, and not to work with.
    pub mistakes: Vec<Diagnostic>,
}

/// Finds the project that is asked for. Texts of environment files go into `sources`.
pub fn locate(
    request: &Request,
    files: &dyn Files,
    sources: &mut SourceMap,
) -> Result<Located, Vec<Diagnostic>> {
    let located = locate_traced(request, files, sources, &mut Untraced)?;
    if located.mistakes.is_empty() { Ok(located) } else { Err(located.mistakes) }
}

/// [`locate`], and tells what it does. With mistakes in environment files, the project comes with
/// them as long as they do not hide which files it has.
pub fn locate_traced(
    request: &Request,
    files: &dyn Files,
    sources: &mut SourceMap,
    trace: &mut dyn Trace,
) -> Result<Located, Vec<Diagnostic>> {
    let mut environment = Environment::new(request, files, sources, trace);
    let found = find(request, files, &mut environment);
    let Environment { variables, warnings, mut mistakes, is_astray, .. } = environment;
    let mut located = match found {
        Ok(located) if !is_astray => located,
        Ok(_) => return Err(mistakes),
        Err(problem) => {
            mistakes.push(*problem);
            return Err(mistakes);
        }
    };
    located.warnings.extend(warnings);
    let profiles = profiles(request, &variables);
    Ok(Located { profiles, environment: variables, mistakes, ..located })
}

/// Finds the Compose files, and the environment files on the way.
fn find(
    request: &Request,
    files: &dyn Files,
    environment: &mut Environment<'_>,
) -> Result<Located, Box<Diagnostic>> {
    let env_files = environment.requested_files();
    let given: Vec<ConfigFile> =
        request.files.iter().map(|file| config_file(request, file)).collect();
    let first_directory = working_directory(request, &given);
    if env_files.is_empty() {
        environment.add_default_file(&first_directory)?;
    } else {
        environment.add_files(Purpose::Requested, &env_files);
    }
    let mut config_files = given;
    if config_files.is_empty() {
        config_files = listed_files(request, &environment.variables, files)?;
    }
    let mut warnings = Vec::new();
    if config_files.is_empty() {
        let found = search::search(&first_directory, files, &mut warnings);
        config_files = found.into_iter().map(ConfigFile::Path).collect();
    }
    // The file may have been found elsewhere, where another `.env` fills in what is missing.
    let directory = working_directory(request, &config_files);
    if env_files.is_empty() && directory != first_directory {
        environment.add_default_file(&directory)?;
    }
    Ok(Located {
        files: config_files,
        working_directory: directory,
        env_files,
        warnings,
        ..Located::default()
    })
}

/// The error of a command that needs a Compose file when there is none.
pub fn no_file() -> Diagnostic {
    Diagnostic::error(codes::FILE_NONE, "no configuration file provided: not found").help(
        "give a file with `-f`, or run this where a `compose.yaml` is, or in a directory below",
    )
}

fn config_file(request: &Request, file: &str) -> ConfigFile {
    if file == "-" {
        return ConfigFile::Stdin;
    }
    match Remote::of(file) {
        Some(_) => ConfigFile::Remote(file.to_owned()),
        None => ConfigFile::Path(absolute(&request.current_directory, Path::new(file))),
    }
}

/// The files that `COMPOSE_FILE` names; none if it is not set or empty. Unlike `-f`, it must name
/// files that exist.
fn listed_files(
    request: &Request,
    variables: &BTreeMap<String, String>,
    files: &dyn Files,
) -> Result<Vec<ConfigFile>, Box<Diagnostic>> {
    let Some(list) = variables.get("COMPOSE_FILE") else { return Ok(Vec::new()) };
    let separator = match variables.get("COMPOSE_PATH_SEPARATOR") {
        Some(separator) if !separator.is_empty() => separator,
        _ if cfg!(windows) => ";",
        _ => ":",
    };
    let mut listed = Vec::new();
    // A remote reference has colons of its own, so that it cannot stand in a list.
    for entry in list.split(separator).filter(|entry| !entry.is_empty()) {
        if entry == "-" {
            listed.push(ConfigFile::Stdin);
            continue;
        }
        let path = absolute(&request.current_directory, Path::new(entry));
        if files.kind(&path).is_none() {
            let message = format!("stat {}: no such file or directory", path.display());
            return Err(Box::new(
                Diagnostic::error(codes::FILE_UNREADABLE, message)
                    .help("`COMPOSE_FILE` names it; correct or unset the variable"),
            ));
        }
        listed.push(ConfigFile::Path(path));
    }
    Ok(listed)
}

fn working_directory(request: &Request, files: &[ConfigFile]) -> PathBuf {
    let current = &request.current_directory;
    if let Some(directory) = &request.project_directory
        && !directory.as_os_str().is_empty()
    {
        return absolute(current, directory);
    }
    match files.iter().find(|file| **file != ConfigFile::Stdin) {
        Some(ConfigFile::Path(path)) => path.parent().unwrap_or(path).to_owned(),
        _ => current.clone(),
    }
}

/// The profiles of `--profile`, or else those of `COMPOSE_PROFILES`. Where neither names one, the
/// profile without a name is active, as it is for Docker Compose.
fn profiles(request: &Request, variables: &BTreeMap<String, String>) -> Vec<String> {
    if !request.profiles.is_empty() {
        return request.profiles.clone();
    }
    let list = variables.get("COMPOSE_PROFILES").map_or("", String::as_str);
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests;
