//! Judges a service by all that was found out of it and of the guest.

use super::super::data::{Risk, risk};
use super::super::subject::{Recipe, Stage, Subject};
use super::super::{Gap, Guest, How, Offer, Platform, traps};
use super::choice::{chosen, native, unless_asked};
use super::obstacle::{no_native, others, unknown_offer};
use super::{Cause, Code, Judgement, Verdict};

/// Judges a service on a guest.
pub fn judge(subject: &Subject, guest: &Guest) -> Judgement {
    let chosen = chosen(subject, guest);
    let how = chosen.as_ref().map_or(How::Unknown, |platform| guest.how(platform));
    let mut judgement = Judgement {
        service: subject.service.clone(),
        image: subject.image.clone(),
        is_built: subject.build.is_some(),
        is_to_be_built: subject.is_to_be_built(),
        base: None,
        declared: subject.request.as_ref().map(|request| request.platform.clone()),
        offered: subject.offer.platforms().to_vec(),
        chosen,
        native: native(subject, guest),
        running: subject.running.clone(),
        how,
        former: None,
        verdict: Verdict::Unknown,
        is_of_stages: false,
        accepted: subject.accepted,
        causes: Vec::new(),
        pins: Vec::new(),
        remedy: None,
        cost: None,
        risk: Court { subject, guest }.risk(),
    };
    Court { subject, guest }.decide(&mut judgement);
    judgement
}

/// What judging one service goes by.
#[derive(Clone, Copy)]
pub(super) struct Court<'a> {
    pub(super) subject: &'a Subject,
    pub(super) guest: &'a Guest,
}

