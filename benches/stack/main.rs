//! Stacks on a real engine, as a whole program: beside Docker Compose and beside the engine's own
//! bound, in the same run.
//!
//!     tests/lab/lab.sh up bench      # prints the endpoint
//!     DOCKER_HOST=… cargo bench --bench stack
//!     DOCKER_HOST=… cargo bench --bench stack -- --services 10,40 --only cold,again
//!
//! Use an engine made for it: stacks called `bench` and `bound` come and go there. Docker Compose is
//! found as by the other benchmark (`BIREME_BENCH_COMPOSE`). `docs/performance.md` says how to read this.

mod bound;
#[path = "../shared/engine.rs"]
mod engine;
#[path = "../shared/measure.rs"]
mod measure;
#[path = "../shared/report.rs"]
mod report;
mod stack;
#[path = "../shared/subject.rs"]
mod subject;

use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use wait4::Wait4 as _;

use bound::Bound;
use measure::{Figures, Sample, sample};
use report::Report;
use subject::Subject;

/// Name of the stacks that the programs make.
pub(crate) const PROJECT: &str = "bench";
/// Numbers of calls at once among which the bound's best is looked for.
const AT_ONCE: [usize; 5] = [1, 2, 4, 8, 32];
/// How many of these are measured as often as the programs are.
const PACES: usize = 2;
/// How long a program may take to follow the services before they print.
const ATTACHING: Duration = Duration::from_secs(1);
/// Services of the chain, and of the chatty stack.
const LINKS: usize = 5;
const CHATTY: usize = 20;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Case {
    /// `up -d` of a stack that does not exist, and `down`.
    Cold,
    /// `up -d` with nothing to do, and `ps`.
    Again,
    /// `up -d` of services that wait for each other's health.
    Chain,
    /// `logs -f` of services that print as fast as they can.
    Logs,
}

/// How to measure and what.
#[derive(Debug, Parser)]
struct Options {
    /// Sizes of the stacks, in services
    #[arg(long, value_name = "COUNT,…", value_delimiter = ',', default_value = "10,40,100")]
    services: Vec<usize>,
    /// What to measure; everything without it
    #[arg(long, value_name = "CASE,…", value_delimiter = ',')]
    only: Vec<Case>,
    /// Runs of each program
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    runs: usize,
    /// Lines that each of the twenty chatty services prints
    #[arg(long, value_name = "COUNT", default_value_t = 50_000)]
    lines: usize,
    /// Also write one JSON object per line for each program and stack
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
    let bench = Bench {
        directory: scratch.path().join(PROJECT),
        subjects: subject::all(),
        bound: Bound::connect()?,
        options,
    };
    let mut report = Report::default();
    for services in &bench.options.services {
        stack::write_levels(&bench.directory, *services)?;
        if bench.asked(Case::Cold) {
            bench.cold(*services, &mut report)?;
        }
        if bench.asked(Case::Again) {
            bench.again(*services, &mut report)?;
        }
    }
    if bench.asked(Case::Chain) {
        stack::write_chain(&bench.directory, LINKS)?;
        bench.chain(&mut report)?;
    }
    if bench.asked(Case::Logs) {
        stack::write_chatty(&bench.directory, CHATTY, bench.options.lines)?;
        bench.logs(&mut report)?;
    }
    report.print(&mut std::io::stdout().lock())?;
    if let Some(file) = &bench.options.json {
        report.write_json(&mut File::create(file)?)?;
    }
    Ok(())
}

/// Lines of services, to the end of the output: those that tell of a container's end are not.
fn printed_lines(output: impl Read) -> std::io::Result<usize> {
    let mut count = 0;
    for line in BufReader::with_capacity(1 << 16, output).split(b'\n') {
        count += usize::from(line?.contains(&b'|'));
    }
    Ok(count)
}

/// Runs of the bound with so many calls at once.
#[derive(Default)]
struct BoundPace {
    at_once: usize,
    ups: Vec<Sample>,
    downs: Vec<Sample>,
}

/// The runs with the least median, and how many calls they had at once.
fn fastest<'a>(runs: impl Iterator<Item = (usize, &'a Vec<Sample>)>) -> (usize, &'a [Sample]) {
    let wall = |samples: &[Sample]| Figures::of(samples).wall;
    runs.map(|(at_once, samples)| (at_once, samples.as_slice()))
        .min_by(|one, other| wall(one.1).total_cmp(&wall(other.1)))
        .unwrap_or_default()
}

fn bound_name(at_once: usize) -> String {
    format!("bound, {at_once} at once")
}

struct Bench {
    directory: PathBuf,
    subjects: Vec<Subject>,
    bound: Bound,
    options: Options,
}

impl Bench {
    fn asked(&self, case: Case) -> bool {
        self.options.only.is_empty() || self.options.only.contains(&case)
    }

    fn sample(&self, subject: &Subject, arguments: &[&str]) -> std::io::Result<Sample> {
        sample(subject, &self.directory, arguments)
    }

    /// Everything of a stack goes, by the first program.
    fn clear(&self) -> std::io::Result<()> {
        self.sample(&self.subjects[0], &["down", "--timeout", "0"]).map(drop)
    }

