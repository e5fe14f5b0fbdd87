//! What the packages that builds install say of platforms that they would be emulated for.

use std::collections::BTreeMap;
use std::time::Instant;

use super::recipe::{Builds, Dockerfile};
use crate::build::request::Context;
use crate::packages::{Directory, Inspector, Report, Request, Settings};
use crate::platform::subject::{Packages, Subject};
use crate::platform::verdict::chosen;
use crate::platform::{Guest, How, Platform};

/// Looks at the packages of every build that installs some and is not for a native platform, all at
/// once. Reports by service.
pub(super) async fn inspect(
    builds: &Builds,
    subjects: &[Subject],
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
        let dockerfile = builds.dockerfile(service)?;
        let report = report(dockerfile, &foreign, guest, &inspector, deadline).await?;
        Some((service.to_owned(), report))
    });
    futures_util::future::join_all(calls).await.into_iter().flatten().collect()
}

/// Enters into the subjects what reports say.
pub(super) fn enter(
    reports: &BTreeMap<String, Report>,
    subjects: &mut [Subject],
    native: &Platform,
) {
    for subject in subjects {
        if let (Some(recipe), Some(report)) = (&mut subject.build, reports.get(&subject.service)) {
            recipe.packages = report.for_verdict(native);
        }
    }
}

/// `None` where there is nothing to look at on this machine.
async fn report(
    dockerfile: &Dockerfile,
    foreign: &Platform,
    guest: &Guest,
    inspector: &Inspector,
    deadline: Instant,
) -> Option<Report> {
    let Context::Directory(root) = &dockerfile.request.context else { return None };
    let request = Request {
        dockerfile: &dockerfile.text,
        file: &dockerfile.file,
        target: &dockerfile.request.target,
        args: &dockerfile.request.args,
        context: &Directory::new(root),
        python_versions: &BTreeMap::new(),
        native: &guest.own,
        pinned: foreign,
        deadline,
    };
    Some(inspector.inspect(&request).await)
}