impl Court<'_> {
    fn decide(self, judgement: &mut Judgement) {
        let Some(chosen) = judgement.chosen.clone() else {
            return self.nothing_chosen(judgement);
        };
        if !self.is_there(&chosen) {
            return self.not_offered(&chosen, judgement);
        }
        match judgement.how {
            How::Native => self.native(judgement),
            How::None => self.cannot_run(&chosen, judgement),
            How::Unknown => {
                judgement.verdict = Verdict::Unknown;
                judgement.causes.push(Cause {
                    code: Code::GuestUnknown,
                    message: format!("whether the engine runs {chosen} could not be found out"),
                    place: None,
                });
                judgement.remedy = Some("bireme doctor".to_owned());
            }
            How::Rosetta | How::Qemu | How::Emulated => self.emulated(&chosen, judgement),
        }
        self.add_stages(judgement);
        self.add_targets(judgement);
        if judgement.how == How::Native {
            self.add_former_containers(judgement);
        }
    }

    fn native(self, judgement: &mut Judgement) {
        if let Some(cause) = self.unknown_build().or_else(|| self.missing_image()) {
            judgement.causes.push(cause);
            return;
        }
        judgement.verdict = Verdict::Native;
    }

    /// An image that is asked for of a platform, and that nobody has: its pull fails.
    fn missing_image(self) -> Option<Cause> {
        let is_to_be_pulled = self.subject.build.is_none() && self.subject.local.is_empty();
        match &self.subject.offer {
            Offer::Unknown(gap @ (Gap::NotFound | Gap::Denied)) if is_to_be_pulled => {
                Some(unknown_offer(&self.subject.image, gap))
            }
            _ => None,
        }
    }

    /// What is not known of a build that is still to come, without which nobody can tell what it makes.
    fn unknown_build(self) -> Option<Cause> {
        let recipe = self.subject.build.as_ref().filter(|_| self.subject.is_to_be_built())?;
        self.unknown_base(recipe)
    }

    /// Containers that go on as they were made, under an emulator, though the next ones will be native.
    fn add_former_containers(self, judgement: &mut Judgement) {
        if judgement.verdict == Verdict::Unknown {
            return;
        }
        let mut running = self.subject.running.iter();
        let Some(former) = running.find(|it| self.guest.how(it).is_emulated()) else { return };
        let how = self.guest.how(former);
        judgement.former = Some(how);
        judgement.causes.push(Cause {
            code: Code::FormerContainer,
            message: format!(
                "its containers are still of {former} and run {how}: the next ones will be native"
            ),
            place: None,
        });
        let remedy = || format!("bireme platforms --fix {}", self.subject.service);
        judgement.remedy.get_or_insert_with(remedy);
        if judgement.verdict == Verdict::Native {
            judgement.verdict = Verdict::Needless;
        }
    }

    /// Whether there is, or can be made, an image of a platform. What is not known is not denied.
    fn is_there(self, platform: &Platform) -> bool {
        if self.subject.local.contains(platform) {
            return true;
        }
        match (&self.subject.build, &self.subject.offer) {
            (Some(recipe), _) if !recipe.stages.is_empty() => recipe.lacking(platform).is_none(),
            (Some(_), Offer::Known { platforms, .. }) => {
                platforms.iter().any(|offered| platform.preference(offered).is_some())
            }
            (None, Offer::Known { platforms, .. }) => platforms.contains(platform),
            (_, Offer::Unknown(_)) => true,
        }
    }

    fn nothing_chosen(self, judgement: &mut Judgement) {
        match &self.subject.offer {
            Offer::Unknown(gap) => {
                judgement.causes.push(unknown_offer(&self.subject.image, gap));
            }
            // An index without a native platform: a pull finds nothing to take.
            Offer::Known { platforms, .. } => {
                judgement.verdict = Verdict::CannotRun;
                judgement.how = How::None;
                if let Some(native) = unless_asked(self.subject, self.guest) {
                    return self.not_taken(native, judgement);
                }
                judgement.causes.push(no_native(&self.subject.image, platforms, self.guest, None));
                let runnable = platforms.iter().find(|one| self.guest.how(one).is_emulated());
                judgement.remedy = Some(match (runnable, platforms.first()) {
                    (Some(platform), _) => format!(
                        "write `platform: {platform}` on the service: it runs {} here",
                        self.guest.how(platform)
                    ),
                    (None, Some(platform)) => format!(
                        "register an emulator ({}) and write `platform: {platform}` on the service",
                        self.guest.emulator_remedy(platform)
                    ),
                    (None, None) => "use another image".to_owned(),
                });
            }
        }
    }

    /// An index whose native image the engine only takes for who asks for it.
    fn not_taken(self, native: &Platform, judgement: &mut Judgement) {
        let (guest, image) = (self.guest, &self.subject.image);
        judgement.causes.push(Cause {
            code: Code::NotOffered,
            message: format!(
                "{image} does not exist for {}, {}, and {} takes {native} only where it is asked for",
                guest.own,
                others(&judgement.offered),
                guest.matching
            ),
            place: None,
        });
        judgement.remedy =
            Some(format!("write `platform: {native}` on the service: it runs natively here"));
    }

    fn not_offered(self, chosen: &Platform, judgement: &mut Judgement) {
        judgement.verdict = Verdict::CannotRun;
        if let Some(recipe) = &self.subject.build
            && let Some(lacking) = recipe.lacking(chosen)
        {
            return self.not_buildable(chosen, recipe, lacking, judgement);
        }
        let image = &self.subject.image;
        let offered = others(&judgement.offered);
        let covers = judgement.offered.iter().find(|it| chosen.preference(it).is_some());
        judgement.causes.push(Cause {
            code: Code::NotOffered,
            message: match (&self.subject.build, covers) {
                (None, Some(covers)) => format!(
                    "{image} does not exist for {chosen}, {offered}, and {} takes no {covers} in its place",
                    self.guest.matching
                ),
                (None, None) => format!("{image} does not exist for {chosen}, {offered}"),
                (Some(_), _) => format!("it cannot be built for {chosen}, {offered}"),
            },
            place: self.place_of_request(),
        });
        let native = self.guest.best_native(&judgement.offered);
        let runnable = || judgement.offered.iter().find(|one| self.guest.how(one).is_emulated());
        judgement.remedy = Some(match native.or_else(runnable) {
            Some(platform) => self.ask_for(platform),
            None => "use another image, or another version of it".to_owned(),
        });
    }

    /// A build for a platform that a base does not exist for.
    fn not_buildable(
        self,
        chosen: &Platform,
        recipe: &Recipe,
        lacking: &Stage,
        judgement: &mut Judgement,
    ) {
        let platforms = lacking.offer.as_ref().map_or(&[][..], Offer::platforms);
        let mut cause = Cause {
            code: Code::NotOffered,
            message: format!(
                "it cannot be built for {chosen}, for which {} does not exist, {}",
                lacking.base,
                others(platforms)
            ),
            place: self.place_of_request().or_else(|| Some(lacking.place.clone())),
        };
        let is_fixed = lacking.fixed().is_some();
        if is_fixed
            && self.guest.best_native(platforms).is_some()
            && let Ok(causes) = self.causes_of_choice(chosen)
        {
            // Its `FROM` decides, whatever is built for: that is what is changed.
            cause.place = None;
            judgement.causes.push(cause);
            judgement.causes.extend(causes);
            judgement.pins = self.pins_of_choice();
            judgement.remedy = Some(self.remedy_of_choice());
            return;
        }
        judgement.causes.push(cause);
        let is_buildable = |it: &&Platform| recipe.lacking(it).is_none();
        let native = self.guest.best_native(platforms).filter(is_buildable);
        let runnable = || {
            let mut emulated = platforms.iter().filter(|it| self.guest.how(it).is_emulated());
            emulated.find(is_buildable)
        };
        judgement.remedy = Some(match native.or_else(runnable) {
            Some(platform) if !is_fixed => self.ask_for(platform),
            _ => "let it begin with another image, or another version of it".to_owned(),
        });
    }

    fn cannot_run(self, chosen: &Platform, judgement: &mut Judgement) {
        judgement.verdict = Verdict::CannotRun;
        judgement.causes.push(Cause {
            code: Code::NoEmulator,
            message: format!("the engine ({}) has no emulator for {chosen}", self.guest.own),
            place: None,
        });
        match self.causes_of_choice(chosen) {
            Ok(causes) => {
                judgement.causes.extend(causes);
                judgement.pins = self.pins_of_choice();
                judgement.remedy = Some(self.remedy_of_choice());
            }
            Err(obstacle) => {
                judgement.causes.extend(obstacle.causes);
                judgement.remedy = Some(self.guest.emulator_remedy(chosen));
            }
        }
    }

    fn emulated(self, chosen: &Platform, judgement: &mut Judgement) {
        match self.causes_of_choice(chosen) {
            Ok(causes) => {
                judgement.verdict = Verdict::Needless;
                judgement.causes = causes;
                judgement.pins = self.pins_of_choice();
                judgement.remedy = Some(self.remedy_of_choice());
            }
            Err(obstacle) => {
                judgement.verdict = obstacle.verdict;
                judgement.causes = obstacle.causes;
                judgement.remedy = obstacle.remedy;
            }
        }
        let trap = traps::trap_on(self.guest, self.program(), chosen).filter(|trap| trap.fatal);
        let Some(trap) = trap else { return };
        // Where there is a native variant, it is what mends this too.
        if judgement.verdict != Verdict::Needless {
            judgement.remedy = Some(trap.remedy);
        }
        judgement.verdict = Verdict::CannotRun;
        judgement.causes.insert(0, Cause { code: Code::Trap, message: trap.message, place: None });
    }

    /// The image whose programs run: what a build goes back to is known better than what it makes.
    fn program(&self) -> &str {
        let last = self.subject.build.as_ref().and_then(|recipe| recipe.stages.last());
        last.map_or(&self.subject.image, |stage| &stage.base)
    }

    /// What is at stake in files that only emulated containers have written.
    fn risk(self) -> Option<Risk> {
        let running = &self.subject.running;
        let native = running.iter().find(|platform| self.guest.how(platform) == How::Native);
        let writer = running.first().filter(|_| native.is_none())?;
        risk(self.program(), &self.subject.data, "holds", writer)
    }
}
