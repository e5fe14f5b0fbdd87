//! The thread that owns standard output and standard error. Everything that is shown arrives here
//! as a [`Message`], in order, and is written by nobody else: so the live view never mixes with a
//! log line, and a task that reports never waits for a slow terminal.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use super::line;
use super::live::{Board, Look, Region, draw, line_of};
use super::mode::{Appearance, ProgressMode};
use super::style::Style;
use super::text::without_escapes;
use crate::stack::course::{Course, Moment};
use crate::stack::progress::{Event, Status, Subject};

/// Spinner and clock move this often.
const TICK: Duration = Duration::from_millis(100);
/// Frames follow each other no faster than this, however many events come in.
const SHORTEST: Duration = Duration::from_millis(50);
/// A frame that is so late was perhaps held up because the program was stopped. Then that it goes on is told within a moment,
/// and must be heard first.
const LATE: Duration = Duration::from_millis(300);
const MOMENT: Duration = Duration::from_millis(40);
/// Bytes that are kept back at most to be written in one go.
const GATHERED: usize = 64 * 1024;

/// One of the two streams that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Results: what a script would read.
    Stdout,
    /// Messages and errors, and progress unless it is asked for elsewhere.
    Stderr,
}

/// What the painter is asked to do.
pub(super) enum Message {
    /// A change of state.
    Event(Event),
    /// A line of output of a build step or a hook.
    Output(Subject, String),
    /// A walk over a plan begins.
    Course(Course),
    /// What became of a step of it.
    Step(usize, Moment),
    /// A message of the program itself.
    Note(Level, String),
    /// The error that ends the program.
    Failure(String),
    /// Bytes for a stream. The permit bounds how much waits here.
    Write(Stream, Vec<u8>, Option<OwnedSemaphorePermit>),
    /// From now on events belong to a new operation with this title.
    Begin(&'static str),
    /// The operation ended: its last frame stays.
    End,
    /// The operation ended: its frame goes away.
    Dismiss,
    /// The line at the bottom of the terminal.
    Footer(Option<String>),
    /// The program was stopped and goes on: what is on the terminal is not ours any more.
    Resume,
    /// Answer when all before this has been written.
    Flush(SyncSender<()>),
}

/// How grave a message of the program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Something that helps to find a mistake.
    Debug,
    /// Something to know.
    Information,
    /// Something to look at.
    Warning,
}

/// Where the painter writes, and how big the window is.
pub(super) struct Canvas {
    /// Standard output.
    pub(super) stdout: Box<dyn Write + Send>,
    /// Standard error.
    pub(super) stderr: Box<dyn Write + Send>,
    /// Lines and columns of the window that progress is shown in.
    pub(super) size: Box<dyn Fn() -> (usize, usize) + Send>,
    /// What o'clock it is, for JSON messages.
    pub(super) clock: fn() -> String,
    /// Called when nobody reads standard output any more.
    pub(super) closed: Box<dyn Fn() + Send>,
    /// Hears why something is missing from standard output, such as a disk that is full.
    pub(super) unwritten: Box<dyn Fn(io::Error) + Send>,
}

/// The state of the thread.
pub(super) struct Painter {
    canvas: Canvas,
    appearance: Appearance,
    board: Board,
    region: Region,
    footer: Option<String>,
    /// The last transfer text of each part, as plain lines only tell changes.
    told: std::collections::HashMap<(Subject, String), String>,
    dirty: bool,
    drawn: Option<Instant>,
    /// What is written as soon as no message waits, and where.
    gathered: (Stream, Vec<u8>),
}

impl Painter {
    pub(super) fn new(canvas: Canvas, appearance: Appearance) -> Self {
        Self {
            canvas,
            appearance,
            board: Board::new("Running"),
            region: Region::default(),
            footer: None,
            told: std::collections::HashMap::new(),
            dirty: false,
            drawn: None,
            gathered: (Stream::Stderr, Vec::new()),
        }
    }

    /// Works until every sender is gone. Sleeps when nothing is shown that moves.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            let now = Instant::now();
            let message = match messages.try_recv() {
                Ok(message) => Ok(message),
                Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => {
                    self.write_gathered();
                    match self.deadline(now) {
                        None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                        Some(at) => messages.recv_timeout(at.saturating_duration_since(now)),
                    }
                }
            };
            match message {
                Ok(message) => self.handle(message, Instant::now()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.frame_if_due(messages, Instant::now());
        }
        self.end();
    }

