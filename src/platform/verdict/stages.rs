//! Stages of a build before its last one. What they make goes into an image of its own platform: a stage that runs
//! programs of a platform which somebody fixed, where the image is native, is a matter of its own.

use std::fmt;

use super::super::subject::{Fixed, Pin, Recipe, Stage};
use super::super::{How, Offer, Platform, replacements};
use super::judge::Court;
use super::obstacle::{Obstacle, list, no_native, unknown_offer};
use super::origin::{both, cause_of_pin};
use super::{Cause, Code, Judgement, Verdict};

/// Stages that one `FROM` fixes to a foreign platform.
struct Pinned<'a> {
    fixed: &'a Fixed,
    /// The first of them that runs programs.
    first: &'a Stage,
    /// The others that do.
    more: Vec<&'a Stage>,
}

/// What is said of such stages.
struct Ruling {
    verdict: Verdict,
    causes: Vec<Cause>,
    remedy: Option<String>,
}

impl Court<'_> {
    /// Adds what is to be said of stages before the last one. The verdict becomes theirs where it is the worse
    /// one; of a service whose image must be foreign, they are told what they could be.
    pub(super) fn add_stages(self, judgement: &mut Judgement) {
        let Some(recipe) = &self.subject.build else { return };
        // What another machine emulates is not known.
        if recipe.elsewhere {
            return;
        }
        match judgement.verdict {
            Verdict::Native | Verdict::Needless => {
                for pinned in self.pinned(recipe) {
                    let ruling = self.rule(recipe, &pinned);
                    enter(ruling, &pinned, judgement);
                }
            }
            Verdict::Needed | Verdict::CannotRun | Verdict::Unknown => {}
        }
        if judgement.verdict != Verdict::Needless {
            judgement.causes.extend(self.could_be_native(recipe));
        }
    }

    /// Stages before the last that run programs, with the `FROM`s that fix them to a foreign platform; without that
    /// which fixes the image.
    fn pinned(self, recipe: &Recipe) -> Vec<Pinned<'_>> {
        let of_image = recipe.pinned_result().map(|fixed| &fixed.place);
        let mut all: Vec<Pinned<'_>> = Vec::new();
        for stage in recipe.before_last().iter().filter(|stage| stage.runs) {
            let Some(fixed) = stage.fixed() else { continue };
            if self.guest.how(runs_as(stage, fixed)) == How::Native
                || of_image == Some(&fixed.place)
            {
                continue;
            }
            match all.iter_mut().find(|other| other.fixed.place == fixed.place) {
                Some(other) => other.more.push(stage),
                None => all.push(Pinned { fixed, first: stage, more: Vec::new() }),
            }
        }
        all
    }

    fn rule(self, recipe: &Recipe, pinned: &Pinned<'_>) -> Ruling {
        let Pinned { fixed, .. } = pinned;
        let (base, place) = (pinned.base(), Some(fixed.place.clone()));
        let platforms = match &pinned.first.offer {
            // Programs that nothing brings: there is nothing to say of them.
            None => return Ruling::new(Verdict::Native, Vec::new()),
            Some(Offer::Unknown(gap)) => {
                let cause = Cause { place, ..unknown_offer(base, gap) };
                return Ruling::new(Verdict::Unknown, vec![cause]);
            }
            Some(Offer::Known { platforms, .. }) => platforms,
        };
        let need = self.need(recipe, pinned, platforms);
        let Some((verdict, cause)) = self.obstacle(pinned, platforms) else { return need };
        let remedy = match (need.verdict, cause.code) {
            (Verdict::Needless, _) => need.remedy,
            (_, Code::NoEmulator) => Some(self.guest.emulator_remedy(&fixed.platform)),
            _ => None,
        };
        let mut causes = need.causes;
        causes.insert(0, cause);
        Ruling { verdict, causes, remedy }
    }

    /// What keeps stages from being run. `platforms` are those of their base.
    fn obstacle(self, pinned: &Pinned<'_>, platforms: &[Platform]) -> Option<(Verdict, Cause)> {
        let (Pinned { fixed, .. }, base) = (pinned, pinned.base());
        let is_offered =
            platforms.iter().any(|offered| fixed.platform.preference(offered).is_some());
        let (verdict, code, message) = match (is_offered, self.guest.how(&fixed.platform)) {
            (false, _) => {
                let is = pinned.verb("is", "are");
                let why = format!("for which {base} does not exist, only for {}", list(platforms));
                let message = format!("{pinned} {is} {}, {why}", fixed.pinned());
                (Verdict::CannotRun, Code::NotOffered, message)
            }
            (true, How::None) => {
                let is = pinned.verb("is", "are");
                let why = format!("for which the engine ({}) has no emulator", self.guest.own);
                let message = format!("{pinned} {is} {}, {why}", fixed.pinned());
                (Verdict::CannotRun, Code::NoEmulator, message)
            }
            (true, How::Unknown) => {
                let platform = &fixed.platform;
                let message = format!(
                    "whether the engine runs {platform}, for {pinned}, could not be found out"
                );
                (Verdict::Unknown, Code::GuestUnknown, message)
            }
            _ => return None,
        };
        Some((verdict, Cause { code, message, place: Some(fixed.place.clone()) }))
    }

    /// Whether stages must be of the platform that they are fixed to. `platforms` are those of their base.
    fn need(self, recipe: &Recipe, pinned: &Pinned<'_>, platforms: &[Platform]) -> Ruling {
        let (Pinned { fixed, .. }, base) = (pinned, pinned.base());
        let Some(native) = self.guest.best_native(platforms) else {
            let place = Some(pinned.first.place.clone());
            let why = no_native(base, platforms, self.guest, place);
            let message = format!("{pinned} must be emulated: {}", why.message);
            let remedy = replacements::advice(base, &self.guest.own);
            let causes = vec![Cause { message, ..why }];
            return Ruling { verdict: Verdict::Needed, causes, remedy };
        };
        if pinned.installs()
            && let Err(Obstacle { verdict, causes, remedy }) =
                self.obstacles_of_packages(recipe, Some(fixed))
        {
            return Ruling { verdict, causes, remedy };
        }
        let although = format!("{}, although {base} exists for {native}", fixed.pinned());
        let message = match self.guest.how(&fixed.platform) {
            How::None | How::Unknown => format!("{pinned} {} {although}", pinned.verb("is", "are")),
            how => {
                format!(
                    "{pinned} {} {} needlessly: {although}",
                    pinned.verb("runs", "run"),
                    how.emulated()
                )
            }
        };
        Ruling {
            verdict: Verdict::Needless,
            causes: vec![cause_of_pin(fixed, Code::PinnedStage, message)],
            remedy: Some(fixed.remedy(&self.subject.service)),
        }
    }

    /// Stages before the last that run emulated because the image is foreign, or one of those that are built, and
    /// that could run on the builder's own platform.
    fn could_be_native(self, recipe: &Recipe) -> Vec<Cause> {
        let targets = self.subject.targets(&self.guest.own);
        let Some(foreign) = targets.iter().find(|it| self.guest.how(it).is_emulated()) else {
            return Vec::new();
        };
        let of_image = recipe.root(recipe.stages.len().saturating_sub(1));
        let is_told = |(at, stage): &(usize, &Stage)| {
            // What the image itself goes back to must be of its platform.
            let is_beside = recipe.root(*at) != of_image;
            let is_free = match &stage.pin {
                None | Some(Pin::Target) => true,
                Some(Pin::Fixed(fixed)) => targets.iter().all(|target| *target == fixed.platform),
                Some(Pin::Builder) => false,
            };
            let offered = stage.offer.as_ref().map_or(&[][..], Offer::platforms);
            is_beside && stage.runs && is_free && self.guest.best_native(offered).is_some()
        };
        let cause = |(at, stage): (usize, &Stage)| {
            // The platform is that of the stage which begins with an image.
            let (name, root) = (&stage.name, recipe.stages.get(recipe.root(at)).unwrap_or(stage));
            let of_root = if root.place == stage.place {
                String::new()
            } else {
                format!(" in stage {}", root.name)
            };
            let message = format!(
                "stage {name} runs emulated for {foreign}: with `FROM --platform=$BUILDPLATFORM`{of_root} it \
                 would run natively, where what it makes does not depend on the CPU"
            );
            Cause { code: Code::BuilderStage, message, place: Some(root.place.clone()) }
        };
        recipe.before_last().iter().enumerate().filter(is_told).map(cause).collect()
    }
}

