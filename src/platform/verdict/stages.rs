//! Stages of a build before its last one. What they make goes into an image of its own platform: a stage that runs
//! programs of a platform which somebody fixed, or which is the only one of its base, is a matter of its own where the
//! image is native.

use std::fmt;

use super::super::subject::{Fixed, Pin, Place, Recipe, Stage};
use super::super::{How, Offer, Platform, replacements};
use super::judge::Court;
use super::obstacle::{Obstacle, no_native, others, unknown_offer};
use super::origin::{both, cause_of_pin};
use super::{Cause, Code, Judgement, Verdict};

/// Stages that run programs of one foreign platform, by one `FROM`.
struct Foreign<'a> {
    /// The platform of these programs.
    platform: &'a Platform,
    /// The `FROM` that fixes them to it; `None` where their base is for no other.
    fixed: Option<&'a Fixed>,
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
                for foreign in self.foreign_stages(recipe) {
                    let ruling = self.rule(recipe, &foreign);
                    enter(ruling, &foreign, judgement);
                }
            }
            Verdict::Needed | Verdict::CannotRun | Verdict::Unknown => {}
        }
        if judgement.verdict != Verdict::Needless {
            judgement.causes.extend(self.could_be_native(recipe));
        }
    }

    /// Stages before the last that run programs which are foreign whatever is built for; without those of the `FROM`
    /// which decides for the image, too.
    fn foreign_stages(self, recipe: &Recipe) -> Vec<Foreign<'_>> {
        let of_image = recipe.pinned_result().map(|fixed| &fixed.place);
        let mut all: Vec<Foreign<'_>> = Vec::new();
        for stage in recipe.before_last().iter().filter(|stage| stage.runs) {
            let Some(platform) = stage.runs_as() else { continue };
            let fixed = stage.fixed().filter(|_| stage.only_platform().is_none());
            let place = fixed.map(|fixed| &fixed.place);
            if self.guest.how(platform) == How::Native || (place.is_some() && of_image == place) {
                continue;
            }
            let is_same = |other: &&mut Foreign<'_>| match (other.fixed, fixed) {
                (Some(one), Some(two)) => one.place == two.place,
                (None, None) => other.first.base == stage.base,
                _ => false,
            };
            match all.iter_mut().find(is_same) {
                Some(other) => other.more.push(stage),
                None => all.push(Foreign { platform, fixed, first: stage, more: Vec::new() }),
            }
        }
        all
    }

    fn rule(self, recipe: &Recipe, foreign: &Foreign<'_>) -> Ruling {
        let platforms = match &foreign.first.offer {
            // Programs that nothing brings: there is nothing to say of them.
            None => return Ruling::new(Verdict::Native, Vec::new()),
            Some(Offer::Unknown(gap)) => {
                let place = Some(foreign.place().clone());
                let cause = Cause { place, ..unknown_offer(foreign.base(), gap) };
                return Ruling::new(Verdict::Unknown, vec![cause]);
            }
            Some(Offer::Known { platforms, .. }) => platforms,
        };
        let need = self.need(recipe, foreign, platforms);
        let Some((verdict, cause)) = self.obstacle(foreign, platforms) else { return need };
        let remedy = match (need.verdict, cause.code) {
            (Verdict::Needless, _) => need.remedy,
            (_, Code::NoEmulator) => Some(self.guest.emulator_remedy(foreign.platform)),
            _ => None,
        };
        let mut causes = need.causes;
        causes.insert(0, cause);
        Ruling { verdict, causes, remedy }
    }

    /// What keeps stages from being run. `platforms` are those of their base.
    fn obstacle(self, foreign: &Foreign<'_>, platforms: &[Platform]) -> Option<(Verdict, Cause)> {
        let (platform, base) = (foreign.platform, foreign.base());
        let is_offered = platforms.iter().any(|offered| platform.preference(offered).is_some());
        let (verdict, code, message) = match (is_offered, self.guest.how(platform)) {
            (false, _) => {
                let why = format!("for which {base} does not exist, {}", others(platforms));
                (Verdict::CannotRun, Code::NotOffered, format!("{}, {why}", foreign.origin()))
            }
            (true, How::None) => {
                let why = format!("for which the engine ({}) has no emulator", self.guest.own);
                (Verdict::CannotRun, Code::NoEmulator, format!("{}, {why}", foreign.origin()))
            }
            (true, How::Unknown) => {
                let message = format!(
                    "whether the engine runs {platform}, for {foreign}, could not be found out"
                );
                (Verdict::Unknown, Code::GuestUnknown, message)
            }
            _ => return None,
        };
        Some((verdict, Cause { code, message, place: Some(foreign.place().clone()) }))
    }

    /// Whether stages must be of their platform. `platforms` are those of their base.
    fn need(self, recipe: &Recipe, foreign: &Foreign<'_>, platforms: &[Platform]) -> Ruling {
        let base = foreign.base();
        let (Some(fixed), Some(native)) = (foreign.fixed, self.guest.best_native(platforms)) else {
            let place = Some(foreign.first.place.clone());
            let why = no_native(base, platforms, self.guest, place);
            let message = format!("{foreign} must be emulated: {}", why.message);
            let remedy = replacements::advice(base, &self.guest.own);
            let causes = vec![Cause { message, ..why }];
            return Ruling { verdict: Verdict::Needed, causes, remedy };
        };
        if foreign.installs()
            && let Err(Obstacle { verdict, causes, remedy }) =
                self.obstacles_of_packages(recipe, Some(fixed))
        {
            return Ruling { verdict, causes, remedy };
        }
        let although = format!("{}, although {base} exists for {native}", fixed.pinned());
        let message = match self.guest.how(foreign.platform) {
            How::None | How::Unknown => {
                format!("{foreign} {} {although}", foreign.verb("is", "are"))
            }
            how => {
                format!(
                    "{foreign} {} {} needlessly: {although}",
                    foreign.verb("runs", "run"),
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
                // What is for one platform alone is not changed by another `FROM`.
                _ if stage.only_platform().is_some() => false,
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

impl Foreign<'_> {
    fn base(&self) -> &str {
        &self.first.base
    }

    /// The `FROM` that says or brings their platform.
    fn place(&self) -> &Place {
        self.fixed.map_or(&self.first.place, |fixed| &fixed.place)
    }

    /// Where they have their platform from: `stage build is pinned to linux/amd64 at Dockerfile:1`.
    fn origin(&self) -> String {
        if let Some(fixed) = self.fixed {
            return format!("{self} {} {}", self.verb("is", "are"), fixed.pinned());
        }
        let (begins, base) = (self.verb("begins", "begin"), self.base());
        format!("{self} {begins} with {base}, an image of {}", self.platform)
    }

    fn installs(&self) -> bool {
        self.first.installs || self.more.iter().any(|stage| stage.installs)
    }

    fn verb(&self, one: &'static str, several: &'static str) -> &'static str {
        if self.more.is_empty() { one } else { several }
    }
}

/// `stage build`, `stages build, test`.
impl fmt::Display for Foreign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb("stage", "stages"), self.first.name)?;
        self.more.iter().try_for_each(|stage| write!(f, ", {}", stage.name))
    }
}

/// Enters what is said of stages into what is said of their image.
fn enter(ruling: Ruling, foreign: &Foreign<'_>, judgement: &mut Judgement) {
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
        judgement.pins.extend(foreign.fixed.cloned());
    }
    judgement.remedy = match (judgement.remedy.take(), remedy) {
        (Some(before), Some(more)) => Some(both(before, &more)),
        (before, more) => before.or(more),
    };
}
