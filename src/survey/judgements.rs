//! The verdicts on the services of a project: both sides are asked at once, then judged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::guest::{self, Finding};
use super::packages::inspect;
use super::{Settings, subjects};
use crate::compose::model::Project;
use crate::engine::endpoint::Surroundings;
use crate::engine::{DockerEngine, Result};
use crate::packages::{self, Report};
use crate::platform::Platform;
use crate::platform::verdict::{Judgement, Verdict, judge};

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

/// Judges the services of a project.
///
/// # Errors
/// An engine that does not say what it is. Whatever else is not known is said in a verdict.
pub async fn survey(
    project: &Project,
    engine: &DockerEngine,
    surroundings: &dyn Surroundings,
    settings: &Settings,
) -> Result<Survey> {
    let asked = requested(project);
    let deadline = Instant::now() + settings.offers.budget;
    let (mut subjects, finding) = tokio::join!(
        subjects(project, engine, settings),
        guest::find(engine, surroundings, &asked),
    );
    let mut finding = finding?;
    let of_packages = packages::Settings {
        variables: settings.offers.variables.clone(),
        home: settings.offers.home.clone(),
    };
    let guest = &finding.guest;
    let packages = inspect(project, &mut subjects, guest, of_packages, deadline).await;
    let judged = |finding: &Finding| -> Vec<Judgement> {
        subjects.iter().map(|subject| judge(subject, &finding.guest)).collect()
    };
    let mut judgements = judged(&finding);
    // What is remembered as "not at all" is asked again before it is said.
    let denied: Vec<Platform> = judgements
        .iter()
        .filter(|judgement| judgement.verdict == Verdict::CannotRun)
        .filter_map(|judgement| judgement.chosen.clone())
        .filter(|platform| !asked.contains(platform))
        .collect();
    if !denied.is_empty() {
        finding = guest::find(engine, surroundings, &denied).await?;
        judgements = judged(&finding);
    }
    Ok(Survey { finding, judgements, packages })
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
