//! What the verdicts on platforms add to an `up`: its plan alone, and beside the survey as `up` makes it, in turns, in one
//! process, on a stack that runs already and with a cache that knows its images.
//!
//!     DOCKER_HOST=… cargo bench --bench verdicts
//!     DOCKER_HOST=… cargo bench --bench verdicts -- --services 10,100 --runs 50
//!
//! Use an engine made for it: a stack called `verdicts` comes and goes there. `docs/performance.md` says how to read this.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

#[path = "../shared/engine.rs"]
mod engine;

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bireme::compose::assemble::{Selection, assemble};
use bireme::compose::files::Disk;
use bireme::compose::load::{LoadOptions, merged};
use bireme::compose::model::Project;
use bireme::compose::source::Request;
use bireme::engine::DockerEngine;
use bireme::engine::endpoint::ThisMachine;
use bireme::platform::verdict::Verdict;
use bireme::stack::up::{Build, Options as UpOptions, plan};
use bireme::survey::{self, Interim, Settings, survey};
use clap::Parser;
use tokio::runtime::Runtime;

/// Name of the stack.
const PROJECT: &str = "verdicts";
/// One of so many services is pinned to a platform that is emulated.
const PINNED: usize = 5;

/// How to measure and what.
#[derive(Debug, Parser)]
struct Options {
    /// Sizes of the stacks, in services
    #[arg(long, value_name = "COUNT,…", value_delimiter = ',', default_value = "1,10,100")]
    services: Vec<usize>,
    /// Runs of each kind
    #[arg(long, value_name = "COUNT", default_value_t = 25)]
    runs: usize,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if !options.bench {
        // `cargo test --all-targets` starts benchmarks too.
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    let directory = scratch.path().join(PROJECT);
    let cache = scratch.path().join("cache");
    std::fs::create_dir(&directory)?;
    let (runtime, engine) = engine::connect()?;
    println!(
        "| services | plan ms | with verdicts ms | added ms | needless |\n|--:|--:|--:|--:|--:|"
    );
    for &services in &options.services {
        std::fs::write(directory.join("compose.yaml"), stack(services)?)?;
        bireme(&directory, &["up", "-d"])?;
        let bench = Bench { runtime: &runtime, engine: &engine, cache: &cache };
        let row = bench.measure(&load(&directory)?, options.runs);
        bireme(&directory, &["down", "--timeout", "0"])?;
        let Row { alone, beside, needless } = row?;
        let added = beside - alone;
        println!("| {services} | {alone:.2} | {beside:.2} | {added:.2} | {needless} |");
    }
    Ok(())
}

fn bireme(directory: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bireme"));
    command.args(arguments).current_dir(directory).stderr(Stdio::null());
    if command.status()?.success() { Ok(()) } else { Err("the stack cannot be made".into()) }
}

fn stack(services: usize) -> Result<String, std::fmt::Error> {
    let foreign = if cfg!(target_arch = "x86_64") { "linux/arm64" } else { "linux/amd64" };
    let mut text = String::from("services:\n");
    for service in 0..services {
        // An engine may keep one platform under a name.
        let is_pinned = service % PINNED == PINNED - 1;
        let tag = if is_pinned { "1.36" } else { "stable" };
        writeln!(
            text,
            "  s{service}:\n    image: busybox:{tag}\n    command: [sleep, \"100000\"]\n    stop_signal: SIGKILL"
        )?;
        if is_pinned {
            writeln!(text, "    platform: {foreign}")?;
        }
    }
    Ok(text)
}

fn load(directory: &Path) -> Result<Project, Box<dyn Error>> {
    let request = Request { current_directory: directory.to_owned(), ..Request::default() };
    let (options, files) = (LoadOptions::default(), Disk::default());
    let merged = merged(&request, &options, &files).map_err(|it| it.to_string())?;
    let loaded = assemble(merged, &options, &Selection::default(), &files);
    Ok(loaded.map_err(|it| it.to_string())?.0)
}

/// Medians, in milliseconds.
struct Row {
    alone: f64,
    beside: f64,
    needless: usize,
}

struct Bench<'a> {
    runtime: &'a Runtime,
    engine: &'a DockerEngine,
    cache: &'a Path,
}

impl Bench<'_> {
    fn measure(&self, project: &Project, runs: usize) -> Result<Row, Box<dyn Error>> {
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        let mut needless = 0;
        // The first ones warm up.
        for run in 0..=runs {
            let (without, _) = self.once(project, false)?;
            let (with, count) = self.once(project, true)?;
            if run > 0 {
                alone.push(without);
                beside.push(with);
            }
            needless = count;
        }
        Ok(Row { alone: median(alone), beside: median(beside), needless })
    }

    /// A plan as `up` makes it, perhaps with verdicts; how long it took, and how many are needless.
    fn once(&self, project: &Project, with: bool) -> Result<(Duration, usize), Box<dyn Error>> {
        let cache = [("XDG_CACHE_HOME".to_owned(), self.cache.display().to_string())].into();
        let settings = Settings {
            offers: survey::offers::Settings::new(cache, None),
            build: Build::default(),
            pull: None,
            elsewhere: None,
            all_platforms: false,
        };
        let (options, interim) = (UpOptions::default(), Interim::default());
        self.runtime.block_on(async {
            let begun = Instant::now();
            let engine = self.engine.remembering();
            let planning = plan(project, &options, &engine);
            if !with {
                planning.await?;
                return Ok((begun.elapsed(), 0));
            }
            let surveying = survey(project, &engine, &ThisMachine, &settings, &interim);
            let (planned, surveyed) = tokio::join!(planning, surveying);
            let took = begun.elapsed();
            planned?;
            let is_needless = |verdict: Verdict| verdict == Verdict::Needless;
            let judgements = surveyed?.judgements;
            Ok((took, judgements.iter().filter(|it| is_needless(it.verdict)).count()))
        })
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
