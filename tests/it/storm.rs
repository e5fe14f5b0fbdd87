//! Hot reload under a storm: whatever happens to files and containers, both trees are the same in the end.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bireme::compose::model::{Develop, Project, Service, WatchTrigger};
use bireme::watch::{Batch, Change, Files, Kind, Rule, Sync, What, rule};

use super::engine::connect;
use crate::harness::Stack;

const COMPOSE: &str = "
services:
  web:
    image: busybox:stable
    init: true
    command: sleep 3600
    deploy: { replicas: 2 }
";

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> usize {
        // Constants of Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = u32::try_from(self.0 >> 33).unwrap_or(u32::MAX);
        (high % sides) as usize
    }

    /// A path of a few that come again and again.
    fn path(&mut self, root: &Path) -> PathBuf {
        let mut path = root.to_owned();
        for _ in 0..=self.roll(3) {
            path.push(["a", "b", "c d", "ü", "-e"][self.roll(5)]);
        }
        path
    }
}

/// Something that happens to files. What cannot happen, since something else is there, does not.
fn act(dice: &mut Dice, root: &Path) {
    let path = dice.path(root);
    let _ = match dice.roll(12) {
        0..4 => {
            fs::write(&path, format!("{} {}", dice.roll(1_000_000), "x".repeat(dice.roll(9000))))
        }
        4 => fs::write(&path, ""),
        5 => fs::create_dir_all(&path),
        6 => fs::remove_file(&path),
        7 => fs::remove_dir_all(&path),
        8 | 9 => fs::rename(&path, dice.path(root)),
        10 => symlink("a/b", &path),
        _ => match fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_symlink() => {
                let modes = if metadata.is_dir() { [0o755, 0o700] } else { [0o644, 0o755] };
                let mode = modes[dice.roll(2)];
                fs::set_permissions(&path, fs::Permissions::from_mode(mode))
            }
            _ => Ok(()),
        },
    };
}

/// Everything below a directory, as text.
fn tree(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("the directory can be read") {
            let path = entry.expect("an entry can be read").path();
            let metadata = fs::symlink_metadata(&path).expect("it is there");
            let mode = metadata.permissions().mode() & 0o777;
            let text = if metadata.is_dir() {
                waiting.push(path.clone());
                format!("directory {mode:o}")
            } else if metadata.is_symlink() {
                format!("link {}", fs::read_link(&path).expect("a link leads somewhere").display())
            } else {
                format!("file {mode:o} {}", fs::read_to_string(&path).expect("a file can be read"))
            };
            found.insert(path.strip_prefix(root).expect("it is below").to_owned(), text);
        }
    }
    found
}

fn watching(root: &Path, name: &str) -> Arc<[Rule]> {
    let trigger = WatchTrigger {
        path: root.to_string_lossy().into_owned(),
        action: "sync".to_owned(),
        target: "/app".to_owned(),
        ..WatchTrigger::default()
    };
    let develop = Develop { watch: vec![trigger], ..Develop::default() };
    let service = Service { name: "web".to_owned(), develop: Some(develop), ..Service::default() };
    let mut project = Project::unwritten(name);
    project.services.insert("web".to_owned(), service);
    rule::rules(&project, &[]).expect("the rule can be followed").rules.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_files_and_containers_both_trees_are_the_same_in_the_end() {
    let stack = Stack::of("storm", COMPOSE);
    stack.run(["up", "-d"]).success();
    let root = stack.folder().join("src");
    fs::create_dir(&root).expect("a directory can be made");
    let engine = Arc::new(connect(&stack.engine().endpoint()).await.expect("the engine answers"));
    let rules = watching(&root, stack.project());
    let mut files = Files::new(Arc::clone(&rules)).expect("the files can be watched");
    let mut sync = Sync::new(engine, stack.project(), rules);

    let (over, mut done) = tokio::sync::oneshot::channel::<()>();
    let seconds: u64 =
        std::env::var("BIREME_STORM_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let storm = {
        let root = root.clone();
        std::thread::spawn(move || {
            let mut dice = Dice(seconds);
            let end = Instant::now() + Duration::from_secs(seconds);
            while Instant::now() < end {
                for _ in 0..dice.roll(200) {
                    act(&mut dice, &root);
                }
                std::thread::sleep(Duration::from_millis(dice.roll(150) as u64));
            }
            drop(over);
        })
    };
    let troubles = async {
        let mut number = 0;
        while done.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
            let command: &[&str] = [
                &["pause"][..],
                &["unpause"],
                &["restart", "-t", "0"],
                &["up", "-d", "--scale", "web=3"],
                &["up", "-d", "--force-recreate", "-t", "0"],
            ][number % 5];
            number += 1;
            tokio::task::block_in_place(|| stack.run(command.iter().copied()).success());
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        tokio::task::block_in_place(|| stack.run(["unpause"]));
    };
    let mut failures = Vec::new();
    let mut troubles = std::pin::pin!(troubles);
    let mut calm = false;
    let end = Instant::now() + Duration::from_secs(seconds + 60);
    loop {
        assert!(Instant::now() < end, "something is owed for ever: {failures:#?}");
        tokio::select! {
            batch = files.next() => {
                failures.extend(sync.land(&batch).await.into_iter().flat_map(|landed| landed.failures));
            }
            () = &mut troubles, if !calm => calm = true,
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                // As a command does by the engine's events.
                failures.extend(sync.again().await.into_iter().flat_map(|landed| landed.failures));
                if calm && !sync.owes() {
                    break;
                }
            }
        }
    }
    storm.join().expect("the storm does not panic");

    let here = tree(&root);
    assert!(!here.is_empty());
    for index in 1..=2 {
        let out = format!("out{index}");
        stack.run(["cp", "--index", &index.to_string(), "web:/app", &out]).success();
        let there = tree(&stack.folder().join(&out));
        for (path, text) in &here {
            assert_eq!(there.get(path), Some(text), "{index}: {}; {failures:#?}", path.display());
        }
        let more: Vec<_> = there.keys().filter(|path| !here.contains_key(*path)).collect();
        assert!(more.is_empty(), "{index}: {more:?} {failures:#?}");
    }
}

