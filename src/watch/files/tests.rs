//! What becomes of directories that are listened to, told in batches.

use std::fs;
use std::path::Path;

use super::*;
use crate::compose::model::{Develop, Project, Service, WatchTrigger};
use crate::watch::Kind;
use crate::watch::rule::rules;

/// What becomes of a directory that one rule watches: each path by each state once, in the order of the paths.
/// A machine that is busy may show more states on the way than an idle one.
async fn after(before: impl Fn(&Path), act: impl Fn(&Path)) -> Vec<(String, What)> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    fs::create_dir(&root).unwrap();
    before(&root);
    let mut files = Files::new(watching(&root).into()).unwrap();
    act(&root);
    let mut changes = Vec::new();
    // Everything that comes within a time in which nothing more came.
    while let Ok(batch) = tokio::time::timeout(Duration::from_millis(200), files.next()).await {
        changes.extend(batch.changes);
    }
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    let mut told: Vec<_> = changes.iter().map(|change| (name(&change.path), change.what)).collect();
    told.sort();
    told.dedup();
    told
}

/// Waits until a path is told of in this state.
async fn until(files: &mut Files, path: &Path, what: What) {
    let is_it = |change: &Change| change.path == path && change.what == what;
    while !files.next().await.changes.iter().any(is_it) {}
}

fn watching(root: &Path) -> Vec<Rule> {
    let trigger = WatchTrigger {
        path: root.to_string_lossy().into_owned(),
        action: "sync".to_owned(),
        target: "/app".to_owned(),
        ignore: vec!["node_modules/".to_owned()],
        ..WatchTrigger::default()
    };
    let develop = Develop { watch: vec![trigger], ..Develop::default() };
    let service = Service { name: "web".to_owned(), develop: Some(develop), ..Service::default() };
    let mut project = Project::unwritten("reload");
    project.services.insert("web".to_owned(), service);
    rules(&project, &[]).unwrap().rules
}

#[tokio::test]
async fn what_was_in_no_batch_is_in_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    fs::create_dir(&root).unwrap();
    let begin = || Files::new(watching(&root).into()).unwrap();
    assert!(begin().last().await.is_none());
    let files = begin();
    fs::write(root.join("saved"), "text").unwrap();
    let last = files.last().await.unwrap();
    assert_eq!(last.changes.len(), 1);
    assert_eq!(last.changes[0].path, root.join("saved"));
}

#[tokio::test]
async fn echoes_are_no_changes_but_changes_are() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    fs::create_dir(&root).unwrap();
    let (ours, others) = (root.join("ours"), root.join("others"));
    for path in [&ours, &others] {
        fs::write(path, "old").unwrap();
    }
    let echoes = Echoes::default();
    let mut files = Files::without(watching(&root).into(), echoes.clone()).unwrap();
    echoes.expect(&ours);
    for path in [&ours, &others] {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(fs::metadata(path).unwrap().modified().unwrap()).unwrap();
    }
    until(&mut files, &others, FILE).await;
    let quiet = tokio::time::timeout(Duration::from_millis(200), files.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    fs::write(&ours, "new").unwrap();
    until(&mut files, &ours, FILE).await;
}

#[tokio::test]
async fn what_our_output_is_written_into_is_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    fs::create_dir(&root).unwrap();
    let (ours, others) = (root.join("dev.out"), root.join("others"));
    fs::write(&ours, "").unwrap();
    let echoes = Echoes::new(&[FileId::of(&fs::metadata(&ours).unwrap())]);
    let mut files = Files::without(watching(&root).into(), echoes).unwrap();
    fs::write(&ours, "a line").unwrap();
    fs::write(&others, "saved").unwrap();
    let told = files.next().await.changes;
    let told: Vec<_> = told.iter().map(|change| (&change.path, change.is_new)).collect();
    assert_eq!(told, [(&others, true)]);
    fs::write(&ours, "a line and another").unwrap();
    fs::rename(&ours, root.join("moved.out")).unwrap();
    assert!(files.last().await.is_none());
}

const FILE: What = What::Present(Kind::File);
const DIRECTORY: What = What::Present(Kind::Directory);

