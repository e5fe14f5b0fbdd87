//! A project with one rule, a container of it, and a program that watches.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use bireme::engine::api::ContainerFilter;
use bireme::engine::{DockerEngine, Engine as _};
use rustix::process::{Pid, Signal, kill_process};
use tokio::runtime::Runtime;

use crate::measure::sample;
use crate::subject::Subject;

/// What the watched directory is called in a project.
const SOURCE: &str = "src";
/// Where it goes in a container.
pub(crate) const TARGET: &str = "/app";
/// What both programs say when they watch.
const READY: &str = "Watch enabled";
/// Parts of a second in which the kernel counts the processor's time for `/proc` (USER_HZ).
const TICKS: u64 = 100;

/// A project of its own for each program, since one excludes the other.
pub(crate) struct Project<'a> {
    pub(crate) subject: &'a Subject,
    directory: PathBuf,
    source: PathBuf,
    name: String,
}

impl<'a> Project<'a> {
    /// Writes it, and brings it up. It watches `source`, or a directory of its own.
    pub(crate) fn up(
        subject: &'a Subject,
        scratch: &Path,
        source: Option<&Path>,
    ) -> Result<Self, Box<dyn Error>> {
        let name = format!("reload-{}", subject.name);
        let directory = scratch.join(&name);
        let source = source.map_or_else(|| directory.join(SOURCE), Path::to_owned);
        fs::create_dir_all(&directory)?;
        fs::create_dir_all(&source)?;
        fs::write(
            directory.join("compose.yaml"),
            format!(
                "services:\n  web:\n    image: busybox:stable\n    command: [sleep, \"100000\"]\n    \
                 stop_signal: SIGKILL\n    develop:\n      watch:\n        \
                 - {{path: {}, action: sync, target: {TARGET}}}\n",
                source.display()
            ),
        )?;
        let project = Self { subject, directory, source, name };
        project.run(&["up", "-d"])?;
        Ok(project)
    }

    fn run(&self, arguments: &[&str]) -> std::io::Result<()> {
        sample(self.subject, &self.directory, arguments).map(drop)
    }

    /// The directory that is watched.
    pub(crate) fn source(&self) -> &Path {
        &self.source
    }

    /// The same in the container, by this machine's kernel, as a process in there has it.
    pub(crate) fn target(
        &self,
        (runtime, engine): &(Runtime, DockerEngine),
    ) -> Result<Target, Box<dyn Error>> {
        let labels = vec![format!("com.docker.compose.project={}", self.name)];
        let filter = ContainerFilter { labels, ..ContainerFilter::default() };
        let details = runtime.block_on(async {
            let found = engine.list_containers(&filter).await?;
            let container = found.first().ok_or("the project has no container")?;
            let details = engine.inspect_container(&container.id).await?;
            Ok::<_, Box<dyn Error>>(details.ok_or("the container has gone")?)
        })?;
        let root = PathBuf::from(format!("/proc/{}/root", details.state.pid));
        // Whoever may not look there would wait for ever.
        fs::read_dir(&root)?;
        Ok(Target { path: root.join(&TARGET[1..]), container: details.id })
    }

    /// Begins to watch, and waits until everything is watched.
    pub(crate) fn watch(&self) -> Result<Watching, Box<dyn Error>> {
        let begun = Instant::now();
        let mut command = self.subject.command(&self.directory, &["watch", "--no-up"]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("it was asked for")?;
        let mut watching = Watching { child, ready: Duration::ZERO };
        let mut lines = BufReader::new(output).lines();
        loop {
            match lines.next() {
                Some(line) if line.as_ref().is_ok_and(|line| line.contains(READY)) => break,
                Some(_) => {}
                None => return Err(format!("{} does not watch", self.subject.name).into()),
            }
        }
        watching.ready = begun.elapsed();
        // What it says from now on must not make it wait.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(watching)
    }
}

impl Drop for Project<'_> {
    fn drop(&mut self) {
        // What stays is told by the next run.
        let _ = self.run(&["down", "--timeout", "0"]);
    }
}

/// The watched directory as a container has it.
pub(crate) struct Target {
    /// As this machine reaches it.
    pub(crate) path: PathBuf,
    /// The container's id.
    pub(crate) container: String,
}

/// A program that watches; it ends with this.
pub(crate) struct Watching {
    child: Child,
    /// From its start until everything was watched.
    pub(crate) ready: Duration,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Time of the processor, for the program and the kernel on its behalf.
    pub(crate) busy: Duration,
    /// The peak of resident memory, in bytes.
    pub(crate) peak: u64,
}

impl Watching {
    /// What it has used since it was started.
    pub(crate) fn usage(&self) -> Result<Usage, Box<dyn Error>> {
        let file = |name| fs::read_to_string(format!("/proc/{}/{name}", self.child.id()));
        let stat = file("stat")?;
        // The name of the program, in parentheses, may have anything in it.
        let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks = ticks.sum::<Result<u64, _>>()?;
        let status = file("status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
        let peak: u64 = peak.ok_or("no VmHWM")?.trim().parse()?;
        Ok(Usage { busy: Duration::from_millis(ticks * 1000 / TICKS), peak: peak << 10 })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill_process(Pid::from_child(&self.child), Signal::INT);
        let _ = self.child.wait();
    }
}
