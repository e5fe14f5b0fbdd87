//! What a verdict goes by: a service with all that was found out of it.

use std::fmt;

use serde::Serialize;

use super::{Offer, Platform};

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file, as its user calls it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A platform that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// It.
    pub platform: Platform,
    /// Who asks.
    pub by: By,
}

/// Who asks for a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// `platform` of the service, in a file.
    Service(Option<Place>),
    /// The same, made of variables.
    Variables {
        /// Where it is written.
        place: Option<Place>,
        /// What makes it the engine's own platform.
        remedy: String,
    },
    /// `build.platforms` of the service, which has no other.
    Build(Option<Place>),
    /// The variable `DOCKER_DEFAULT_PLATFORM`: the line of an environment file that sets it, where one does.
    Environment(Option<Place>),
}

impl By {
    /// The line that asks.
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Service(place)
            | Self::Variables { place, .. }
            | Self::Build(place)
            | Self::Environment(place) => place.as_ref(),
        }
    }
}

/// What takes `DOCKER_DEFAULT_PLATFORM` away, which may be set by a line of an environment file.
pub fn without_default_platform(place: Option<&Place>) -> String {
    match place {
        Some(place) => format!("take DOCKER_DEFAULT_PLATFORM out of {place}"),
        None => "unset DOCKER_DEFAULT_PLATFORM".to_owned(),
    }
}

/// A service, its image and what is known of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The service.
    pub service: String,
    /// The image that it runs.
    pub image: String,
    /// The platform it is to have, where anybody says so.
    pub request: Option<Request>,
    /// Who asks for one behind that, and is heeded once it is gone.
    pub behind: Option<Request>,
    /// For which platforms there is an image. Of a service with a build: all that its bases allow, of
    /// those that it was told to be built for (`build.platforms`) where it was.
    pub offer: Offer,
    /// Platforms of the image that the engine has now and would use; none where it would be pulled or
    /// built in any case.
    pub local: Vec<Platform>,
    /// Platforms of the service's containers, without repetition.
    pub running: Vec<Platform>,
    /// Where its containers keep what outlives them, as people call it: `volume shop_data`.
    pub data: Vec<String>,
    /// Whether its `pull_policy` keeps a copy that the engine has, so that `pull` must be told to replace it.
    pub keeps_copies: bool,
    /// Of a service with a build, how its image comes about.
    pub build: Option<Recipe>,
    /// Whether its owner has said that emulation is all right (`x-bireme: {emulation: accepted}`).
    pub accepted: bool,
}

impl Subject {
    /// Whether its image is still to be built.
    pub fn is_to_be_built(&self) -> bool {
        self.build.is_some() && self.local.is_empty()
    }

    /// All who ask for a platform: the one who is heeded, who is behind that, and `build.platforms` where that names one alone.
    pub fn requests(&self) -> Vec<Request> {
        let heeded = self.request.as_ref();
        let is_list = heeded.is_some_and(|request| matches!(request.by, By::Build(_)));
        let of_list = self.build.as_ref().filter(|_| !is_list).and_then(Recipe::only_target);
        heeded.cloned().into_iter().chain(self.behind.clone()).chain(of_list).collect()
    }

    /// The platforms that its build is for; `own` where nobody asks for one.
    pub fn targets(&self, own: &Platform) -> Vec<Platform> {
        let told = self.build.as_ref().map_or(&[][..], |recipe| recipe.platforms.as_slice());
        match &self.request {
            Some(request) => vec![request.platform.clone()],
            None if told.is_empty() => vec![own.clone()],
            None => told.to_vec(),
        }
    }
}

/// How an image is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The stages that take part, in the order of the Dockerfile; the last one is the image.
    pub stages: Vec<Stage>,
    /// The platforms that it is told to build for (`build.platforms`); none where it is not.
    pub platforms: Vec<Platform>,
    /// Where it is told so.
    pub platforms_at: Option<Place>,
    /// Whether it is now carried out for all of them.
    pub is_for_all: bool,
    /// What its packages say of the platform.
    pub packages: Packages,
    /// Whether it is carried out on another machine than the engine's guest.
    pub elsewhere: bool,
    /// The platform that it was read for, where its stages are others for others (`FROM base-$TARGETARCH`).
    pub read_for: Option<Platform>,
}

