//! Builds for several platforms: what is run here may be there, and another one not.

use super::super::subject::{Pin, Recipe};
use super::super::{How, Offer, Platform};
use super::judge::Court;
use super::obstacle::others;
use super::{Cause, Code, Judgement, Verdict};

impl Court<'_> {
    /// Adds for which of the platforms that an image is now built for it cannot be, besides the one that is run here.
    pub(super) fn add_targets(self, judgement: &mut Judgement) {
        let Some(recipe) = self.subject.build.as_ref().filter(|recipe| recipe.is_for_all) else {
            return;
        };
        let targets = recipe.platforms.iter().filter(|it| judgement.chosen.as_ref() != Some(it));
        let found: Vec<_> =
            targets.filter_map(|target| self.obstacle_of_target(recipe, target)).collect();
        let Some((_, remedy)) = found.first() else { return };
        if judgement.verdict != Verdict::CannotRun {
            judgement.is_of_stages = true;
            judgement.verdict = Verdict::CannotRun;
            judgement.remedy = Some(remedy.clone());
        }
        judgement.causes.splice(0..0, found.into_iter().map(|(cause, _)| cause));
    }

    /// Why a build cannot be for one of its platforms, and what to do.
    fn obstacle_of_target(self, recipe: &Recipe, target: &Platform) -> Option<(Cause, String)> {
        let at = recipe.platforms_at.as_ref();
        let told = at.map(|place| format!(", which `build.platforms` at {place} names"));
        let told = told.unwrap_or_default();
        if let Some(lacking) = recipe.lacking(target) {
            let offered = others(lacking.offer.as_ref().map_or(&[][..], Offer::platforms));
            let base = &lacking.base;
            let message = format!(
                "it cannot be built for {target}{told}: {base} does not exist for that, {offered}"
            );
            let place = Some(at.unwrap_or(&lacking.place).clone());
            let remedy = format!(
                "take {target} out of `build.platforms`, or begin with an image that exists for it"
            );
            return Some((Cause { code: Code::NotOffered, message, place }, remedy));
        }
        let runs = recipe.stages_of_image().any(|stage| {
            stage.runs && stage.runs_as().is_none() && stage.pin != Some(Pin::Builder)
        });
        if recipe.elsewhere || !runs || self.guest.how(target) != How::None {
            return None;
        }
        let own = &self.guest.own;
        let message = format!(
            "it cannot be built for {target}{told}: its `RUN`s need an emulator of that, and the engine ({own}) has none"
        );
        let remedy = self.guest.emulator_remedy(target);
        Some((Cause { code: Code::NoEmulator, message, place: at.cloned() }, remedy))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::notice::{Notice, notices};
    use super::super::super::samples::{
        BOTH, built, guest, index, place, platform, stage, subject,
    };
    use super::super::super::subject::{Packages, Stage, Subject};
    use super::super::judge;
    use super::*;

    fn told(base: Stage, platforms: &[&str], is_for_all: bool) -> Vec<String> {
        let recipe = Recipe {
            platforms: platforms.iter().map(|it| platform(it)).collect(),
            platforms_at: Some(place(9)),
            is_for_all,
            ..built(vec![base], Packages::None)
        };
        let judgement =
            judge(&Subject { build: Some(recipe), ..subject(index(platforms)) }, &guest());
        notices(&[judgement]).iter().map(Notice::line).collect()
    }

    #[test]
    fn a_platform_that_a_base_lacks_is_told_where_it_is_built_for() {
        let native = || stage("0", index(&["linux/arm64"]), None);
        assert_eq!(
            told(native(), &BOTH, true),
            [
                "db: cannot be built here: it cannot be built for linux/amd64, which `build.platforms` at \
                 compose.yaml:9 names: python:3.12 does not exist for that, only for linux/arm64; take linux/amd64 \
                 out of `build.platforms`, or begin with an image that exists for it"
            ]
        );
        // What is run here is built for this machine alone.
        assert_eq!(told(native(), &BOTH, false), [""; 0]);
        assert_eq!(told(stage("0", index(&BOTH), None), &BOTH, true), [""; 0]);
        let builders = stage("0", index(&["linux/arm64"]), Some(Pin::Builder));
        assert_eq!(told(builders, &BOTH, true), [""; 0]);
    }

    #[test]
    fn a_platform_that_nothing_emulates_is_told_where_programs_are_run_for_it() {
        let targets = ["linux/arm64", "linux/s390x"];
        let base = || stage("0", index(&targets), None);
        let lines = told(base(), &targets, true);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains("its `RUN`s need an emulator of that"), "{lines:?}");
        assert!(lines[0].ends_with("tonistiigi/binfmt --install s390x"), "{lines:?}");
        assert_eq!(told(Stage { runs: false, ..base() }, &targets, true), [""; 0]);
    }
}
