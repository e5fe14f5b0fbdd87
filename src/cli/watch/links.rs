//! What services have mounted of this machine, by itself. A container holds the file or directory that was at a
//! path when it started. Editors put another file there when they save, tools make directories anew: the container
//! goes on with the old one until it is started again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use futures_util::future::join_all;

use crate::compose::model::Project;
use crate::engine::Engine;
use crate::stack::query::{self, Filter};
use crate::watch::derive::{self, is_of_system, seen};
use crate::watch::{Action, Batch, Change, FileId, Rule, What};

/// How far the clocks of an engine's machine and of this one may be apart.
pub(super) const CLOCKS: Duration = Duration::from_secs(2);

/// So many links in a row are followed.
const LINKS: usize = 40;

/// What containers hold, by the rules that tell of changes.
#[derive(Debug)]
pub(super) struct Links {
    held: BTreeMap<usize, Option<FileId>>,
    /// The symbolic link that led to what a rule is about when the watch began, where a mount is one.
    leading: BTreeMap<usize, PathBuf>,
    /// When the containers of a service were started last.
    started: BTreeMap<String, SystemTime>,
    /// When the watch began, before which those of others were.
    begun: SystemTime,
    /// What has gone since then, by service: what comes back there is another file to who had it.
    gone: BTreeMap<String, BTreeSet<PathBuf>>,
    /// What was there when starts began that are under way, by service.
    starting: BTreeMap<String, Start>,
}

/// What is known of containers, whatever the rules are.
pub(super) struct Known {
    held: Vec<(Rule, Option<FileId>)>,
    started: BTreeMap<String, SystemTime>,
    gone: BTreeMap<String, BTreeSet<PathBuf>>,
}

/// What was there when a start began. Containers hold that, or what has taken its place before they were started; to
/// be sure, the former is presumed.
#[derive(Debug)]
struct Start {
    began: SystemTime,
    held: BTreeMap<usize, Option<FileId>>,
    gone: BTreeSet<PathBuf>,
}

/// What is at the path of a rule.
fn identity(rule: &Rule) -> Option<FileId> {
    Some(FileId::of(&rule.path.metadata().ok()?))
}

/// What is behind a symbolic link of the project, or will be.
pub(super) fn behind(path: &Path, project: &Path) -> Option<PathBuf> {
    derive::behind(path, project, |path| path.canonicalize().ok().or_else(|| awaited(path)))
}

/// Where a symbolic link leads while nothing is there.
fn awaited(link: &Path) -> Option<PathBuf> {
    let mut path = link.to_owned();
    for _ in 0..LINKS {
        let target = path.parent()?.join(path.read_link().ok()?);
        path = target.parent()?.canonicalize().ok()?.join(target.file_name()?);
        if path.symlink_metadata().is_err() {
            return Some(path);
        }
    }
    None
}

/// Rules about what services have mounted: files and directories, but nothing of the system. Where that is a symbolic link,
/// there is one about the link and one about what is behind it: both may be replaced.
pub(super) fn rules(project: &Project) -> Vec<Rule> {
    let is_whole = |metadata: Metadata| metadata.is_file() || metadata.is_dir();
    let mut rules: Vec<Rule> = Vec::new();
    for service in project.services.values() {
        let paths = seen(project, service).into_iter().map(|seen| seen.path);
        for path in
            paths.flat_map(|path| [behind(&path, &project.working_dir), Some(path)]).flatten()
        {
            let is_known =
                rules.iter().any(|rule| rule.service == service.name && rule.path == path);
            if !is_known
                && path.parent().is_some()
                && !is_of_system(&path, &project.working_dir)
                // What is not there yet is made when the stack comes up.
                && path.metadata().map_or(true, is_whole)
            {
                rules.push(Rule::of_link(&service.name, &path));
            }
        }
    }
    rules
}

impl Links {
    /// Takes it that containers hold what is there now.
    pub(super) fn new(rules: &[Rule]) -> Self {
        let of_mounts = || rules.iter().enumerate().filter(|(_, it)| it.action == Action::Relink);
        let mut leading = BTreeMap::new();
        for (_, link) in of_mounts() {
            let Some(real) = behind(&link.path, link.origin()) else { continue };
            let is_behind = |rule: &Rule| rule.service == link.service && rule.path == real;
            let behind = of_mounts().filter(|(_, rule)| is_behind(rule));
            leading.extend(behind.map(|(index, _)| (index, link.path.clone())));
        }
        Self {
            held: of_mounts().map(|(index, rule)| (index, identity(rule))).collect(),
            leading,
            started: BTreeMap::new(),
            begun: SystemTime::now(),
            gone: BTreeMap::new(),
            starting: BTreeMap::new(),
        }
    }

