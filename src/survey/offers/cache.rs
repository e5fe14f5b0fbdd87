//! What registries said, kept for the next run: by digest for as long as there is room, by tag for
//! some hours, and of registries in trouble for the time that they are left alone.
//!
//! One file in the user's cache directory. It is written aside and moved into place, together with what
//! other runs wrote in the meantime. A file that cannot be read counts as none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::source::Found;
use crate::platform::{Gap, Offer, Platform};

/// The form of the file; another one is not read.
const FORM: u32 = 1;
/// Images, and tags, that are kept at most: those that were used last.
const ROOM: usize = 1000;
/// How exactly it is known when something was used last. A run that is served from the cache writes
/// nothing within that time.
const USE_STEP: u64 = 24 * 60 * 60;
/// How often it is tried to be the only one who writes, and how long between.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Seconds since 1970.
pub(super) type Seconds = u64;

/// The time now.
pub(super) fn now() -> Seconds {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// What is known, and what was learned in this run.
pub(super) struct Cache {
    path: Option<PathBuf>,
    contents: Mutex<Contents>,
    learned: Mutex<Contents>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Contents {
    form: u32,
    /// By digest.
    images: BTreeMap<String, Image>,
    /// By [`super::inquiry`]'s name for a tag.
    tags: BTreeMap<String, Tag>,
    /// By [`super::inquiry`]'s name for who is asked.
    troubles: BTreeMap<String, Trouble>,
}

/// What is under a digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Image {
    platforms: Vec<String>,
    index: bool,
    /// Whether it is an index that does not say the platforms of all that it holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unsaid: bool,
    /// Whether there may be more in it than an engine has told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
    /// Whether images are in it, by their configurations, as far as that was asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    holds: BTreeMap<String, bool>,
    used: Seconds,
}

/// What a tag stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tag {
    /// The digest; none where the registry shows no such image.
    pub(super) digest: Option<String>,
    /// Whom it was not shown to, by the fingerprint of the credential, where it was denied; empty for nobody in
    /// particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) denied: Option<String>,
    /// The digest that the engine had for it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) local: Option<String>,
    /// When the registry said so.
    pub(super) asked: Seconds,
}

/// Why somebody is not asked for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trouble {
    kind: Kind,
    #[serde(default)]
    reason: String,
    /// Of silence, milliseconds that were waited.
    #[serde(default)]
    waited: u64,
    until: Seconds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    RateLimited,
    Unreachable,
    Silent,
}

impl Cache {
    /// Reads what is kept at a path; without one nothing is kept.
    pub(super) fn read(path: Option<PathBuf>) -> Self {
        let contents = path.as_deref().map(contents_of).unwrap_or_default();
        Self { path, contents: Mutex::new(contents), learned: Mutex::default() }
    }

    /// What is under a digest.
    pub(super) fn image(&self, digest: &str) -> Option<Offer> {
        let mut contents = locked(&self.contents);
        let image = contents.images.get_mut(digest)?;
        let now = now();
        if now > image.used.saturating_add(USE_STEP) {
            image.used = now;
            locked(&self.learned).images.insert(digest.to_owned(), image.clone());
        }
        image.offer()
    }

    /// The same, unless there may be more.
    pub(super) fn whole_image(&self, digest: &str) -> Option<Offer> {
        let is_partial = locked(&self.contents).images.get(digest)?.partial;
        self.image(digest).filter(|_| !is_partial)
    }

    /// Whether the image with a configuration is under a digest.
    pub(super) fn holds(&self, digest: &str, configuration: &str) -> Option<bool> {
        locked(&self.contents).images.get(digest)?.holds.get(configuration).copied()
    }

    /// Takes note of whether it is, of a digest that is known.
    pub(super) fn learn_holding(&self, digest: &str, configuration: &str, holds: bool) {
        let known = locked(&self.contents).images.get(digest).cloned();
        let Some(mut image) = known else { return };
        image.holds.insert(configuration.to_owned(), holds);
        self.enter(|contents| {
            contents.images.insert(digest.to_owned(), image.clone());
        });
    }

    /// Takes note of what was found under a digest. What was seen whole before stays so.
    pub(super) fn learn(&self, found: &Found) {
        let Found { digest, offer, is_whole } = found;
        if *is_whole || self.whole_image(digest).is_none() {
            self.learn_image(digest, offer, !is_whole);
        }
    }

    /// Takes note of all that a copy of the engine tells of a digest.
    pub(super) fn learn_local(&self, digest: &str, offer: &Offer) {
        self.learn_image(digest, offer, false);
    }

    fn learn_image(&self, digest: &str, offer: &Offer, partial: bool) {
        let (platforms, index, unsaid) = match offer {
            Offer::Known { platforms, is_index } => (platforms.as_slice(), *is_index, false),
            Offer::Unknown(Gap::Unsaid) => (&[][..], true, true),
            Offer::Unknown(_) => return,
        };
        let platforms = platforms.iter().map(Platform::to_string).collect();
        let (holds, used) = (BTreeMap::new(), now());
        let image = Image { platforms, index, unsaid, partial, holds, used };
        self.enter(|contents| {
            contents.images.insert(digest.to_owned(), image.clone());
        });
    }

