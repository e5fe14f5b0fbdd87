//! Everything that is shown, and the only room that prints. [`Ui`] owns standard output and
//! standard error: progress, tables, logs, messages and errors all go through it, in order.
//!
//! Results go to standard output, everything else to standard error (progress too, unless
//! `COMPOSE_STATUS_STDOUT` says otherwise). What is shown is understood
//! without colour; whether there is colour is decided once ([`Appearance`]).

mod commands;
pub mod doctor;
pub mod drawing;
pub mod format;
pub mod logs;
pub mod platforms;
pub mod template;
pub mod terminal;
pub mod timeline;

mod diff;
mod explanation;
mod line;
mod listing;
mod live;
mod mode;
mod painter;
mod preview;
mod prompt;
mod style;
mod table;
mod text;
mod why;
mod xml;

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::diagnostic::{Diagnostic, Severity, SourceMap, render_within};
use crate::stack::course::{Course, Moment};
use crate::stack::progress::{Event, Report, Subject};
use painter::{Canvas, Level, Message, Painter};

pub use commands::Commands;
pub use diff::diff;
pub use explanation::explanation;
pub use listing::{FormatError, Listing};
pub use mode::{Ansi, Appearance, ProgressMode, Terminals};
pub use painter::Stream;
pub use preview::preview;
pub use prompt::read_answer;
pub use style::Style;
pub use table::{Layout, columns, table};
pub use why::why;

/// Bytes of logs that may wait for a slow terminal.
const BACKLOG: usize = 1 << 18;

/// How many problems of a user's files are drawn at once.
const MAX_DIAGNOSTICS: usize = 50;

/// The owner of standard output and standard error; clones are handles to the same one.
#[derive(Clone)]
pub struct Ui {
    messages: Sender<Message>,
    backlog: Arc<Semaphore>,
    appearance: Appearance,
    closed: CancellationToken,
    unwritten: Arc<OnceLock<io::Error>>,
    commands: Arc<Commands>,
}

impl Ui {
    /// Takes standard output and standard error of the process.
    pub fn new(appearance: Appearance) -> Self {
        let closed = CancellationToken::new();
        let notify = closed.clone();
        let unwritten = Arc::new(OnceLock::new());
        let first = Arc::clone(&unwritten);
        let canvas = Canvas {
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
            size: Box::new(move || {
                let terminal = if appearance.status_to_stdout {
                    console::Term::stdout()
                } else {
                    console::Term::stderr()
                };
                let (height, width) = terminal.size();
                (usize::from(height), usize::from(width))
            }),
            clock: || chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            closed: Box::new(move || notify.cancel()),
            // The first error is the reason; the others follow from it.
            unwritten: Box::new(move |error| drop(first.set(error))),
        };
        Self::on(canvas, appearance, closed, unwritten)
    }

    fn on(
        canvas: Canvas,
        appearance: Appearance,
        closed: CancellationToken,
        unwritten: Arc<OnceLock<io::Error>>,
    ) -> Self {
        let (messages, received) = channel();
        let painter = Painter::new(canvas, appearance);
        std::thread::Builder::new()
            .name("painter".to_owned())
            .spawn(move || painter.run(&received))
            .expect("a program that cannot start one thread cannot do anything");
        let backlog = Arc::new(Semaphore::new(BACKLOG));
        let commands = Arc::default();
        Self { messages, backlog, appearance, closed, unwritten, commands }
    }

    /// The same, which spells the commands that it proposes like this.
    #[must_use]
    pub fn proposing(self, commands: Commands) -> Self {
        Self { commands: Arc::new(commands), ..self }
    }

    /// How commands of this program are typed here.
    pub fn commands(&self) -> &Commands {
        &self.commands
    }

    /// How things are shown.
    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    /// Cancelled once nobody reads standard output any more.
    pub fn closed(&self) -> &CancellationToken {
        &self.closed
    }

    /// Why something of what was written so far is missing from standard output. That nobody reads
    /// it any more is no such reason.
    pub fn unwritten(&self) -> Option<&io::Error> {
        self.unwritten.get()
    }

    /// Writes a result and an end of line to standard output.
    pub fn print(&self, text: &str) {
        self.write(Stream::Stdout, format!("{text}\n").into_bytes());
    }

    /// Writes bytes as they are.
    pub fn write(&self, stream: Stream, bytes: impl Into<Vec<u8>>) {
        self.send(Message::Write(stream, bytes.into(), None));
    }

    /// Writes bytes as they are; waits while too much is on its way.
    pub async fn write_paced(&self, stream: Stream, bytes: Vec<u8>) {
        let weight = u32::try_from(bytes.len().clamp(1, BACKLOG)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.backlog).acquire_many_owned(weight).await.ok();
        self.send(Message::Write(stream, bytes, permit));
    }

    /// A text for information, such as `No stopped containers`: standard error, or standard output
    /// with `COMPOSE_STATUS_STDOUT`.
    pub fn status(&self, text: &str) {
        if self.appearance.status_to_stdout {
            self.print(text);
        } else {
            self.write(Stream::Stderr, format!("{text}\n").into_bytes());
        }
    }

    /// The lines that a run would tell, as Docker Compose has them with `--dry-run`. They are for
    /// programs: a terminal, where a plan is read by people, gets none.
    pub fn rehearse(&self, events: &[Event]) {
        if self.appearance.progress == ProgressMode::Plain {
            for event in events {
                self.status(&format!(" DRY-RUN MODE - {}", line::plain(event)));
            }
        }
    }

    /// Something to know, on standard error.
    pub fn information(&self, text: &str) {
        let text = self.commands.spell(text).into_owned();
        self.send(Message::Note(Level::Information, text));
    }

