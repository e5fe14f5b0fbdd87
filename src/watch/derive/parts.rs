//! Which part of a source a command means by a path.

use std::path::Path;

use super::copies::{Form, Places, Source, below};
use super::reads::Named;
use crate::build::dockerignore::Matcher;
use crate::compose::files::FileKind;

/// What of a source that lies at a path a name means.
pub(super) fn part(
    source: &Source,
    target: &str,
    named: &Named,
    places: &Places<'_>,
) -> Option<Source> {
    let (path, pattern) = split_pattern(&named.path);
    let whole = || Some(source.clone());
    // What is around the source has it whole.
    if let Some(rest) = below(target, path).filter(|rest| !rest.is_empty() || pattern.is_none()) {
        let is_meant = pattern.is_none_or(|it| matches(it, rest.split('/').next().unwrap_or(rest)));
        let depth = if rest.is_empty() { 0 } else { rest.split('/').count() };
        // A name means itself, a pattern what is right there.
        let is_file = source.form == Form::File && depth == usize::from(pattern.is_some());
        return if is_meant && (named.is_tree || is_file) { whole() } else { None };
    }
    let rest = below(path, target)?;
    let in_directory = |form: Form| {
        let path = if rest.is_empty() { source.path.clone() } else { source.path.join(rest) };
        let relative = path.strip_prefix(places.context).ok().and_then(Path::to_str);
        let is_ignored = relative.is_some_and(|it| !it.is_empty() && places.ignored.matches(it));
        (!is_ignored).then(|| Source { path, form, ..source.clone() })
    };
    let kind = || places.files.kind(&source.path.join(rest));
    match (&source.form, pattern) {
        (Form::File, _) => None,
        (Form::Names(_), Some(_)) => whole().filter(|_| rest.is_empty()),
        (Form::Names(own), None) => {
            let is_own =
                !rest.contains('/') && matches(own, rest) && kind() == Some(FileKind::File);
            in_directory(Form::File).filter(|_| is_own)
        }
        (Form::Directory, Some(_)) if kind() != Some(FileKind::Directory) => None,
        (Form::Directory, Some("*")) => in_directory(Form::Directory),
        (Form::Directory, Some(pattern)) => in_directory(Form::Names(pattern.to_owned())),
        (Form::Directory, None) => match kind()? {
            FileKind::File => in_directory(Form::File),
            // Installers fill these.
            FileKind::Directory => in_directory(Form::Directory).filter(|it| {
                named.is_tree && !INSTALLED.iter().any(|name| it.path.ends_with(name))
            }),
        },
    }
}

/// Whether a name is one of a pattern.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    Matcher::new(&[pattern]).is_ok_and(|it| it.matches(name))
}

/// A path up to its first pattern, and that; one with more behind it means everything there.
fn split_pattern(path: &str) -> (&str, Option<&str>) {
    let Some(at) = path.find(['*', '?', '[']) else { return (path, None) };
    let slash = path.get(..at).and_then(|it| it.rfind('/')).unwrap_or_default();
    let (directory, rest) = path.split_at(slash);
    let name = rest.trim_start_matches('/');
    let directory = if directory.is_empty() { "/" } else { directory };
    (directory, Some(if name.contains('/') { "*" } else { name }))
}

/// Directories that installers fill though the host may have them, too.
const INSTALLED: [&str; 4] = ["node_modules", "vendor", ".venv", "venv"];