/// A stage of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name, or its number where it has none.
    pub name: String,
    /// Its `FROM`.
    pub place: Place,
    /// The image that it begins with, resolved; that of the first stage it goes back to where it begins with
    /// another stage. `scratch` for nothing.
    pub base: String,
    /// For which platforms there is such a base; all for `scratch` (`None`).
    pub offer: Option<Offer>,
    /// The other service whose build makes that image.
    pub service: Option<String>,
    /// The stage that it begins with, by its place among these.
    pub begins_with: Option<usize>,
    /// The platform that `--platform` fixes, in itself or through the stage it begins with.
    pub pin: Option<Pin>,
    /// Whether it runs programs (`RUN`).
    pub runs: bool,
    /// Whether these install packages that may exist for some platforms only.
    pub installs: bool,
}

impl Recipe {
    /// What asks for a platform where the build is told to be for that one alone.
    fn only_target(&self) -> Option<Request> {
        let [only] = &*self.platforms else { return None };
        Some(Request { platform: only.clone(), by: By::Build(self.platforms_at.clone()) })
    }

    /// The platform of the programs of its image where what it begins with is for one alone, whatever is built for.
    pub fn only_platform(&self) -> Option<&Platform> {
        self.stages.last().filter(|_| self.read_for.is_none())?.only_platform()
    }

    /// The platform of the programs of its image where that is not the one that is built for: of a base that is for one
    /// alone, or the builder's (`own`), where the last `FROM` says so.
    pub fn programs<'r>(&'r self, own: &'r Platform) -> Option<&'r Platform> {
        let of_builder = || {
            let is_builders = self.stages.last()?.pin == Some(Pin::Builder);
            (is_builders && !self.elsewhere).then_some(own)
        };
        self.only_platform().or_else(of_builder)
    }

    /// What fixes the platform of its image, whatever is built for.
    pub fn pinned_result(&self) -> Option<&Fixed> {
        self.stages.last()?.fixed()
    }

    /// The stages before the last one.
    pub fn before_last(&self) -> &[Stage] {
        self.stages.split_last().map_or(&[], |(_, before)| before)
    }

    /// The stage that another one goes back to: the one that begins with an image, whose `FROM` says the platform of all.
    pub fn root(&self, mut at: usize) -> usize {
        // Each begins with an earlier one.
        while let Some(earlier) = self.stages.get(at).and_then(|stage| stage.begins_with) {
            if earlier >= at {
                break;
            }
            at = earlier;
        }
        at
    }

    /// The stage of the image's platform whose base is known not to exist for a platform.
    pub fn lacking(&self, platform: &Platform) -> Option<&Stage> {
        if self.read_for.as_ref().is_some_and(|read_for| read_for != platform) {
            return None;
        }
        self.stages_of_image().find(|stage| match &stage.offer {
            Some(Offer::Known { platforms, is_index: true }) => {
                // BuildKit takes what covers for its target, on every engine.
                !platforms.iter().any(|offered| platform.preference(offered).is_some())
            }
            Some(Offer::Known { is_index: false, .. } | Offer::Unknown(_)) | None => false,
        })
    }

    /// The stages that are of the platform of the image: all but those before the last one that are of the
    /// builder's, or fixed to one, or the same for every platform.
    pub fn stages_of_image(&self) -> impl Iterator<Item = &Stage> {
        let last = self.stages.len().saturating_sub(1);
        let is_of_image = move |at: usize, stage: &Stage| match stage.pin {
            _ if stage.only_platform().is_some() => at == last,
            Some(Pin::Builder) => false,
            Some(Pin::Fixed(_)) => at == last,
            Some(Pin::Target) | None => true,
        };
        let stages = self.stages.iter().enumerate();
        stages.filter(move |(at, stage)| is_of_image(*at, stage)).map(|(_, stage)| stage)
    }
}

impl Stage {
    /// The platform of its programs where its base is no index: BuildKit takes that whatever it builds for, and whatever
    /// a `--platform` says.
    pub fn only_platform(&self) -> Option<&Platform> {
        match &self.offer {
            Some(Offer::Known { platforms, is_index: false }) => platforms.first(),
            _ => None,
        }
    }

    /// The platform of its programs where that is the same whatever is built for.
    pub fn runs_as(&self) -> Option<&Platform> {
        self.only_platform().or_else(|| Some(&self.fixed()?.platform))
    }

    /// What fixes its platform.
    pub fn fixed(&self) -> Option<&Fixed> {
        match self.pin.as_ref()? {
            Pin::Fixed(fixed) => Some(fixed),
            Pin::Builder | Pin::Target => None,
        }
    }
}

