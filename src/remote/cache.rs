//! Local copies by content. They lie where Docker Compose keeps its own, because their paths become
//! part of the identity of services. A copy is written elsewhere first and moved into place, so that
//! nobody sees a half of it and two runs may write the same one.
//!
//! Beside the copies lie indexes of their own, with the digest of every file: containers may mount a
//! copy and write into it, and what they wrote is not what was fetched.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Settings;
use super::error::Problem;
use super::tree::{Measure, TreePath, check_link};

/// What drafts are called, before something random.
const DRAFT: &str = ".bireme-";
/// How old a draft must be for its writer to be surely gone.
const STALE: Duration = Duration::from_hours(1);

/// A copy with what it is known to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// The directory; absolute.
    pub(super) root: PathBuf,
    /// Its files.
    pub(super) index: Index,
}

/// The files of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    /// SHA-256 of each file, in hexadecimal digits, by its path.
    files: BTreeMap<String, String>,
}

impl Index {
    /// The digest of a file.
    pub(super) fn digest(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

/// Where copies are kept.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    copies: PathBuf,
    indexes: PathBuf,
}

impl Cache {
    /// The user's.
    pub(super) fn new(settings: &Settings) -> Result<Self, Problem> {
        let base = cache_directory(&settings.variables, settings.home.as_deref());
        let base = base.ok_or_else(|| {
            let reason = "initializing remote resource cache: $HOME is not defined";
            Problem::new(reason).help("set `HOME` or `XDG_CACHE_HOME`")
        })?;
        Ok(Self { copies: base.join("docker-compose"), indexes: base.join("bireme/remote") })
    }

    /// The copy with these contents, if it is there. `file` is what it must have.
    pub(super) fn find(&self, id: &str, file: Option<&str>) -> Option<Copy> {
        let root = self.copies.join(id);
        let is_there = fs::symlink_metadata(&root).is_ok_and(|it| it.is_dir());
        let is_whole = file.is_none_or(|file| fs::symlink_metadata(root.join(file)).is_ok());
        let index = fs::read(self.index(id)).ok()?;
        let index = serde_json::from_slice(&index).ok()?;
        (is_there && is_whole).then_some(Copy { root, index })
    }

    fn index(&self, id: &str) -> PathBuf {
        self.indexes.join(format!("{id}.json"))
    }

    /// An empty copy to be filled.
    pub(super) fn begin(&self) -> Result<Draft<'_>, Problem> {
        for directory in [&self.copies, &self.indexes] {
            private_directories(directory).map_err(|error| Problem::of_cache(directory, &error))?;
        }
        self.sweep();
        let root = self.copies.join(format!("{DRAFT}{:016x}", rand::random::<u64>()));
        private_directories(&root).map_err(|error| Problem::of_cache(&root, &error))?;
        Ok(Draft { cache: self, root, index: Index::default(), measure: Measure::default() })
    }

    /// A directory for what is needed while something is fetched; removed when dropped.
    pub(super) fn scratch(&self) -> Result<Scratch, Problem> {
        let path = self.copies.join(format!("{DRAFT}{:016x}", rand::random::<u64>()));
        private_directories(&path).map_err(|error| Problem::of_cache(&path, &error))?;
        Ok(Scratch(path))
    }

