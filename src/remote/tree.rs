//! Names, links and sizes that come from the other side, judged before anything is written.

use super::error::Problem;

/// Bytes of one file.
pub(super) const FILE_LIMIT: u64 = 256 * 1024 * 1024;
/// Bytes of all files of a reference.
pub(super) const TOTAL_LIMIT: u64 = 1024 * 1024 * 1024;
/// Files of a reference.
pub(super) const COUNT_LIMIT: usize = 200_000;
/// Bytes of a name.
const NAME_LIMIT: usize = 255;
/// Bytes of a path.
const PATH_LIMIT: usize = 2048;

/// A relative path of plain names, as `a/b`: nothing absolute, no `.` or `..`, no `\`, which is a
/// separator elsewhere, nothing that Git would take for its own directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TreePath(String);

impl TreePath {
    /// A path within a tree.
    pub(super) fn new(path: &str) -> Result<Self, Problem> {
        let refused = |why: &str| {
            Problem::new(format!("it holds a file named {path:?}, which {why}"))
                .help("this is not a name that a well-meant project has; ask who published it")
        };
        if path.len() > PATH_LIMIT {
            return Err(refused("is too long"));
        }
        for name in path.split('/') {
            match name {
                "" => return Err(refused("is absolute or has an empty part")),
                "." | ".." => return Err(refused("leads elsewhere")),
                _ if name.len() > NAME_LIMIT => return Err(refused("is too long")),
                _ if name.contains('\\') || (cfg!(windows) && name.contains(':')) => {
                    return Err(refused("holds a separator"));
                }
                _ if name.chars().any(char::is_control) => {
                    return Err(refused("holds control characters"));
                }
                _ if is_git_directory(name) => return Err(refused("is Git's own")),
                _ => {}
            }
        }
        Ok(Self(path.to_owned()))
    }

    /// The name of a file that lies in no directory.
    pub(super) fn name(name: &str) -> Result<Self, Problem> {
        if name.contains('/') {
            let reason = format!("it holds a file named {name:?}, which holds a separator");
            return Err(Problem::new(reason)
                .help("files of an artifact lie in one directory; ask who published it"));
        }
        Self::new(name)
    }

    /// The path with `/` between its names.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The directories on the way, outermost first.
    pub(super) fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

/// `.git` in any spelling that a file system may take for it.
fn is_git_directory(name: &str) -> bool {
    // Some file systems ignore these characters, others dots and blanks at the end.
    let kept: String = name
        .chars()
        .filter(|it| !matches!(it, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'))
        .collect();
    let kept = kept.trim_end_matches(['.', ' ']).to_lowercase();
    kept == ".git" || kept == "git~1"
}

/// Whether a symbolic link stays within the tree: a relative path that goes up at its start only, and
/// not further than the link is deep. What it then goes down through may be links too, which stay
/// within the tree themselves.
pub(super) fn check_link(path: &TreePath, target: &str) -> Result<(), Problem> {
    let refused = || {
        Problem::new(format!(
            "it holds a link {:?} to {target:?}, which leads out of it",
            path.as_str()
        ))
        .help("links may lead to other files of the same project only")
    };
    if target.is_empty() || target.starts_with('/') || target.len() > PATH_LIMIT {
        return Err(refused());
    }
    if target.contains(['\\', '\0']) {
        return Err(refused());
    }
    let mut depth = path.parents().count();
    let mut down = false;
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." if down || depth == 0 => return Err(refused()),
            ".." => depth -= 1,
            name if is_git_directory(name) => return Err(refused()),
            _ => down = true,
        }
    }
    Ok(())
}

/// Adds up sizes and refuses what is too large.
#[derive(Debug, Default)]
pub(super) struct Measure {
    files: usize,
    bytes: u64,
}

impl Measure {
    /// Adds a file.
    pub(super) fn add(&mut self, path: &TreePath, bytes: u64) -> Result<(), Problem> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let megabytes = |bytes: u64| bytes / (1024 * 1024);
        if bytes > FILE_LIMIT {
            let (path, limit) = (path.as_str(), megabytes(FILE_LIMIT));
            return Err(Problem::new(format!("{path} is larger than {limit} MiB")));
        }
        if self.bytes > TOTAL_LIMIT {
            let limit = megabytes(TOTAL_LIMIT);
            return Err(Problem::new(format!("it is larger than {limit} MiB")));
        }
        if self.files > COUNT_LIMIT {
            return Err(Problem::new(format!("it has more than {COUNT_LIMIT} files")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        for path in ["a", "a/b.yaml", ".env", "a..b/...c", ".gitignore", ".github/x", "ä ö"] {
            assert!(TreePath::new(path).is_ok(), "{path}");
        }
        for path in [
            "",
            "/",
            "/etc/x",
            "a//b",
            "a/",
            "./a",
            "../a",
            "a/../b",
            "a/..",
            "a\\b",
            "a\nb",
            "a\0",
            ".git/config",
            "a/.GIT/x",
            ".git. /x",
            "GIT~1/x",
            ".g\u{200c}it/x",
        ] {
            assert!(TreePath::new(path).is_err(), "{path:?}");
        }
        assert!(TreePath::new(&"a".repeat(256)).is_err());
        assert!(TreePath::new(&"a/".repeat(2000)).is_err());
        assert!(TreePath::name("a/b").is_err());
        assert!(TreePath::name("compose.yaml").is_ok());
    }

    #[test]
    fn links_stay_within() {
        let check = |path: &str, target| check_link(&TreePath::new(path).unwrap(), target);
        for (path, target) in [
            ("l", "a"),
            ("l", "./a/b"),
            ("a/l", "../b"),
            ("a/b/l", "../../c/d"),
            ("l", "."),
            ("a/l", ".."),
        ] {
            assert!(check(path, target).is_ok(), "{path} -> {target}");
        }
        for (path, target) in [
            ("l", "/etc/passwd"),
            ("l", ".."),
            ("a/l", "../../x"),
            ("l", "a/../b"),
            ("a/b/l", "c/../../../../x"),
            ("l", ""),
            ("l", "a\\..\\b"),
            ("l", ".git/config"),
        ] {
            assert!(check(path, target).is_err(), "{path} -> {target}");
        }
    }

    #[test]
    fn too_much_is_refused() {
        let path = TreePath::new("a").unwrap();
        let mut measure = Measure::default();
        assert!(measure.add(&path, FILE_LIMIT).is_ok());
        assert!(measure.add(&path, FILE_LIMIT + 1).is_err());
        let mut measure = Measure::default();
        let added = (0..5).filter(|_| measure.add(&path, FILE_LIMIT).is_ok()).count();
        assert_eq!(added, 4);
    }
}
