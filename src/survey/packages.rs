//! What the packages that builds install say of platforms that they would be emulated for.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use super::recipe::{Builds, Dockerfile};
use crate::build::request::Context;
use crate::packages::{Directory, Inspector, Report, Request, Settings};
use crate::platform::subject::{Packages, Subject};
use crate::platform::verdict::foreign;
use crate::platform::{Guest, Platform};

/// Looks at the packages of every build that installs some where it is emulated, all at once. Reports by
/// service.
pub(super) async fn inspect(
    builds: &Builds<'_>,
    subjects: &[Subject],
    guest: &Guest,
    settings: Settings,
    deadline: Instant,
) -> BTreeMap<String, Report> {
    let inspector = Inspector::new(settings);
    let calls = subjects.iter().filter_map(|subject| {
        let recipe = subject.build.as_ref()?;
        let foreign = foreign(subject, guest)?;
        (recipe.packages == Packages::Unseen).then_some((subject, foreign))
    });
    let calls = calls.map(async |(subject, foreign)| {
        let dockerfile = builds.dockerfile(&subject.service)?;
        let built_for = subject.request.as_ref().map_or(&guest.own, |request| &request.platform);
        let platforms = Platforms { native: &guest.own, foreign: &foreign, built_for };
        let report = report(dockerfile, &platforms, &inspector, deadline).await?;
        Some((subject.service.clone(), report))
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

/// The platforms of a build.
struct Platforms<'a> {
    /// The engine's own.
    native: &'a Platform,
    /// The one that is emulated.
    foreign: &'a Platform,
    /// The one that is asked for.
    built_for: &'a Platform,
}

/// `None` where there is nothing to look at on this machine.
async fn report(
    dockerfile: &Dockerfile,
    platforms: &Platforms<'_>,
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
        native: platforms.native,
        pinned: platforms.foreign,
        built_for: platforms.built_for,
        deadline,
    };
    let mut report = inspector.inspect(&request).await;
    let packages = report.packages.iter_mut().map(|package| &mut package.place);
    let notes = report.notes.iter_mut().map(|note| &mut note.place);
    for place in packages.chain(notes) {
        if place.file != dockerfile.file {
            // They are looked for in the context.
            let path = Path::new(&dockerfile.directory).join(&place.file);
            place.file = path.display().to_string();
        } else if let Some(inline) = &dockerfile.inline {
            *place = inline.at(place.line);
        }
    }
    Some(report)
}
