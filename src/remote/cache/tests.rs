use super::*;

fn cache(directory: &Path) -> Cache {
    Cache { copies: directory.join("docker-compose"), indexes: directory.join("bireme/remote") }
}

fn path(text: &str) -> TreePath {
    TreePath::new(text).unwrap()
}

#[test]
fn a_copy_appears_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let cache = cache(directory.path());
    assert!(cache.find("aa", None).is_none());
    let mut draft = cache.begin().unwrap();
    draft.file(&path("a/b"), b"x", Mode::Shared).unwrap();
    assert!(cache.find("aa", None).is_none());
    drop(draft);
    assert_eq!(fs::read_dir(&cache.copies).unwrap().count(), 0, "nothing is left");

    let mut draft = cache.begin().unwrap();
    draft.file(&path("a/b"), b"x", Mode::Executable).unwrap();
    draft.link(&path("a/l"), "b").unwrap();
    draft.directory(&path("empty")).unwrap();
    let copy = draft.finish("aa").unwrap();
    assert_eq!(cache.find("aa", Some("a/b")).as_ref(), Some(&copy));
    assert!(cache.find("aa", Some("c")).is_none(), "a copy without it is not whole");
    assert_eq!(fs::read(copy.root.join("a/l")).unwrap(), b"x");
    assert!(copy.index.digest("a/b").is_some() && copy.index.digest("a/l").is_none());
}

#[test]
fn two_runs_may_write_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let cache = cache(directory.path());
    let mut drafts: Vec<_> = (0..2).map(|_| cache.begin().unwrap()).collect();
    for draft in &mut drafts {
        draft.file(&path("a"), b"x", Mode::Shared).unwrap();
    }
    let copies: Vec<_> = drafts.into_iter().map(|draft| draft.finish("aa").unwrap()).collect();
    assert_eq!(copies[0], copies[1]);
    assert_eq!(fs::read_dir(&cache.copies).unwrap().count(), 1);
}

#[test]
fn what_is_there_is_completed_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let cache = cache(directory.path());
    let outside = directory.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    let there = cache.copies.join("aa");
    fs::create_dir_all(there.join("data")).unwrap();
    fs::write(there.join("data/written"), "by a container").unwrap();
    fs::write(there.join("changed"), "by a container").unwrap();
    std::os::unix::fs::symlink(&outside, there.join("link")).unwrap();
    let mut draft = cache.begin().unwrap();
    for name in ["data/own", "changed", "new/a", "link/a"] {
        draft.file(&path(name), b"fetched", Mode::Shared).unwrap();
    }
    let copy = draft.finish("aa").unwrap();
    let text = |name: &str| fs::read_to_string(copy.root.join(name)).unwrap_or_default();
    assert_eq!(text("data/written"), "by a container");
    assert_eq!(text("data/own"), "fetched");
    assert_eq!(text("new/a"), "fetched");
    assert_eq!(text("changed"), "by a container", "data is not lost; it is not read, either");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "nothing goes through a link");
}

#[test]
fn names_are_taken_once() {
    let directory = tempfile::tempdir().unwrap();
    let cache = cache(directory.path());
    let mut draft = cache.begin().unwrap();
    draft.link(&path("l"), "d").unwrap();
    draft.directory(&path("d")).unwrap();
    draft.file(&path("f"), b"", Mode::Private).unwrap();
    assert!(draft.file(&path("f"), b"", Mode::Private).is_err());
    assert!(draft.file(&path("l/x"), b"", Mode::Private).is_err(), "not through a link");
    assert!(draft.file(&path("f/x"), b"", Mode::Private).is_err());
    assert!(draft.link(&path("out"), "../x").is_err());
}

#[test]
fn drafts_of_runs_that_are_gone_are_swept() {
    let directory = tempfile::tempdir().unwrap();
    let cache = cache(directory.path());
    let (old, new) = (cache.copies.join(".bireme-1"), cache.copies.join(".bireme-2"));
    fs::create_dir_all(&old).unwrap();
    fs::create_dir_all(&new).unwrap();
    let time = SystemTime::now() - 2 * STALE;
    fs::File::open(&old).unwrap().set_modified(time).unwrap();
    drop(cache.begin().unwrap());
    assert!(!old.exists() && new.exists());
}
