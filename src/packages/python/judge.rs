//! Which distribution of a project would be installed on a platform, and what that means for a pin.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier, VersionSpecifiers};

use super::releases::Release;
use super::requirement::{From, Requirement};
use super::target::{Fit, Target};
use super::wheel::{WheelName, tags};
use crate::packages::report::State;

/// Which forms of distributions may be taken (`--only-binary`, `--no-binary`, `--prefer-binary`, `--pre`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::packages) struct Forms {
    /// Projects whose sources are not taken; `:all:` for all.
    pub(in crate::packages) only_binary: Vec<String>,
    /// Projects whose wheels are not taken; `:all:` for all.
    pub(in crate::packages) no_binary: Vec<String>,
    /// Whether an older wheel is preferred to newer sources.
    pub(in crate::packages) prefer_binary: bool,
    /// Whether releases that are not finished are taken.
    pub(in crate::packages) pre: bool,
}

impl Forms {
    /// What is said about one project.
    fn of(&self, project: &str) -> Allowed {
        let names = |list: &[String]| list.iter().any(|it| it == project);
        let all = |list: &[String]| list.iter().any(|it| it == ":all:");
        // A project by its name goes before all.
        let source = if names(&self.no_binary) {
            true
        } else {
            !(names(&self.only_binary) || all(&self.only_binary))
        };
        let wheel = if names(&self.only_binary) {
            true
        } else {
            !(names(&self.no_binary) || all(&self.no_binary))
        };
        Allowed { wheel, source, prefer_binary: self.prefer_binary, pre: self.pre }
    }
}

#[derive(Debug, Clone, Copy)]
struct Allowed {
    wheel: bool,
    source: bool,
    prefer_binary: bool,
    pre: bool,
}

/// What was found out about a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::packages) struct Judgement {
    /// What a native build would get.
    pub(in crate::packages) state: State,
    /// The version that it would get.
    pub(in crate::packages) version: Option<String>,
    /// The version that a build for the pinned platform gets.
    pub(in crate::packages) pinned_version: Option<String>,
    /// The first later version with a native wheel.
    pub(in crate::packages) first_native: Option<String>,
    /// The newest version with a native wheel.
    pub(in crate::packages) newest_native: Option<String>,
    /// What is not known, where the state is not.
    pub(in crate::packages) reason: Option<String>,
}

impl Judgement {
    /// A judgement of nothing but a state.
    pub(in crate::packages) fn of(state: State) -> Self {
        Self {
            state,
            version: None,
            pinned_version: None,
            first_native: None,
            newest_native: None,
            reason: None,
        }
    }

    /// What could not be found out.
    pub(in crate::packages) fn unknown(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::of(State::Unknown) }
    }
}

/// What an installer takes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    version: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Source,
    Pure,
    Wheel,
}

/// Both sides of a pin.
#[derive(Debug, Clone, Copy)]
pub(in crate::packages) struct Sides<'a> {
    /// The interpreter on the engine's own platform.
    pub(in crate::packages) native: &'a Target,
    /// The same on the pinned one.
    pub(in crate::packages) pinned: &'a Target,
}

