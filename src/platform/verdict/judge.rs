//! Judges a service by all that was found out of it and of the guest.

use super::super::data::{Risk, risk};
use super::super::subject::{By, Fixed, Packages, Pin, Place, Recipe, Subject};
use super::super::{Gap, Guest, How, Offer, Platform, replacements, traps};
use super::{Cause, Code, Judgement, Verdict};

/// Judges a service on a guest.
pub fn judge(subject: &Subject, guest: &Guest) -> Judgement {
    let chosen = chosen(subject, guest);
    let how = chosen.as_ref().map_or(How::Unknown, |platform| guest.how(platform));
    let mut judgement = Judgement {
        service: subject.service.clone(),
        image: subject.image.clone(),
        is_built: subject.build.is_some(),
        declared: subject.request.as_ref().map(|request| request.platform.clone()),
        offered: subject.offer.platforms().to_vec(),
        chosen,
        native: native(subject, guest),
        running: subject.running.clone(),
        how,
        verdict: Verdict::Unknown,
        accepted: subject.accepted,
        causes: Vec::new(),
        argument: Court { subject, guest }.foreign_base_pin().and_then(|it| it.argument.clone()),
        remedy: None,
        cost: None,
        risk: Court { subject, guest }.risk(),
    };
    Court { subject, guest }.decide(&mut judgement);
    judgement
}

/// The platform that a service gets: the one asked for; that of the image which is there; the best of
/// those that there are; for a build the one its last stage is pinned to, else the engine's own.
pub fn chosen(subject: &Subject, guest: &Guest) -> Option<Platform> {
    if let Some(pinned) = subject.build.as_ref().and_then(pinned_result) {
        return Some(pinned.platform.clone());
    }
    if let Some(request) = &subject.request {
        return Some(request.platform.clone());
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
        Offer::Known { platforms, is_index: true } => guest.best_native(platforms).cloned(),
        Offer::Unknown(_) => None,
    }
}

/// The best platform without emulation that there is, as far as is known.
fn native(subject: &Subject, guest: &Guest) -> Option<Platform> {
    let offered = subject.offer.platforms();
    let local = || guest.best_native(&subject.local);
    let unbounded = || {
        let whole = subject.build.as_ref().is_some_and(|recipe| !recipe.stages.is_empty());
        let open = matches!(subject.offer, Offer::Unknown(_)) && whole;
        open.then_some(&guest.own)
    };
    guest.best_native(offered).or_else(local).or_else(unbounded).cloned()
}

/// What the last stage of a build is pinned by.
fn pinned_result(recipe: &Recipe) -> Option<&Fixed> {
    match recipe.stages.last()?.pin.as_ref()? {
        Pin::Fixed(fixed) => Some(fixed),
        Pin::Builder | Pin::Target => None,
    }
}

/// What judging one service goes by.
#[derive(Clone, Copy)]
struct Court<'a> {
    subject: &'a Subject,
    guest: &'a Guest,
}

