//! Where a foreign platform comes from, and what to change there.

use super::super::subject::{Argument, By, Fixed, Place, Recipe, Request};
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
        let of_request = self.foreign_request().map(of_request);
        let of_base = self.foreign_base_pin().map(of_from);
        let mut causes: Vec<Cause> = of_request.into_iter().chain(of_base).collect();
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

    /// Who asks for a platform that is not native.
    fn foreign_request(self) -> Option<&'a Request> {
        let request = self.subject.request.as_ref()?;
        (self.guest.how(&request.platform) != How::Native).then_some(request)
    }

    /// What pins the last stage of a build to a platform that is not native.
    fn foreign_base_pin(self) -> Option<&'a Fixed> {
        let fixed = self.subject.build.as_ref().and_then(Recipe::pinned_result)?;
        (self.guest.how(&fixed.platform) != How::Native).then_some(fixed)
    }

    /// The build argument that the last stage of a build has a foreign platform from.
    pub(super) fn arguments_of_choice(self) -> Vec<Argument> {
        self.foreign_base_pin().and_then(|it| it.argument.clone()).into_iter().collect()
    }

    /// What mends a needless emulation.
    pub(super) fn remedy_of_choice(self) -> String {
        let service = &self.subject.service;
        if let Some(native) = unless_asked(self.subject, self.guest) {
            return self.ask_for(native);
        }
        let fix = format!("bireme platforms --fix {service}");
        let of_request = self.foreign_request().map(|request| match request.by {
            By::Service(_) => fix.clone(),
            By::Build(_) => format!("add {} to `build.platforms` of {service}", self.guest.own),
            By::Environment => "unset DOCKER_DEFAULT_PLATFORM".to_owned(),
        });
        let of_base = self.foreign_base_pin().map(|fixed| fixed.remedy(service));
        match (of_request, of_base) {
            (Some(first), Some(second)) => both(first, &second),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) if self.subject.build.is_some() => format!("bireme build {service}"),
            (None, None) => format!("bireme pull {service}"),
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
            Some(By::Environment) if native => "unset DOCKER_DEFAULT_PLATFORM".to_owned(),
            _ => format!("write `platform: {platform}` on the service"),
        }
    }

    pub(super) fn place_of_request(self) -> Option<Place> {
        match &self.subject.request.as_ref()?.by {
            By::Service(place) | By::Build(place) => place.clone(),
            By::Environment => None,
        }
    }
}

/// The cause in who asks for a platform.
fn of_request(request: &Request) -> Cause {
    let Request { platform, by } = request;
    let (what, place) = match by {
        By::Service(place) => (format!("pinned to {platform}"), place),
        By::Build(place) => (format!("built for {platform} alone"), place),
        By::Environment => {
            let message = format!("DOCKER_DEFAULT_PLATFORM is {platform}");
            return Cause { code: Code::DefaultPlatform, message, place: None };
        }
    };
    let message = match place {
        Some(place) => format!("{what} at {place}"),
        None => what,
    };
    Cause { code: Code::Pinned, message, place: place.clone() }
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
