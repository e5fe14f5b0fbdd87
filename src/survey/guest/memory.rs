//! What was found out is kept in the user's cache directory until the engine restarts, for a day at most.
//! Nothing goes wrong without it, only slower.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::facts::Facts;
use crate::engine::endpoint::Surroundings;

/// How long an engine is believed that shows when it was started.
const LONG: Duration = Duration::from_hours(24);
/// How long one is believed that does not.
const SHORT: Duration = Duration::from_mins(10);
/// Bytes of a file that is read; what is written has a fraction of it.
const LONGEST: u64 = 64 << 10;
/// The form of what is kept. A file of another form is as good as none.
const FORM: u32 = 2;

/// By what an engine is known again, and its restart noticed: its default network, which Docker makes anew
/// whenever it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sign {
    /// Id of the network; empty for an engine without one.
    #[serde(default)]
    pub(super) id: String,
    /// When it was made.
    #[serde(default)]
    pub(super) created: String,
}

/// What is kept of an engine.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    form: u32,
    sign: Sign,
    facts: Facts,
}

/// The file of an engine.
#[derive(Debug)]
pub(super) struct Memory {
    path: PathBuf,
    sign: Sign,
    longest: Duration,
}

impl Memory {
    /// The file of the engine at `endpoint`; `None` for a user without a home.
    pub(super) fn of(endpoint: &str, sign: Sign, surroundings: &dyn Surroundings) -> Option<Self> {
        let given = surroundings.filled_variable("XDG_CACHE_HOME").filter(|it| it.starts_with('/'));
        let base = match given {
            Some(given) => PathBuf::from(given),
            None if cfg!(target_os = "macos") => surroundings.home()?.join("Library/Caches"),
            None => surroundings.home()?.join(".cache"),
        };
        Some(Self::at(&base.join("bireme/guests"), endpoint, sign))
    }

    fn at(directory: &Path, endpoint: &str, sign: Sign) -> Self {
        let digest = Sha256::digest(format!("{endpoint}\n{}", sign.id));
        let digest = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let longest = if sign.created.is_empty() { SHORT } else { LONG };
        Self { path: directory.join(format!("{digest:016x}.json")), sign, longest }
    }

    /// What is kept of the engine since it was started.
    pub(super) fn read(&self) -> Option<Facts> {
        let file = fs::metadata(&self.path).ok()?;
        // A time in the future is none that we wrote.
        let age = SystemTime::now().duration_since(file.modified().ok()?).ok()?;
        if age > self.longest || file.len() > LONGEST {
            return None;
        }
        let record: Record = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        (record.form == FORM && record.sign == self.sign).then_some(record.facts)
    }

    /// Keeps what was found out.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn write(&self, facts: &Facts) -> io::Result<()> {
        let Some(directory) = self.path.parent() else { return Ok(()) };
        let record = Record { form: FORM, sign: self.sign.clone(), facts: facts.clone() };
        let text = serde_json::to_vec(&record)?;
        fs::create_dir_all(directory)?;
        // Written aside and moved, so that whoever reads it meanwhile gets the whole of one.
        let aside = self.path.with_extension(format!("{}.new", std::process::id()));
        let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&aside);
        }
        written?;
        forget(directory)
    }
}

/// Removes what nobody would believe any more.
fn forget(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)?.flatten() {
        let modified = entry.metadata().and_then(|file| file.modified());
        let age = modified.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > LONG) {
            // Another run may do the same at the same time.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::platform::{How, Matching, Product};
    use crate::survey::guest::probe::Outcome;

    fn sign(created: &str) -> Sign {
        Sign { id: "b1".to_owned(), created: created.to_owned() }
    }

    fn facts() -> Facts {
        Facts {
            os: "linux".into(),
            architecture: "aarch64".into(),
            product: Product::Colima,
            matching: Matching::Covering,
            is_here: false,
            is_apple: true,
            level: None,
            tested: Some(vec!["linux/arm64".into()]),
            omits_32_bits: false,
            handled: None,
            translator: Some((How::Rosetta, "/h/colima.yaml".into())),
            probed: BTreeMap::from([("linux/s390x".into(), Outcome::Refused)]),
        }
    }

    #[test]
    fn is_believed_until_the_engine_restarts() {
        let directory = tempfile::tempdir().unwrap();
        let memory = |endpoint, sign| Memory::at(directory.path(), endpoint, sign);
        let first = memory("unix:///a", sign("1"));
        assert_eq!(first.read(), None);
        first.write(&facts()).unwrap();
        assert_eq!(first.read(), Some(facts()));
        assert_eq!(memory("unix:///a", sign("2")).read(), None);
        assert_eq!(memory("unix:///b", sign("1")).read(), None);
        fs::write(&first.path, "half a file").unwrap();
        assert_eq!(first.read(), None);
    }

    #[test]
    fn is_not_believed_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let age = |memory: &Memory, age: Duration| {
            let file = fs::File::options().write(true).open(&memory.path).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
            memory.read().is_some()
        };
        let sure = Memory::at(directory.path(), "a", sign("1"));
        sure.write(&facts()).unwrap();
        assert!(age(&sure, Duration::from_hours(23)));
        assert!(!age(&sure, Duration::from_hours(25)));
        let unsure = Memory::at(directory.path(), "b", sign(""));
        unsure.write(&facts()).unwrap();
        assert!(!sure.path.exists(), "what nobody believes is removed");
        assert!(age(&unsure, Duration::from_mins(9)));
        assert!(!age(&unsure, Duration::from_mins(11)));
    }
}