fn told(expected: &[(&str, What)]) -> Vec<(String, What)> {
    expected.iter().map(|(name, what)| ((*name).to_owned(), *what)).collect()
}

#[tokio::test]
async fn saves_are_told_once_whatever_way_an_editor_goes() {
    let old = |root: &Path| fs::write(root.join("a.py"), "old").unwrap();
    let in_place = |root: &Path| fs::write(root.join("a.py"), "new").unwrap();
    assert_eq!(after(old, in_place).await, told(&[("a.py", FILE)]));
    let renamed = |root: &Path| {
        fs::write(root.join(".a.py.swp"), "new").unwrap();
        fs::rename(root.join(".a.py.swp"), root.join("a.py")).unwrap();
    };
    assert_eq!(after(old, renamed).await, told(&[("a.py", FILE)]));
    let moved_away = |root: &Path| {
        fs::rename(root.join("a.py"), root.join("a.py~")).unwrap();
        fs::write(root.join("a.py"), "new").unwrap();
        fs::remove_file(root.join("a.py~")).unwrap();
    };
    let states = after(old, moved_away).await;
    assert!(states.contains(&("a.py".to_owned(), FILE)), "{states:?}");
    assert!(states.iter().all(|(name, _)| name == "a.py"), "{states:?}");
    let nothing = |root: &Path| {
        fs::read(root.join("a.py")).unwrap();
    };
    assert_eq!(after(old, nothing).await, told(&[]));
}

#[tokio::test]
async fn a_file_that_is_written_by_one_of_its_names_has_changed_by_all_of_them() {
    let before = |root: &Path| {
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("x"), "one").unwrap();
        fs::write(root.join("other"), "one").unwrap();
        fs::hard_link(root.join("x"), root.join("sub/y")).unwrap();
    };
    let in_place = |root: &Path| fs::write(root.join("x"), "two").unwrap();
    assert_eq!(after(before, in_place).await, told(&[("sub/y", FILE), ("x", FILE)]));
    let replaced = |root: &Path| {
        fs::write(root.join("x.tmp~"), "two").unwrap();
        fs::rename(root.join("x.tmp~"), root.join("x")).unwrap();
    };
    assert_eq!(after(before, replaced).await, told(&[("x", FILE)]));
}

#[tokio::test]
async fn new_directories_are_told_with_all_that_is_in_them() {
    let act = |root: &Path| {
        fs::create_dir_all(root.join("one/two/three")).unwrap();
        fs::write(root.join("one/two/three/file"), "x").unwrap();
        fs::create_dir_all(root.join("node_modules/left")).unwrap();
        fs::write(root.join("node_modules/left/out"), "x").unwrap();
    };
    assert_eq!(
        after(|_| {}, act).await,
        told(&[
            ("one", DIRECTORY),
            ("one/two", DIRECTORY),
            ("one/two/three", DIRECTORY),
            ("one/two/three/file", FILE)
        ])
    );
}

#[tokio::test]
async fn what_is_gone_is_told_with_all_that_was_in_it() {
    let before = |root: &Path| {
        fs::create_dir_all(root.join("one/two")).unwrap();
        fs::write(root.join("one/two/file"), "x").unwrap();
        fs::write(root.join("kind"), "x").unwrap();
    };
    let act = |root: &Path| {
        fs::rename(root.join("one"), root.join("other")).unwrap();
        fs::write(root.join("other/two/more"), "x").unwrap();
        fs::remove_file(root.join("kind")).unwrap();
        fs::create_dir(root.join("kind")).unwrap();
    };
    assert_eq!(
        after(before, act).await,
        told(&[
            ("kind", DIRECTORY),
            ("kind", What::Gone(Kind::File)),
            ("one", What::Gone(Kind::Directory)),
            ("one/two", What::Gone(Kind::Directory)),
            ("one/two/file", What::Gone(Kind::File)),
            ("other", DIRECTORY),
            ("other/two", DIRECTORY),
            ("other/two/file", FILE),
            ("other/two/more", FILE),
        ])
    );
}

