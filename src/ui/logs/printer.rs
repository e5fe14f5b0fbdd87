//! Log lines of many containers on one terminal.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::prefix::Prefixes;
use crate::ui::{Stream, Ui};

/// Bytes of lines from which they are printed before more is added.
const FULL: usize = 16 * 1024;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogFormat {
    /// Whether each line says whose it is.
    pub prefix: bool,
    /// Whether names have colours.
    pub colour: bool,
    /// Whether each line gets the time at which it came in (`up --timestamps`).
    pub timestamps: bool,
}

/// Prints lines of containers, and what becomes of the containers.
///
/// Shared by the tasks that read the logs. Printing waits when the terminal is slow, so that a
/// container that writes faster than anybody reads fills no memory here.
pub struct LogPrinter {
    ui: Ui,
    format: LogFormat,
    prefixes: Mutex<Prefixes>,
}

/// Lines of one container that are printed at once.
#[derive(Debug)]
pub struct Batch {
    prefix: String,
    timestamps: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Batch {
    /// Whether it should be printed before more is added: while a terminal is slow, one batch of each
    /// container waits for it.
    pub fn is_full(&self) -> bool {
        self.stdout.len() + self.stderr.len() >= FULL
    }

    /// Adds a line, without its line feed.
    pub fn line(&mut self, stream: Stream, line: &[u8]) {
        let bytes = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        bytes.extend_from_slice(self.prefix.as_bytes());
        if self.timestamps {
            let now = chrono::Local::now().format("%Y-%m-%dT%H:%M:%S%.9f%:z ").to_string();
            // A time at the meridian is written `Z`, as Go does.
            bytes.extend_from_slice(now.replace("+00:00 ", "Z ").as_bytes());
        }
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
    }
}

impl LogPrinter {
    /// A printer that knows no container yet.
    pub fn new(ui: Ui, format: LogFormat) -> Self {
        Self { ui, format, prefixes: Mutex::new(Prefixes::default()) }
    }

    /// Makes a name known before its first line, so that all prefixes are as wide as it needs.
    pub fn register(&self, name: &str) {
        self.prefixes().register(name);
    }

    /// Lines of `name`, none yet.
    pub fn batch(&self, name: &str) -> Batch {
        let prefix = if self.format.prefix {
            self.prefixes().prefix(name, self.format.colour)
        } else {
            String::new()
        };
        let timestamps = self.format.timestamps;
        Batch { prefix, timestamps, stdout: Vec::new(), stderr: Vec::new() }
    }

    /// Prints lines; waits while too much is on its way to a slow terminal.
    pub async fn print(&self, batch: Batch) {
        for (stream, bytes) in [(Stream::Stdout, batch.stdout), (Stream::Stderr, batch.stderr)] {
            if !bytes.is_empty() {
                self.ui.write_paced(stream, bytes).await;
            }
        }
    }

    /// Prints a line of a hook that runs in `name`, at once.
    pub fn hook(&self, name: &str, line: &str) {
        let mut batch = self.batch(&format!("{name} ->"));
        batch.line(Stream::Stdout, line.as_bytes());
        self.ui.write(Stream::Stdout, batch.stdout);
    }

    /// Says on standard output what became of `name`, such as `exited with code 3`.
    pub fn status(&self, name: &str, message: &str) {
        let style = self.prefixes().register(name);
        // Docker Compose resets the line even off a terminal.
        let text = style.paint(&format!("\r\u{1b}[K{name} {message}\n"), self.format.colour);
        self.ui.write(Stream::Stdout, text.into_bytes());
    }

    /// Tells of a log that cannot be read: its driver keeps nothing, or the engine refuses.
    pub fn unreadable(&self, name: &str, reason: &str) {
        self.ui.information(&format!("Can't retrieve logs for {name:?}: {reason}"));
    }

    /// `Attaching to db-1, web-1`; the names are known from then on.
    pub fn attaching(&self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        for name in names {
            self.register(name);
        }
        self.ui.print(&format!("Attaching to {}", names.join(", ")));
    }

    fn prefixes(&self) -> MutexGuard<'_, Prefixes> {
        // The names are whole even if a holder panicked.
        self.prefixes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
