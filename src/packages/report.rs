//! What is told of a build's packages: plain data.

use serde::Serialize;

use crate::platform::Platform;
use crate::platform::subject::{Packages, Place};

/// What the packages of a build say of its platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// All in one word.
    pub verdict: Verdict,
    /// Whether a C compiler is there when packages are installed: what needs one can be built natively.
    pub has_compiler: bool,
    /// Packages of which no index tells what they need themselves.
    pub untold: Vec<String>,
    /// Every package that was looked at, those that matter first.
    pub packages: Vec<Package>,
    /// What could not be followed.
    pub notes: Vec<Note>,
}

/// All in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Some package exists for the pinned platform and not for the native one, nor can it well be built there.
    Forces,
    /// No package needs the pin.
    Free,
    /// Not everything could be found out, and nothing that was needs the pin.
    Unknown,
    /// No package is installed that comes in a form for each platform.
    NothingInstalled,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Whose it is.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// The requirement, as it is written.
    pub requirement: String,
    /// Where.
    pub place: Place,
    /// What a native build would get.
    pub state: State,
    /// In which version.
    pub version: Option<String>,
    /// The version that a build for the pinned platform gets.
    pub pinned_version: Option<String>,
    /// The package that needs it, where no file asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_by: Option<String>,
    /// The first version from there on that has a native form; only where `state` forces the pin.
    pub first_native: Option<String>,
    /// The newest version that has one; only where `state` forces the pin.
    pub newest_native: Option<String>,
    /// Why the state is unknown, or what else is to be said.
    pub reason: Option<String>,
}

/// Where packages come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// An index of Python packages.
    Python,
    /// An npm registry.
    Node,
    /// RubyGems.
    Ruby,
}

/// What a native build gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Sources only, where the pinned platform has a built form.
    NeedsCompiler,
    /// Nothing, where the pinned platform has something.
    NoDistribution,
    /// Nothing, since the lock file, which stands here in a package's place, is not for it, and is for the
    /// pinned platform.
    NotLocked,
    /// It could not be found out.
    Unknown,
    /// Nothing fits on either platform.
    NotFound,
    /// Sources only, on either platform.
    SourceOnly,
    /// A form built for the native platform.
    NativeWheel,
    /// One form for all platforms.
    Pure,
}

impl State {
    /// Whether it may be a reason for the pin.
    pub fn forces(self) -> bool {
        matches!(self, Self::NeedsCompiler | Self::NoDistribution | Self::NotLocked)
    }

    /// Whether sources may well be built with what compilers there are.
    fn is_built_with(self, has_compiler: bool) -> bool {
        has_compiler && self == Self::NeedsCompiler
    }
}

/// Something that could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What, as a sentence without a full stop.
    pub message: String,
    /// Where it is written.
    pub place: Place,
}

impl Report {
    /// Puts packages and notes together.
    pub(super) fn new(mut packages: Vec<Package>, notes: Vec<Note>, has_compiler: bool) -> Self {
        packages.sort_by_key(|it| !it.state.forces());
        // What may be built, and may not, is neither a reason for the pin nor against it.
        let is_open = |it: &Package| it.state == State::Unknown || it.state.forces();
        let verdict =
            if packages.iter().any(|it| it.state.forces() && !it.state.is_built_with(has_compiler))
            {
                Verdict::Forces
            } else if !notes.is_empty() || packages.iter().any(is_open) {
                Verdict::Unknown
            } else if packages.is_empty() {
                Verdict::NothingInstalled
            } else {
                Verdict::Free
            };
        Self { verdict, has_compiler, untold: Vec::new(), packages, notes }
    }