    /// What a tag stands for.
    pub(super) fn tag(&self, name: &str) -> Option<Tag> {
        locked(&self.contents).tags.get(name).cloned()
    }

    /// Takes note of what a tag stands for.
    pub(super) fn learn_tag(&self, name: &str, tag: &Tag) {
        self.enter(|contents| {
            contents.tags.insert(name.to_owned(), tag.clone());
        });
    }

    /// Why somebody is not to be asked now by who has so much time. Who said nothing for some time may
    /// say something to who waits longer.
    pub(super) fn trouble(&self, who: &str, patience: Duration) -> Option<Gap> {
        let contents = locked(&self.contents);
        let trouble = contents.troubles.get(who).filter(|it| it.until > now())?;
        match trouble.kind {
            Kind::RateLimited => Some(Gap::RateLimited),
            Kind::Unreachable => Some(Gap::Unreachable(trouble.reason.clone())),
            Kind::Silent => (milliseconds(patience) <= trouble.waited.saturating_mul(3))
                .then_some(Gap::OutOfTime),
        }
    }

    /// Takes note that somebody is not to be asked for some seconds: of a rate limit, or that nobody
    /// is there.
    pub(super) fn learn_trouble(&self, who: &str, gap: &Gap, seconds: Seconds) {
        let (kind, reason) = match gap {
            Gap::RateLimited => (Kind::RateLimited, String::new()),
            Gap::Unreachable(reason) => (Kind::Unreachable, reason.clone()),
            _ => return,
        };
        self.learn_that(who, &Trouble { kind, reason, waited: 0, until: after(seconds) });
    }

    /// Takes note that somebody said nothing for a time, and is not to be asked for some seconds.
    pub(super) fn learn_silence(&self, who: &str, waited: Duration, seconds: Seconds) {
        let (reason, waited) = (String::new(), milliseconds(waited));
        let trouble = Trouble { kind: Kind::Silent, reason, waited, until: after(seconds) };
        self.learn_that(who, &trouble);
    }

    fn learn_that(&self, who: &str, trouble: &Trouble) {
        self.enter(|contents| {
            contents.troubles.insert(who.to_owned(), trouble.clone());
        });
    }

    fn enter(&self, change: impl Fn(&mut Contents)) {
        change(&mut locked(&self.contents));
        change(&mut locked(&self.learned));
    }

    /// Writes what was learned, if anything was. A cache that cannot be written is none.
    fn save(&self) {
        let learned = std::mem::take(&mut *locked(&self.learned));
        if let Some(path) = self.path.as_deref().filter(|_| learned != Contents::default()) {
            let _ = write(path, learned);
        }
    }
}

impl Drop for Cache {
    /// Also of a run that does not wait for all answers.
    fn drop(&mut self) {
        self.save();
    }
}

impl Image {
    fn offer(&self) -> Option<Offer> {
        if self.unsaid {
            return Some(Offer::Unknown(Gap::Unsaid));
        }
        // Platforms are written whole, so that nothing is taken from here.
        let nowhere = Platform::new("", "", "");
        let platforms = self.platforms.iter().map(|text| Platform::parse(text, &nowhere));
        let platforms = platforms.collect::<Result<_, _>>().ok()?;
        Some(Offer::Known { platforms, is_index: self.index })
    }
}

impl Contents {
    /// Takes over what another run or this one learned.
    fn extend(&mut self, other: Self) {
        for (digest, mut image) in other.images {
            // What is under a digest stays so: whoever did not ask forgets nothing of it.
            if let Some(known) = self.images.remove(&digest) {
                image.holds.extend(known.holds);
            }
            self.images.insert(digest, image);
        }
        self.tags.extend(other.tags);
        self.troubles.extend(other.troubles);
    }

    /// Forgets what was not used for longest, and troubles that are over.
    fn bound(&mut self, now: Seconds) {
        bound(&mut self.images, |image| image.used);
        bound(&mut self.tags, |tag| tag.asked);
        self.troubles.retain(|_, trouble| trouble.until > now);
    }
}

fn bound<T>(entries: &mut BTreeMap<String, T>, age: impl Fn(&T) -> Seconds) {
    let Some(surplus) = entries.len().checked_sub(ROOM).filter(|&surplus| surplus > 0) else {
        return;
    };
    let mut ages: Vec<Seconds> = entries.values().map(&age).collect();
    ages.sort_unstable();
    let Some(&oldest) = ages.get(surplus) else { return };
    entries.retain(|_, entry| age(entry) >= oldest);
    // Many of one age.
    while entries.len() > ROOM {
        entries.pop_first();
    }
}

