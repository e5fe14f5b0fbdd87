//! Whole projects: an archive of Compose files, environment files and links.
//!
//! What stands before the first marker is `compose.yaml`; `override.yaml` is a second file of the
//! project when it is there, `process` holds the variables of the process, and all others are for
//! `include`, `extends`, `env_file` and so on to find.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bireme::compose::assemble::{Selection, assemble};
use bireme::compose::files::Memory;
use bireme::compose::hash::{self, Dialect};
use bireme::compose::load::{Failure, LoadOptions, merged};
use bireme::compose::model::Project;
use bireme::compose::source::Request;
use bireme::compose::{interpolate, render};

use super::archive::{Member, members};
use super::diagnostics;

const DIRECTORY: &str = "/srv/app";

/// What a project says, in all the ways in which it is said.
#[derive(Debug, PartialEq)]
struct Said {
    yaml: String,
    json: String,
    hashes: BTreeMap<String, String>,
}

/// Loads the project, whole and with stages left out. What is printed loads to the same project,
/// and a file that says nothing changes nothing.
pub fn check(data: &[u8]) {
    // What does not load has been drawn as its mistakes.
    let _ = holds(data, &["services: {}\nvolumes: {}\n# nothing\n"]);
}

/// [`check`], with these files that say nothing, each for itself. Fails where the project does not
/// load, with what keeps it.
pub fn holds(data: &[u8], nothing: &[&str]) -> Result<(), Box<Failure>> {
    let mut files = Memory::default();
    let mut request = Request {
        files: vec!["compose.yaml".to_owned()],
        project_name: Some("fuzz".to_owned()),
        current_directory: PathBuf::from(DIRECTORY),
        home: Some(PathBuf::from("/home/somebody")),
        ..Request::default()
    };
    for member in members(data, "compose.yaml") {
        match member {
            Member::File { name, content } if name == "process" => {
                let text = String::from_utf8_lossy(&content);
                let pairs = text.lines().filter_map(|line| line.split_once('='));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                request.environment.extend(pairs);
            }
            Member::File { name, content } => {
                if name == "override.yaml" && request.files.len() == 1 {
                    request.files.push(name.clone());
                }
                files = files.file(Path::new(DIRECTORY).join(name), content);
            }
            Member::Link { name, target } => {
                let directory = Path::new(DIRECTORY);
                files = files.link(directory.join(name), directory.join(target));
            }
        }
    }
    without_interpolation(&request, &files);
    let project = load(&request, &files)?;
    let said = say(&project);

    request.files.push("nothing.yaml".to_owned());
    for text in nothing {
        files = files.file(Path::new(DIRECTORY).join("nothing.yaml"), *text);
        match load(&request, &files) {
            Ok(project) => assert_eq!(said, say(&project), "{text:?} changes nothing"),
            Err(failure) => panic!("{text:?} keeps the project from loading: {failure}"),
        }
    }

    // Two things are printed as Docker Compose prints them, and mean something else when they are
    // read: a key `<<` that was no merge key, and an optional dependency on a service that no
    // profile enables.
    let disabled = |name: &String| !project.services.contains_key(name);
    if project.services.values().any(|service| service.depends_on.keys().any(disabled)) {
        return Ok(());
    }
    if !said.yaml.contains("<<:") {
        reload(&said, &said.yaml);
    }
    if is_yaml(&said.json) {
        reload(&said, &said.json);
    }
    Ok(())
}

/// Whether JSON can be read again. Docker Compose's, which ours is, has capitals for the devices of
/// `blkio_config`, which no file may have, and control characters that YAML refuses.
fn is_yaml(json: &str) -> bool {
    let refused = |it: char| it != '\u{85}' && it.is_control() && it > '\u{1f}';
    !json.contains("\"Path\":") && !json.contains(refused)
}

/// Loads what was printed, without the variables and files that it was made from.
fn reload(said: &Said, printed: &str) {
    let path = Path::new(DIRECTORY).join("compose.yaml");
    let files = Memory::default().file(path, printed);
    let request = Request {
        files: vec!["compose.yaml".to_owned()],
        current_directory: PathBuf::from(DIRECTORY),
        ..Request::default()
    };
    let options = LoadOptions::default();
    let loaded = merged(&request, &options, &files)
        .and_then(|merged| assemble(merged, &options, &Selection::default(), &files));
    match loaded {
        Ok((project, _)) => {
            let again = say(&project);
            // Docker Compose's JSON leaves most extensions out and has null for empty lists in the
            // others; so has the YAML made from it.
            if *printed != said.json || !said.yaml.contains("x-") {
                assert_eq!(said.yaml, again.yaml, "printed, loaded and printed");
            }
            assert_eq!(said.json, again.json, "printed, loaded and printed as JSON");
            assert_eq!(said.hashes, again.hashes, "the hashes of what was printed");
        }
        Err(failure) => panic!("what was printed does not load: {failure}\n{printed}"),
    }
}

fn load(request: &Request, files: &Memory) -> Result<Project, Box<Failure>> {
    let options = LoadOptions::default();
    let loaded = merged(request, &options, files)
        .and_then(|merged| assemble(merged, &options, &Selection::default(), files));
    match loaded {
        Ok((project, warnings)) => {
            diagnostics::check(&warnings, &project.sources);
            Ok(project)
        }
        Err(failure) => {
            diagnostics::check_failure(&failure.diagnostics, &failure.sources);
            Err(Box::new(failure))
        }
    }
}

fn without_interpolation(request: &Request, files: &Memory) {
    let options =
        LoadOptions { no_interpolate: true, no_path_resolution: true, ..LoadOptions::default() };
    match merged(request, &options, files) {
        Ok(merged) => {
            diagnostics::check(&merged.diagnostics, &merged.sources);
            interpolate::variables(&merged.tree);
            render::tree_yaml(&merged.tree);
            render::tree_json(&merged.tree);
        }
        Err(failure) => diagnostics::check_failure(&failure.diagnostics, &failure.sources),
    }
}

fn say(project: &Project) -> Said {
    let json = render::project_json(project);
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON is JSON");
    let hashes = project.services.iter();
    let hashes = hashes.map(|(name, it)| (name.clone(), hash::service(it, Dialect::V2))).collect();
    Said { yaml: render::project_yaml(project), json, hashes }
}
