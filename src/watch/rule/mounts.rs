//! What services have mounted where a rule would bring something to.

use std::path::{Path, PathBuf};

use crate::build::dockerignore::clean;
use crate::compose::model::Service;

/// What is mounted in the containers of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Mounts {
    /// What the rule watches itself, at its target or below: to bring something there would write the very files that are
    /// watched.
    watched: Vec<Watched>,
    /// What is in memory (`tmpfs`). The engine does not have it mounted when it unpacks an archive, and writes beneath it.
    memory: Vec<PathBuf>,
    /// Everything else.
    others: Vec<PathBuf>,
}

/// A directory or file of this machine that a rule watches and containers have.
#[derive(Debug, Clone, PartialEq)]
struct Watched {
    /// In the containers.
    target: PathBuf,
    /// On this machine, from what the rule watches; behind all links.
    inside: PathBuf,
}

impl Mounts {
    /// Those that matter to a rule that brings a path to a target.
    pub(super) fn of(service: &Service, path: &Path, target: &str) -> Self {
        if target.is_empty() {
            return Self::default();
        }
        let (memory, others) =
            service.volumes.iter().partition::<Vec<_>, _>(|it| it.r#type == "tmpfs");
        let targets = |mounts: Vec<&crate::compose::model::Mount>| -> Vec<PathBuf> {
            mounts.iter().map(|mount| PathBuf::from(clean(&mount.target))).collect()
        };
        let mut memory = targets(memory);
        // `/path:options`
        let short = service.tmpfs.iter().filter_map(|it| it.split(':').next());
        memory.extend(short.map(|path| PathBuf::from(clean(path))));
        memory.retain(|it| it.starts_with(target) || Path::new(target).starts_with(it));
        Self { watched: watched(service, path, target), memory, others: targets(others) }
    }

    /// Whether something can be brought to a place.
    pub(super) fn let_pass(&self, place: &Path) -> bool {
        let deepest = |mounts: &[PathBuf]| {
            let around = mounts.iter().filter(|mount| place.starts_with(mount));
            around.map(|mount| mount.components().count()).max()
        };
        let is_watched = self.watched.iter().any(|it| place.starts_with(&it.target));
        !is_watched && deepest(&self.memory) <= deepest(&self.others)
    }

    /// What should be known of them, one sentence each.
    pub(super) fn warnings(&self, service: &str, path: &Path) -> Vec<String> {
        let of_watched = self.watched.iter().map(|it| {
            format!(
                "service {service:?} has '{}' mounted at {}: it is not brought there",
                path.join(&it.inside).display(),
                it.target.display()
            )
        });
        let of_memory = self.memory.iter().map(|it| {
            format!(
                "service {service:?} has a tmpfs at {}: nothing is brought there, since the engine would write beneath it",
                it.display()
            )
        });
        of_watched.chain(of_memory).collect()
    }
}

/// Whether a path is under a bind mount of the service.
pub(super) fn is_mounted(service: &Service, path: &Path) -> bool {
    service
        .volumes
        .iter()
        .any(|volume| volume.r#type == "bind" && path.starts_with(clean(&volume.source)))
}

/// What of a watched path a service has mounted at a target or below.
fn watched(service: &Service, path: &Path, target: &str) -> Vec<Watched> {
    let behind_links = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let root = behind_links(path);
    let binds = service.volumes.iter().filter(|volume| volume.r#type == "bind");
    let watched = binds.filter_map(|volume| {
        let there = PathBuf::from(clean(&volume.target));
        let here = behind_links(Path::new(&clean(&volume.source)));
        let inside =
            here.strip_prefix(&root).ok().filter(|_| there.starts_with(target))?.to_owned();
        Some(Watched { target: there, inside })
    });
    watched.collect()
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;
    use crate::compose::model::{Mount, WatchTrigger};

    #[test]
    fn what_is_mounted_below_a_target_is_not_brought_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("src")).unwrap();
        std::os::unix::fs::symlink("src", root.join("link")).unwrap();
        let place = |source: &str, mounted: &str| {
            let mount = Mount {
                r#type: "bind".to_owned(),
                source: root.join(source).display().to_string(),
                target: mounted.to_owned(),
                ..Mount::default()
            };
            let trigger = WatchTrigger {
                path: root.display().to_string(),
                action: "sync".to_owned(),
                target: "/app".to_owned(),
                ..WatchTrigger::default()
            };
            let service = Service { volumes: vec![mount], ..Service::default() };
            let rule = Rule::new(&service, &trigger, None).unwrap();
            assert!(rule.takes(&root.join("src/a")), "it may be a reason for a restart");
            assert_eq!(rule.place(&root.join("b")), Some("/app/b".into()));
            rule.place(&root.join("src/a"))
        };
        assert_eq!(place("src", "/app/src"), None);
        assert_eq!(place("src", "/app/src/"), None);
        assert_eq!(place("link", "/app/src"), None);
        assert_eq!(place("src", "/elsewhere"), Some("/app/src/a".into()));
        assert_eq!(place("../other", "/app/src"), Some("/app/src/a".into()));
    }

    #[test]
    fn what_is_in_memory_is_not_reached_but_what_is_mounted_in_it_is() {
        let mount = |kind: &str, target: &str| Mount {
            r#type: kind.to_owned(),
            target: target.to_owned(),
            ..Mount::default()
        };
        let service = Service {
            tmpfs: vec!["/app/tmp:size=1m".to_owned()],
            volumes: vec![
                mount("tmpfs", "/app/run/"),
                mount("volume", "/app/run/kept"),
                mount("volume", "/data"),
                mount("tmpfs", "/elsewhere"),
            ],
            ..Service::default()
        };
        let passes = |target: &str, place: &str| {
            Mounts::of(&service, Path::new("/src"), target).let_pass(Path::new(place))
        };
        for (place, expected) in [
            ("/app/a", true),
            ("/app/tmp", false),
            ("/app/tmp/a", false),
            ("/app/run/a", false),
            ("/app/run/kept/a", true),
        ] {
            assert_eq!(passes("/app", place), expected, "{place}");
        }
        assert!(!passes("/app/tmp/deep", "/app/tmp/deep/a"));
        assert!(passes("/data", "/data/a"));
        let told =
            Mounts::of(&service, Path::new("/src"), "/app").warnings("web", Path::new("/src"));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|it| it.contains("has a tmpfs at /app/")), "{told:?}");
    }
}