fn after(seconds: Seconds) -> Seconds {
    now().saturating_add(seconds)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere cannot leave a map half written.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn contents_of(path: &Path) -> Contents {
    let contents = fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    contents.filter(|contents: &Contents| contents.form == FORM).unwrap_or_default()
}

fn write(path: &Path, learned: Contents) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(directory)?;
    let lock = fs::File::create(path.with_extension("lock"))?;
    for _ in 0..ATTEMPTS {
        match lock.try_lock() {
            Ok(()) => break,
            // Whoever writes is soon done. If not, what others learn may be lost, and nothing else.
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
    let mut contents = contents_of(path);
    contents.extend(learned);
    contents.bound(now());
    contents.form = FORM;
    let draft = tempfile::NamedTempFile::new_in(directory)?;
    serde_json::to_writer(&draft, &contents)?;
    draft.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(text: &str) -> Offer {
        let platform = Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap();
        Offer::Known { platforms: vec![platform], is_index: true }
    }

    #[test]
    fn what_was_learned_is_there_in_the_next_run() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/offers.json");
        let cache = Cache::read(Some(path.clone()));
        cache.save();
        assert!(!path.exists(), "nothing was learned");
        cache.learn_local("sha256:a", &offer("linux/arm/v6"));
        cache.learn_local("sha256:b", &Offer::Unknown(Gap::Unsaid));
        cache.learn_local("sha256:c", &Offer::Unknown(Gap::OutOfTime));
        cache.learn_holding("sha256:a", "sha256:of-a", true);
        cache.learn_holding("sha256:c", "sha256:of-c", true);
        let tag = Tag { digest: Some("sha256:a".to_owned()), denied: None, local: None, asked: 7 };
        cache.learn_tag("r.io/x:1", &tag);
        cache.learn_trouble("r.io", &Gap::RateLimited, 60);
        cache.learn_trouble("s.io", &Gap::Unreachable("refused".to_owned()), 60);
        cache.learn_trouble("t.io", &Gap::RateLimited, 0);
        cache.learn_silence("u.io", Duration::from_secs(2), 60);
        cache.save();
        let cache = Cache::read(Some(path.clone()));
        assert_eq!(cache.image("sha256:a"), Some(offer("linux/arm/v6")));
        assert_eq!(cache.image("sha256:b"), Some(Offer::Unknown(Gap::Unsaid)));
        assert_eq!(cache.image("sha256:c"), None, "it may be known the next time");
        assert_eq!(cache.holds("sha256:a", "sha256:of-a"), Some(true));
        let other = Cache::read(Some(path.clone()));
        other.learn_local("sha256:a", &offer("linux/arm/v6"));
        other.save();
        let cache = Cache::read(Some(path.clone()));
        assert_eq!(cache.holds("sha256:a", "sha256:of-a"), Some(true), "another run did not ask");
        assert_eq!(cache.holds("sha256:a", "sha256:of-b"), None);
        assert_eq!(cache.holds("sha256:c", "sha256:of-c"), None);
        assert_eq!(cache.tag("r.io/x:1"), Some(tag));
        let second = Duration::from_secs(1);
        assert_eq!(cache.trouble("r.io", second), Some(Gap::RateLimited));
        assert_eq!(cache.trouble("s.io", second), Some(Gap::Unreachable("refused".to_owned())));
        assert_eq!(cache.trouble("t.io", second), None, "it is over");
        assert_eq!(cache.trouble("u.io", second * 2), Some(Gap::OutOfTime));
        assert_eq!(cache.trouble("u.io", second * 20), None, "there is more time now");
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        cache.save();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before, "nothing new");
    }

    #[test]
    fn runs_side_by_side_lose_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("offers.json");
        std::thread::scope(|scope| {
            for run in 0..8 {
                let path = path.clone();
                scope.spawn(move || {
                    let cache = Cache::read(Some(path));
                    cache.learn_local(&format!("sha256:{run}"), &offer("linux/amd64"));
                    cache.save();
                });
            }
        });
        let contents = contents_of(&path);
        assert_eq!(contents.images.len(), 8);
        let names = fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(names, 2, "no draft is left");
    }

    #[test]
    fn a_file_that_cannot_be_read_counts_as_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("offers.json");
        for text in ["", "{", "[]", r#"{"form": 2}"#, r#"{"form": 1, "tags": 3}"#] {
            fs::write(&path, text).unwrap();
            let cache = Cache::read(Some(path.clone()));
            assert_eq!(cache.image("sha256:a"), None, "{text}");
            cache.learn_local("sha256:a", &offer("linux/amd64"));
            cache.save();
            assert_eq!(contents_of(&path).images.len(), 1, "{text}");
        }
        // A platform that is none.
        fs::write(&path, r#"{"form": 1, "images": {"sha256:a": {"platforms": ["a/b/c/d"]}}}"#)
            .unwrap();
        assert_eq!(Cache::read(Some(path)).image("sha256:a"), None);
    }

    #[test]
    fn there_is_room_for_so_many() {
        let mut contents = Contents::default();
        for number in 0..ROOM + 50 {
            let image = Image { used: number as u64, ..Image::default() };
            contents.images.insert(format!("{number:05}"), image);
            let tag = Tag { digest: None, denied: None, local: None, asked: 1 };
            contents.tags.insert(format!("{number:05}"), tag);
        }
        contents.bound(0);
        assert_eq!((contents.images.len(), contents.tags.len()), (ROOM, ROOM));
        assert!(!contents.images.contains_key("00049") && contents.images.contains_key("00050"));
    }
}