    /// What is known of containers, for another watch of them.
    pub(super) fn known(self, rules: &[Rule]) -> Known {
        let held = self.held.iter();
        let held = held.filter_map(|(index, held)| Some((rules.get(*index)?.clone(), *held)));
        Known { held: held.collect(), started: self.started, gone: self.gone }
    }

    /// Goes on from what was known, but for services that are made `anew`.
    pub(super) fn knowing(mut self, rules: &[Rule], known: Known, anew: &[String]) -> Self {
        let goes_on = |service: &String| !anew.contains(service);
        for (former, held) in known.held.into_iter().filter(|(rule, _)| goes_on(&rule.service)) {
            if let Some(index) = rules.iter().position(|rule| rule.asks_the_same_as(&former)) {
                self.held.insert(index, held);
            }
        }
        self.started.extend(known.started.into_iter().filter(|(service, _)| goes_on(service)));
        self.gone.extend(known.gone.into_iter().filter(|(service, _)| goes_on(service)));
        self
    }

    /// Of what containers hold something else than is there now, though nobody tells of a change.
    pub(super) fn stale(&self, rules: &[Rule]) -> Vec<usize> {
        let is_stale =
            |index: &&usize| rules.get(**index).is_some_and(|rule| self.are_stale(**index, rule));
        self.held.keys().filter(is_stale).copied().collect()
    }

    /// Whether containers hold something else than is there now. While nothing is there, something may come.
    pub(super) fn are_stale(&self, index: usize, rule: &Rule) -> bool {
        let Some(now) = identity(rule).filter(|_| self.is_led_to(index, rule)) else {
            return false;
        };
        self.held.get(&index).is_some_and(|held| *held != Some(now))
    }

    /// Whether the mount is still about what a rule is about: a link may lead elsewhere now.
    fn is_led_to(&self, index: usize, rule: &Rule) -> bool {
        let link = self.leading.get(&index);
        link.is_none_or(|link| behind(link, rule.origin()).as_ref() == Some(&rule.path))
    }

    /// What the containers of a service hold that is not there any more.
    pub(super) fn missing(&self, rules: &[Rule], service: &str) -> Option<PathBuf> {
        // What a link led to is looked for through the link.
        let is_own = |index| !self.leading.contains_key(index);
        let held = self.held.iter().filter(|(index, held)| held.is_some() && is_own(index));
        let mut its = held.filter_map(|(index, _)| rules.get(*index));
        let missing = its.find(|rule| rule.service == service && !rule.path.exists());
        missing.map(|rule| rule.path.clone())
    }

    /// Containers do not hold what is there now.
    pub(super) fn doubt(&mut self, index: usize) {
        self.held.insert(index, None);
    }

    /// What of a batch may have replaced something that the containers of a service had, for a rule: all that it takes but
    /// what is new.
    pub(super) fn replacing(&mut self, batch: &Batch, index: usize, service: &str) -> Vec<PathBuf> {
        let gone = self.gone.entry(service.to_owned()).or_default();
        let taken = batch.changes.iter().filter(|change| change.rules.contains(&index));
        let replaces = |change: &&Change| match change.what {
            What::Gone(_) => {
                gone.insert(change.path.clone());
                false
            }
            What::Present(_) => !change.is_new || gone.contains(&change.path),
        };
        taken.filter(replaces).map(|change| change.path.clone()).collect()
    }

    /// Those of the paths at which there is another file than when the containers of a service started.
    pub(super) fn replaced(&self, service: &str, mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
        let started = *self.started.get(service).unwrap_or(&self.begun);
        paths.retain(|path| came_after(path, started));
        paths
    }