impl<'a> Court<'a> {
    fn decide(self, judgement: &mut Judgement) {
        let Some(chosen) = judgement.chosen.clone() else {
            return self.nothing_chosen(judgement);
        };
        if !self.is_there(&chosen) {
            return self.not_offered(&chosen, judgement);
        }
        match judgement.how {
            How::Native => judgement.verdict = Verdict::Native,
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
        self.builder_stages(&chosen, judgement);
    }

    /// Whether there is, or can be made, an image of a platform. What is not known is not denied.
    fn is_there(self, platform: &Platform) -> bool {
        if self.subject.local.contains(platform) {
            return true;
        }
        match &self.subject.offer {
            Offer::Known { platforms, .. } => {
                platforms.iter().any(|offered| platform.preference(offered).is_some())
            }
            Offer::Unknown(_) => true,
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

    fn not_offered(self, chosen: &Platform, judgement: &mut Judgement) {
        judgement.verdict = Verdict::CannotRun;
        let image = &self.subject.image;
        let offered = list(&judgement.offered);
        judgement.causes.push(Cause {
            code: Code::NotOffered,
            message: match &self.subject.build {
                None => format!("{image} does not exist for {chosen}, only for {offered}"),
                Some(_) => format!("it cannot be built for {chosen}, only for {offered}"),
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

    /// What to change so that a service gets another platform than the one it asks for.
    fn ask_for(self, platform: &Platform) -> String {
        let native = self.guest.how(platform) == How::Native;
        match self.subject.request.as_ref().map(|request| &request.by) {
            Some(By::Service(place)) if native => {
                let place = place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
                format!(
                    "take out `platform`{place}: bireme platforms --fix {}",
                    self.subject.service
                )
            }
            Some(By::Environment) if native => "unset DOCKER_DEFAULT_PLATFORM".to_owned(),
            _ => format!("write `platform: {platform}` on the service"),
        }
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

    /// Why a foreign platform was chosen although a native one could have been; else what stands in
    /// the way of the native one.
    fn causes_of_choice(self, chosen: &Platform) -> Result<Vec<Cause>, Obstacle> {
        match &self.subject.build {
            Some(recipe) => self.obstacles_of_build(recipe)?,
            None => self.obstacles_of_image()?,
        }
        let mut causes = Vec::new();
        if let Some(request) = &self.subject.request
            && self.guest.how(&request.platform) != How::Native
        {
            causes.push(match &request.by {
                By::Service(place) => Cause {
                    code: Code::Pinned,
                    message: match place {
                        Some(place) => format!("pinned to {} at {place}", request.platform),
                        None => format!("pinned to {}", request.platform),
                    },
                    place: place.clone(),
                },
                By::Build(place) => Cause {
                    code: Code::Pinned,
                    message: match place {
                        Some(place) => format!("built for {} alone at {place}", request.platform),
                        None => format!("built for {} alone", request.platform),
                    },
                    place: place.clone(),
                },
                By::Environment => Cause {
                    code: Code::DefaultPlatform,
                    message: format!("DOCKER_DEFAULT_PLATFORM is {}", request.platform),
                    place: None,
                },
            });
        }
        causes.extend(self.foreign_base_pin().map(of_from));
        if causes.is_empty() {
            causes.push(Cause {
                code: Code::StaleImage,
                message: format!(
                    "the copy of {} that the engine has is of {chosen}",
                    self.subject.image
                ),
                place: None,
            });
        }
        Ok(causes)
    }

    /// What pins the last stage of a build to a platform that is not native.
    fn foreign_base_pin(self) -> Option<&'a Fixed> {
        let fixed = self.subject.build.as_ref().and_then(pinned_result)?;
        (self.guest.how(&fixed.platform) != How::Native).then_some(fixed)
    }

    fn obstacles_of_image(self) -> Result<(), Obstacle> {
        if self.guest.best_native(&self.subject.local).is_some() {
            return Ok(());
        }
        match &self.subject.offer {
            Offer::Unknown(gap) => Err(Obstacle {
                verdict: Verdict::Unknown,
                causes: vec![unknown_offer(&self.subject.image, gap)],
                remedy: None,
            }),
            Offer::Known { platforms, .. } if self.guest.best_native(platforms).is_none() => {
                Err(Obstacle {
                    verdict: Verdict::Needed,
                    causes: vec![no_native(&self.subject.image, platforms, self.guest, None)],
                    remedy: replacements::advice(&self.subject.image, &self.guest.own),
                })
            }
            Offer::Known { .. } => Ok(()),
        }
    }

    fn obstacles_of_build(self, recipe: &Recipe) -> Result<(), Obstacle> {
        if let Offer::Known { platforms, .. } = &self.subject.offer
            && self.guest.best_native(platforms).is_none()
            && let Some((base, cause)) = self.foreign_base(recipe)
        {
            let remedy = replacements::advice(base, &self.guest.own);
            return Err(Obstacle { remedy, ..Obstacle::needed(vec![cause]) });
        }
        for stage in &recipe.stages {
            if let Some(Offer::Unknown(gap)) = &stage.offer
                && stage.pin != Some(Pin::Builder)
            {
                return Err(Obstacle {
                    verdict: Verdict::Unknown,
                    causes: vec![Cause {
                        place: Some(stage.place.clone()),
                        ..unknown_offer(&stage.base, gap)
                    }],
                    remedy: None,
                });
            }
        }
        if recipe.stages.is_empty()
            && let Offer::Unknown(gap) = &self.subject.offer
        {
            return Err(Obstacle {
                verdict: Verdict::Unknown,
                causes: vec![unknown_offer(&self.subject.image, gap)],
                remedy: None,
            });
        }
        match &recipe.packages {
            Packages::None | Packages::Free => Ok(()),
            Packages::Unseen => Err(Obstacle {
                verdict: Verdict::Unknown,
                causes: vec![Cause {
                    code: Code::PackagesUnseen,
                    message: format!(
                        "whether the packages it installs exist for {} has not been looked at",
                        self.guest.own
                    ),
                    place: None,
                }],
                remedy: Some(format!("bireme platforms --packages {}", self.subject.service)),
            }),
            Packages::Forcing(packages) => Err(Obstacle::needed(
                packages
                    .iter()
                    .map(|(message, place)| Cause {
                        code: Code::Packages,
                        message: message.clone(),
                        place: place.clone(),
                    })
                    .collect(),
            )),
        }
    }

    /// The base of a build that does not exist for a native platform. What is pinned is judged by
    /// whether it need be.
    fn foreign_base(self, recipe: &Recipe) -> Option<(&str, Cause)> {
        recipe.stages.iter().find_map(|stage| {
            let Some(Offer::Known { platforms, .. }) = &stage.offer else { return None };
            let place = Some(stage.place.clone());
            (!matches!(stage.pin, Some(Pin::Builder))
                && self.guest.best_native(platforms).is_none())
            .then(|| (stage.base.as_str(), no_native(&stage.base, platforms, self.guest, place)))
        })
    }

    /// What mends a needless emulation.
    fn remedy_of_choice(self) -> String {
        let service = &self.subject.service;
        let fix = format!("bireme platforms --fix {service}");
        let request = self.subject.request.as_ref();
        let pinned = request.filter(|request| self.guest.how(&request.platform) != How::Native);
        let of_request = pinned.map(|request| match request.by {
            By::Service(_) => fix.clone(),
            By::Build(_) => format!("add {} to `build.platforms` of {service}", self.guest.own),
            By::Environment => "unset DOCKER_DEFAULT_PLATFORM".to_owned(),
        });
        let of_base = self.foreign_base_pin().map(|fixed| match &fixed.argument {
            Some(argument) if !argument.is_mendable() => argument.remedy(service),
            _ => fix,
        });
        match (of_request, of_base) {
            (Some(first), Some(second)) if first != second => format!("{first}; {second}"),
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) if self.subject.build.is_some() => format!("bireme build {service}"),
            (None, None) => format!("bireme pull {service}"),
        }
    }

    /// Stages before the last that run programs of a foreign platform, without being asked to.
    fn builder_stages(self, chosen: &Platform, judgement: &mut Judgement) {
        let Some(recipe) = &self.subject.build else { return };
        let Some((_, before)) = recipe.stages.split_last() else { return };
        // What another machine emulates is not known.
        if recipe.elsewhere {
            return;
        }
        if self.guest.how(chosen) == How::Native || judgement.verdict == Verdict::Needless {
            return;
        }
        for stage in before.iter().filter(|stage| stage.runs) {
            let emulated = matches!(stage.pin, None | Some(Pin::Target));
            let native = stage
                .offer
                .as_ref()
                .is_some_and(|offer| self.guest.best_native(offer.platforms()).is_some());
            if emulated && native {
                judgement.causes.push(Cause {
                    code: Code::BuilderStage,
                    message: format!(
                        "stage {} runs emulated: with `FROM --platform=$BUILDPLATFORM` it would run \
                         natively, where what it makes does not depend on the CPU",
                        stage.name
                    ),
                    place: Some(stage.place.clone()),
                });
            }
        }
    }

    fn place_of_request(self) -> Option<Place> {
        match &self.subject.request.as_ref()?.by {
            By::Service(place) | By::Build(place) => place.clone(),
            By::Environment => None,
        }
    }
}

/// What stands in the way of the native platform.
struct Obstacle {
    verdict: Verdict,
    causes: Vec<Cause>,
    remedy: Option<String>,
}

impl Obstacle {
    fn needed(causes: Vec<Cause>) -> Self {
        Self { verdict: Verdict::Needed, causes, remedy: None }
    }
}

/// The cause in a `FROM` that names a platform.
fn of_from(fixed: &Fixed) -> Cause {
    let Fixed { platform, place, argument } = fixed;
    let pinned = format!("its base is pinned to {platform} at {place}");
    match argument {
        None => Cause { code: Code::PinnedFrom, message: pinned, place: Some(place.clone()) },
        Some(argument) => Cause {
            code: Code::PinnedArgument,
            message: format!("{pinned} by the build argument {}", argument.name),
            place: Some(argument.place().unwrap_or(place).clone()),
        },
    }
}

fn unknown_offer(image: &str, gap: &Gap) -> Cause {
    Cause {
        code: Code::OfferUnknown,
        message: format!("for which platforms {image} exists is not known: {gap}"),
        place: None,
    }
}

fn no_native(image: &str, platforms: &[Platform], guest: &Guest, place: Option<Place>) -> Cause {
    Cause {
        code: Code::NoNativeVariant,
        message: format!("{image} does not exist for {}, only for {}", guest.own, list(platforms)),
        place,
    }
}

/// Platforms in a sentence.
fn list(platforms: &[Platform]) -> String {
    let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