    /// Asks a question that is answered on standard input by [`read_answer`]. Off a terminal the
    /// bare question is written, as by Docker Compose.
    pub fn question(&self, question: &str) {
        let text = if self.appearance.terminals.stdin && self.appearance.terminals.stdout {
            format!("? {question} (y/N) ")
        } else {
            question.to_owned()
        };
        self.write(Stream::Stdout, text);
        self.flush();
    }

    /// Begins an operation; `title` is the word behind `[+]` in the live view, such as `Running`.
    pub fn begin(&self, title: &'static str) {
        self.send(Message::Begin(title));
    }

    /// Ends the operation: the last frame of the live view stays as it is.
    pub fn end(&self) {
        self.send(Message::End);
    }

    /// Ends the operation: the live view goes away without a trace.
    pub fn dismiss(&self) {
        self.send(Message::Dismiss);
    }

    /// Sets the line at the bottom of the terminal, or takes it away.
    pub fn footer(&self, line: Option<&str>) {
        self.send(Message::Footer(line.map(str::to_owned)));
    }

    /// Tells that the program was stopped (Ctrl-Z) and goes on, perhaps on another screen.
    pub fn resume(&self) {
        self.send(Message::Resume);
    }

    /// Prints the error that ends the program, with advice on lines of its own.
    pub fn failure(&self, message: &str, help: &[String]) {
        let text = match self.appearance.progress {
            ProgressMode::Json => message.to_owned(),
            _ => with_help(message, help, self.appearance.colour_stderr),
        };
        self.send(Message::Failure(self.commands.spell(&text).into_owned()));
    }

    /// Draws warnings about a user's files on standard error.
    pub fn warnings(&self, warnings: &[Diagnostic], sources: &SourceMap) {
        if self.appearance.progress == ProgressMode::Json {
            for warning in warnings {
                Report::warning(self, &warning.message);
            }
            return;
        }
        for warning in warnings.iter().take(MAX_DIAGNOSTICS) {
            self.write(Stream::Stderr, self.drawn(warning, sources) + "\n");
        }
        if let Some(others) = others(warnings) {
            self.write(Stream::Stderr, others + "\n");
        }
    }

    /// A mistake that stands in no file is a sentence and advice, like any other error.
    fn drawn(&self, diagnostic: &Diagnostic, sources: &SourceMap) -> String {
        let colour = self.appearance.colour_stderr;
        if diagnostic.labels.is_empty() && diagnostic.severity == Severity::Error {
            return with_help(&diagnostic.message, diagnostic.help.as_slice(), colour);
        }
        let style = if colour {
            crate::diagnostic::Style::Coloured
        } else {
            crate::diagnostic::Style::Plain
        };
        let columns = terminal::error_columns().filter(|_| self.appearance.terminals.stderr);
        render_within(diagnostic, sources, style, columns)
    }

    /// Draws problems of a user's files on standard error, an empty line between them: the first
    /// of them where there are very many.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        if self.appearance.progress == ProgressMode::Json {
            for diagnostic in diagnostics {
                self.send(Message::Failure(diagnostic.message.clone()));
            }
            return;
        }
        let shown = diagnostics.iter().take(MAX_DIAGNOSTICS);
        let mut drawn: Vec<String> =
            shown.map(|diagnostic| self.drawn(diagnostic, sources)).collect();
        drawn.extend(others(diagnostics));
        self.send(Message::Failure(drawn.join("\n\n")));
    }

    /// Returns when all that was handed over has been written.
    pub fn flush(&self) {
        // An error means that the painter has gone, and with it all there was to write.
        let _ = self.flushed().recv();
    }

    /// As [`Self::flush`], but does not wait longer than that for whoever does not read what is written.
    pub fn flush_within(&self, patience: Duration) {
        let _ = self.flushed().recv_timeout(patience);
    }

    fn flushed(&self) -> Receiver<()> {
        let (done, wait) = sync_channel(1);
        self.send(Message::Flush(done));
        wait
    }

    fn send(&self, message: Message) {
        // Only fails when the painter panicked; there is nothing left to show it on.
        let _ = self.messages.send(message);
    }
}

impl Report for Ui {
    fn event(&self, event: Event) {
        self.send(Message::Event(event));
    }

    fn warning(&self, message: &str) {
        let message = self.commands.spell(message).into_owned();
        self.send(Message::Note(Level::Warning, message));
    }

    fn debug(&self, message: &str) {
        if self.appearance.verbose {
            self.send(Message::Note(Level::Debug, message.to_owned()));
        }
    }

    fn course(&self, course: &Course) {
        // Lines and JSON tell what happens, not what is to come.
        if self.appearance.progress == ProgressMode::Live {
            self.send(Message::Course(course.clone()));
        }
    }

    fn step(&self, step: usize, moment: Moment) {
        if self.appearance.progress == ProgressMode::Live {
            self.send(Message::Step(step, moment));
        }
    }

    fn output(&self, subject: &Subject, line: &str) {
        self.send(Message::Output(subject.clone(), line.to_owned()));
    }
}

/// Says how many problems are not drawn, if there are such.
fn others(problems: &[Diagnostic]) -> Option<String> {
    let number = problems.len().checked_sub(MAX_DIAGNOSTICS).filter(|number| *number > 0)?;
    Some(format!("and {number} more"))
}

/// A sentence, and below it advice, a line each.
fn with_help(message: &str, help: &[String], colour: bool) -> String {
    let mut text = message.to_owned();
    for line in help {
        text.extend(["\n", &Style::HELP.paint("help:", colour), " ", line]);
    }
    text
}
