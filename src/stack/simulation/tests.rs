//! What holds for every run, whatever goes wrong: nothing starts before what it needs, nothing is
//! done twice, and the next run ends where a run without trouble would have ended.

use std::collections::BTreeSet;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tokio_util::sync::CancellationToken;

use super::{Faults, Simulation};
use crate::compose::model::{
    DependencyCondition, Duration, Healthcheck, Mount, MountVolume, Network, Project,
};
use crate::engine::api::ApiVersion;
use crate::stack::desired::replicas;
use crate::stack::images::NoBuilder;
use crate::stack::progress::{Event, Report, Subject};
use crate::stack::up::{self, Options};
use crate::stack::{StackError, down, testing};

/// How many different runs.
const RUNS: u64 = 100;

struct Silent;

impl Report for Silent {
    fn event(&self, _event: Event) {}
    fn warning(&self, _message: &str) {}
    fn output(&self, _subject: &Subject, _line: &str) {}
}

/// A project of a few services that depend on each other, of which some are probed and some keep
/// data.
fn random_project(random: &mut SmallRng) -> Project {
    let names = ["a", "b", "c", "d", "e"];
    let count = random.random_range(2..=names.len());
    let mut dependencies: Vec<Vec<&str>> = Vec::new();
    for index in 0..count {
        let needed = (0..index).filter(|_| random.random_bool(0.4)).map(|other| names[other]);
        dependencies.push(needed.collect());
    }
    let services: Vec<(&str, &[&str])> =
        names.iter().zip(&dependencies).map(|(name, needed)| (*name, needed.as_slice())).collect();
    let mut project = testing::project(&services);
    project
        .networks
        .insert("back".into(), Network { name: "shop_back".into(), ..Network::default() });
    testing::volume(&mut project, "data");
    for service in project.services.values_mut() {
        service.scale = Some(random.random_range(1..=2));
        if random.random_bool(0.5) {
            service.healthcheck = Some(Healthcheck {
                test: vec!["CMD".into(), "true".into()],
                interval: Some(Duration(1)),
                ..Healthcheck::default()
            });
        }
        if random.random_bool(0.5) {
            service.networks.insert("back".into(), None);
        }
        if random.random_bool(0.3) {
            service.volumes.push(Mount {
                r#type: "volume".into(),
                source: "data".into(),
                target: "/data".into(),
                volume: Some(MountVolume::default()),
                ..Mount::default()
            });
        }
    }
    let probed: BTreeSet<String> = project
        .services
        .values()
        .filter(|service| service.healthcheck.is_some())
        .map(|service| service.name.clone())
        .collect();
    for service in project.services.values_mut() {
        for (name, dependency) in &mut service.depends_on {
            dependency.restart = random.random_bool(0.3);
            if probed.contains(name) {
                dependency.condition = DependencyCondition::ServiceHealthy;
            }
        }
    }
    project
}

/// Another version of the same project.
fn change(project: &mut Project, random: &mut SmallRng) {
    for service in project.services.values_mut() {
        if random.random_bool(0.4) {
            service.user = "1000".into();
        }
        if random.random_bool(0.3) {
            service.scale = Some(random.random_range(1..=3));
        }
    }
    if random.random_bool(0.3)
        && let Some(network) = project.networks.get_mut("back")
    {
        network.internal = true;
    }
    if random.random_bool(0.2)
        && let Some(network) = project.networks.get_mut("default")
    {
        network.name = "shop_other".into();
    }
}

async fn bring_up(engine: &Simulation, project: &Project) -> Result<(), StackError> {
    let mut plan = up::plan(project, &Options::default(), engine).await?;
    up::run(&mut plan, engine, &NoBuilder, &Silent, &CancellationToken::new()).await.map(drop)
}

async fn expect_settled(engine: &Simulation, project: &Project, seed: u64) {
    let plan = up::plan(project, &Options::default(), engine).await.expect("a plan");
    assert!(plan.is_empty(), "seed {seed}: something is left to do:\n{}", plan.describe());
    let wanted: i64 = project.services.values().map(replicas).sum();
    let names = engine.with(|state| state.names());
    assert_eq!(i64::try_from(names.len()), Ok(wanted), "seed {seed}: {names:?}");
    assert!(names.iter().all(|name| name.starts_with("shop-")), "seed {seed}: {names:?}");
    let violations = engine.with(|state| std::mem::take(&mut state.violations));
    assert!(violations.is_empty(), "seed {seed}: {violations:?}");
}

fn api_version(seed: u64) -> ApiVersion {
    if seed.is_multiple_of(2) { ApiVersion::new(1, 41) } else { ApiVersion::new(1, 51) }
}

#[tokio::test]
async fn runs_without_trouble_end_as_planned() {
    for seed in 0..RUNS {
        let mut random = SmallRng::seed_from_u64(seed);
        let engine = Simulation::new(seed, api_version(seed));
        let mut project = random_project(&mut random);
        bring_up(&engine, &project).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        expect_settled(&engine, &project, seed).await;
        change(&mut project, &mut random);
        bring_up(&engine, &project).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        expect_settled(&engine, &project, seed).await;
        let writes = engine.with(|state| state.writes);
        bring_up(&engine, &project).await.expect("nothing to do");
        assert_eq!(
            engine.with(|state| state.writes),
            writes,
            "seed {seed}: an unchanged up writes"
        );
    }
}

#[tokio::test]
async fn the_next_run_goes_on_where_one_failed() {
    for seed in 0..RUNS {
        let mut random = SmallRng::seed_from_u64(seed);
        let engine = Simulation::new(seed, api_version(seed));
        let mut project = random_project(&mut random);
        bring_up(&engine, &project).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        change(&mut project, &mut random);
        for _ in 0..3 {
            engine.set_faults(Faults { refused: 0.05, lost_answer: 0.05, lost_event: 0.1 });
            // It may fail or not; either way it leaves something to go on from.
            let _ = bring_up(&engine, &project).await;
        }
        engine.set_faults(Faults::default());
        bring_up(&engine, &project).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        expect_settled(&engine, &project, seed).await;
    }
}

#[tokio::test]
async fn lost_events_delay_nothing_for_ever() {
    for seed in 0..RUNS {
        let mut random = SmallRng::seed_from_u64(seed);
        let engine = Simulation::new(seed, api_version(seed));
        let project = random_project(&mut random);
        engine.set_faults(Faults { lost_event: 0.3, ..Faults::default() });
        bring_up(&engine, &project).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        expect_settled(&engine, &project, seed).await;
    }
}

#[tokio::test]
async fn down_leaves_nothing() {
    for seed in 0..RUNS {
        let mut random = SmallRng::seed_from_u64(seed);
        let engine = Simulation::new(seed, api_version(seed));
        let project = random_project(&mut random);
        bring_up(&engine, &project).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let options = down::Options { volumes: true, ..down::Options::default() };
        let plan = down::plan(&project, &options, &*engine).await.expect("a plan");
        crate::stack::run(&plan, &*engine, &Silent, &CancellationToken::new())
            .await
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let left = engine
            .with(|state| (state.containers.len(), state.networks.len(), state.volumes.len()));
        assert_eq!(left, (0, 0, 0), "seed {seed}");
    }
}
