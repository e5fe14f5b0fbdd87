//! For which platforms there are images, asked of a real registry through a real engine; and the subjects that
//! verdicts go by.

mod budget;
mod copies;
mod matching;
mod matrix;
mod refusals;
mod servers;
mod subjects;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bireme::engine::endpoint::{Flags, Surroundings};
use bireme::engine::{DockerEngine, Engine as _, Settings as EngineSettings, Warn};
use bireme::platform::{Gap, Offer};
use bireme::survey::{Store, offers};
use futures_util::TryStreamExt as _;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Engine, platforms};
use servers::{INDEX, MANIFEST, Registry, Server};

/// A machine on which nothing is configured but the engine, and perhaps credentials.
struct Bare {
    host: String,
    config: String,
}

impl Surroundings for Bare {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "DOCKER_HOST" => Some(self.host.clone()),
            "DOCKER_CONFIG" => Some("/configuration".to_owned()),
            _ => None,
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new("/configuration/config.json") {
            return Ok(self.config.clone().into_bytes());
        }
        Err(io::ErrorKind::NotFound.into())
    }

    fn entries(&self, _: &Path) -> Vec<String> {
        Vec::new()
    }
}

/// An engine, and an empty cache.
struct World {
    engine: DockerEngine,
    settings: offers::Settings,
    _cache: TempDir,
}

impl World {
    async fn new() -> Self {
        Self::with_config("{}").await
    }

    async fn with_config(config: &str) -> Self {
        let host = Engine::from_environment().endpoint();
        let machine = Bare { host, config: config.to_owned() };
        let warn: Warn = Arc::new(|text| panic!("unexpected warning: {text}"));
        let settings = EngineSettings::resolve(&Flags::default(), &machine, &warn).expect("valid");
        let engine = DockerEngine::connect(settings, &machine).await.expect("the engine answers");
        let cache = tempfile::tempdir().expect("a temporary folder can be made");
        let path = cache.path().display().to_string();
        let mut settings =
            offers::Settings::new([("XDG_CACHE_HOME".to_owned(), path)].into(), None);
        // The machine that tests run on is busy.
        settings.budget = Duration::from_secs(20);
        Self { engine, settings, _cache: cache }
    }

    /// What one run finds out.
    async fn ask(&self, names: &[&str]) -> BTreeMap<String, Offer> {
        let names: BTreeSet<String> = names.iter().map(|&name| name.to_owned()).collect();
        let store = Store::new(&self.engine);
        offers::offers(&names, &self.engine, &store, &self.settings).await
    }

    /// The offer of one image as a text.
    async fn offer(&self, name: &str) -> String {
        describe(&self.ask(&[name]).await[name])
    }

    async fn pull(&self, name: &str, platform: &str) {
        let pulled = self.engine.pull_image(name, Some(platform)).await.expect("it can be pulled");
        pulled.try_for_each(|_| async { Ok(()) }).await.expect("it can be pulled");
    }
}

fn describe(offer: &Offer) -> String {
    match offer {
        Offer::Known { platforms, is_index } => {
            let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
            format!("{}: {}", if *is_index { "index" } else { "image" }, names.join(" "))
        }
        Offer::Unknown(gap) => format!("{gap:?}"),
    }
}

fn authorized(address: &str) -> String {
    json!({"auths": {address: {"auth": "c29tZW9uZTpzZWNyZXQ="}}}).to_string()
}

