//! Hot reload on a real engine, as a whole program, beside Docker Compose in the same run.
//!
//!     tests/lab/lab.sh up bench      # prints the endpoint
//!     DOCKER_HOST=… cargo bench --bench reload
//!     DOCKER_HOST=… cargo bench --bench reload -- --only save --saves 1000
//!
//! The engine must be one of this machine, and who runs this must be root: whether a file is in a container is seen
//! through `/proc/PID/root` of its process, which is the container's own file system. Nothing runs in there for it.
//! A file is looked at every 0.2 ms, so figures are late by that at most; of a tree each file is read once when
//! it is as it should be, and looked at every 5 ms before.
//!
//! Each program has a project of its own, with one `sync` rule, and they take turns. Use an engine made for it:
//! projects called `reload-…` come and go there. Docker Compose is found as by the other benchmarks
//! (`BIREME_BENCH_COMPOSE`). `docs/performance.md` says how to read this.

#[path = "../shared/engine.rs"]
mod engine;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../shared/report.rs"]
mod report;
#[path = "../shared/subject.rs"]
mod subject;
mod tree;
mod watching;

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bireme::engine::DockerEngine;
use clap::{Parser, ValueEnum};
use tokio::runtime::Runtime;

use measure::{Figures, Sample};
use report::Report;
use subject::Subject;
use tree::{Counted, check_out, count, plant, wait_for_file, wait_for_tree};
use watching::{Project, TARGET, Target};

/// Between two saves: what one of them set in motion is over then.
const PAUSE: Duration = Duration::from_millis(100);

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Case {
    /// One small file is saved.
    Save,
    /// A checkout changes many files; beside it, `docker cp` of the same tree.
    Checkout,
    /// Many files are watched.
    Rest,
}

