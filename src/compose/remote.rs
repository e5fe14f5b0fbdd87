//! References to Compose files that are not on this machine: OCI artifacts and Git repositories.
//! Tells them from paths by their text; fetches nothing.

/// Where a reference leads, if not to a local file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    /// `oci://…`
    Oci,
    /// A Git repository.
    Git,
}

impl Remote {
    /// What a reference is; `None` if it is a path.
    ///
    /// Git repositories are those that `BuildKit` takes for a context: an address by HTTP or ssh
    /// must end in `.git`, before a fragment that names a branch and a directory.
    pub fn of(reference: &str) -> Option<Self> {
        if reference.starts_with("oci://") {
            return Some(Self::Oci);
        }
        let (repository, _) = reference.split_once('#').unwrap_or((reference, ""));
        let starts_with = |prefixes: &[&str]| prefixes.iter().any(|it| repository.starts_with(it));
        let git = starts_with(&["git://", "git@", "github.com/"])
            || starts_with(&["https://", "http://", "ssh://"])
                && repository.strip_suffix(".git").is_some();
        git.then_some(Self::Git)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_paths() {
        for (reference, expected) in [
            ("oci://registry/project:tag", Some(Remote::Oci)),
            ("https://host/project.git", Some(Remote::Git)),
            ("https://host/project.git#main:deploy", Some(Remote::Git)),
            ("ssh://git@host/project.git", Some(Remote::Git)),
            ("git@host:user/project", Some(Remote::Git)),
            ("git://host/project", Some(Remote::Git)),
            ("github.com/user/project", Some(Remote::Git)),
            ("https://host/compose.yaml", None),
            ("./project.git", None),
            ("github.com", None),
            ("compose.yaml#x.git", None),
        ] {
            assert_eq!(Remote::of(reference), expected, "{reference}");
        }
    }
}
