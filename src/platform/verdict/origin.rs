//! Where a foreign platform comes from, and what to change there.

use super::super::subject::{By, Fixed, Place, Recipe, Request, without_default_platform};
use super::super::{How, Platform};
use super::choice::unless_asked;
use super::judge::Court;
use super::obstacle::Obstacle;
use super::{Cause, Code};

impl<'a> Court<'a> {
    /// Why a foreign platform was chosen although a native one could have been; else what stands in
    /// the way of the native one.
    pub(super) fn causes_of_choice(self, chosen: &Platform) -> Result<Vec<Cause>, Obstacle> {
        match &self.subject.build {
            Some(recipe) => self.obstacles_of_build(recipe)?,
            None => self.obstacles_of_image()?,
        }
        let mut causes = self.causes_of_own();
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

    /// Who asks for a foreign platform, and the `FROM` that is fixed to one.
    pub(super) fn causes_of_own(self) -> Vec<Cause> {
        let of_base = self.foreign_base_pin().map(of_from);
        self.foreign_requests().into_iter().map(of_request).chain(of_base).collect()
    }

    /// All who ask for a platform that is not native.
    fn foreign_requests(self) -> Vec<Request> {
        let mut requests = self.subject.requests();
        requests.retain(|request| self.guest.how(&request.platform) != How::Native);
        requests
    }

    /// What pins the last stage of a build to a platform that is not native.
    fn foreign_base_pin(self) -> Option<&'a Fixed> {
        let fixed = self.subject.build.as_ref().and_then(Recipe::pinned_result)?;
        (self.guest.how(&fixed.platform) != How::Native).then_some(fixed)
    }

    /// The `FROM` that the last stage of a build has a foreign platform from.
    pub(super) fn pins_of_choice(self) -> Vec<Fixed> {
        self.foreign_base_pin().cloned().into_iter().collect()
    }

    /// What mends a needless emulation.
    pub(super) fn remedy_of_choice(self) -> String {
        let service = &self.subject.service;
        if let Some(native) = unless_asked(self.subject, self.guest) {
            return self.ask_for(native);
        }
        let of_base = self.foreign_base_pin().map(|fixed| fixed.remedy(service));
        let of_requests = self.foreign_requests().into_iter().map(|it| self.without(&it));
        let all = of_requests.chain(of_base).chain(self.renewal());
        let all = all.reduce(|first, second| both(first, &second));
        all.unwrap_or_else(|| self.remedy_of_copy())
    }

    /// What replaces the copy that stays behind when a variable no longer asks for its platform. What `--fix` mends, it
    /// replaces, too.
    fn renewal(self) -> Option<String> {
        let by_variable = |by: &By| matches!(by, By::Environment(_) | By::Variables { .. });
        let is_stale =
            !self.subject.local.is_empty() && self.guest.best_native(&self.subject.local).is_none();
        let mut requests = self.foreign_requests().into_iter();
        (is_stale && requests.any(|it| by_variable(&it.by))).then(|| self.remedy_of_copy())
    }

    /// What undoes a request.
    fn without(self, request: &Request) -> String {
        let service = &self.subject.service;
        match &request.by {
            By::Service(_) => format!("bireme platforms --fix {service}"),
            By::Variables { remedy, .. } => remedy.clone(),
            By::Build(_) => format!("add {} to `build.platforms` of {service}", self.guest.own),
            By::Environment(place) => without_default_platform(place.as_ref()),
        }
    }

    /// What replaces a copy that the engine has.
    fn remedy_of_copy(self) -> String {
        let service = &self.subject.service;
        match &self.subject.build {
            Some(_) => format!("bireme build {service}"),
            None if self.subject.keeps_copies => format!("bireme pull --policy always {service}"),
            None => format!("bireme pull {service}"),
        }
    }

    /// What to change so that a service gets another platform than the one it asks for.
    pub(super) fn ask_for(self, platform: &Platform) -> String {
        let native = self.guest.how(platform) == How::Native
            && unless_asked(self.subject, self.guest).is_none();
        match self.subject.request.as_ref().map(|request| &request.by) {
            Some(By::Service(place)) if native => {
                let place = place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
                format!(
                    "take out `platform`{place}: bireme platforms --fix {}",
                    self.subject.service
                )
            }
            Some(By::Build(_)) => {
                format!("write {platform} into `build.platforms` of {}", self.subject.service)
            }
            Some(By::Variables { remedy, .. }) if native => remedy.clone(),
            Some(By::Environment(place)) if native => without_default_platform(place.as_ref()),
            _ => format!("write `platform: {platform}` on the service"),
        }
    }

    pub(super) fn place_of_request(self) -> Option<Place> {
        self.subject.request.as_ref()?.by.place().cloned()
    }
}

/// The cause in who asks for a platform.
fn of_request(request: Request) -> Cause {
    let Request { platform, by } = request;
    let (code, what) = match by {
        By::Service(_) | By::Variables { .. } => (Code::Pinned, format!("pinned to {platform}")),
        By::Build(_) => (Code::Pinned, format!("built for {platform} alone")),
        By::Environment(_) => {
            (Code::DefaultPlatform, format!("DOCKER_DEFAULT_PLATFORM is {platform}"))
        }
    };
    let place = by.place().cloned();
    let message = match &place {
        Some(place) => format!("{what} at {place}"),
        None => what,
    };
    Cause { code, message, place }
}

/// The cause in a `FROM` that names a platform.
fn of_from(fixed: &Fixed) -> Cause {
    cause_of_pin(fixed, Code::PinnedFrom, format!("its base is {}", fixed.pinned()))
}

/// A cause in a `FROM`, or in the build argument that this has its platform from.
pub(super) fn cause_of_pin(fixed: &Fixed, code: Code, message: String) -> Cause {
    match &fixed.argument {
        None => Cause { code, message, place: Some(fixed.place.clone()) },
        Some(argument) => Cause {
            code: Code::PinnedArgument,
            message,
            place: Some(argument.place().unwrap_or(&fixed.place).clone()),
        },
    }
}

/// Two remedies in one sentence.
pub(super) fn both(first: String, second: &str) -> String {
    if first == second { first } else { format!("{first}; {second}") }
}
