//! The user's `git`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::super::error::Problem;

/// Bytes of output that are kept.
const OUTPUT_LIMIT: u64 = 16 * 1024 * 1024;
/// Lines of an error that are told.
const TOLD: usize = 6;

/// The variables that tie `git` to the repository that it was started from.
const TIES: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_TEMPLATE_DIR",
    "GIT_TRACE",
    "GIT_CEILING_DIRECTORIES",
];

/// How `git` is run.
pub(super) struct Git {
    variables: BTreeMap<String, String>,
}

/// What a run came to.
#[derive(Debug)]
pub(super) struct Output {
    /// Its exit code, unless a signal ended it.
    pub(super) code: Option<i32>,
    /// What it printed.
    pub(super) stdout: Vec<u8>,
    stderr: String,
}

/// Why there is no outcome.
#[derive(Debug)]
pub(super) enum Failed {
    /// It cannot be started or spoken to.
    Io(io::Error),
    /// It took too long.
    Slow(Duration),
}

impl Failed {
    /// What to tell the user; `context` is what was attempted.
    pub(super) fn problem(self, context: &str) -> Problem {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                Problem::new(format!("{context}: there is no `git` on the search path"))
                    .help("install Git; remote projects in repositories are fetched with it")
            }
            Self::Io(error) => Problem::new(format!("{context}: cannot run git: {error}")),
            Self::Slow(limit) => {
                let seconds = limit.as_secs();
                Problem::new(format!("{context}: no answer within {seconds} seconds"))
                    .help("is the host reachable from here?")
            }
        }
    }
}

impl Output {
    /// Makes an error of a failure; `context` is what was attempted.
    pub(super) fn check(self, context: &str) -> Result<Vec<u8>, Problem> {
        if self.code == Some(0) {
            return Ok(self.stdout);
        }
        let lines: Vec<&str> =
            self.stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = lines.iter().take(TOLD).copied().collect::<Vec<_>>().join("\n ");
        let reason = if told.is_empty() { "git failed".to_owned() } else { told };
        Err(Problem::new(format!("{context}:\n {reason}")).help(advice(&self.stderr)))
    }
}

fn advice(stderr: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    if says(&["could not read Username", "could not read Password", "Authentication failed"]) {
        "log in with a credential helper of Git; `GIT_TERMINAL_PROMPT=1` lets Git ask here"
    } else if says(&["Permission denied", "Host key verification failed"]) {
        "ssh must get in without questions: check the key, the agent and the known hosts"
    } else if says(&["not allowed", "transport"]) {
        "repositories are fetched over https, http, ssh and git only"
    } else if says(&["resolve host", "Could not resolve", "unable to look up", "Name or service"]) {
        "check the name of the host"
    } else {
        "`git ls-remote` with the same URL shows whether it can be reached"
    }
}

impl Git {
    /// `git` with the user's environment.
    pub(super) fn new(variables: &BTreeMap<String, String>) -> Self {
        let mut variables = variables.clone();
        variables.retain(|name, _| !TIES.contains(&name.as_str()));
        let mut default = |name: &str, value: &str| {
            let entry = variables.entry(name.to_owned()).or_default();
            if entry.is_empty() {
                value.clone_into(entry);
            }
        };
        // As in Docker Compose: nobody is asked for passwords unless they want to be.
        default("GIT_TERMINAL_PROMPT", "0");
        let has_ssh = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
        if !has_ssh("GIT_SSH") && !has_ssh("GIT_SSH_COMMAND") {
            let command = "ssh -o ControlMaster=no -o BatchMode=yes";
            variables.insert("GIT_SSH_COMMAND".to_owned(), command.to_owned());
        }
        // Neither a redirection nor the user's own rewriting of URLs leads to a program or a
        // directory of this machine.
        variables.insert("GIT_ALLOW_PROTOCOL".to_owned(), "git:http:https:ssh".to_owned());
        variables.insert("GIT_NO_REPLACE_OBJECTS".to_owned(), "1".to_owned());
        variables.insert("LC_ALL".to_owned(), "C".to_owned());
        Self { variables }
    }

    /// Starts `git` with these arguments, in a repository.
    pub(super) fn start(&self, place: Option<&Path>, arguments: &[&str]) -> io::Result<Child> {
        let mut command = Command::new("git");
        for setting in [
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "protocol.ext.allow=never",
            "protocol.file.allow=never",
            "gc.auto=0",
            "maintenance.auto=false",
        ] {
            command.args(["-c", setting]);
        }
        if let Some(place) = place {
            command.arg("--git-dir").arg(place);
        }
        command
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if arguments.first() == Some(&"cat-file") {
            command.stdin(Stdio::piped());
        }
        command.spawn()
    }

    /// Runs `git` with these arguments to its end.
    pub(super) async fn run(
        &self,
        place: Option<&Path>,
        arguments: &[&str],
        limit: Duration,
    ) -> Result<Output, Failed> {
        let mut child = self.start(place, arguments).map_err(Failed::Io)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let work = async {
            let (stdout, stderr, status) = tokio::join!(read(stdout), read(stderr), child.wait());
            Ok::<_, io::Error>(Output {
                code: status?.code(),
                stdout: stdout?,
                stderr: String::from_utf8_lossy(&stderr?).into_owned(),
            })
        };
        match tokio::time::timeout(limit, work).await {
            Ok(outcome) => outcome.map_err(Failed::Io),
            Err(_) => Err(Failed::Slow(limit)),
        }
    }
}

/// All that comes, as far as it is not too much; the rest is read and forgotten.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let Some(mut stream) = stream else { return Ok(Vec::new()) };
    let mut kept = Vec::new();
    (&mut stream).take(OUTPUT_LIMIT).read_to_end(&mut kept).await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(kept)
}
