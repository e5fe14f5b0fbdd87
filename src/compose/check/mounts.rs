//! Whether every path in a container is mounted at most once.

use std::collections::BTreeMap;

use super::Checker;
use crate::compose::model::Service;
use crate::diagnostic::codes;

pub(super) fn check(checker: &mut Checker<'_>, service: &Service) {
    let name = &service.name;
    let tmpfs = service.tmpfs.iter().enumerate().map(|(index, mount)| {
        let target = mount.split(':').next().unwrap_or(mount);
        (target, format!("services.{name}.tmpfs[{index}]"))
    });
    let volumes =
        service.volumes.iter().enumerate().map(|(index, mount)| {
            (mount.target.as_str(), format!("services.{name}.volumes[{index}]"))
        });
    let mut taken: BTreeMap<&str, String> = BTreeMap::new();
    for (target, path) in tmpfs.chain(volumes) {
        if target.is_empty() && !is_written(checker, &path) {
            continue;
        }
        let Some(other) = taken.get(target) else {
            taken.insert(target, path);
            continue;
        };
        let message = format!("{path}: target {target} already mounted as {other}");
        checker.report(codes::MOUNTED_TWICE, message, &path, "mounted again");
        checker.explain(other, "first mounted here");
    }
}

/// Whether a mount says its target. One that does not was reported before.
fn is_written(checker: &Checker<'_>, path: &str) -> bool {
    checker.project.tree.at_path(path).is_some_and(|mount| {
        let target = mount.get("target").is_some_and(|target| !target.is_broken());
        mount.as_str().is_some() || target
    })
}