impl Ruling {
    const fn new(verdict: Verdict, causes: Vec<Cause>) -> Self {
        Self { verdict, causes, remedy: None }
    }
}

impl Pinned<'_> {
    fn base(&self) -> &str {
        &self.first.base
    }

    fn installs(&self) -> bool {
        self.first.installs || self.more.iter().any(|stage| stage.installs)
    }

    fn verb(&self, one: &'static str, several: &'static str) -> &'static str {
        if self.more.is_empty() { one } else { several }
    }
}

/// `stage build`, `stages build, test`.
impl fmt::Display for Pinned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb("stage", "stages"), self.first.name)?;
        self.more.iter().try_for_each(|stage| write!(f, ", {}", stage.name))
    }
}

/// The platform of the programs of a stage: an image that is not one of several is taken whatever is asked for.
fn runs_as<'a>(stage: &'a Stage, fixed: &'a Fixed) -> &'a Platform {
    match &stage.offer {
        Some(Offer::Known { platforms, is_index: false }) => {
            platforms.first().unwrap_or(&fixed.platform)
        }
        _ => &fixed.platform,
    }
}

/// Enters what is said of stages into what is said of their image.
fn enter(ruling: Ruling, pinned: &Pinned<'_>, judgement: &mut Judgement) {
    let Ruling { verdict, causes, remedy } = ruling;
    let weight = |verdict| match verdict {
        Verdict::Native => 0,
        Verdict::Needed => 1,
        Verdict::Unknown => 2,
        Verdict::Needless => 3,
        Verdict::CannotRun => 4,
    };
    let is_worse = weight(verdict) > weight(judgement.verdict);
    // Beside what is needless or impossible the rest is no news.
    if !is_worse && weight(verdict) < weight(Verdict::Needless) && judgement.verdict != verdict {
        return;
    }
    if is_worse {
        judgement.is_of_stages |= judgement.verdict == Verdict::Native;
        judgement.verdict = verdict;
        judgement.causes.splice(0..0, causes);
    } else {
        judgement.causes.extend(causes);
    }
    if matches!(verdict, Verdict::Needless | Verdict::CannotRun) {
        judgement.arguments.extend(pinned.fixed.argument.clone());
    }
    judgement.remedy = match (judgement.remedy.take(), remedy) {
        (Some(before), Some(more)) => Some(both(before, &more)),
        (before, more) => before.or(more),
    };
}