/// What a container without a part of its past is like: things stand there that are of another kind than what
/// went last.
#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_missed_changes_gets_rid_of_whatever_stands_in_their_places() {
    let stack = Stack::of(
        "missed",
        "
services:
  web:
    image: busybox:stable
    init: true
    command: |
      sh -c 'mkdir -p /app && cd /app
        mkdir was-dir now-file was-both && touch was-file now-dir was-both/file
        ln -s loop loop && ln -s was-loop was-loop && ln -s was-file/x behind
        touch /ready && sleep 3600'
    healthcheck: { test: test -e /ready, interval: 100ms }
",
    );
    stack.run(["up", "-d", "--wait"]).success();
    let root = stack.folder().join("src");
    fs::create_dir_all(root.join("now-dir")).expect("a directory can be made");
    fs::write(root.join("now-file"), "text").expect("a file can be written");
    for name in ["loop", "behind"] {
        fs::create_dir(root.join(name)).expect("a directory can be made");
        fs::write(root.join(name).join("file"), name).expect("a file can be written");
    }
    let engine = Arc::new(connect(&stack.engine().endpoint()).await.expect("the engine answers"));
    let mut sync = Sync::new(engine, stack.project(), watching(&root, stack.project()));

    let change = |path: &str, what| Change {
        path: root.join(path),
        what,
        mode: None,
        is_new: false,
        rules: vec![0],
    };
    let changes = vec![
        // A directory came where a file was, and what was made in it went before anything was brought.
        change("now-dir/gone/file", What::Gone(Kind::File)),
        change("now-dir/gone", What::Gone(Kind::Directory)),
        change("was-file/file", What::Gone(Kind::File)),
        change("was-file", What::Gone(Kind::File)),
        change("was-file", What::Gone(Kind::Directory)),
        change("was-dir", What::Gone(Kind::Directory)),
        change("was-dir", What::Gone(Kind::File)),
        change("now-file", What::Gone(Kind::Directory)),
        change("now-file", What::Gone(Kind::File)),
        // What was in a directory goes before it, also where it may be a file.
        change("was-both/file", What::Gone(Kind::File)),
        change("was-both", What::Gone(Kind::File)),
        change("was-both", What::Gone(Kind::Directory)),
        // The engine does not tell what they are: it fails to look where they lead.
        change("was-loop", What::Gone(Kind::Link)),
        change("loop", What::Present(Kind::Directory)),
        change("loop/file", What::Present(Kind::File)),
        change("behind", What::Present(Kind::Directory)),
        change("behind/file", What::Present(Kind::File)),
        change("now-dir", What::Present(Kind::Directory)),
        change("now-file", What::Present(Kind::File)),
    ];
    let landed = sync.land(&Batch { noticed: Instant::now(), changes }).await;
    let failures: Vec<_> = landed.into_iter().flat_map(|landed| landed.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(!sync.owes());
    stack.run(["cp", "web:/app", "out"]).success();
    assert_eq!(tree(&stack.folder().join("out")), tree(&root));
}