    /// What verdicts on platforms go by.
    pub fn for_verdict(&self, native: &Platform) -> Packages {
        match self.verdict {
            Verdict::NothingInstalled => Packages::None,
            // With more time the index may tell.
            Verdict::Unknown if self.packages.iter().any(Package::is_late) => Packages::Unseen,
            Verdict::Unknown => {
                let notes = self.notes.iter();
                let notes = notes.map(|note| (note.message.clone(), Some(note.place.clone())));
                let unknown = self.sentences(native, |state| state == State::Unknown);
                let built = self.sentences(native, |state| state.is_built_with(self.has_compiler));
                let built =
                    built.map(|(sentence, place)| (format!("{sentence}; {COMPILER}"), place));
                Packages::Unknown(notes.chain(unknown).chain(built).collect())
            }
            Verdict::Free => Packages::Free,
            Verdict::Forces => {
                let forces =
                    |state: State| state.forces() && !state.is_built_with(self.has_compiler);
                Packages::Forcing(self.sentences(native, forces).collect())
            }
        }
    }

    /// What is to be said of packages in some states, with their lines.
    fn sentences(
        &self,
        native: &Platform,
        is_wanted: impl Fn(State) -> bool,
    ) -> impl Iterator<Item = (String, Option<Place>)> {
        let wanted = self.packages.iter().filter(move |package| is_wanted(package.state));
        wanted.map(|package| (package.sentence(native), Some(package.place.clone())))
    }
}

/// What a compiler in the build is good for.
const COMPILER: &str = "the build has a C compiler, which may well build it";

/// What is not known when the time is over.
pub(super) const LATE: &str = "the index did not answer in time";

impl Package {
    fn is_late(&self) -> bool {
        self.state == State::Unknown && self.reason.as_deref() == Some(LATE)
    }

    /// What is to be said of it, as a sentence without a full stop:
    /// `psycopg2-binary 2.8.6 has no wheel for linux/arm64; 2.9.1 is the first with one`.
    pub fn sentence(&self, native: &Platform) -> String {
        let version = self.version.as_ref().or(self.pinned_version.as_ref());
        let mut subject = self.name.clone();
        if let Some(version) = version {
            subject = format!("{subject} {version}");
        }
        if let Some(by) = &self.implied_by {
            subject = format!("{subject} (for {by})");
        }
        let form = match self.ecosystem {
            Ecosystem::Python => "wheel",
            Ecosystem::Node => "package",
            Ecosystem::Ruby => "gem",
        };
        let has = match self.state {
            State::NeedsCompiler => {
                format!("has no {form} for {native} and would need a compiler")
            }
            State::NoDistribution => format!("has no {form} for {native}"),
            State::NotLocked => format!("is not locked for {native}"),
            State::Unknown => "could not be looked at".to_owned(),
            State::NotFound => "is found for no platform".to_owned(),
            State::SourceOnly => "is built from source on every platform".to_owned(),
            State::NativeWheel => format!("has a {form} for {native}"),
            State::Pure => "is the same on every platform".to_owned(),
        };
        let more = match (&self.first_native, &self.newest_native, &self.reason) {
            (_, _, Some(reason)) => format!(": {reason}"),
            (Some(first), ..) => format!("; {first} is the first with one"),
            (None, Some(newest), _) => format!("; {newest} is the newest with one"),
            (None, None, None) => String::new(),
        };
        format!("{subject} {has}{more}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_more_time_would_tell_is_unseen_and_the_rest_unknown() {
        let place = |line| Place { file: "requirements.txt".to_owned(), line };
        let package = |reason: &str| Package {
            ecosystem: Ecosystem::Python,
            name: "p".to_owned(),
            requirement: "p".to_owned(),
            place: place(1),
            state: State::Unknown,
            version: None,
            pinned_version: None,
            implied_by: None,
            first_native: None,
            newest_native: None,
            reason: Some(reason.to_owned()),
        };
        let native = Platform::new("linux", "arm64", "");
        let told = |packages, notes| Report::new(packages, notes, false).for_verdict(&native);
        assert_eq!(told(vec![package("denied"), package(LATE)], Vec::new()), Packages::Unseen);
        let note = Note { message: "there is no lock".to_owned(), place: place(7) };
        assert_eq!(
            told(vec![package("denied")], vec![note]),
            Packages::Unknown(vec![
                ("there is no lock".to_owned(), Some(place(7))),
                ("p could not be looked at: denied".to_owned(), Some(place(1))),
            ])
        );
    }
}
