//! What indexes said, and what follows for packages.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use pep440_rs::Version;

use super::super::dockerfile::IndexOptions;
use super::super::index::{Answer, Configuration};
use super::super::python::judge::{Judgement, Sides, judge, judge_release, native_versions};
use super::super::python::releases::{Release, merged};
use super::super::python::requirement::From;
use super::super::report::{Ecosystem, Package, State};
use super::gathered::{Candidate, Gathered};

/// Why nothing is known of packages that no lock file lists.
const NO_INDEX: &str = "pip is told of no index here: set PIP_INDEX_URL, or index-url in pip.conf, to the one \
     that the build uses";

/// What indexes said.
#[derive(Clone, Default)]
pub(super) struct Answers {
    configuration: Option<Configuration>,
    by_project: HashMap<(String, String), Answer>,
}

impl Answers {
    /// Of nobody yet.
    pub(super) fn new(configuration: Configuration) -> Self {
        Self { configuration: Some(configuration), by_project: HashMap::new() }
    }

    /// Adds what indexes, by their addresses, say of projects.
    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = ((String, String), Answer)>) {
        self.by_project.extend(more);
    }

    /// The indexes that an installer asks.
    pub(super) fn urls(&self, options: &IndexOptions) -> Vec<String> {
        let Some(user) = &self.configuration else { return Vec::new() };
        let first = options.url.as_ref().or(user.url.as_ref()).or(options.public.as_ref());
        // What the user has beside the index is left out where the build has an index of its own.
        let extra = if options.extra.is_empty() && options.url.is_none() {
            &user.extra
        } else {
            &options.extra
        };
        first.into_iter().chain(extra).cloned().collect()
    }

    /// The releases of a project, or why they are not known.
    pub(super) fn releases(
        &self,
        options: &IndexOptions,
        name: &str,
    ) -> Result<Arc<Vec<Release>>, String> {
        let mut all = Vec::new();
        let urls = self.urls(options);
        if urls.is_empty() {
            return Err(NO_INDEX.to_owned());
        }
        for url in urls {
            match self.by_project.get(&(url, name.to_owned())) {
                Some(Answer::Releases(releases)) => all.push(Arc::clone(releases)),
                Some(Answer::NoProject) => {}
                Some(Answer::Unknown(reason)) => return Err(reason.clone()),
                None => return Err("the index was not asked".to_owned()),
            }
        }
        match all.as_slice() {
            [] => Err("the index has no such project".to_owned()),
            [only] => Ok(Arc::clone(only)),
            several => Ok(Arc::new(merged(several.iter().map(|it| it.to_vec()).collect()))),
        }
    }
}

impl Gathered {
    /// Whether an index is to be asked: where files are not known, and for a way out where those that are
    /// force the pin.
    pub(super) fn needs_index(&self, candidate: &Candidate) -> bool {
        let Some(sides) = self.sides(candidate.sides) else { return false };
        match (&candidate.wanted.requirement.from, &candidate.listed) {
            (_, Some(release)) => judge_release(release, sides).state.forces(),
            (From::Index(_), None) => true,
            _ => false,
        }
    }

    pub(super) fn judge(&self, candidate: &Candidate, answers: &Answers) -> Package {
        let requirement = &candidate.wanted.requirement;
        let judgement = match self.sides(candidate.sides) {
            Some(sides) => judgement(candidate, sides, answers),
            None => Judgement::unknown("its platform is not known"),
        };
        let Judgement { state, version, pinned_version, first_native, newest_native, reason } =
            judgement;
        Package {
            ecosystem: Ecosystem::Python,
            name: requirement.name.clone(),
            requirement: candidate.wanted.text.clone(),
            place: candidate.wanted.place.clone(),
            state,
            version,
            pinned_version,
            implied_by: candidate.implied_by.clone(),
            first_native,
            newest_native,
            reason,
        }
    }
}

/// What is to be said of a package, by all that is known.
fn judgement(candidate: &Candidate, sides: Sides<'_>, answers: &Answers) -> Judgement {
    let requirement = &candidate.wanted.requirement;
    let releases = || answers.releases(&candidate.options, &requirement.name);
    if let Some(release) = &candidate.listed {
        let mut judgement = judge_release(release, sides);
        if judgement.state.forces()
            && let Ok(releases) = releases()
        {
            let from = Version::from_str(&release.version).ok();
            (judgement.first_native, judgement.newest_native) =
                native_versions(&releases, sides.native, from.as_ref());
        }
        return judgement;
    }
    if !matches!(requirement.from, From::Index(_)) {
        return judge(requirement, &[], &[], &candidate.forms, sides);
    }
    let limits: Vec<_> = candidate.limits.iter().collect();
    match releases() {
        Err(reason) => Judgement::unknown(reason),
        Ok(releases) => {
            let judgement = judge(requirement, &limits, &releases, &candidate.forms, sides);
            if candidate.implied_by.is_some() && judgement.state == State::NotFound {
                return Judgement::unknown("no version suits all that need it");
            }
            let is_certain =
                matches!(judgement.state, State::NativeWheel | State::Pure | State::Unknown);
            if candidate.options.finds_links && !is_certain {
                let reason = "it may also come from where `--find-links` leads";
                return Judgement::unknown(reason);
            }
            judgement
        }
    }
}