    /// The containers of a service are going to be started anew.
    pub(super) fn starts(&mut self, rules: &[Rule], service: &str) {
        let its = self.held.keys().filter_map(|index| {
            let rule = rules.get(*index).filter(|rule| rule.service == service)?;
            Some((*index, identity(rule)))
        });
        let (began, held) = (SystemTime::now(), its.collect());
        let gone = self.gone.remove(service).unwrap_or_default();
        self.starting.insert(service.to_owned(), Start { began, held, gone });
    }

    /// They are about to be, and nobody will tell how that went.
    pub(super) fn start(&mut self, rules: &[Rule], service: &str) {
        self.starts(rules, service);
        self.has_started(service);
    }

    /// They were.
    pub(super) fn has_started(&mut self, service: &str) {
        let Some(Start { began, held, .. }) = self.starting.remove(service) else { return };
        self.started.insert(service.to_owned(), began);
        self.held.extend(held);
    }

    /// They were not.
    pub(super) fn has_not_started(&mut self, service: &str) {
        if let Some(Start { gone, .. }) = self.starting.remove(service) {
            self.gone.entry(service.to_owned()).or_default().extend(gone);
        }
    }

    /// The rules whose mounts were stale before anybody watched: what is there now came into being after a
    /// container had started.
    pub(super) async fn stale_before<E: Engine>(
        &self,
        rules: &[Rule],
        engine: &E,
        project: &str,
    ) -> Vec<usize> {
        let born = |index: &usize| {
            let rule = rules.get(*index)?;
            Some((*index, rule, rule.path.metadata().ok()?.created().ok()?))
        };
        let born: Vec<_> = self.held.keys().filter_map(born).collect();
        if born.is_empty() {
            return Vec::new();
        }
        let filter = Filter { all: false, ..Filter::default() };
        let Ok(containers) = query::containers(engine, project, &filter).await else {
            return Vec::new();
        };
        let is_concerned = |service: &str| born.iter().any(|(_, rule, _)| rule.service == service);
        let containers = containers.iter().filter(|container| is_concerned(&container.service));
        let starts = join_all(containers.map(async |container| {
            let details = engine.inspect_container(&container.id).await.ok()??;
            let started = DateTime::parse_from_rfc3339(&details.state.started_at).ok()?;
            Some((container.service.as_str(), SystemTime::from(started)))
        }));
        let starts: Vec<_> = starts.await.into_iter().flatten().collect();
        let is_stale = |(_, rule, born): &(usize, &Rule, SystemTime)| {
            starts
                .iter()
                .any(|(service, started)| *service == rule.service && *born > *started + CLOCKS)
        };
        born.into_iter().filter(is_stale).map(|(index, ..)| index).collect()
    }
}

