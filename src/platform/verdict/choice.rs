//! Which platform a service gets, and which native one it could have.

use super::super::subject::{Recipe, Subject};
use super::super::{Gap, Guest, How, Offer, Platform};

/// The platform that a service gets: the one asked for, or what covers for it; that of the image which is there; the best of
/// those that there are; for a build the one its last stage is pinned to, else the engine's own.
pub fn chosen(subject: &Subject, guest: &Guest) -> Option<Platform> {
    if let Some(pinned) = subject.build.as_ref().and_then(Recipe::pinned_result) {
        return Some(pinned.platform.clone());
    }
    if let Some(request) = &subject.request {
        return Some(found_for(&request.platform, subject).clone());
    }
    if let Some(local) = guest.best_native(&subject.local).or_else(|| subject.local.first()) {
        return Some(local.clone());
    }
    if subject.build.is_some() {
        // A builder elsewhere builds for its own machine.
        let elsewhere = matches!(subject.offer, Offer::Unknown(Gap::Builder(_)));
        return (!elsewhere).then(|| guest.own.clone());
    }
    match &subject.offer {
        Offer::Known { platforms, is_index: false } => platforms.first().cloned(),
        Offer::Known { platforms, is_index: true } => {
            // Engines take what covers for their own platform, whether it runs or not.
            let may_run = |it: &&Platform| {
                guest.own.preference(it).is_some() && guest.how(it) == How::Unknown
            };
            let native = guest.best_native(platforms);
            native.or_else(|| platforms.iter().find(may_run)).cloned()
        }
        Offer::Unknown(_) => None,
    }
}

/// What engines take where an image is asked for of a platform: that, or the best one which counts as covered by it (32
/// bits by 64).
fn found_for<'s>(asked: &'s Platform, subject: &'s Subject) -> &'s Platform {
    let is_made = subject.build.is_some() || subject.local.contains(asked);
    let offered = if is_made { &[] } else { subject.offer.platforms() };
    let ranked = offered.iter().filter_map(|it| Some((asked.preference(it)?, it)));
    ranked.min_by_key(|(rank, _)| *rank).map_or(asked, |(_, platform)| platform)
}

/// The platform of what is emulated of a service: its own or, where that is native, the one that a stage of its build
/// which installs packages is fixed to.
pub fn foreign(subject: &Subject, guest: &Guest) -> Option<Platform> {
    let is_foreign = |platform: &Platform| guest.how(platform) != How::Native;
    let of_stages = || {
        let recipe = subject.build.as_ref().filter(|recipe| !recipe.elsewhere)?;
        let stages = recipe.before_last().iter();
        let fixed = stages.filter(|stage| stage.installs).filter_map(|stage| stage.fixed());
        fixed.map(|fixed| fixed.platform.clone()).find(is_foreign)
    };
    chosen(subject, guest).filter(is_foreign).or_else(of_stages)
}

/// The best platform without emulation that there is, as far as is known.
pub(super) fn native(subject: &Subject, guest: &Guest) -> Option<Platform> {
    let offered = subject.offer.platforms();
    let local = || guest.best_native(&subject.local);
    let unbounded = || {
        let whole = subject.build.as_ref().is_some_and(|recipe| !recipe.stages.is_empty());
        let open = matches!(subject.offer, Offer::Unknown(_)) && whole;
        open.then_some(&guest.own)
    };
    guest.best_native(offered).or_else(local).or_else(unbounded).cloned()
}
