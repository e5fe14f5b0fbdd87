//! Log lines of many containers on one terminal.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::prefix::Prefixes;
use crate::ui::{Stream, Ui};

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

impl LogPrinter {
    /// A printer that knows no container yet.
    pub fn new(ui: Ui, format: LogFormat) -> Self {
        Self { ui, format, prefixes: Mutex::new(Prefixes::default()) }
    }

    /// Makes a name known before its first line, so that all prefixes are as wide as it needs.
    pub fn register(&self, name: &str) {
        self.prefixes().register(name);
    }

    /// Prints a line (without its line feed) of `name`.
    pub async fn line(&self, name: &str, stream: Stream, line: &[u8]) {
        let mut bytes = Vec::with_capacity(line.len() + 32);
        self.append(&mut bytes, name, line);
        self.ui.write_paced(stream, bytes).await;
    }

    /// Prints several lines of `name` at once.
    pub async fn lines(&self, name: &str, stream: Stream, lines: &[Vec<u8>]) {
        if lines.is_empty() {
            return;
        }
        let mut bytes = Vec::with_capacity(lines.iter().map(|line| line.len() + 32).sum());
        for line in lines {
            self.append(&mut bytes, name, line);
        }
        self.ui.write_paced(stream, bytes).await;
    }

    /// Says on standard output what became of `name`, such as `exited with code 3`.
    pub fn status(&self, name: &str, message: &str) {
        let style = self.prefixes().register(name);
        // Docker Compose resets the line even off a terminal.
        let text = style.paint(&format!("\r\u{1b}[K{name} {message}\n"), self.format.colour);
        self.ui.write(Stream::Stdout, text.into_bytes());
    }

    /// `Attaching to db-1, web-1`, with the names sorted and known from then on.
    pub fn attaching(&self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let mut names = names.to_vec();
        names.sort();
        for name in &names {
            self.register(name);
        }
        self.ui.print(&format!("Attaching to {}", names.join(", ")));
    }

    fn append(&self, bytes: &mut Vec<u8>, name: &str, line: &[u8]) {
        if self.format.prefix {
            let prefix = self.prefixes().prefix(name, self.format.colour);
            bytes.extend_from_slice(prefix.as_bytes());
        }
        if self.format.timestamps {
            let now = chrono::Local::now().format("%Y-%m-%dT%H:%M:%S%.9f%:z ").to_string();
            // A time at the meridian is written `Z`, as Go does.
            bytes.extend_from_slice(now.replace("+00:00 ", "Z ").as_bytes());
        }
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
    }

    fn prefixes(&self) -> MutexGuard<'_, Prefixes> {
        // The names are whole even if a holder panicked.
        self.prefixes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
