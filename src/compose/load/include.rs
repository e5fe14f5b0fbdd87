//! `include`: other projects whose services, networks and so on become part of this one (Compose
//! Specification, Include).
//!
//! Each is loaded on its own, with its own directory and environment, up to absolute paths; what
//! comes out must not clash with the including document.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Loader;
use super::scope::Scope;
use crate::compose::files::absolute;
use crate::compose::limits;
use crate::compose::model::Included;
use crate::compose::remote::{PathUse, Remote};
use crate::compose::trace::Part;
use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Span, codes};

/// The sections that are taken over.
const SECTIONS: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// A text and where it is written.
type Written = (String, Span);

/// One item of `include`.
struct Inclusion {
    paths: Vec<Written>,
    project_directory: Option<String>,
    env_files: Vec<Written>,
}

/// Loads what a document includes and puts it into the document.
pub(super) fn apply(document: &mut Node, loader: &mut Loader<'_>, scope: &mut Scope) {
    let Some(mapping) = document.as_mapping_mut() else { return };
    let Some(include) = mapping.shift_remove("include") else { return };
    let items = match include.node.value {
        Value::Null => return,
        Value::Broken => return document.mark_incomplete(),
        Value::Sequence(items) => items,
        other => {
            let got = crate::compose::scalar_text::scalar_text(&other).into_owned();
            loader.report(
                Diagnostic::error(
                    codes::INCLUDE_NOT_A_LIST,
                    format!("`include` must be a list, got {got}"),
                )
                .at(include.key_span, "expected a list")
                .help("write each path as an item, after `- `"),
            );
            return document.mark_incomplete();
        }
    };
    let mut complete = true;
    for item in items {
        if item.is_broken() {
            complete = false;
            continue;
        }
        let Some(inclusion) = inclusion(&item) else {
            loader.report(
                Diagnostic::error(
                    codes::INCLUDE_BAD_ITEM,
                    "an item of `include` is a path or a mapping with `path`, `project_directory` and `env_file`",
                )
                .at(item.span, ""),
            );
            complete = false;
            continue;
        };
        match load(&inclusion, item.span, loader, scope) {
            Some(included) => {
                complete &= !included.is_incomplete();
                import(mapping, included, loader);
            }
            None => complete = false,
        }
    }
    if !complete {
        document.mark_incomplete();
    }
}

fn inclusion(item: &Node) -> Option<Inclusion> {
    match &item.value {
        Value::String(path) => Some(Inclusion {
            paths: vec![(path.clone(), item.span)],
            project_directory: None,
            env_files: Vec::new(),
        }),
        Value::Mapping(mapping) => Some(Inclusion {
            paths: texts(mapping, "path")?,
            project_directory: match mapping.get("project_directory") {
                Some(entry) => {
                    Some(entry.node.as_str()?.to_owned()).filter(|text| !text.is_empty())
                }
                None => None,
            },
            env_files: texts(mapping, "env_file")?,
        }),
        _ => None,
    }
}

fn texts(mapping: &Mapping, key: &str) -> Option<Vec<Written>> {
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span));
    match mapping.get(key).map(|entry| &entry.node) {
        None => Some(Vec::new()),
        Some(node) => match &node.value {
            Value::Sequence(items) => items.iter().map(text).collect(),
            _ => Some(vec![text(node)?]),
        },
    }
}

fn load(inclusion: &Inclusion, item: Span, loader: &mut Loader<'_>, scope: &Scope) -> Option<Node> {
    let paths = paths(inclusion, loader, scope)?;
    let (main, main_span) = paths.first()?;
    if scope.chain.iter().any(|(file, _)| file == main) {
        report_cycle(main, *main_span, loader, scope);
        return None;
    }
    check_number(*main_span, loader, scope)?;

    let (directory, base) = match &inclusion.project_directory {
        None => {
            let directory = main.parent().unwrap_or(Path::new("/")).to_owned();
            (directory.clone(), directory)
        }
        Some(written) => {
            let directory = absolute(&scope.directory, Path::new(written));
            // Docker Compose bases paths on the parent of a directory that is not there.
            let exists = loader.files.is_directory(&directory);
            let base = if exists { Some(directory.as_path()) } else { directory.parent() };
            let base = base.unwrap_or(Path::new("/")).to_owned();
            (directory, base)
        }
    };
    let size = scope.environment.iter().map(|(name, value)| name.len() + value.len()).sum();
    if let Err(error) = loader.texts.count(size, 0) {
        loader.report(error.at(*main_span, ""));
        return None;
    }
    if !loader.is_remote(*main_span)
        && inclusion.project_directory.is_some()
        && let Some(copy) = loader.guard.copy_of(main).cloned()
    {
        loader.guard.give_directory(&copy, &directory);
    }
    let mut environment = scope.environment.clone();
    // A file from afar shares what it may know with what it includes; a local one does not.
    let mut given =
        if loader.is_remote(*main_span) { scope.given.clone() } else { BTreeSet::new() };
    let env_files = env_files(inclusion, &directory, loader, scope)?;
    for (file, span) in &env_files {
        if !loader.may_use(span.unwrap_or(*main_span), file, PathUse::EnvFile) {
            return None;
        }
    }
    let paths: Vec<_> = paths.into_iter().map(|(path, span)| (path, Some(span))).collect();
    loader.trace.enter(Part::Included { item });
    let sound = loader.add_env_files(&env_files, &mut environment, &mut given);
    let mut included = Scope::new(directory, scope.base_for(&base), environment);
    included.given = given;
    included.included = Some(Arc::new(added(&env_files, scope, &included.environment)));
    included.chain.clone_from(&scope.chain);
    let are_all_known = loader.tally.are_all_known;
    loader.tally.are_all_known &= sound;
    let mut model = loader.model(&paths, &mut included);
    loader.tally.are_all_known = are_all_known;
    if !sound {
        model.mark_incomplete();
    }
    loader.trace.leave();
    Some(model)
}