#[tokio::test]
async fn every_shape_of_an_index_is_understood_and_asked_for_once() {
    let registry = Registry::of_the_lab();
    let repository = format!("offers/shapes-{}", std::process::id());
    let images = registry.images(&repository, &["linux/amd64", "linux/arm64/v8", "linux/arm/v7"]);
    let mut attestation = images[0].clone();
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let mut silent = images[2].clone();
    silent.as_object_mut().expect("a descriptor is an object").remove("platform");
    let two = [images[0].clone(), images[1].clone(), attestation];
    let inner = registry.index(&repository, "two", &two);
    let mut said = inner.clone();
    said["platform"] = json!({"os": "linux", "architecture": "amd64"});
    registry.index(&repository, "nested", &[said]);
    registry.index(&repository, "nested-unsaid", std::slice::from_ref(&inner));
    registry.index(&repository, "unsaid", &[images[0].clone(), silent]);
    registry.tag(&repository, "single", &images[1]);
    registry.put(
        &repository,
        "empty",
        INDEX,
        &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).to_string(),
    );

    let server = Server::before(&registry);
    let world = World::new().await;
    let name = |version: &str| format!("{}/{repository}:{version}", server.address);
    let pinned = format!("{}/{repository}@{}", server.address, inner["digest"].as_str().unwrap());
    let cases = [
        (name("two"), "index: linux/amd64 linux/arm64"),
        (name("nested"), "Unsaid"),
        (name("nested-unsaid"), "Unsaid"),
        (name("unsaid"), "Unsaid"),
        (name("single"), "image: linux/arm64"),
        (name("empty"), "index: "),
        (name("none"), "NotFound"),
        (pinned, "index: linux/amd64 linux/arm64"),
    ];
    let names: Vec<&str> = cases.iter().map(|(name, _)| name.as_str()).collect();
    let offers = world.ask(&names).await;
    for (name, expected) in &cases {
        assert_eq!(describe(&offers[name]), *expected, "{name}");
    }
    let requests = server.requests();
    let heads = requests.iter().filter(|line| line.starts_with("HEAD")).count();
    // An engine that is asked because a busy machine is slow to answer has requests of its own.
    let by_engine = requests.iter().any(|line| line == "GET /v2/");
    assert!(heads == 7 || by_engine, "one for each tag: {requests:?}");

    // Another run asks nobody, not even for what is not there.
    let started = Instant::now();
    let again = world.ask(&names).await;
    let took = started.elapsed();
    assert_eq!(again, offers);
    assert_eq!(server.requests(), Vec::<String>::new());
    assert!(took < Duration::from_secs(1), "{took:?}");

    // A tag that moved is found out by its digest alone, if the digest is known.
    registry.index(&repository, "moved", &two[..1]);
    assert_eq!(world.offer(&name("moved")).await, "index: linux/amd64");
    registry.index(&repository, "moved", &two);
    assert_eq!(world.offer(&name("moved")).await, "index: linux/amd64", "it is believed");
    server.requests();
    let mut world = world;
    world.settings.refresh = true;
    assert_eq!(world.offer(&name("moved")).await, "index: linux/amd64 linux/arm64");
    assert_eq!(server.requests(), [format!("HEAD /v2/{repository}/manifests/moved")]);
    let _ = MANIFEST;
}

#[tokio::test]
async fn a_registry_that_wants_credentials_gets_the_users() {
    let registry = Registry::locked();
    let images = registry.images("private/app", &platforms_of_tests());
    registry.index("private/app", "1", &images);
    let name = format!("{}/private/app:1", registry.address);
    assert_eq!(World::new().await.offer(&name).await, "Denied");
    let world = World::with_config(&authorized(&registry.address)).await;
    assert_eq!(world.offer(&name).await, "index: linux/amd64 linux/arm64");
    let wrong =
        authorized(&registry.address).replace("c29tZW9uZTpzZWNyZXQ=", "c29tZW9uZTpmYWxzZQ==");
    let before = World::with_config(&wrong).await;
    assert_eq!(before.offer(&name).await, "Denied");
    // The same user, whose password is right now.
    let after = World { settings: before.settings.clone(), ..world };
    assert_eq!(after.offer(&name).await, "index: linux/amd64 linux/arm64");
}

#[tokio::test]
async fn who_limits_is_left_alone() {
    let server = Server::limiting();
    let mut world = World::new().await;
    world.settings.refresh = true;
    let name = format!("{}/busy/app:1", server.address);
    assert_eq!(world.offer(&name).await, "RateLimited");
    assert_eq!(server.requests(), ["HEAD /v2/busy/app/manifests/1"]);
    let other = format!("{}/busy/other:1", server.address);
    assert_eq!(world.offer(&other).await, "RateLimited");
    assert_eq!(server.requests(), Vec::<String>::new(), "an hour is not over");
}

