//! The verdict on a service: does it run emulated, must it, and what would mend it. [`judge`] gives it.
//!
//! A verdict is on all that is emulated for a service: its containers and, where these are native, stages of its
//! build. How its containers run is a matter of their own ([`Judgement::how`]).

mod bases;
mod choice;
mod judge;
#[cfg(test)]
mod matching_tests;
mod obstacle;
mod origin;
#[cfg(test)]
mod origin_tests;
mod shared;
#[cfg(test)]
mod single_tests;
mod stages;
mod targets;
#[cfg(test)]
mod tests;

use super::cost::Cost;
use super::data::Risk;
use super::subject::{Argument, Fixed, Place};
use super::{How, Platform};

pub use bases::follow_bases;
pub use choice::{chosen, foreign};
pub use judge::judge;
pub use shared::share_names;

/// What is said of a service's platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It runs on the CPU itself.
    Native,
    /// It, or a stage of its build, is emulated because there is no native variant.
    Needed,
    /// It, or a stage of its build, is emulated although that need not be.
    Needless,
    /// It cannot run here, or cannot be built.
    CannotRun,
    /// Too little is known.
    Unknown,
}

impl Verdict {
    /// The word for it in machine-readable output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Needed => "needed",
            Self::Needless => "needless",
            Self::CannotRun => "cannot-run",
            Self::Unknown => "unknown",
        }
    }
}

/// What kind of cause it is. The words are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// `platform` of the service asks for another CPU.
    Pinned,
    /// `DOCKER_DEFAULT_PLATFORM` asks for another CPU.
    DefaultPlatform,
    /// The image that the engine has is of another CPU, though there is a native one.
    StaleImage,
    /// Containers that there are were made for another CPU; the next ones will be native.
    FormerContainer,
    /// Another service asks for another CPU under the same image name, and the engine keeps one.
    SharedName,
    /// Another service asks for another platform under the same image name, and the engine keeps one.
    NameClash,
    /// The image of another service, which it begins with, is of another CPU.
    ServiceBase,
    /// A `FROM` names another CPU.
    PinnedFrom,
    /// The `FROM` of an earlier stage does, though the image is native.
    PinnedStage,
    /// A build argument lets a `FROM` name another CPU.
    PinnedArgument,
    /// The image exists for no platform that is native here.
    NoNativeVariant,
    /// Packages that a build installs do not exist for the native platform.
    Packages,
    /// Whether they do has not been looked at.
    PackagesUnseen,
    /// No emulator for its platform is registered.
    NoEmulator,
    /// The image does not exist for the platform that is asked for.
    NotOffered,
    /// A program in the image fails under this emulation.
    Trap,
    /// For which platforms there is an image is not known.
    OfferUnknown,
    /// What the guest can run is not known.
    GuestUnknown,
    /// A stage runs emulated for a foreign image, and might run on the builder's own platform.
    BuilderStage,
}

impl Code {
    /// The word for it in machine-readable output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::DefaultPlatform => "default-platform",
            Self::StaleImage => "stale-image",
            Self::FormerContainer => "former-container",
            Self::SharedName => "shared-name",
            Self::NameClash => "name-clash",
            Self::ServiceBase => "service-base",
            Self::PinnedFrom => "pinned-from",
            Self::PinnedStage => "pinned-stage",
            Self::PinnedArgument => "pinned-argument",
            Self::NoNativeVariant => "no-native-variant",
            Self::Packages => "packages",
            Self::PackagesUnseen => "packages-unseen",
            Self::NoEmulator => "no-emulator",
            Self::NotOffered => "not-offered",
            Self::Trap => "trap",
            Self::OfferUnknown => "offer-unknown",
            Self::GuestUnknown => "guest-unknown",
            Self::BuilderStage => "builder-stage",
        }
    }
}

/// Why a verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Its kind.
    pub code: Code,
    /// One sentence, no trailing period.
    pub message: String,
    /// The line that says so, where one does.
    pub place: Option<Place>,
}

/// A verdict with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The service.
    pub service: String,
    /// Its image.
    pub image: String,
    /// Whether a build makes it.
    pub is_built: bool,
    /// Whether one is still to make it.
    pub is_to_be_built: bool,
    /// The service whose image decides over this one's, which goes back to it.
    pub base: Option<String>,
    /// The platform that is asked for.
    pub declared: Option<Platform>,
    /// For which platforms there is an image; none where that is not known.
    pub offered: Vec<Platform>,
    /// The platform that it gets.
    pub chosen: Option<Platform>,
    /// The best platform that it would have without emulation if nobody asked for one, where one is known.
    pub native: Option<Platform>,
    /// Platforms of the containers that there are.
    pub running: Vec<Platform>,
    /// How that platform's programs run here.
    pub how: How,
    /// How the containers that there are run, where they are emulated and the next ones will not be.
    pub former: Option<How>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it is on stages of its build, its containers being native.
    pub is_of_stages: bool,
    /// Whether its owner has said that emulation is all right.
    pub accepted: bool,
    /// Why, the most telling first.
    pub causes: Vec<Cause>,
    /// The `FROM`s among the causes that are fixed to a platform.
    pub pins: Vec<Fixed>,
    /// What to do, one sentence.
    pub remedy: Option<String>,
    /// What the emulation costs, where it was measured.
    pub cost: Option<Cost>,
    /// What is at stake in files of its emulated containers, once it runs natively.
    pub risk: Option<Risk>,
}

impl Judgement {
    /// How its containers run: those that there are, or would be.
    pub fn runs(&self) -> How {
        self.former.unwrap_or(self.how)
    }

    /// The most telling cause.
    pub fn first_code(&self) -> Option<Code> {
        self.causes.first().map(|cause| cause.code)
    }

    /// Whether nothing of its own makes it foreign, but the pin of a service that shares its image's
    /// name, or a container made before.
    pub fn is_foreign_by_others(&self) -> bool {
        matches!(self.first_code(), Some(Code::SharedName | Code::FormerContainer))
    }

    /// The build arguments among the causes.
    pub fn arguments(&self) -> impl Iterator<Item = &Argument> {
        self.pins.iter().filter_map(|pin| pin.argument.as_ref())
    }

    /// The `FROM` that a cause is.
    pub fn pin(&self, cause: &Cause) -> Option<&Fixed> {
        let place = cause.place.as_ref();
        self.pins.iter().find(|pin| match &pin.argument {
            None => Some(&pin.place) == place,
            Some(argument) => Some(argument.place().unwrap_or(&pin.place)) == place,
        })
    }
}