/// Judges a requirement by all releases of its project, newest first. `limits` are what constraints
/// and other requirements say of the same project.
pub(in crate::packages) fn judge(
    requirement: &Requirement,
    limits: &[&VersionSpecifiers],
    releases: &[Release],
    forms: &Forms,
    sides: Sides<'_>,
) -> Judgement {
    let specifiers = match &requirement.from {
        From::Index(specifiers) => specifiers,
        From::Wheel(file) => return judge_wheel(file, sides),
        From::Source => return Judgement::of(State::SourceOnly),
    };
    let allowed = forms.of(&requirement.name);
    let range = Range { specifiers, limits, exact: requirement.exact(), pre: allowed.pre };
    let native = choose(releases, &range, allowed, sides.native);
    let pinned = choose(releases, &range, allowed, sides.pinned);
    let state = state(native.as_ref(), pinned.as_ref());
    let mut judgement = Judgement {
        version: native.as_ref().map(|it| it.version.clone()),
        pinned_version: pinned.as_ref().map(|it| it.version.clone()),
        ..Judgement::of(state)
    };
    if state.forces() {
        let from = native.or(pinned).and_then(|it| Version::from_str(&it.version).ok());
        (judgement.first_native, judgement.newest_native) =
            native_versions(releases, sides.native, from.as_ref());
    }
    // Without the version of Python, a wheel for one of them proves nothing about the others.
    if state == State::NativeWheel
        && !sides.native.is_exact()
        && let Some(version) = &judgement.version
        && let Some(release) = releases.iter().find(|it| it.version == *version)
        && !covers(release, sides)
    {
        let reason =
            "it depends on the version of Python, which the base image's name does not tell";
        return Judgement { reason: Some(reason.to_owned()), state: State::Unknown, ..judgement };
    }
    judgement
}

/// Judges a release whose files are known, such as one of a lock file.
pub(in crate::packages) fn judge_release(release: &Release, sides: Sides<'_>) -> Judgement {
    let allowed = Allowed { wheel: true, source: true, prefer_binary: false, pre: true };
    let choice = |target| {
        form(release, allowed, target).map(|form| Choice { version: release.version.clone(), form })
    };
    let (native, pinned) = (choice(sides.native), choice(sides.pinned));
    let state = state(native.as_ref(), pinned.as_ref());
    let version = Some(release.version.clone());
    let judgement = Judgement { pinned_version: version.clone(), version, ..Judgement::of(state) };
    if state == State::NativeWheel && !sides.native.is_exact() && !covers(release, sides) {
        let reason =
            "it depends on the version of Python, which the base image's name does not tell";
        return Judgement { reason: Some(reason.to_owned()), state: State::Unknown, ..judgement };
    }
    judgement
}

/// The versions with a native wheel that would be a way out: the first one from `from` on, and the newest.
pub(in crate::packages) fn native_versions(
    releases: &[Release],
    native: &Target,
    from: Option<&Version>,
) -> (Option<String>, Option<String>) {
    let has_wheel = |release: &&Release| {
        !release.yanked
            && native.is_accepted(&release.requires_python)
            && best_wheel(release, native).is_some()
    };
    let is_final = |release: &&Release| {
        Version::from_str(&release.version).is_ok_and(|version| !version.any_prerelease())
    };
    let candidates: Vec<_> = releases.iter().filter(is_final).filter(has_wheel).collect();
    let first = candidates
        .iter()
        .rev()
        .find(|it| {
            from.is_none_or(|from| {
                Version::from_str(&it.version).is_ok_and(|version| version >= *from)
            })
        })
        .map(|it| it.version.clone());
    (first, candidates.first().map(|it| it.version.clone()))
}

/// The release that a build gets: natively or, where there is nothing, on the pinned platform.
pub(in crate::packages) fn taken<'r>(
    requirement: &Requirement,
    limits: &[&VersionSpecifiers],
    releases: &'r [Release],
    forms: &Forms,
    sides: Sides<'_>,
) -> Option<&'r Release> {
    let From::Index(specifiers) = &requirement.from else { return None };
    let allowed = forms.of(&requirement.name);
    let range = Range { specifiers, limits, exact: requirement.exact(), pre: allowed.pre };
    let choice = choose(releases, &range, allowed, sides.native)
        .or_else(|| choose(releases, &range, allowed, sides.pinned))?;
    releases.iter().find(|release| release.version == choice.version)
}

fn judge_wheel(file: &str, sides: Sides<'_>) -> Judgement {
    let Some(wheel) = WheelName::parse(file) else { return Judgement::of(State::SourceOnly) };
    let release = Release {
        version: wheel.version.to_owned(),
        wheels: vec![wheel.tags.to_owned()],
        ..Release::default()
    };
    judge_release(&release, sides)
}

