//! What a tag is believed to stand for without asking anybody.

use super::Settings;
use super::cache::{Cache, Seconds, Tag, now};
use super::local::Local;
use crate::platform::Gap;

/// How long it is believed that there is no such image.
const MISSING: Seconds = 10 * 60;
/// How long a tag is believed to be what the engine has under it, after a registry agreed.
const SETTLED: Seconds = 7 * 24 * 60 * 60;

/// What a tag is believed to stand for.
pub(super) enum Belief {
    /// Who knows.
    Nothing,
    /// No image.
    Missing,
    /// Something that is not shown to whoever has this credential.
    Denied(String),
    /// This digest, as the engine's copy says.
    Pulled(String),
    /// This digest.
    Is(String),
}

/// Whether a registry is believed to have something under a name: what it said last, if that is not long ago. `None` where
/// it must be asked. That it has nothing counts no more once the engine has another copy, by its `local` digest, than when
/// that was said.
pub(super) fn is_had(
    cache: &Cache,
    settings: &Settings,
    tag: &str,
    local: Option<&str>,
) -> Option<Result<(), Gap>> {
    let said = cache.tag(tag)?;
    if said.digest.is_none() && local.is_some() && said.local.as_deref() != local {
        return None;
    }
    let freshness = settings.freshness.as_secs();
    let (time, answer) = match (said.digest, said.denied) {
        (Some(_), _) => (freshness, Ok(())),
        (None, None) => (freshness.min(MISSING), Err(Gap::NotFound)),
        (None, Some(_)) => (freshness.min(MISSING), Err(Gap::Denied)),
    };
    (now() < said.asked.saturating_add(time)).then_some(answer)
}

/// What a tag is believed to stand for without asking: what a registry or the engine said last, if
/// that is not long ago.
pub(super) fn believed(
    cache: &Cache,
    settings: &Settings,
    tag: &str,
    local: Option<&Local>,
) -> Belief {
    if settings.refresh {
        return Belief::Nothing;
    }
    let now = now();
    let freshness = settings.freshness.as_secs();
    let said = cache.tag(tag);
    if let Some(Local { digest: Some(digest), tagged, .. }) = local {
        let agreed = said.as_ref().is_some_and(|said| {
            said.digest.as_ref() == Some(digest) && now < said.asked.saturating_add(SETTLED)
        });
        let is_newest = match &said {
            Some(said) => *tagged > said.asked || said.local.as_ref() != Some(digest),
            // The classic store does not say when; an answer that is there is good enough.
            None => *tagged > 0 || cache.image(digest).is_some(),
        };
        let is_new = *tagged == 0 || now < tagged.saturating_add(freshness);
        if agreed {
            return Belief::Is(digest.clone());
        }
        if is_newest && is_new {
            return Belief::Pulled(digest.clone());
        }
    }
    let is_within = |said: &Tag, time| now < said.asked.saturating_add(time);
    match said {
        Some(said) if said.digest.is_none() && is_within(&said, freshness.min(MISSING)) => {
            said.denied.map_or(Belief::Missing, Belief::Denied)
        }
        Some(said) if is_within(&said, freshness) => {
            said.digest.map_or(Belief::Nothing, Belief::Is)
        }
        _ => Belief::Nothing,
    }
}