    /// Removes what a run that was killed left behind.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.copies) else { return };
        for entry in entries.flatten() {
            let is_draft = entry.file_name().to_string_lossy().starts_with(DRAFT);
            let age = entry.metadata().and_then(|it| it.modified());
            let age = age.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
            if is_draft && age.is_some_and(|age| age > STALE) {
                // Another run may do the same at the same time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Where the user's caches are, as Docker Compose looks for it.
pub(crate) fn cache_directory(
    variables: &BTreeMap<String, String>,
    home: Option<&Path>,
) -> Option<PathBuf> {
    let given = variables.get("XDG_CACHE_HOME").filter(|it| it.starts_with('/'));
    match (given, home) {
        (Some(given), _) => Some(PathBuf::from(given)),
        (None, Some(home)) if cfg!(target_os = "macos") => Some(home.join("Library/Caches")),
        (None, home) => home.map(|home| home.join(".cache")),
    }
}

/// A directory that goes when it is dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The same as a text.
    pub(super) fn text(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is swept later.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Who may look at a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The user alone.
    Private,
    /// Everybody.
    Shared,
    /// Everybody, and it can be run.
    Executable,
}

/// A copy that is being written; removed unless it is finished.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    cache: &'a Cache,
    root: PathBuf,
    index: Index,
    measure: Measure,
}

impl Draft<'_> {
    /// Writes a file; its name must be new.
    pub(super) fn file(
        &mut self,
        path: &TreePath,
        content: &[u8],
        mode: Mode,
    ) -> Result<(), Problem> {
        self.measure.add(path, content.len() as u64)?;
        let target = self.make_room(path)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(match mode {
                Mode::Private => 0o600,
                Mode::Shared => 0o644,
                Mode::Executable => 0o755,
            });
        }
        let written = options.open(&target).and_then(|mut file| file.write_all(content));
        written.map_err(|error| not_written(path, &target, &error))?;
        let digest = hexadecimal(&Sha256::digest(content));
        self.index.files.insert(path.as_str().to_owned(), digest);
        Ok(())
    }

    /// Makes a symbolic link that stays within the copy.
    pub(super) fn link(&mut self, path: &TreePath, to: &str) -> Result<(), Problem> {
        check_link(path, to)?;
        self.measure.add(path, 0)?;
        let target = self.make_room(path)?;
        #[cfg(unix)]
        let made = std::os::unix::fs::symlink(to, &target);
        #[cfg(not(unix))]
        let made: io::Result<()> = Err(io::ErrorKind::Unsupported.into());
        made.map_err(|error| not_written(path, &target, &error))
    }

    /// Makes a directory that may be empty.
    pub(super) fn directory(&mut self, path: &TreePath) -> Result<(), Problem> {
        self.measure.add(path, 0)?;
        let target = self.make_room(path)?;
        make_directory(&target).map_err(|error| not_written(path, &target, &error))
    }

    /// The directories on the way to a path, and where it is.
    fn make_room(&self, path: &TreePath) -> Result<PathBuf, Problem> {
        for parent in path.parents() {
            let parent = self.root.join(parent);
            make_directory(&parent).map_err(|error| not_written(path, &parent, &error))?;
        }
        Ok(self.root.join(path.as_str()))
    }

    /// Moves the copy to where it belongs. If one is there, made by another run or by Docker Compose,
    /// it gets what it lacks.
    pub(super) fn finish(mut self, id: &str) -> Result<Copy, Problem> {
        let root = self.cache.copies.join(id);
        let failed = |error: io::Error| Problem::of_cache(&root, &error);
        match fs::rename(&self.root, &root) {
            Ok(()) => {}
            Err(_) if root.is_dir() => complete(&self.root, &root).map_err(failed)?,
            Err(error) => return Err(failed(error)),
        }
        let index = std::mem::take(&mut self.index);
        let path = self.cache.index(id);
        let draft = self.cache.indexes.join(format!("{DRAFT}{:016x}", rand::random::<u64>()));
        let text = serde_json::to_vec(&index).map_err(|error| Problem::new(error.to_string()))?;
        fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| Problem::of_cache(&path, &error))?;
        Ok(Copy { root, index })
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Gone already, if it was moved.
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Moves what `to` has not yet from `from`, through directories that are none by a link only.
fn complete(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match fs::symlink_metadata(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::rename(entry.path(), &target)?;
            }
            Err(error) => return Err(error),
            Ok(there) if there.is_dir() && entry.file_type()?.is_dir() => {
                complete(&entry.path(), &target)?;
            }
            // It is read only if it is what was fetched.
            Ok(_) => {}
        }
    }
    Ok(())
}

fn not_written(path: &TreePath, target: &Path, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::AlreadyExists {
        let path = path.as_str();
        return Problem::new(format!("it holds {path:?} twice"))
            .help("names that differ in their case only are one on some machines");
    }
    Problem::of_cache(target, error)
}

/// A directory that was there already is fine, unless it is one by a link.
fn make_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::symlink_metadata(path)?.is_dir() { Ok(()) } else { Err(error) }
        }
        made => made,
    }
}

/// Makes a directory, with those on the way to it, that is the user's alone.
pub(crate) fn private_directories(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Bytes in hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}

#[cfg(test)]
mod tests;
