//! Which platform a service gets, and which native one it could have.

use super::super::subject::{Recipe, Subject};
use super::super::{Gap, Guest, How, Offer, Platform};

/// The platform that a service gets: the one asked for, or what covers for it; that of the image which is there; the best of
/// those that there are; for a build the only one that its base has, the builder's or another one that its last stage is
/// fixed to, else the engine's own.
pub fn chosen(subject: &Subject, guest: &Guest) -> Option<Platform> {
    if let Some(programs) = subject.build.as_ref().and_then(|it| it.programs(&guest.own)) {
        return Some(programs.clone());
    }
    if let Some(pinned) = subject.build.as_ref().and_then(Recipe::pinned_result) {
        return Some(pinned.platform.clone());
    }
    if let Some(request) = &subject.request {
        return Some(found_for(&request.platform, subject, guest).clone());
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
        // Engines take what counts as their own platform, whether it runs or not.
        Offer::Known { platforms, is_index: true } => guest.served(None, platforms).cloned(),
        Offer::Unknown(_) => None,
    }
}

/// What the engine takes where an image is asked for of a platform: that, or the best one which counts as covered by it.
fn found_for<'s>(asked: &'s Platform, subject: &'s Subject, guest: &Guest) -> &'s Platform {
    if subject.build.is_some() || subject.local.contains(asked) {
        return asked;
    }
    let found = match &subject.offer {
        Offer::Known { platforms, is_index: true } => guest.served(Some(asked), platforms),
        // It is pulled whatever it is.
        Offer::Known { platforms, is_index: false } => {
            platforms.first().filter(|it| guest.matching.makes(asked, it))
        }
        Offer::Unknown(_) => None,
    };
    found.unwrap_or(asked)
}

/// The platform of what is emulated of a service: its own or, where that is native, the one that a stage of its build
/// which installs packages is fixed to.
pub fn foreign(subject: &Subject, guest: &Guest) -> Option<Platform> {
    let is_foreign = |platform: &Platform| guest.how(platform) != How::Native;
    let of_stages = || {
        let recipe = subject.build.as_ref().filter(|recipe| !recipe.elsewhere)?;
        let stages = recipe.before_last().iter();
        let free = stages.filter(|stage| stage.installs && stage.only_platform().is_none());
        let fixed = free.filter_map(|stage| stage.fixed());
        fixed.map(|fixed| fixed.platform.clone()).find(is_foreign)
    };
    chosen(subject, guest).filter(is_foreign).or_else(of_stages)
}

/// The best platform without emulation that it would have if nobody asked for one, as far as is known.
pub(super) fn native(subject: &Subject, guest: &Guest) -> Option<Platform> {
    let local = || guest.best_native(&subject.local);
    let unbounded = || {
        let whole = subject.build.as_ref().is_some_and(|recipe| !recipe.stages.is_empty());
        let open = matches!(subject.offer, Offer::Unknown(_)) && whole;
        open.then_some(&guest.own)
    };
    unasked(subject, guest).or_else(local).or_else(unbounded).cloned()
}

/// The native platform among those of an image or a build that it would have if nobody asked for one.
fn unasked<'s>(subject: &'s Subject, guest: &Guest) -> Option<&'s Platform> {
    let offered = subject.offer.platforms();
    let is_index = matches!(subject.offer, Offer::Known { is_index: true, .. });
    if subject.build.is_some() || !is_index {
        return guest.best_native(offered);
    }
    guest.served(None, offered).filter(|it| guest.how(it) == How::Native)
}

/// The native platform of an index that its engine takes only for a service which asks for it.
pub(super) fn unless_asked<'s>(subject: &'s Subject, guest: &Guest) -> Option<&'s Platform> {
    guest.best_native(subject.offer.platforms()).filter(|_| unasked(subject, guest).is_none())
}