/// What `FROM --platform=…` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// A platform by name.
    Fixed(Box<Fixed>),
    /// The builder's own: `$BUILDPLATFORM`.
    Builder,
    /// The one that is built for: `$TARGETPLATFORM`, as if nothing stood there.
    Target,
}

/// A `FROM` that names a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The platform.
    pub platform: Platform,
    /// The `FROM`: that of the stage itself, or of the one that it begins with.
    pub place: Place,
    /// The build argument that it comes from, where it does not stand there itself.
    pub argument: Option<Argument>,
    /// Whether the line can be edited: not in a text that a Compose file holds folded or in quotes.
    pub is_editable: bool,
}

impl Fixed {
    /// What it says: `pinned to linux/amd64 at Dockerfile:1`.
    pub fn pinned(&self) -> String {
        let Self { platform, place, argument, .. } = self;
        let by =
            argument.as_ref().map(|argument| format!(" by the build argument {}", argument.name));
        format!("pinned to {platform} at {place}{}", by.unwrap_or_default())
    }

    /// What undoes it for a service.
    pub fn remedy(&self, service: &str) -> String {
        match &self.argument {
            Some(argument) => argument.remedy(service),
            None if self.is_editable => format!("bireme platforms --fix {service}"),
            None => format!(
                "change the `FROM` at {} by hand, or write its Dockerfile as a block (`|`)",
                self.place
            ),
        }
    }
}

/// The build argument that decides the platform of a `FROM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Where its value is from.
    pub source: Source,
    /// The value with which the `FROM` would be for the engine's own platform; `None` if none was found.
    pub native: Option<String>,
}

/// Where a build argument has its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It is written in a Compose file (`build.args`).
    File(Place),
    /// A variable gives it, in `build.args` of a Compose file.
    Variable {
        /// The variable.
        name: String,
        /// Where it is used.
        place: Place,
        /// Whether its value is all of the argument's.
        is_all: bool,
        /// The line of an environment file that sets it, where one does.
        set_at: Option<Place>,
    },
    /// The default of an `ARG`.
    Default(Place),
    /// It has none, and the `FROM` falls back on a value of its own.
    Nothing,
}

impl Argument {
    /// Where its value is written.
    pub fn place(&self) -> Option<&Place> {
        match &self.source {
            Source::File(place) | Source::Variable { place, .. } | Source::Default(place) => {
                Some(place)
            }
            Source::Nothing => None,
        }
    }

    /// Whether it is a text in a Compose file that can be replaced by another.
    pub fn is_mendable(&self) -> bool {
        matches!(self.source, Source::File(_)) && self.native.is_some()
    }

    /// What lets the build of a service be for the engine's own platform, one sentence.
    pub fn remedy(&self, service: &str) -> String {
        let Self { name, source, native } = self;
        let at = |place: &Option<Place>| {
            place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default()
        };
        match (native, source) {
            (Some(_), Source::File(_)) => format!("bireme platforms --fix {service}"),
            (Some(native), Source::Variable { name, is_all: true, set_at, .. }) => {
                format!("set {name}={native}{}", at(set_at))
            }
            (Some(native), Source::Variable { name: variable, place, is_all: false, set_at }) => {
                format!("set {variable}{} so that {name} at {place} is {native}", at(set_at))
            }
            (Some(native), Source::Default(place)) => format!(
                "change the default of {name} at {place} to {native}, or write `{name}: {native}` into \
                 `build.args` of {service}"
            ),
            (Some(native), Source::Nothing) => {
                format!("write `{name}: {native}` into `build.args` of {service}")
            }
            (None, source) => {
                let place = self.place().map(|place| format!(" at {place}")).unwrap_or_default();
                let what = match source {
                    Source::Default(_) => "the default of ",
                    _ => "",
                };
                format!(
                    "change {what}the build argument {name}{place}, or take it out of the `FROM`"
                )
            }
        }
    }
}

/// Whether the packages that a build installs exist for the engine's own platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Packages {
    /// It installs none that come in a form for each platform.
    #[default]
    None,
    /// It installs some; nobody has looked at them.
    Unseen,
    /// It was looked for, and these reasons kept it from being found out: each as a sentence, with its line.
    Unknown(Vec<(String, Option<Place>)>),
    /// All exist for the engine's own platform.
    Free,
    /// These do not: each as a sentence, with its line.
    Forcing(Vec<(String, Option<Place>)>),
}
