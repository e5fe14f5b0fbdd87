//! A folder with Compose files, and the commands run in it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::{Container, Engine, Output, Running, Terminal};

/// A project of its own, from its files to its containers. The folder bears the project's name, so Compose's rule
/// for naming a project applies unless the files or the test say otherwise.
#[derive(Debug)]
pub(crate) struct Stack {
    engine: Engine,
    project: String,
    root: TempDir,
    variables: Vec<(String, String)>,
}

/// A directory for temporary folders with no Compose file around them: such a file, left by whatever else runs on
/// this machine, would be that of every test without one.
fn undisturbed() -> PathBuf {
    const NAMES: [&str; 4] =
        ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
    let candidates = [std::env::temp_dir(), "/var/tmp".into(), "/dev/shm".into()];
    let is_free = |directory: &PathBuf| {
        let mut around = directory.ancestors();
        directory.is_dir() && !around.any(|up| NAMES.iter().any(|name| up.join(name).exists()))
    };
    candidates.into_iter().find(is_free).expect("some directory has no Compose file around it")
}

impl Stack {
    /// An empty folder on the engine under test; `label` makes the project recognisable.
    pub(crate) fn new(label: &str) -> Self {
        Self::on(Engine::from_environment(), label)
    }

    /// The same with this `compose.yaml`.
    pub(crate) fn of(label: &str, compose: &str) -> Self {
        Self::new(label).file("compose.yaml", compose)
    }

    /// An empty folder, on this engine.
    pub(crate) fn on(engine: Engine, label: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let project = format!("test-{label}-{}-{count}", std::process::id());
        let root = tempfile::tempdir_in(undisturbed()).expect("a temporary folder can be made");
        for folder in [&project, "home"] {
            std::fs::create_dir(root.path().join(folder)).expect("a new folder is empty");
        }
        Self { engine, project, root, variables: Vec::new() }
    }

    /// Adds a file, or replaces it; `path` is relative to the folder.
    pub(crate) fn file(self, path: impl AsRef<Path>, content: &str) -> Self {
        self.write(path, content);
        self
    }

    /// Changes a file between two commands.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: &str) {
        let path = self.folder().join(path);
        let parent = path.parent().expect("a file in the folder has a parent");
        std::fs::create_dir_all(parent).expect("folders can be made in the folder");
        std::fs::write(&path, content).expect("files can be written in the folder");
    }

    /// Copies a folder of this repository into the stack's, such as `examples/hello`.
    pub(crate) fn copy_of(self, folder: &str) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let status = Command::new("cp").arg("-R").arg(from.join(".")).arg(self.folder()).status();
        assert!(status.expect("cp can be run").success(), "{folder} cannot be copied");
        self
    }

    /// Sets a variable in the environment of every command.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Names the project by the environment, for files that give it another name themselves.
    pub(crate) fn named(self) -> Self {
        let project = self.project.clone();
        self.variable("COMPOSE_PROJECT_NAME", &project)
    }

    /// The project's name.
    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    /// The folder with the Compose files, where commands run.
    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join(&self.project)
    }

    /// The home directory of every command.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The engine that it runs on.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs `bireme` with these arguments to its end.
    #[track_caller]
    pub(crate) fn run<I, A>(&self, arguments: I) -> Output
    where
        I: IntoIterator<Item = A>,
        A: AsRef<OsStr>,
    {
        self.start(arguments).finish()
    }

    /// Starts `bireme` with these arguments, for a test that talks to it while it runs.
    #[track_caller]
    pub(crate) fn start<I, A>(&self, arguments: I) -> Running
    where
        I: IntoIterator<Item = A>,
        A: AsRef<OsStr>,
    {
        Running::start(self.command(arguments))
    }

    /// Runs another program with these arguments to its end, where and as `bireme` would run.
    #[track_caller]
    pub(crate) fn run_program(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Output {
        self.start_program(program, arguments).finish()
    }

    /// Starts another program with these arguments, where and as `bireme` would run.
    #[track_caller]
    pub(crate) fn start_program(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Running {
        let mut command = Command::new(program);
        command.args(arguments);
        self.prepare(&mut command);
        Running::start(command)
    }

    /// Runs `bireme` in a terminal of its own to its end; what the terminal got is the standard output.
    #[track_caller]
    pub(crate) fn run_in_terminal(&self, arguments: &[&str]) -> Output {
        let quoted: Vec<_> = [program()]
            .iter()
            .map(String::as_str)
            .chain(arguments.iter().copied())
            .map(quote)
            .collect();
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &quoted.join(" "), "/dev/null"]);
        self.prepare(&mut command);
        Running::start(command).finish()
    }

    /// Starts `bireme` in a terminal of its own, for a test that sits in front of it.
    #[track_caller]
    pub(crate) fn in_terminal(&self, rows: u16, columns: u16, arguments: &[&str]) -> Terminal {
        let command = pty_process::blocking::Command::new(program())
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.environment());
        Terminal::start(command, rows, columns)
    }

    /// `bireme` with these arguments, not started yet.
    pub(crate) fn command<I, A>(&self, arguments: I) -> Command
    where
        I: IntoIterator<Item = A>,
        A: AsRef<OsStr>,
    {
        let mut command = Command::new(program());
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    fn prepare(&self, command: &mut Command) {
        command
            .current_dir(self.folder())
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::null());
    }

    /// The environment of every command: nothing of the machine's but the search path.
    fn environment(&self) -> Vec<(OsString, OsString)> {
        let own = self.variables.iter().map(|(name, value)| (name.into(), value.into()));
        [
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("HOME".into(), self.home().into()),
            ("DOCKER_HOST".into(), self.engine.endpoint().into()),
        ]
        .into_iter()
        .chain(own)
        .collect()
    }

    /// All containers of the project, by name.
    pub(crate) fn containers(&self) -> Vec<Container> {
        self.engine.containers(&self.project)
    }

    /// The only container of a service.
    #[track_caller]
    pub(crate) fn container(&self, service: &str) -> Container {
        let mut found = self.containers();
        found.retain(|container| container.service() == service);
        assert!(found.len() == 1, "`{service}` has {} containers instead of one", found.len());
        found.remove(0)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.engine.remove_project(&self.project);
    }
}

/// `bireme`, or what `BIREME_TEST_PROGRAM` names: with a standalone Docker Compose there, a run shows which expectations
/// of these tests are Docker Compose's own.
fn program() -> String {
    std::env::var("BIREME_TEST_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_bireme").to_owned())
}

fn quote(argument: &str) -> String {
    format!("'{}'", argument.replace('\'', r"'\''"))
}
