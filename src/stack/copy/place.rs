//! Where a copy goes, and under which name, by the rules of `docker cp`: a trailing `/` asks for a
//! directory, a trailing `/.` for what is inside one. Lexical, as Docker's: paths are not looked at.

use super::CopyError;
pub(super) use crate::compose::paths::clean;

/// What is copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// Its path.
    pub(super) path: String,
    /// Whether it is a directory.
    pub(super) is_directory: bool,
    /// The name that was asked for, where a symbolic link was followed to another one.
    pub(super) asked: Option<String>,
}

/// Where it is copied to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Destination {
    /// The path, symbolic links at its end resolved.
    pub(super) path: String,
    /// Whether something is there.
    pub(super) exists: bool,
    /// Whether that is a directory.
    pub(super) is_directory: bool,
}

/// Where an archive is unpacked, and what its root is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placement {
    /// The directory.
    pub(super) directory: String,
    /// The name of the root; `.` for the content of a directory.
    pub(super) name: String,
}

/// Decides where a copy goes.
///
/// # Errors
/// A directory onto a file, and a file into a directory that is not there.
pub(super) fn place(source: &Source, destination: &Destination) -> Result<Placement, CopyError> {
    let (directory, name) = split(&destination.path);
    match (destination.exists, destination.is_directory, source.is_directory) {
        (true, true, _) => {
            let name = source.asked.clone().unwrap_or_else(|| split(&source.path).1);
            // The root directory has no name.
            let name = if name == "/" { ".".to_owned() } else { name };
            Ok(Placement { directory: destination.path.clone(), name })
        }
        (true, false, true) => Err(CopyError::DirectoryOntoFile),
        (false, _, false) if asks_for_directory(&destination.path) => {
            Err(CopyError::NoSuchDirectory)
        }
        _ => Ok(Placement { directory, name }),
    }
}

/// A path's directory and last part; of `a/.` that is `a` and `.`.
pub(super) fn split(path: &str) -> (String, String) {
    let cleaned = clean(path);
    if asks_for_content(path) {
        return (cleaned, ".".to_owned());
    }
    match cleaned.rsplit_once('/') {
        Some(("", "")) => ("/".to_owned(), "/".to_owned()),
        Some(("", name)) => ("/".to_owned(), name.to_owned()),
        Some((directory, name)) => (directory.to_owned(), name.to_owned()),
        None => (".".to_owned(), cleaned),
    }
}

/// `path` below `directory`, unless it is absolute, in its shortest form; a trailing `/` or `/.`
/// stays, since it has a meaning.
pub(super) fn absolute(directory: &str, path: &str) -> String {
    let joined =
        if path.starts_with('/') { clean(path) } else { clean(&format!("{directory}/{path}")) };
    keep_ending(joined, path)
}

/// The path that a symbolic link leads to, with the ending of the link's own path, and the link's
/// name where the target has another.
pub(super) fn followed(path: &str, target: String) -> (String, Option<String>) {
    let target = keep_ending(target, path);
    let asked = last_part(path);
    let renamed = (asked != last_part(&target)).then_some(asked);
    (target, renamed)
}

/// Whether a path ends with `/`, or in `.`, as one that is empty does.
pub(super) fn asks_for_directory(path: &str) -> bool {
    path.ends_with('/') || asks_for_content(path)
}

fn asks_for_content(path: &str) -> bool {
    path.is_empty() || path == "." || path.ends_with("/.")
}

fn keep_ending(mut path: String, original: &str) -> String {
    if asks_for_content(original) && !asks_for_content(&path) {
        if !path.ends_with('/') {
            path.push('/');
        }
        path.push('.');
    } else if original.ends_with('/') && !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// The last part as Go's `path.Base` has it: slashes at the end do not count.
fn last_part(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".".to_owned(),
        "" => "/".to_owned(),
        rest => rest.rsplit('/').next().unwrap_or(rest).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_where_docker_cp_puts_it() {
        const FILE: (bool, bool) = (true, false);
        const DIRECTORY: (bool, bool) = (true, true);
        const NOTHING: (bool, bool) = (false, false);
        for (source, is_directory, destination, there, expected) in [
            ("/a/x", false, "/b", DIRECTORY, Ok(("/b", "x"))),
            ("/a/x", false, "/b/", DIRECTORY, Ok(("/b/", "x"))),
            ("/a/x", false, "/b/y", FILE, Ok(("/b", "y"))),
            ("/a/x", false, "/b/y", NOTHING, Ok(("/b", "y"))),
            ("/a/x", false, "/b/y/", NOTHING, Err("no such directory")),
            ("/a/x", false, "", NOTHING, Err("no such directory")),
            ("/a/d", true, "/b", DIRECTORY, Ok(("/b", "d"))),
            ("/a/d/", true, "/b", DIRECTORY, Ok(("/b", "d"))),
            ("/a/d/.", true, "/b", DIRECTORY, Ok(("/b", "."))),
            ("/", true, "/b", DIRECTORY, Ok(("/b", "."))),
            ("/a/d", true, "/b/e", NOTHING, Ok(("/b", "e"))),
            ("/a/d/.", true, "/b/e", NOTHING, Ok(("/b", "e"))),
            ("/a/d", true, "/b/e/", NOTHING, Ok(("/b", "e"))),
            ("/a/d", true, "/b/e", FILE, Err("cannot copy directory")),
        ] {
            let source = Source { path: source.to_owned(), is_directory, asked: None };
            let destination = Destination {
                path: destination.to_owned(),
                exists: there.0,
                is_directory: there.1,
            };
            let placed = place(&source, &destination);
            match (&placed, expected) {
                (Ok(placed), Ok((directory, name))) => {
                    assert_eq!(
                        (placed.directory.as_str(), placed.name.as_str()),
                        (directory, name)
                    );
                }
                (Err(error), Err(words)) => assert_eq!(error.to_string(), words),
                _ => panic!("{source:?} to {destination:?}: {placed:?}"),
            }
        }
    }

    #[test]
    fn paths_are_shortened_but_keep_a_meaningful_ending() {
        for (path, expected) in [
            ("x", "/w/x"),
            (".", "/w/."),
            ("", "/w/."),
            ("./d/", "/w/d/"),
            ("d/./e/.", "/w/d/e/."),
            ("../../../y", "/y"),
            ("/a//b/../c", "/a/c"),
            ("/", "/"),
        ] {
            assert_eq!(absolute("/w", path), expected, "{path}");
        }
        for (path, expected) in [("a/..", "."), ("../a", "../a"), ("", "."), ("/..", "/")] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    #[test]
    fn a_followed_link_keeps_its_name() {
        let renamed = |name: &str| Some(name.to_owned());
        for (path, target, expected, name) in [
            ("/l/link", "/t/real", "/t/real", renamed("link")),
            ("/l/same", "/t/same", "/t/same", None),
            ("/l/link/", "/t/real", "/t/real/", renamed("link")),
            ("/l/link/.", "/t/real", "/t/real/.", None),
        ] {
            let (followed, asked) = followed(path, target.to_owned());
            assert_eq!((followed.as_str(), asked), (expected, name), "{path}");
        }
    }
}
