//! Where the files of a stage come from: what was copied or mounted to where.

use crate::packages::context::BuildContext;

/// Something that is put into a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copied {
    /// Whence.
    pub(super) from: Source,
    /// Where to: absolute, without a slash at its end.
    pub(super) to: String,
    /// Whether it goes into a directory of that name in any case.
    pub(super) into: bool,
}

/// Where something is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The build context: a path without a slash at its beginning, which may be a pattern.
    Context(String),
    /// Another stage: its number and an absolute path.
    Stage(usize, String),
    /// The Dockerfile itself: the text and its first line.
    Inline(String, u32),
}

/// A file of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StageFile {
    /// The file that its text is in, as it is called in the build context; `None` for the Dockerfile.
    pub(super) path: Option<String>,
    /// Its text.
    pub(super) text: String,
    /// How many lines of the file that it is in are before it.
    pub(super) lines_before: u32,
}

/// Looks for a file of a stage, by its absolute path. What was put there last counts. `stages` knows
/// what was put into others.
pub(super) fn find(
    path: &str,
    copied: &[Copied],
    stages: &dyn Fn(usize) -> Vec<Copied>,
    context: &dyn BuildContext,
) -> Option<StageFile> {
    // A stage is only ever copied from by later ones, so this ends.
    copied.iter().rev().find_map(|one| {
        candidates(path, one).into_iter().find_map(|candidate| match (&one.from, candidate) {
            (Source::Context(_), candidate) => {
                let text = context.read(&candidate)?;
                Some(StageFile { path: Some(candidate), text, lines_before: 0 })
            }
            (Source::Stage(number, _), candidate) => {
                find(&absolute("/", &candidate), &stages(*number), stages, context)
            }
            (Source::Inline(text, lines_before), _) => {
                Some(StageFile { path: None, text: text.clone(), lines_before: *lines_before })
            }
        })
    })
}

/// The paths at the source that may have become this one.
fn candidates(path: &str, copied: &Copied) -> Vec<String> {
    let source = match &copied.from {
        Source::Context(source) | Source::Stage(_, source) => source.trim_matches('/'),
        Source::Inline(..) => {
            return if path == copied.to { vec![String::new()] } else { Vec::new() };
        }
    };
    let to = copied.to.trim_end_matches('/');
    let mut found = Vec::new();
    if path == copied.to && !copied.into {
        found.push(source.to_owned());
    }
    let Some(rest) = path.strip_prefix(to).and_then(|rest| rest.strip_prefix('/')) else {
        return found;
    };
    let (directory, name) = source.rsplit_once('/').unwrap_or(("", source));
    if !rest.contains('/') && matches_pattern(name, rest) {
        // A file that keeps its name.
        found.push(join(directory, rest));
    }
    if name.contains(['*', '?', '[']) {
        return found;
    }
    // The content of a directory.
    found.push(join(source, rest));
    found
}

fn join(directory: &str, rest: &str) -> String {
    match directory.trim_matches('/') {
        "" | "." => rest.to_owned(),
        directory => format!("{directory}/{rest}"),
    }
}

/// Whether a name is one that a pattern with `*` and `?` means.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut characters = pattern.chars();
    match characters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = characters.as_str();
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .any(|at| matches_pattern(rest, name.get(at..).unwrap_or_default()))
        }
        Some(wanted) => {
            let mut rest = name.chars();
            let first = rest.next();
            first.is_some_and(|it| wanted == '?' || wanted == it)
                && matches_pattern(characters.as_str(), rest.as_str())
        }
    }
}

/// An absolute path without `.` and `..`: `path`, seen from a directory.
pub(super) fn absolute(directory: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The directory that a path is in.
pub(super) fn directory_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((directory, _)) => directory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(from: &str, to: &str, into: bool) -> Copied {
        Copied { from: Source::Context(from.to_owned()), to: to.to_owned(), into }
    }

    #[test]
    fn files_come_from_where_they_were_copied() {
        let context = |path: &str| {
            ["requirements/prod.txt", "requirements.txt", "requirements-dev.txt", "src/a/setup.py"]
                .contains(&path)
                .then(|| path.to_owned())
        };
        for (from, to, into, path, expected) in [
            (
                "requirements/prod.txt",
                "/app/req.txt",
                false,
                "/app/req.txt",
                Some("requirements/prod.txt"),
            ),
            ("requirements.txt", "/app", true, "/app/requirements.txt", Some("requirements.txt")),
            ("requirements.txt", "/app", false, "/app/requirements.txt", Some("requirements.txt")),
            (
                "./requirements*.txt",
                "/app",
                true,
                "/app/requirements-dev.txt",
                Some("requirements-dev.txt"),
            ),
            ("requirements*.txt", "/app", true, "/app/setup.py", None),
            (".", "/app", false, "/app/requirements/prod.txt", Some("requirements/prod.txt")),
            ("", "/", false, "/requirements.txt", Some("requirements.txt")),
            ("requirements", "/req", true, "/req/prod.txt", Some("requirements/prod.txt")),
            ("src/", "/app", true, "/app/a/setup.py", Some("src/a/setup.py")),
            ("src", "/app", true, "/app/b/setup.py", None),
            (".", "/app", false, "/other/requirements.txt", None),
        ] {
            let from = absolute("/", from);
            let list = [copied(from.trim_start_matches('/'), to, into)];
            let found = find(path, &list, &|_| Vec::new(), &context);
            let found = found.and_then(|file| file.path);
            assert_eq!(found.as_deref(), expected, "{from} {to} {path}");
        }
    }

    #[test]
    fn the_last_copy_counts_and_stages_are_followed() {
        let context = |path: &str| (path == "a" || path == "b").then(|| path.to_owned());
        let list = [copied("a", "/x", false), copied("b", "/x", false)];
        let text = |list: &[Copied], path: &str| {
            let stages = |_| vec![copied("a", "/in/x", false)];
            find(path, list, &stages, &context).map(|file| file.text)
        };
        assert_eq!(text(&list, "/x").as_deref(), Some("b"));
        let from = Source::Stage(0, "/in".to_owned());
        let list = [Copied { from, to: "/out".to_owned(), into: false }];
        assert_eq!(text(&list, "/out/x").as_deref(), Some("a"));
    }

    #[test]
    fn paths_are_made_plain() {
        assert_eq!(absolute("/app", "../x/./y//z"), "/x/y/z");
        assert_eq!(absolute("/app", "/"), "/");
        assert_eq!(absolute("/", "../.."), "/");
        assert_eq!((directory_of("/a"), directory_of("/a/b"), directory_of("a")), ("/", "/a", "/"));
    }
}
