//! The verdicts on the services of a project: both sides are asked at once, then judged.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::PoisonError;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::{FusedFuture, join};

use super::guest::{self, Finding};
use super::offers;
use super::offers::{Board, ask, confirm};
use super::packages::{enter, inspect};
use super::subjects::Services;
use super::{Interim, Settings, Store};
use crate::compose::model::Project;
use crate::engine::endpoint::Surroundings;
use crate::engine::{DockerEngine, Result};
use crate::packages::{self, Report};
use crate::platform::subject::Subject;
use crate::platform::verdict::{Judgement, Verdict, follow_bases, judge, share_names};
use crate::platform::{Guest, How, Matching, Platform};

/// What was found out of a project.
#[derive(Debug, Clone)]
pub struct Survey {
    /// What the guest can run.
    pub finding: Finding,
    /// The verdict on each service, in the order of the project.
    pub judgements: Vec<Judgement>,
    /// What the packages of builds say that are not for a native platform, by service.
    pub packages: BTreeMap<String, Report>,
}

/// Judges the services of a project. `interim` may ask meanwhile for what can be said by then.
///
/// # Errors
/// An engine that does not say what it is. Whatever else is not known is said in a verdict.
pub async fn survey(
    project: &Project,
    engine: &DockerEngine,
    surroundings: &dyn Surroundings,
    settings: &Settings,
    interim: &Interim,
) -> Result<Survey> {
    let requested = requested(project);
    let deadline = Instant::now() + settings.offers.budget;
    let store = Store::new(engine);
    let services = Services::read(project, engine, surroundings, settings).await;
    let (names, board) = (services.names(), Board::default());
    let listed = |mut judgements: Vec<Judgement>| {
        judgements.truncate(services.listed);
        judgements
    };
    let by_now = || board.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut asking = pin!(ask(&names, engine, &store, &settings.offers, &board).fuse());
    let looking = join(
        services.look(engine, &store, settings),
        guest::find(engine, surroundings, &requested),
    );
    let (seen, finding) = beside(looking, &mut asking).await;
    let mut finding = finding?;
    let takes_any = finding.guest.matching == Matching::Strict;
    if !asking.is_terminated() {
        let known = || {
            let subjects = services.subjects(&seen, &by_now(), takes_any);
            let judgements = judged(&subjects, &finding.guest);
            // That a pull alone mends them is not certain yet.
            let doubtful = doubtful(&subjects, &judgements);
            let mut judgements = listed(judgements);
            judgements.retain(|it| it.declared.is_some() || !doubtful.contains(&it.image));
            judgements
        };
        interim.beside(asking, known).await;
    }
    let mut subjects = services.subjects(&seen, &by_now(), takes_any);
    let mut judgements = judged(&subjects, &finding.guest);
    let doubtful = doubtful(&subjects, &judgements);
    if !doubtful.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        let offers = offers::Settings { budget: left, ..settings.offers.clone() };
        confirm(&doubtful, engine, &store, &offers, &board).await;
        subjects = services.subjects(&seen, &by_now(), takes_any);
        judgements = judged(&subjects, &finding.guest);
    }
    let of_packages = packages::Settings {
        variables: settings.offers.variables.clone(),
        home: settings.offers.home.clone(),
    };
    let guest = &finding.guest;
    let inspection = inspect(&services.builds, &subjects, guest, of_packages, deadline);
    let mut packages = interim.beside(inspection, || listed(judgements.clone())).await;
    if !packages.is_empty() {
        enter(&packages, &mut subjects, &guest.own);
        judgements = judged(&subjects, guest);
    }
    // What is remembered as "not at all", or not known, is asked again before it is said.
    let doubtful: Vec<Platform> = judgements
        .iter()
        .zip(&subjects)
        .filter(|(judgement, _)| matches!(judgement.verdict, Verdict::CannotRun | Verdict::Unknown))
        .flat_map(|(judgement, subject)| judgement.chosen.iter().chain(fixed(subject)))
        .filter(|platform| matches!(guest.how(platform), How::None | How::Unknown))
        .filter(|platform| !requested.contains(platform))
        .cloned()
        .collect();
    if !doubtful.is_empty() {
        finding = guest::find(engine, surroundings, &doubtful).await?;
        judgements = judged(&subjects, &finding.guest);
    }
    let judgements = listed(judgements);
    packages.retain(|service, _| judgements.iter().any(|it| it.service == *service));
    Ok(Survey { finding, judgements, packages })
}

/// Images of which the engine has a copy, and which are to be replaced by what is pulled.
fn doubtful(subjects: &[Subject], judgements: &[Judgement]) -> BTreeSet<String> {
    let is_told = |(subject, judgement): &(&Subject, &Judgement)| {
        let native = judgement.native.as_ref();
        judgement.verdict == Verdict::Needless
            && !judgement.is_built
            && !subject.local.is_empty()
            && native.is_none_or(|native| !subject.local.contains(native))
    };
    let told = subjects.iter().zip(judgements).filter(is_told);
    told.map(|(subject, _)| subject.image.clone()).collect()
}

/// The platforms that stages of a build have whatever is built for.
fn fixed(subject: &Subject) -> impl Iterator<Item = &Platform> {
    let stages = subject.build.iter().flat_map(|recipe| &recipe.stages);
    stages.filter_map(|stage| stage.runs_as())
}

fn judged(subjects: &[Subject], guest: &Guest) -> Vec<Judgement> {
    let mut judgements = subjects.iter().map(|subject| judge(subject, guest)).collect::<Vec<_>>();
    follow_bases(subjects, &mut judgements, guest);
    share_names(subjects, &mut judgements, guest);
    judgements
}

/// Does some work, and goes on with other work meanwhile.
async fn beside<T>(
    work: impl Future<Output = T>,
    mut other: &mut (impl FusedFuture<Output = ()> + Unpin),
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = &mut other, if !other.is_terminated() => {}
        }
    }
}

/// The platforms that files and environment ask for.
fn requested(project: &Project) -> Vec<Platform> {
    let default = project.environment.get("DOCKER_DEFAULT_PLATFORM").map(String::as_str);
    let texts = project.services.values().map(|service| service.platform.as_str());
    let host = Platform::new("linux", "", "");
    let platforms: BTreeSet<Platform> = texts
        .chain(default)
        .filter(|text| !text.is_empty())
        .filter_map(|text| Platform::parse(text, &host).ok())
        .collect();
    platforms.into_iter().collect()
}