    /// `up -d` from nothing and `down`, each program in turn.
    fn cold(&self, services: usize, report: &mut Report) -> Result<(), Box<dyn Error>> {
        self.clear()?;
        let mut paces = self.best_paces(services)?;
        let mut ups: Vec<Vec<Sample>> = self.subjects.iter().map(|_| Vec::new()).collect();
        let mut downs: Vec<Vec<Sample>> = self.subjects.iter().map(|_| Vec::new()).collect();
        for _ in 0..self.options.runs.max(1) {
            for (index, subject) in self.subjects.iter().enumerate() {
                ups[index].push(self.sample(subject, &["up", "-d"])?);
                downs[index].push(self.sample(subject, &["down"])?);
            }
            for pace in &mut paces {
                let (up, down) = self.bound.up_and_down(services, pace.at_once)?;
                pace.ups.push(Sample::bare(up));
                pace.downs.push(Sample::bare(down));
            }
        }
        let stack = format!("{services} services");
        let (at_once, bound_ups) = fastest(paces.iter().map(|pace| (pace.at_once, &pace.ups)));
        self.add(report, "up -d, cold", &stack, &ups, (&bound_name(at_once), bound_ups));
        let (at_once, bound_downs) = fastest(paces.iter().map(|pace| (pace.at_once, &pace.downs)));
        self.add(report, "down", &stack, &downs, (&bound_name(at_once), bound_downs));
        Ok(())
    }

    /// Numbers of calls at once at which this engine may be fastest. Two runs of one number can differ by more than
    /// two numbers do: one run of each, which also warms up, only tells which are worth more.
    fn best_paces(&self, services: usize) -> Result<Vec<BoundPace>, Box<dyn Error>> {
        let mut tried = Vec::new();
        for at_once in AT_ONCE {
            let (up, down) = self.bound.up_and_down(services, at_once)?;
            tried.push((up + down, at_once));
        }
        tried.sort_unstable();
        let best = tried.into_iter().take(PACES);
        Ok(best.map(|(_, at_once)| BoundPace { at_once, ..BoundPace::default() }).collect())
    }

    /// `up -d` with nothing to do, and `ps`.
    fn again(&self, services: usize, report: &mut Report) -> Result<(), Box<dyn Error>> {
        self.sample(&self.subjects[0], &["up", "-d"])?;
        let stack = format!("{services} services");
        for (what, arguments) in [("up -d, again", &["up", "-d"][..]), ("ps", &["ps"])] {
            for subject in &self.subjects {
                self.sample(subject, arguments)?;
            }
            let mut samples: Vec<Vec<Sample>> = self.subjects.iter().map(|_| Vec::new()).collect();
            let mut bare = Vec::new();
            for _ in 0..self.options.runs.max(1) * 3 {
                for (subject, samples) in self.subjects.iter().zip(&mut samples) {
                    samples.push(self.sample(subject, arguments)?);
                }
                bare.push(Sample::bare(if what == "ps" {
                    self.bound.list_again()?
                } else {
                    self.bound.look_again()?
                }));
            }
            self.add(report, what, &stack, &samples, ("bound", &bare));
        }
        self.clear()?;
        Ok(())
    }

    /// `up -d` of five services, each waiting until the one before is healthy.
    fn chain(&self, report: &mut Report) -> Result<(), Box<dyn Error>> {
        let mut samples: Vec<Vec<Sample>> = self.subjects.iter().map(|_| Vec::new()).collect();
        let mut bare = Vec::new();
        self.bound.chain(LINKS)?;
        for _ in 0..self.options.runs.clamp(1, 3) {
            for (subject, samples) in self.subjects.iter().zip(&mut samples) {
                samples.push(self.sample(subject, &["up", "-d"])?);
                self.clear()?;
            }
            bare.push(Sample::bare(self.bound.chain(LINKS)?));
        }
        self.add(report, "up -d", "chain of 5 by health", &samples, ("bound", &bare));
        Ok(())
    }

    /// `logs -f` of twenty services that print as fast as they can, until they have ended. Every line
    /// must arrive.
    fn logs(&self, report: &mut Report) -> Result<(), Box<dyn Error>> {
        let expected = CHATTY * self.options.lines;
        let mut samples: Vec<Vec<Sample>> = self.subjects.iter().map(|_| Vec::new()).collect();
        for _ in 0..self.options.runs.max(1) {
            for (subject, samples) in self.subjects.iter().zip(&mut samples) {
                samples.push(self.follow(subject, expected)?);
            }
        }
        let stack = format!("{CHATTY} services, {expected} lines");
        for (subject, samples) in self.subjects.iter().zip(&samples) {
            report.add("logs -f", &stack, subject.name, Figures::of(samples));
        }
        Ok(())
    }

    /// Lets the services print while a program follows them: from then to its last line.
    fn follow(&self, subject: &Subject, expected: usize) -> Result<Sample, Box<dyn Error>> {
        self.sample(&self.subjects[0], &["up", "-d"])?;
        let mut command = subject.command(&self.directory, &["logs", "--no-color", "-f"]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().expect("it was asked for");
        std::thread::sleep(ATTACHING);
        let go = self.directory.join(stack::GO);
        File::create(&go)?;
        let started = Instant::now();
        let lines = printed_lines(output)?;
        let wall = started.elapsed();
        let usage = child.wait4()?.rusage;
        std::fs::remove_file(&go)?;
        self.clear()?;
        if lines != expected {
            return Err(format!("{}: {lines} lines of {expected}", subject.name).into());
        }
        Ok(Sample::new(wall, usage.utime + usage.stime, usage.maxrss))
    }

    fn add(
        &self,
        report: &mut Report,
        what: &str,
        stack: &str,
        samples: &[Vec<Sample>],
        bound: (&str, &[Sample]),
    ) {
        for (subject, samples) in self.subjects.iter().zip(samples) {
            report.add(what, stack, subject.name, Figures::of(samples));
        }
        report.add(what, stack, bound.0, Figures::of(bound.1));
    }
}
