//! A command while it runs: its lines can be waited for, and signals sent to it.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Output;

/// No command of a test takes this long; one that does hangs, and is killed so that the others can go on.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running command.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    command: String,
    deadline: Instant,
    /// Standard output, line by line; closed at its end.
    lines: Receiver<String>,
    seen: String,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    #[track_caller]
    pub(super) fn start(mut command: Command) -> Self {
        let shown = format!("{command:?}");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{shown} cannot be run: {error}"));
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let mut stderr = child.stderr.take().expect("standard error is a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        let stderr = std::thread::spawn(move || {
            let mut all = Vec::new();
            // What came before an error is kept, and worth showing.
            let _ = stderr.read_to_end(&mut all);
            all
        });
        let deadline = Instant::now() + PATIENCE;
        Self { child, command: shown, deadline, lines, seen: String::new(), stderr: Some(stderr) }
    }

    /// Waits until a line of standard output has this in it, and gives that line.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, part: &str) -> String {
        loop {
            let Some(line) = self.next_line() else {
                panic!(
                    "{} ended without printing `{part}`; it printed:\n{}",
                    self.command, self.seen
                );
            };
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Whether a line of standard output that nobody has waited for yet has this in it. Does not wait.
    pub(crate) fn has_printed(&mut self, part: &str) -> bool {
        while let Ok(line) = self.lines.try_recv() {
            self.seen.push_str(&line);
            if line.contains(part) {
                return true;
            }
        }
        false
    }

    /// Sends a signal, such as [`Signal::INT`].
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal)
            .expect("the command still runs or was not waited for yet");
    }

    /// Waits for the end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Output {
        while self.next_line().is_some() {}
        let status = self.child.wait().expect("a child can be waited for");
        let stderr =
            self.stderr.take().expect("only this takes it").join().expect("reading does not panic");
        let (command, seen) = (std::mem::take(&mut self.command), std::mem::take(&mut self.seen));
        Output::new(command, seen.as_bytes(), &stderr, status)
    }

    #[track_caller]
    fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                self.seen.push_str(&line);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("{} hangs; it printed:\n{}", self.command, self.seen)
            }
        }
    }
}

impl Drop for Running {
    /// A test that failed half-way leaves no process behind. One that has ended is not affected.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