#[tokio::test]
async fn a_directory_that_moved_is_listened_to_under_its_new_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    fs::create_dir_all(root.join("one")).unwrap();
    let mut files = Files::new(watching(&root).into()).unwrap();
    for (from, to) in [("one", "two"), ("two", "three")] {
        fs::rename(root.join(from), root.join(to)).unwrap();
        until(&mut files, &root.join(to), DIRECTORY).await;
        let file = root.join(to).join("file");
        fs::write(&file, to).unwrap();
        until(&mut files, &file, FILE).await;
        fs::remove_file(&file).unwrap();
        until(&mut files, &file, What::Gone(Kind::File)).await;
    }
}

#[tokio::test]
async fn what_is_watched_need_not_be_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("one/two");
    let mut files = Files::new(watching(&root).into()).unwrap();
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("file"), "x").unwrap();
    let mut seen = Vec::new();
    while !seen.contains(&root.join("file")) {
        seen.extend(files.next().await.changes.into_iter().map(|change| change.path));
    }
    assert!(!seen.contains(&folder.path().join("one")), "{seen:?}");
}

#[tokio::test]
async fn directories_that_change_places_are_listened_to() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    for name in ["a/sub", "b/sub"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    let mut files = Files::new(watching(&root).into()).unwrap();
    for (from, to) in [("b", "c"), ("a", "b"), ("c", "a")] {
        fs::rename(root.join(from), root.join(to)).unwrap();
    }
    fs::write(root.join("mark"), "").unwrap();
    until(&mut files, &root.join("mark"), FILE).await;
    for name in ["a/sub/file", "b/sub/file"] {
        fs::write(root.join(name), "").unwrap();
        until(&mut files, &root.join(name), FILE).await;
    }
}

#[tokio::test]
async fn what_is_watched_may_go_and_come_back_with_any_directory_around_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("a/b/src/deep")).unwrap();
    let rules = watching(&path("a/b/src")).into_iter().map(|rule| rule.within(folder.path()));
    let mut files = Files::new(rules.collect()).unwrap();
    for (round, name) in ["a/b/src", "a/b", "a", "a/b"].into_iter().enumerate() {
        fs::rename(path(name), path("away")).unwrap();
        until(&mut files, &path("a/b/src/deep"), What::Gone(Kind::Directory)).await;
        fs::create_dir_all(path("a/b/src/deep")).unwrap();
        until(&mut files, &path("a/b/src/deep"), DIRECTORY).await;
        let file = path("a/b/src/deep").join(round.to_string());
        fs::write(&file, "").unwrap();
        until(&mut files, &file, FILE).await;
        fs::remove_dir_all(path("away")).unwrap();
    }
}

#[tokio::test]
async fn the_directory_that_rules_are_followed_from_may_go_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (project, file) = (folder.path().join("project"), folder.path().join("project/src/file"));
    let make = || fs::create_dir_all(project.join("src")).unwrap();
    make();
    let rules = watching(&project.join("src")).into_iter().map(|rule| rule.within(&project));
    let mut files = Files::new(rules.collect()).unwrap();
    fs::remove_dir_all(&project).unwrap();
    until(&mut files, &project.join("src"), What::Gone(Kind::Directory)).await;
    make();
    until(&mut files, &project.join("src"), DIRECTORY).await;
    fs::write(&file, "").unwrap();
    until(&mut files, &file, FILE).await;
}

#[tokio::test]
async fn a_watched_directory_in_which_another_rule_watches_a_file_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    fs::create_dir_all(root.join("front")).unwrap();
    let mut rules = watching(&root);
    rules.extend(watching(&root.join("front/package.json")));
    let mut files = Files::new(rules.into()).unwrap();
    fs::rename(root.join("front"), root.join("away")).unwrap();
    until(&mut files, &root.join("front"), What::Gone(Kind::Directory)).await;
    fs::create_dir(root.join("front")).unwrap();
    until(&mut files, &root.join("front"), DIRECTORY).await;
    fs::write(root.join("front/a.js"), "").unwrap();
    until(&mut files, &root.join("front/a.js"), FILE).await;
}