/// How to measure and what.
#[derive(Debug, Parser)]
struct Options {
    /// What to measure; everything without it
    #[arg(long, value_name = "CASE,…", value_delimiter = ',')]
    only: Vec<Case>,
    /// Saves with each program
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    saves: usize,
    /// Files that a checkout changes
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    files: usize,
    /// Files that are watched while nothing changes
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    watched: usize,
    /// Runs of each program, except for saves
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    runs: usize,
    /// How long a program may take for a checkout, in seconds; one that takes longer is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 90)]
    limit: u64,
    /// How long nothing changes, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    rest: u64,
    /// Also write one JSON object per line for each program and case
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
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
    let engine = engine::connect()?;
    let subjects = subject::all();
    let mut report = Report::default();
    for (case, measure) in [
        (Case::Save, saves as fn(&Bench<'_>, &mut Report) -> _),
        (Case::Checkout, checkouts),
        (Case::Rest, rest),
    ] {
        if options.only.is_empty() || options.only.contains(&case) {
            // All programs watch the same tree where nothing changes in it.
            let many = match case {
                Case::Rest => Some(in_memory()?),
                Case::Save | Case::Checkout => None,
            };
            let many = many.as_ref().map(tempfile::TempDir::path);
            if let Some(many) = many {
                plant(many, options.watched)?;
            }
            let bench = Bench::up(&subjects, (scratch.path(), many), &engine, &options)?;
            measure(&bench, &mut report)?;
        }
    }
    report.print(&mut std::io::stdout().lock())?;
    if let Some(file) = &options.json {
        report.write_json(&mut File::create(file)?)?;
    }
    Ok(())
}

/// A directory of which no disk has to take note, where there is one: many files are made there in seconds.
fn in_memory() -> std::io::Result<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

/// A project for each program, up, with nothing to watch yet.
struct Bench<'a> {
    projects: Vec<(Project<'a>, Target)>,
    options: &'a Options,
}

impl<'a> Bench<'a> {
    fn up(
        subjects: &'a [Subject],
        (scratch, source): (&Path, Option<&Path>),
        engine: &(Runtime, DockerEngine),
        options: &'a Options,
    ) -> Result<Self, Box<dyn Error>> {
        let projects = subjects.iter().map(|subject| {
            let project = Project::up(subject, scratch, source)?;
            let target = project.target(engine)?;
            Ok((project, target))
        });
        Ok(Self { projects: projects.collect::<Result<_, Box<dyn Error>>>()?, options })
    }

    /// For each program what it took.
    fn add(&self, report: &mut Report, what: &str, about: &str, samples: &[Vec<Sample>]) {
        for ((project, _), samples) in self.projects.iter().zip(samples) {
            report.add(what, about, project.subject.name, Figures::of(samples));
        }
    }

    fn no_samples(&self) -> Vec<Vec<Sample>> {
        self.projects.iter().map(|_| Vec::new()).collect()
    }
}

/// From a save until the container has it, the programs in turn while both watch.
fn saves(bench: &Bench<'_>, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let save = |number: usize, (project, target): &(Project<'_>, Target)| {
        let (name, content) = ("app.py", format!("print('save {number}')\n"));
        sleep(PAUSE);
        let begun = Instant::now();
        fs::write(project.source().join(name), content)?;
        let seen = wait_for_file(&project.source().join(name), &target.path.join(name))?;
        Ok::<_, std::io::Error>(seen - begun)
    };
    let mut watching = Vec::new();
    for (project, _) in &bench.projects {
        watching.push(project.watch()?);
    }
    for project in &bench.projects {
        save(0, project)?;
    }
    let mut times: Vec<Vec<Duration>> = bench.projects.iter().map(|_| Vec::new()).collect();
    let mut before = Vec::new();
    for watching in &watching {
        before.push(watching.usage()?.busy);
    }
    let runs = bench.options.saves.max(1);
    for number in 1..=runs {
        for (project, times) in bench.projects.iter().zip(&mut times) {
            times.push(save(number, project)?);
        }
    }
    let mut samples = Vec::new();
    for ((watching, before), times) in watching.iter().zip(before).zip(times) {
        let usage = watching.usage()?;
        let each = (usage.busy.saturating_sub(before)) / u32::try_from(runs)?;
        let sample = |time: &Duration| Sample::new(*time, each, usage.peak);
        samples.push(times.iter().map(sample).collect());
    }
    bench.add(report, "save", "one small file", &samples);
    Ok(())
}

/// From the beginning of a checkout until the container's tree is the same, and what `docker cp` takes for such a tree.
fn checkouts(bench: &Bench<'_>, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let Options { files, runs, limit, .. } = *bench.options;
    let limit = Duration::from_secs(limit);
    let copied = tempfile::tempdir()?;
    check_out(copied.path(), files, 0)?;
    // So that everything is there already, as in the container of an image.
    for (project, target) in &bench.projects {
        check_out(project.source(), files, 0)?;
        copy(project.source(), target, TARGET)?;
    }
    if let Some((_, target)) = bench.projects.first() {
        copy(copied.path(), target, "/copy")?;
    }
    let mut samples = bench.no_samples();
    let mut given_up: Vec<Option<String>> = vec![None; bench.projects.len()];
    let (mut of_docker, mut alone) = (Vec::new(), Vec::new());
    for state in 1..=runs.max(1) {
        check_out(copied.path(), files, state)?;
        for (index, (project, target)) in bench.projects.iter().enumerate() {
            if given_up[index].is_some() {
                continue;
            }
            let source = project.source();
            let watching = project.watch()?;
            let before = watching.usage()?.busy;
            let begun = Instant::now();
            check_out(source, files, state)?;
            alone.push(Sample::bare(begun.elapsed()));
            if let Some(seen) = wait_for_tree(source, &target.path, begun + limit)? {
                let usage = watching.usage()?;
                let busy = usage.busy.saturating_sub(before);
                samples[index].push(Sample::new(seen - begun, busy, usage.peak));
            } else {
                let Counted { same, missing, stray } = count(source, &target.path)?;
                given_up[index] = Some(format!(
                    "{} after {} s: {same} files right, {missing} not, {stray} too many",
                    project.subject.name,
                    limit.as_secs()
                ));
            }
            drop(watching);
            if index == 0 {
                of_docker.push(Sample::bare(copy(copied.path(), target, "/copy")?));
            }
        }
    }
    let about = format!("{files} files");
    for (((project, _), samples), given_up) in bench.projects.iter().zip(&samples).zip(given_up) {
        if !samples.is_empty() {
            report.add("checkout", &about, project.subject.name, Figures::of(samples));
        }
        if let Some(told) = given_up {
            report.add("checkout", &about, &told, Figures::of(&[Sample::bare(limit)]));
        }
    }
    report.add("checkout", &about, "docker cp", Figures::of(&of_docker));
    report.add("checkout", &about, "the checkout alone", Figures::of(&alone));
    Ok(())
}

/// Brings a tree into a container by the docker command.
fn copy(source: &Path, target: &Target, place: &str) -> Result<Duration, Box<dyn Error>> {
    let begun = Instant::now();
    let (from, to) = (format!("{}/.", source.display()), format!("{}:{place}", target.container));
    let output = Command::new("docker").args(["cp", &from, &to]).output()?;
    let taken = begun.elapsed();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(taken)
}

/// Until many files are watched, the programs in turn; and then while nothing changes, all at the same time.
fn rest(bench: &Bench<'_>, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let Options { watched, runs, rest, .. } = *bench.options;
    let rest = Duration::from_secs(rest);
    let (mut beginnings, mut rests) = (bench.no_samples(), bench.no_samples());
    let mut watching = Vec::new();
    for run in 1..=runs.max(1) {
        for ((project, _), beginnings) in bench.projects.iter().zip(&mut beginnings) {
            let begun = project.watch()?;
            let usage = begun.usage()?;
            beginnings.push(Sample::new(begun.ready, usage.busy, usage.peak));
            if run == runs.max(1) {
                watching.push(begun);
            }
        }
    }
    // What belongs to the beginning may end first.
    sleep(Duration::from_secs(1));
    let mut before = Vec::new();
    for watching in &watching {
        before.push(watching.usage()?.busy);
    }
    sleep(rest);
    for ((watching, before), rests) in watching.iter().zip(before).zip(&mut rests) {
        let after = watching.usage()?;
        rests.push(Sample::new(rest, after.busy.saturating_sub(before), after.peak));
    }
    let about = format!("{watched} files");
    bench.add(report, "watch, until ready", &about, &beginnings);
    bench.add(report, "watch, at rest", &about, &rests);
    Ok(())
}
