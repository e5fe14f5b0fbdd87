//! Files that are not on this machine: OCI artifacts and Git repositories.

/// Where a reference leads, if not to a local file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    /// `oci://…`
    Oci,
    /// A Git repository.
    Git,
}

impl Remote {
    /// What a reference is, by its text.
    pub fn of(reference: &str) -> Option<Self> {
        if reference.starts_with("oci://") {
            return Some(Self::Oci);
        }
        let (repository, _) = reference.split_once('#').unwrap_or((reference, ""));
        let git = repository.starts_with("git://")
            || repository.starts_with("git@")
            || repository.starts_with("github.com/")
            || repository.strip_suffix(".git").is_some_and(|location| {
                ["https://", "http://", "ssh://"].iter().any(|it| location.starts_with(it))
            });
        git.then_some(Self::Git)
    }
}