    fn frame_if_due(&mut self, messages: &Receiver<Message>, now: Instant) {
        let Some(at) = self.deadline(now).filter(|at| *at <= now) else { return };
        if self.drawn.is_some() && now - at > LATE {
            let until = Instant::now() + MOMENT;
            let left = || until.saturating_duration_since(Instant::now());
            while let Ok(message) = messages.recv_timeout(left()) {
                let goes_on = matches!(message, Message::Resume);
                self.handle(message, now);
                if goes_on {
                    break;
                }
            }
        }
        self.frame(now);
    }

    /// When the next frame is due, if one is; it may be `now`.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.appearance.progress != ProgressMode::Live
            || (self.board.is_empty() && self.footer.is_none())
        {
            return None;
        }
        match (self.drawn, self.dirty) {
            (None, _) => Some(now),
            (Some(drawn), true) => Some(drawn + SHORTEST),
            (Some(drawn), false) => self.board.is_active().then(|| drawn + TICK),
        }
    }

    pub(super) fn handle(&mut self, message: Message, now: Instant) {
        match message {
            Message::Event(event) => self.event(event, now),
            Message::Output(subject, line) => self.output(&subject, &line),
            Message::Course(course) => {
                self.board.course(course, now);
                self.dirty = true;
            }
            Message::Step(step, moment) => {
                self.board.step(step, &moment, now);
                self.dirty = true;
            }
            Message::Note(level, text) => self.note(level, &text),
            Message::Failure(text) => self.failure(&text),
            Message::Write(stream, bytes, permit) => {
                self.write(stream, &bytes);
                drop(permit);
            }
            Message::Begin(title) => {
                self.end();
                self.board = Board::new(title);
            }
            Message::End => self.end(),
            Message::Dismiss => self.dismiss(),
            Message::Footer(line) => {
                let erase = self.region.erase((self.canvas.size)().1);
                let _ = self.status().write_all(erase.as_bytes());
                self.flush();
                self.footer = line;
                self.dirty = true;
            }
            Message::Resume => {
                self.region.keep();
                self.dirty = true;
            }
            Message::Flush(done) => {
                self.flush();
                // Whoever asked may have gone meanwhile.
                let _ = done.send(());
            }
        }
    }

    fn event(&mut self, event: Event, now: Instant) {
        // How a build goes is told by its output, why it failed by the error that ends the program, and
        // a push by its layers; only the live view has room for both.
        let is_told_otherwise = match event.subject {
            Subject::Build(_) => event.part.is_some() || event.status != Status::Done,
            Subject::Push(_) => event.part.is_none(),
            _ => false,
        };
        match self.appearance.progress {
            ProgressMode::Plain | ProgressMode::Json if is_told_otherwise || event.only_live => {}
            ProgressMode::Live => {
                self.board.event(event, now);
                self.dirty = true;
            }
            ProgressMode::Plain => {
                if let Some(part) = &event.part {
                    let told =
                        self.told.insert((event.subject.clone(), part.clone()), event.text.clone());
                    if told.as_ref() == Some(&event.text) {
                        return;
                    }
                }
                self.write_line(self.status_stream(), &line::plain(&event));
            }
            ProgressMode::Json => {
                self.write_line(self.status_stream(), &line::json(&event));
            }
            ProgressMode::Quiet => {}
        }
    }

    fn output(&mut self, subject: &Subject, text: &str) {
        match self.appearance.progress {
            ProgressMode::Live => {
                let text = without_escapes(text);
                if self.board.output(subject, &text) {
                    self.dirty = true;
                } else {
                    self.write_line(self.status_stream(), &text);
                }
            }
            // Docker Compose has a build's own words on standard output, and scripts look there.
            ProgressMode::Plain | ProgressMode::Json if matches!(subject, Subject::Build(_)) => {
                self.write_line(Stream::Stdout, text);
            }
            // What a hook writes is told where logs are, and by the error if it fails.
            ProgressMode::Plain | ProgressMode::Json
                if matches!(subject, Subject::Container(_)) => {}
            ProgressMode::Plain => self.write_line(self.status_stream(), text),
            ProgressMode::Json => {
                let event = Event::new(subject.clone(), Status::Working, without_escapes(text));
                self.write_line(self.status_stream(), &line::json(&event));
            }
            ProgressMode::Quiet => {}
        }
    }

    fn note(&mut self, level: Level, text: &str) {
        if self.appearance.progress == ProgressMode::Json {
            let word = match level {
                Level::Debug => "debug",
                Level::Information => "info",
                Level::Warning => "warning",
            };
            let line = line::json_message(word, text, &(self.canvas.clock)());
            self.write_line(Stream::Stderr, &line);
            return;
        }
        let line = match level {
            Level::Debug => format!("debug: {text}"),
            Level::Information => text.to_owned(),
            Level::Warning => {
                // Some of Docker Compose's own sentences begin with the word, and scripts look for it.
                let (word, text) = match text.strip_prefix("Warning: ") {
                    Some(text) => ("Warning:", text),
                    None => ("warning:", text),
                };
                format!("{} {text}", Style::WARNING.paint(word, self.appearance.colour_stderr))
            }
        };
        self.write_line(Stream::Stderr, &line);
    }

    fn failure(&mut self, text: &str) {
        self.end();
        if self.appearance.progress == ProgressMode::Json {
            self.write_line(Stream::Stderr, &line::json_error(text));
        } else {
            self.write_line(Stream::Stderr, text);
        }
    }

    fn write_line(&mut self, stream: Stream, text: &str) {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        self.write(stream, &bytes);
    }

    /// Where progress goes.
    fn status_stream(&self) -> Stream {
        if self.appearance.status_to_stdout { Stream::Stdout } else { Stream::Stderr }
    }

    fn status(&mut self) -> &mut (dyn Write + Send) {
        match self.status_stream() {
            Stream::Stdout => &mut *self.canvas.stdout,
            Stream::Stderr => &mut *self.canvas.stderr,
        }
    }

    /// Writes above the live region, which comes back with the next frame. Without one, what follows
    /// at once is written along with it.
    fn write(&mut self, stream: Stream, bytes: &[u8]) {
        let (gathered_for, gathered) = &self.gathered;
        if *gathered_for != stream || gathered.len() + bytes.len() > GATHERED {
            self.write_gathered();
            self.gathered.0 = stream;
        }
        self.gathered.1.extend_from_slice(bytes);
        if self.appearance.progress == ProgressMode::Live {
            let erase = self.region.erase((self.canvas.size)().1);
            if !erase.is_empty() {
                // A terminal that cannot be written to is not worth ending the work for.
                let _ = self.status().write_all(erase.as_bytes());
                let _ = self.status().flush();
                self.dirty = true;
            }
            self.write_gathered();
        }
    }

    fn write_gathered(&mut self) {
        let (stream, bytes) = &mut self.gathered;
        if bytes.is_empty() {
            return;
        }
        let target = match stream {
            Stream::Stdout => &mut self.canvas.stdout,
            Stream::Stderr => &mut self.canvas.stderr,
        };
        let written = target.write_all(bytes).and_then(|()| target.flush());
        bytes.clear();
        if let Err(error) = written
            && *stream == Stream::Stdout
        {
            match error.kind() {
                io::ErrorKind::BrokenPipe => (self.canvas.closed)(),
                // Whoever reads may be slow.
                io::ErrorKind::WouldBlock => {}
                _ => (self.canvas.unwritten)(error),
            }
        }
    }

    fn frame(&mut self, now: Instant) {
        let (height, width) = (self.canvas.size)();
        let look = Look { height, width, colour: self.appearance.colour_stderr };
        let mut lines = Vec::new();
        if !self.board.is_empty() {
            let height = height.saturating_sub(usize::from(self.footer.is_some()));
            lines = draw(&self.board, Look { height, ..look }, now);
        }
        lines.extend(self.footer.as_ref().map(|footer| line_of(footer, look)));
        let bytes = self.region.replace(&lines, width);
        let _ = self.status().write_all(bytes.as_bytes());
        let _ = self.status().flush();
        self.dirty = false;
        self.drawn = Some(now);
    }

    /// Draws the last frame and leaves it there.
    fn end(&mut self) {
        if self.appearance.progress == ProgressMode::Live && !self.board.is_empty() {
            let (height, width) = (self.canvas.size)();
            let look = Look { height, width, colour: self.appearance.colour_stderr };
            self.board.end();
            let lines = draw(&self.board, look, Instant::now());
            let bytes = self.region.replace(&lines, width);
            let _ = self.status().write_all(bytes.as_bytes());
            self.region.keep();
        }
        self.reset();
    }

    /// Takes the frame away.
    fn dismiss(&mut self) {
        let erase = self.region.erase((self.canvas.size)().1);
        let _ = self.status().write_all(erase.as_bytes());
        self.reset();
    }

    fn reset(&mut self) {
        self.board = Board::new("Running");
        self.drawn = None;
        self.dirty = false;
        self.flush();
    }

    fn flush(&mut self) {
        self.write_gathered();
        let _ = self.canvas.stdout.flush();
        let _ = self.canvas.stderr.flush();
    }
}

#[cfg(test)]
mod tests;
