//! What the packages that builds install say of platforms that they would be emulated for.

use std::collections::BTreeMap;
use std::time::Instant;

use super::place::name;
use crate::build::request::Context;
use crate::build::{BuildOptions, BuildRequest, dockerfile_of};
use crate::compose::model::Project;
use crate::packages::{Directory, Inspector, Report, Request, Settings};
use crate::platform::subject::{Packages, Subject};
use crate::platform::verdict::chosen;
use crate::platform::{Guest, How, Platform};

/// Looks at the packages of every build that installs some and is not for a native platform, all at
/// once, and enters into the subjects what they say. Reports by service.
pub(super) async fn inspect(
    project: &Project,
    subjects: &mut [Subject],
    guest: &Guest,
    settings: Settings,
    deadline: Instant,
) -> BTreeMap<String, Report> {
    let inspector = Inspector::new(settings);
    let calls = subjects.iter().filter_map(|subject| {
        let recipe = subject.build.as_ref()?;
        let foreign = chosen(subject, guest).filter(|it| guest.how(it) != How::Native)?;
        (recipe.packages == Packages::Unseen).then_some((subject.service.as_str(), foreign))
    });
    let calls = calls.map(async |(service, foreign)| {
        let report = report(project, service, &foreign, guest, &inspector, deadline).await?;
        Some((service.to_owned(), report))
    });
    let reports: BTreeMap<String, Report> =
        futures_util::future::join_all(calls).await.into_iter().flatten().collect();
    for subject in subjects {
        if let (Some(recipe), Some(report)) = (&mut subject.build, reports.get(&subject.service)) {
            recipe.packages = report.for_verdict(&guest.own);
        }
    }
    reports
}

/// `None` where there is nothing to look at on this machine.
async fn report(
    project: &Project,
    service: &str,
    foreign: &Platform,
    guest: &Guest,
    inspector: &Inspector,
    deadline: Instant,
) -> Option<Report> {
    let service = project.services.get(service)?;
    let build = BuildRequest::new(project, service, &BuildOptions::default()).ok()?;
    let Context::Directory(root) = &build.context else { return None };
    let (path, text) = dockerfile_of(&build).ok()??;
    let file = match &path {
        Some(path) => name(project, path),
        None => "dockerfile_inline".to_owned(),
    };
    let request = Request {
        dockerfile: &text,
        file: &file,
        target: &build.target,
        args: &build.args,
        context: &Directory::new(root),
        python_versions: &BTreeMap::new(),
        native: &guest.own,
        pinned: foreign,
        deadline,
    };
    Some(inspector.inspect(&request).await)
}
