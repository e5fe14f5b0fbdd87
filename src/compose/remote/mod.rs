//! Files that are not on this machine: OCI artifacts and Git repositories.
//!
//! This room recognises references to them and decides what such a file may have of this machine
//! ([`Guard`]). It fetches nothing: local copies come in through [`Remotes`].

mod access;
mod guard;
mod paths;
mod trust;
mod used;

use std::path::PathBuf;

pub(super) use self::access::refusals;
pub use self::access::{Access, Local, PathUse, VariableSource};
pub use self::guard::Guard;
pub(super) use self::paths::named;
pub use self::trust::Trust;
pub(super) use self::used::Used;
use crate::diagnostic::{Diagnostic, codes};

/// Where a reference leads, if not to a local file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    /// `oci://…`
    Oci,
    /// A Git repository.
    Git,
}

impl Remote {
    /// What a reference is, by its text: a Git reference is what BuildKit takes for one.
    pub fn of(reference: &str) -> Option<Self> {
        if reference.starts_with("oci://") {
            return Some(Self::Oci);
        }
        let (repository, _) = reference.split_once('#').unwrap_or((reference, ""));
        if repository.starts_with("github.com/") || is_scp_style(repository) {
            return Some(Self::Git);
        }
        let (scheme, location) = repository.split_once("://")?;
        let git = match scheme.to_ascii_lowercase().as_str() {
            "git" | "ssh" => true,
            "http" | "https" => location.strip_suffix(".git").is_some(),
            _ => false,
        };
        git.then_some(Self::Git)
    }
}

/// `user@host:path`, as ssh has it.
fn is_scp_style(repository: &str) -> bool {
    let Some((user, rest)) = repository.split_once('@') else { return false };
    let Some((host, _)) = rest.split_once(':') else { return false };
    let name = |text: &str, also: &str| {
        !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || also.contains(it))
    };
    name(user, "-_") && name(host, "-.")
}

/// A copy on this machine of what a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalCopy {
    /// The reference as it is written.
    pub reference: String,
    /// The directory that holds all that came with it; absolute.
    pub root: PathBuf,
    /// The Compose file that is meant, within `root`.
    pub file: PathBuf,
}

/// How pure code gets at files of other machines.
pub trait Remotes {
    /// A local copy of what a reference leads to, fetched unless it is there already.
    ///
    /// # Errors
    /// Why there is none, without a place: the caller knows what refers to it.
    fn fetch(&self, reference: &str) -> Result<LocalCopy, Box<Diagnostic>>;
}

/// Fetches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRemotes;

impl Remotes for NoRemotes {
    fn fetch(&self, reference: &str) -> Result<LocalCopy, Box<Diagnostic>> {
        let message = format!("remote Compose files cannot be fetched here: {reference}");
        Err(Box::new(
            Diagnostic::error(codes::REMOTE_FILE, message)
                .help("fetch the files first and refer to the local copy"),
        ))
    }
}

#[cfg(test)]
mod tests;