/// What inclusions down to this one have added to the main project's variables.
fn added(
    env_files: &[(PathBuf, Option<Span>)],
    scope: &Scope,
    environment: &BTreeMap<String, String>,
) -> Included {
    let mut included = scope.included.as_deref().cloned().unwrap_or_default();
    included.env_files.push(env_files.iter().map(|(file, _)| file.clone()).collect());
    let own = environment.iter().filter(|(name, _)| !scope.environment.contains_key(*name));
    included.variables.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    included
}

/// The files of an inclusion, those from afar by their local copies. `None` if one of them cannot be
/// had, or not yet.
fn paths(
    inclusion: &Inclusion,
    loader: &mut Loader<'_>,
    scope: &Scope,
) -> Option<Vec<(PathBuf, Span)>> {
    let mut paths = Vec::with_capacity(inclusion.paths.len());
    for (written, span) in &inclusion.paths {
        let path = if Remote::of(written).is_some() {
            loader.fetch(written, Some(*span)).map(|copy| copy.file)
        } else {
            let path = scope.absolute(written);
            loader.may_use(*span, &path, PathUse::Compose).then_some(path)
        };
        paths.extend(path.map(|path| (path, *span)));
    }
    (paths.len() == inclusion.paths.len()).then_some(paths)
}

/// The environment files of an inclusion: those written, or the `.env` of its directory.
fn env_files(
    inclusion: &Inclusion,
    directory: &Path,
    loader: &mut Loader<'_>,
    scope: &Scope,
) -> Option<Vec<(PathBuf, Option<Span>)>> {
    if inclusion.env_files.is_empty() {
        let default = directory.join(".env");
        let found = loader.files.is_file(&default);
        return Some(found.then_some((default, None)).into_iter().collect());
    }
    let mut files = Vec::with_capacity(inclusion.env_files.len());
    for (written, span) in inclusion.env_files.iter().filter(|(path, _)| path != "/dev/null") {
        let path = scope.absolute(written);
        let shown = path.display();
        let problem = if loader.files.is_directory(&path) {
            format!("{shown} is not a file")
        } else if loader.files.is_file(&path) {
            files.push((path, Some(*span)));
            continue;
        } else {
            format!("stat {shown}: no such file or directory")
        };
        loader.report(Diagnostic::error(codes::INCLUDE_ENV_FILE, problem).at(*span, ""));
        return None;
    }
    Some(files)
}

/// Files that include each other twice double the work with every level.
fn check_number(place: Span, loader: &mut Loader<'_>, scope: &Scope) -> Option<()> {
    loader.inclusions += 1;
    let problem = if scope.chain.len() > limits::INCLUSION_DEPTH {
        format!("more than {} files include each other in a chain", limits::INCLUSION_DEPTH)
    } else if loader.inclusions == limits::INCLUSIONS + 1 {
        format!("more than {} files are included", limits::INCLUSIONS)
    } else {
        // What is beyond the limit was reported with the first.
        return (loader.inclusions <= limits::INCLUSIONS).then_some(());
    };
    loader.report(
        Diagnostic::error(codes::INCLUDE_TOO_MANY, problem)
            .at(place, "the limit is passed here")
            .help("a file counts each time that it is included, also through others"),
    );
    None
}

fn report_cycle(file: &Path, span: Span, loader: &mut Loader<'_>, scope: &Scope) {
    let start = scope.chain.iter().position(|(other, _)| other == file).unwrap_or(0);
    let cycle = &scope.chain[start..];
    let files: Vec<String> = cycle
        .iter()
        .map(|(file, _)| file.as_path())
        .chain([file])
        .map(|file| file.display().to_string())
        .collect();
    let mut diagnostic = Diagnostic::error(
        codes::INCLUDE_CYCLE,
        format!("include cycle detected: {}", files.join(" include ")),
    )
    .at(span, "includes a file that leads here");
    for (_, span) in cycle.iter().skip(1) {
        diagnostic = diagnostic.with_context(*span, "on the way");
    }
    loader.report(diagnostic.help("remove one of these includes"));
}

/// Puts what an inclusion defines into the document that includes it.
fn import(document: &mut Mapping, mut included: Node, loader: &mut Loader<'_>) {
    for section in SECTIONS {
        let Some(from) = included.as_mapping_mut().and_then(|tree| tree.shift_remove(section))
        else {
            continue;
        };
        let resources = match from.node.value {
            Value::Mapping(resources) => resources,
            Value::Broken => {
                document.insert(section.to_owned(), from);
                continue;
            }
            _ => continue,
        };
        let Entry { key_span, node: Node { span, .. } } = from;
        let to = document.get_or_insert_with(section, || Entry {
            key_span,
            node: Node::new(Value::Mapping(Mapping::new()), span),
        });
        // What is not a mapping here is for the schema to refuse.
        let Some(to) = to.node.as_mapping_mut() else { continue };
        for (name, resource) in resources {
            match to.get(&name) {
                None => {
                    to.insert(name, resource);
                }
                Some(other) if other.node.is_broken() || resource.node.is_broken() => {}
                Some(other) if other.node.same_value(&resource.node) => {}
                Some(other) => loader.report(
                    Diagnostic::error(
                        codes::INCLUDE_CONFLICT,
                        format!("{section}.{name} conflicts with imported resource"),
                    )
                    .at(other.key_span, "defined here")
                    .with_context(resource.key_span, "and, differently, in an included file")
                    .help("change an included definition in a file beside the included one, under the same `path`"),
                ),
            }
        }
    }
}
