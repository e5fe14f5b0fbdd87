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
        let Some(other) = taken.get(target) else {
            taken.insert(target, path);
            continue;
        };
        let message = format!("{path}: target {target} already mounted as {other}");
        checker.report(codes::MOUNTED_TWICE, message, &path, "mounted again");
        checker.explain(other, "first mounted here");
    }
}