fn state(native: Option<&Choice>, pinned: Option<&Choice>) -> State {
    match (native.map(|it| it.form), pinned.map(|it| it.form)) {
        (Some(Form::Wheel), _) => State::NativeWheel,
        (Some(Form::Pure), _) => State::Pure,
        (Some(Form::Source), Some(Form::Wheel | Form::Pure)) => State::NeedsCompiler,
        (Some(Form::Source), _) => State::SourceOnly,
        (None, Some(_)) => State::NoDistribution,
        (None, None) => State::NotFound,
    }
}

/// Which versions may be taken.
struct Range<'a> {
    specifiers: &'a VersionSpecifiers,
    limits: &'a [&'a VersionSpecifiers],
    exact: Option<&'a Version>,
    pre: bool,
}

impl Range<'_> {
    fn has(&self, version: &Version) -> bool {
        std::iter::once(&self.specifiers)
            .chain(self.limits)
            .all(|specifiers| specifiers.iter().all(|it| contains(it, version)))
    }

    /// Whether releases that are not finished are named.
    fn names_prereleases(&self) -> bool {
        self.pre
            || std::iter::once(&self.specifiers)
                .chain(self.limits)
                .any(|it| it.iter().any(VersionSpecifier::any_prerelease))
    }
}

/// Whether a version is within a specifier. A local label (`+cpu`) is no matter to one that names none
/// (PEP 440).
fn contains(specifier: &VersionSpecifier, version: &Version) -> bool {
    if version.is_local() && !specifier.version().is_local() {
        return specifier.contains(&version.clone().without_local());
    }
    specifier.contains(version)
}

/// What pip takes: the newest version that has anything.
fn choose(
    releases: &[Release],
    range: &Range<'_>,
    allowed: Allowed,
    target: &Target,
) -> Option<Choice> {
    let pre = range.names_prereleases();
    let mut unfinished = None;
    let mut source = None;
    for release in releases {
        let Ok(version) = Version::from_str(&release.version) else { continue };
        if !range.has(&version) || !target.is_accepted(&release.requires_python) {
            continue;
        }
        // What was withdrawn is taken only by who asks for just that (PEP 592).
        if release.yanked && range.exact.is_none() {
            continue;
        }
        let Some(form) = form(release, allowed, target) else { continue };
        let choice = Choice { version: release.version.clone(), form };
        if version.any_prerelease() && !pre {
            // Taken only if there is nothing else.
            unfinished.get_or_insert(choice);
        } else if form == Form::Source && allowed.prefer_binary {
            source.get_or_insert(choice);
        } else {
            return Some(choice);
        }
    }
    source.or(unfinished)
}

/// The form in which a release is taken.
fn form(release: &Release, allowed: Allowed, target: &Target) -> Option<Form> {
    let wheel = allowed.wheel.then(|| best_wheel(release, target)).flatten();
    match wheel {
        Some(Fit::Native) => Some(Form::Wheel),
        Some(Fit::Any) => Some(Form::Pure),
        None => (allowed.source && release.source).then_some(Form::Source),
    }
}

fn best_wheel(release: &Release, target: &Target) -> Option<Fit> {
    let fits = |wheel: &String| tags(wheel).filter_map(|tag| target.fit(tag)).max();
    release.wheels.iter().filter_map(fits).max()
}

/// Whether, for every interpreter with a wheel for the pinned platform, there is a native one too.
fn covers(release: &Release, sides: Sides<'_>) -> bool {
    let interpreters = |target: &Target| -> Vec<(String, String)> {
        release
            .wheels
            .iter()
            .flat_map(|wheel| tags(wheel))
            .filter(|tag| target.fit(*tag).is_some())
            .map(|tag| (tag.python.to_owned(), tag.abi.to_owned()))
            .collect()
    };
    let native = interpreters(sides.native);
    interpreters(sides.pinned).iter().all(|it| native.contains(it))
}

#[cfg(test)]
mod tests;