#[tokio::test]
async fn a_registry_that_is_not_there_costs_no_time() {
    let world = World::new().await;
    let name = "127.0.0.1:1/gone/app:1";
    let started = Instant::now();
    let offer = world.offer(name).await;
    assert!(offer.starts_with("Unreachable("), "{offer}");
    assert!(offer.contains("refused"), "{offer}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_silent_registry_costs_no_more_than_the_budget() {
    let server = Server::silent();
    let registry = Registry::of_the_lab();
    let repository = format!("offers/beside-{}", std::process::id());
    registry.index(&repository, "1", &registry.images(&repository, &platforms_of_tests()));
    let mut world = World::new().await;
    world.settings.budget = Duration::from_secs(3);
    let silent = format!("{}/slow/app:1", server.address);
    let beside = format!("{}/{repository}:1", registry.address);
    let started = Instant::now();
    let offers = world.ask(&[&silent, &beside]).await;
    let took = started.elapsed();
    assert_eq!(offers[&silent], Offer::Unknown(Gap::OutOfTime));
    assert_eq!(describe(&offers[&beside]), "index: linux/amd64 linux/arm64");
    assert!(took < Duration::from_millis(3500), "{took:?}");
    // The next run does not wait again.
    let started = Instant::now();
    assert_eq!(world.offer(&silent).await, "OutOfTime");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_slow_registry_may_finish_what_it_says() {
    let registry = Registry::of_the_lab();
    let server = Server::slow(&registry, Duration::from_millis(1200));
    let repository = format!("offers/slow-{}", std::process::id());
    registry.index(&repository, "1", &registry.images(&repository, &platforms_of_tests()));
    let mut world = World::new().await;
    world.settings.budget = Duration::from_secs(2);
    let name = format!("{}/{repository}:1", server.address);
    assert_eq!(world.offer(&name).await, "OutOfTime");
    world.settings.grace = Duration::from_secs(20);
    assert_eq!(world.offer(&name).await, "index: linux/amd64 linux/arm64");
}

/// An engine leaves out what does not say its platform, so that it has not the last word on what is missing.
#[tokio::test]
async fn what_an_engine_misses_in_an_index_is_waited_for() {
    let (_, other) = platforms();
    let registry = Registry::of_the_lab();
    let repository = format!("offers/missed-{}", std::process::id());
    let images = registry.images(&repository, &platforms_of_tests());
    let entries = images.into_iter().map(|mut image| {
        let architecture = image["platform"]["architecture"].as_str().expect("a text");
        if !other.ends_with(architecture) {
            image.as_object_mut().expect("a descriptor is an object").remove("platform");
        }
        image
    });
    registry.index(&repository, "1", &entries.collect::<Vec<_>>());
    let server = Server::quick_for_engines(&registry, Duration::from_secs(1));
    let name = format!("{}/{repository}:1", server.address);
    let mut world = World::new().await;
    assert_eq!(world.offer(&name).await, "Unsaid");
    // Who must be content with the engine's answer does not believe it when there is a better one.
    let silent = Server::quick_for_engines(&registry, Duration::from_mins(1));
    let name = format!("{}/{repository}:1", silent.address);
    world = World::new().await;
    world.settings.budget = Duration::from_secs(3);
    assert_eq!(world.offer(&name).await, format!("index: {other}"));
    let name = format!("{}/{repository}:1", registry.address);
    assert_eq!(world.offer(&name).await, "Unsaid");
}

#[tokio::test]
async fn names_of_docker_hub_are_looked_for_in_the_engines_mirror() {
    let world = World::new().await;
    assert_eq!(world.offer("busybox:stable").await, "index: linux/amd64 linux/arm64");
    let native = platforms().0;
    assert_eq!(world.offer("native-only:1").await, format!("index: {native}"));
    // Docker Hub refuses, or cannot be reached; what a mirror has not says nothing of it.
    let nowhere = world.offer("bireme-test-that-is-nowhere:1").await;
    assert!(nowhere == "Denied" || nowhere.starts_with("Unreachable("), "{nowhere}");
}

#[tokio::test]
async fn what_was_pulled_needs_no_question_about_its_tag() {
    let registry = Registry::of_the_lab();
    let server = Server::before(&registry);
    let world = World::new().await;
    let repository = format!("offers/pulled-{}", std::process::id());
    let name = format!("{}/{repository}:1", server.address);
    let images = registry.images(&repository, &platforms_of_tests());
    registry.index(&repository, "1", &images[..1]);
    assert_eq!(world.offer(&name).await, "index: linux/amd64");
    registry.index(&repository, "1", &images);
    world.pull(&name, "linux/amd64").await;
    server.requests();
    assert_eq!(world.offer(&name).await, "index: linux/amd64 linux/arm64");
    let requests = server.requests();
    assert!(requests.iter().all(|line| line.contains("/manifests/sha256:")), "{requests:?}");
    world.engine.remove_image(&name, true).await.expect("it was pulled");
}

#[tokio::test]
async fn names_that_are_none_are_told() {
    let world = World::new().await;
    for name in ["", "UPPER/Case:1", "a b", "r.io/"] {
        let offer = world.offer(name).await;
        assert!(offer.starts_with("Unresolved("), "{name:?}: {offer}");
    }
}

fn platforms_of_tests() -> [&'static str; 2] {
    ["linux/amd64", "linux/arm64/v8"]
}