/// Whether what is at a path came into being after a moment; so it is taken where the file system does not
/// tell.
fn came_after(path: &Path, moment: SystemTime) -> bool {
    match path.symlink_metadata().and_then(|metadata| metadata.created()) {
        Ok(born) => born > moment,
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Kind;

    /// Waits until what is made now is told to have come later than all before: clocks of file systems are coarse.
    fn tick(folder: &Path) {
        let now = SystemTime::now();
        let path = folder.join("tick");
        loop {
            std::fs::write(&path, "").unwrap();
            if path.metadata().unwrap().created().unwrap() > now {
                return;
            }
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_file_that_came_after_the_start_has_replaced_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("word.js");
        std::fs::write(&path, "one").unwrap();
        tick(folder.path());
        let mut links = Links::new(&[]);
        let replaced = |links: &Links| !links.replaced("web", vec![path.clone()]).is_empty();
        std::fs::write(&path, "two").unwrap();
        assert!(!replaced(&links), "written in place");
        tick(folder.path());
        let other = folder.path().join("word.new");
        std::fs::write(&other, "three").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert!(replaced(&links));
        tick(folder.path());
        links.start(&[], "other");
        assert!(replaced(&links));
        links.start(&[], "web");
        assert!(!replaced(&links));
        std::fs::remove_file(&path).unwrap();
        assert!(!replaced(&links));
    }

    #[test]
    fn what_is_new_replaces_nothing_unless_it_comes_back() {
        let change = |what, is_new| Batch {
            noticed: std::time::Instant::now(),
            changes: vec![Change {
                path: "/src/a.mjs".into(),
                what,
                mode: None,
                is_new,
                rules: vec![0],
            }],
        };
        let mut links = Links::new(&[]);
        let replacing = |links: &mut Links, what, is_new| {
            !links.replacing(&change(what, is_new), 0, "web").is_empty()
        };
        let (present, gone) = (What::Present(Kind::File), What::Gone(Kind::File));
        assert!(!replacing(&mut links, present, true));
        assert!(replacing(&mut links, present, false));
        assert!(!replacing(&mut links, gone, false));
        assert!(replacing(&mut links, present, true), "who had it has lost it");
        links.start(&[], "web");
        assert!(!replacing(&mut links, present, true));
    }

    #[test]
    fn what_is_behind_a_link_counts_as_long_as_the_link_leads_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (link, one, two) =
            (root.join("app.conf"), root.join("one.conf"), root.join("two.conf"));
        std::fs::write(&one, "1").unwrap();
        std::fs::write(&two, "2").unwrap();
        std::os::unix::fs::symlink(&one, &link).unwrap();
        let rules = [&link, &one].map(|path| Rule::of_link("web", path).within(&root));
        let mut links = Links::new(&rules);
        let replace = |path: &Path| {
            let other = root.join("new");
            std::fs::write(&other, "3").unwrap();
            std::fs::rename(&other, path).unwrap();
        };
        let are_stale = |links: &Links| [0, 1].map(|index| links.are_stale(index, &rules[index]));
        replace(&one);
        assert_eq!(are_stale(&links), [true, true]);
        links.start(&rules, "web");
        assert_eq!(are_stale(&links), [false, false]);
        std::fs::remove_file(&link).unwrap();
        assert_eq!(links.missing(&rules, "web"), Some(link.clone()));
        std::os::unix::fs::symlink(&two, &link).unwrap();
        assert_eq!(are_stale(&links), [true, false], "the link leads elsewhere");
        links.start(&rules, "web");
        replace(&one);
        assert_eq!(are_stale(&links), [false, false]);
        std::fs::remove_file(&one).unwrap();
        assert_eq!(links.missing(&rules, "web"), None);
    }

    #[test]
    fn what_is_replaced_is_stale_until_a_start_and_what_is_written_in_place_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.conf");
        std::fs::write(&path, "one").unwrap();
        let rules = [Rule::of_link("web", &path)];
        let mut links = Links::new(&rules);
        std::fs::write(&path, "two").unwrap();
        assert!(!links.are_stale(0, &rules[0]));
        let other = folder.path().join("app.new");
        std::fs::write(&other, "three").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert!(links.are_stale(0, &rules[0]));
        links.start(&rules, "other");
        assert!(links.are_stale(0, &rules[0]));
        links.start(&rules, "web");
        assert!(!links.are_stale(0, &rules[0]));
        std::fs::remove_file(&path).unwrap();
        assert!(!links.are_stale(0, &rules[0]), "something may come");
        assert_eq!(links.missing(&rules, "web"), Some(path.clone()));
        assert_eq!(links.missing(&rules, "other"), None);
        std::fs::write(&path, "four").unwrap();
        assert_eq!(links.missing(&rules, "web"), None);
    }

    #[test]
    fn what_comes_while_a_start_is_under_way_is_not_held_for_certain() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.conf");
        std::fs::write(&path, "one").unwrap();
        let rules = [Rule::of_link("web", &path)];
        let mut links = Links::new(&rules);
        let replace = |content: &str| {
            let other = folder.path().join("app.new");
            std::fs::write(&other, content).unwrap();
            std::fs::rename(&other, &path).unwrap();
        };
        replace("two");
        links.starts(&rules, "web");
        replace("three");
        links.has_started("web");
        assert!(links.are_stale(0, &rules[0]));
        links.starts(&rules, "web");
        links.has_not_started("web");
        assert!(links.are_stale(0, &rules[0]), "it has failed");
        links.start(&rules, "web");
        assert!(!links.are_stale(0, &rules[0]));
    }

    #[test]
    fn a_link_leads_to_what_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let link = |name: &str, to: &str| std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        link("one", "two");
        link("two", "later.conf");
        link("round", "about");
        link("about", "round");
        assert_eq!(behind(&root.join("one"), &root), Some(root.join("later.conf")));
        assert_eq!(behind(&root.join("round"), &root), None);
        std::fs::write(root.join("later.conf"), "").unwrap();
        assert_eq!(behind(&root.join("one"), &root), Some(root.join("later.conf")));
    }
}
