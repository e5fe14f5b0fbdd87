//! What indexes answered, on disk: one small file for each project of each index, and for what a release needs. A
//! file is written elsewhere and moved into place, so that nobody reads a half of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

use super::super::Settings;
use crate::packages::python::releases::{Release, from_text, to_text};
use crate::remote::{cache_directory, hexadecimal, private_directories};

/// The first line of a file, which changes with its form.
const FORM: &str = "bireme index 2";
/// The first line of a file with what a release needs.
const NEEDS: &str = "bireme needs 1";

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// What was answered; `None` for no such project.
    pub(super) releases: Option<Vec<Release>>,
    /// The name that the index gave to the answer (`ETag`).
    pub(super) etag: String,
    /// Until when it need not be asked again.
    pub(super) fresh_until: SystemTime,
}

impl Kept {
    /// Whether it need not be asked for again.
    pub(super) fn is_fresh(&self) -> bool {
        SystemTime::now() < self.fresh_until
    }
}

/// Where answers are kept.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// The user's; `None` where there is no place for one.
    pub(super) fn new(settings: &Settings) -> Option<Self> {
        let base = cache_directory(&settings.variables, settings.home.as_deref())?;
        Some(Self { directory: base.join("bireme/packages") })
    }

    /// The file of a project's page. Its name tells nothing of credentials in the URL.
    fn path(&self, url: &str) -> PathBuf {
        let digest = Sha256::digest(url.as_bytes());
        self.directory.join(hexadecimal(&digest))
    }

    /// What was answered last.
    pub(super) fn read(&self, url: &str) -> Option<Kept> {
        let text = fs::read_to_string(self.path(url)).ok()?;
        let mut lines = text.splitn(4, '\n');
        let (form, etag, until) = (lines.next()?, lines.next()?, lines.next()?);
        let body = lines.next()?;
        if form != FORM {
            return None;
        }
        let releases = if body == "none\n" { None } else { Some(from_text(body)?) };
        let fresh_until = UNIX_EPOCH + Duration::from_secs(until.parse().ok()?);
        Some(Kept { releases, etag: etag.to_owned(), fresh_until })
    }

    /// Keeps an answer. That it cannot be kept is no reason to fail.
    pub(super) fn write(&self, url: &str, kept: &Kept) {
        let until = kept.fresh_until.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let body = kept.releases.as_ref().map_or_else(|| "none\n".to_owned(), |it| to_text(it));
        let text = format!("{FORM}\n{}\n{until}\n{body}", kept.etag.replace(['\r', '\n'], ""));
        let _ = self.try_write(&self.path(url), &text);
    }

    /// What a release needs, by the address of its metadata: one requirement in each line. It is kept for good, since a
    /// release never changes.
    pub(super) fn read_needs(&self, url: &str) -> Option<Vec<String>> {
        let text = fs::read_to_string(self.path(url)).ok()?;
        let mut lines = text.lines();
        (lines.next()? == NEEDS).then(|| lines.map(str::to_owned).collect())
    }

    /// Keeps that.
    pub(super) fn write_needs(&self, url: &str, needs: &[String]) {
        let _ = self.try_write(&self.path(url), &format!("{NEEDS}\n{}", needs.join("\n")));
    }

    fn try_write(&self, path: &Path, text: &str) -> std::io::Result<()> {
        private_directories(&self.directory)?;
        let draft = self.directory.join(format!(".{:016x}", rand::random::<u64>()));
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }
}
