//! `bireme config` as a whole program, beside Docker Compose in the same run.
//!
//!     cargo bench --bench config
//!     cargo bench --bench config -- --services 1,1000 --with anchors,extends --json figures.jsonl
//!     cargo bench --bench config -- --project path/to/a/project
//!
//! Docker Compose is the program that `BIREME_BENCH_COMPOSE` names, else `docker-compose` or
//! `docker compose` if the search path has one; without it Bireme runs alone. The two run in turn,
//! so that whatever else the machine does hits both. `docs/performance.md` says how to read this.

#[path = "../shared/measure.rs"]
mod measure;
mod project;
mod report;
#[path = "../shared/subject.rs"]
mod subject;

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;

use measure::{Figures, Sample, sample};
use project::{Feature, Plan};
use report::Report;
use subject::Subject;

/// How to measure and what.
#[derive(Debug, Parser)]
struct Options {
    /// Sizes of the projects that are made, in services
    #[arg(long, value_name = "COUNT,…", value_delimiter = ',', default_value = "1,100,1000,10000")]
    services: Vec<usize>,
    /// What the services of these projects use, beside seven plain keys
    #[arg(long, value_name = "FEATURE,…", value_delimiter = ',')]
    with: Vec<Feature>,
    /// Directories of projects to measure instead
    #[arg(long, value_name = "DIRECTORY")]
    project: Vec<PathBuf>,
    /// What is asked
    #[arg(long, value_name = "ARGUMENTS", default_value = "config")]
    ask: String,
    /// The most runs of each program for a project
    #[arg(long, value_name = "COUNT", default_value_t = 31)]
    runs: usize,
    /// Seconds after which a project has been measured enough, if each program ran three times
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    patience: u64,
    /// Also write one JSON object per line for each program and project
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// A project to measure.
struct Case {
    name: String,
    /// Services of it, if it was made to a size.
    size: Option<usize>,
    directory: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if !options.bench {
        // `cargo test --all-targets` starts benchmarks too.
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    let subjects = subject::all();
    let arguments: Vec<&str> = options.ask.split_whitespace().collect();
    let mut report = Report::new(&arguments, &subjects);
    for case in cases(&options, scratch.path())? {
        let figures = measure(&case, &subjects, &arguments, &options)?;
        report.add(&case.name, case.size, figures);
    }
    report.print(&mut std::io::stdout().lock())?;
    if let Some(file) = &options.json {
        report.write_json(&mut File::create(file)?)?;
    }
    Ok(())
}

/// The projects that were named; or those of each size, and one as people write them.
fn cases(options: &Options, scratch: &std::path::Path) -> std::io::Result<Vec<Case>> {
    if !options.project.is_empty() {
        let named = options.project.iter().map(|directory| Case {
            name: directory.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            size: None,
            directory: directory.clone(),
        });
        return Ok(named.collect());
    }
    let sized = options.services.iter().map(|services| {
        let plan = Plan { services: *services, features: options.with.clone() };
        (plan, Some(*services))
    });
    let landscape = Plan { services: 60, features: Feature::all() };
    let mut cases = Vec::new();
    for (plan, size) in sized.chain([(landscape, None)]) {
        let name = plan.to_string();
        let directory = scratch.join(cases.len().to_string());
        plan.write(&directory)?;
        cases.push(Case { name, size, directory });
    }
    Ok(cases)
}

/// Runs every program in turn, once to warm up and then until it is enough.
fn measure(
    case: &Case,
    subjects: &[Subject],
    arguments: &[&str],
    options: &Options,
) -> std::io::Result<Vec<Figures>> {
    for subject in subjects {
        sample(subject, &case.directory, arguments)?;
    }
    let started = Instant::now();
    let mut samples: Vec<Vec<Sample>> = subjects.iter().map(|_| Vec::new()).collect();
    for run in 0..options.runs.max(1) {
        if run >= 3 && started.elapsed() > Duration::from_secs(options.patience) {
            break;
        }
        for (subject, samples) in subjects.iter().zip(&mut samples) {
            samples.push(sample(subject, &case.directory, arguments)?);
        }
    }
    Ok(samples.iter().map(|samples| Figures::of(samples)).collect())
}
