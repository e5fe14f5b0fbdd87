//! The thread that owns standard output and standard error. Everything that is shown arrives here
//! as a [`Message`], in order, and is written by nobody else: so the live view never mixes with a
//! log line, and a task that reports never waits for a slow terminal.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;

use super::line;
use super::live::{Board, Look, Region, draw};
use super::mode::{Appearance, ProgressMode};
use super::style::Style;
use super::text::without_escapes;
use crate::stack::progress::{Event, Subject};

/// Spinner and clock move this often.
const TICK: Duration = Duration::from_millis(100);
/// Frames follow each other no faster than this, however many events come in.
const SHORTEST: Duration = Duration::from_millis(50);

/// One of the two streams that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Results: what a script would read.
    Stdout,
    /// Progress, messages and errors.
    Stderr,
}

/// What the painter is asked to do.
pub(super) enum Message {
    /// A change of state.
    Event(Event),
    /// A line of output of a build step or a hook.
    Output(Subject, String),
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
    /// The program was stopped and goes on: what is on the terminal is not ours any more.
    Resume,
    /// Answer when all before this has been written.
    Flush(SyncSender<()>),
}

/// How grave a message of the program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
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
    /// Lines and columns of the window behind standard error.
    pub(super) size: Box<dyn Fn() -> (usize, usize) + Send>,
    /// What o'clock it is, for JSON messages.
    pub(super) clock: fn() -> String,
    /// Called when nobody reads standard output any more.
    pub(super) closed: Box<dyn Fn() + Send>,
}

/// The state of the thread.
pub(super) struct Painter {
    canvas: Canvas,
    appearance: Appearance,
    board: Board,
    region: Region,
    /// The last transfer text of each part, as plain lines only tell changes.
    told: std::collections::HashMap<(Subject, String), String>,
    dirty: bool,
    drawn: Option<Instant>,
}

impl Painter {
    pub(super) fn new(canvas: Canvas, appearance: Appearance) -> Self {
        Self {
            canvas,
            appearance,
            board: Board::new("Running"),
            region: Region::default(),
            told: std::collections::HashMap::new(),
            dirty: false,
            drawn: None,
        }
    }

    /// Works until every sender is gone. Sleeps when nothing is shown that moves.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            let message = match self.deadline() {
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => messages.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(message) => self.handle(message, Instant::now()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = Instant::now();
            if self.deadline().is_some_and(|at| at <= now) {
                self.frame(now);
            }
        }
        self.end();
    }

    /// When the next frame is due, if one is.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.appearance.progress != ProgressMode::Live || self.board.is_empty() {
            return None;
        }
        match (self.drawn, self.dirty) {
            (None, _) => Some(Instant::now()),
            (Some(drawn), true) => Some(drawn + SHORTEST),
            (Some(drawn), false) => self.board.is_active().then(|| drawn + TICK),
        }
    }

    pub(super) fn handle(&mut self, message: Message, now: Instant) {
        match message {
            Message::Event(event) => self.event(event, now),
            Message::Output(subject, line) => self.output(&subject, &line),
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
        match self.appearance.progress {
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
                self.write_line(Stream::Stderr, &line::plain(&event));
            }
            ProgressMode::Json => self.write_line(Stream::Stderr, &line::json(&event)),
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
                    self.write_line(Stream::Stderr, &text);
                }
            }
            ProgressMode::Plain => self.write_line(Stream::Stderr, text),
            ProgressMode::Json => {
                let event = Event::new(
                    subject.clone(),
                    crate::stack::progress::Status::Working,
                    without_escapes(text),
                );
                self.write_line(Stream::Stderr, &line::json(&event));
            }
            ProgressMode::Quiet => {}
        }
    }

    fn note(&mut self, level: Level, text: &str) {
        if self.appearance.progress == ProgressMode::Json {
            let word = match level {
                Level::Information => "info",
                Level::Warning => "warning",
            };
            let line = line::json_message(word, text, &(self.canvas.clock)());
            self.write_line(Stream::Stderr, &line);
            return;
        }
        let line = match level {
            Level::Information => text.to_owned(),
            Level::Warning => {
                let word = Style::WARNING.paint("warning:", self.appearance.colour_stderr);
                format!("{word} {text}")
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

    /// Writes above the live region, which comes back with the next frame.
    fn write(&mut self, stream: Stream, bytes: &[u8]) {
        if self.appearance.progress == ProgressMode::Live {
            let erase = self.region.erase((self.canvas.size)().1);
            if !erase.is_empty() {
                // A terminal that cannot be written to is not worth ending the work for.
                let _ = self.canvas.stderr.write_all(erase.as_bytes());
                let _ = self.canvas.stderr.flush();
                self.dirty = true;
            }
        }
        let target = match stream {
            Stream::Stdout => &mut self.canvas.stdout,
            Stream::Stderr => &mut self.canvas.stderr,
        };
        let written = target.write_all(bytes).and_then(|()| target.flush());
        if stream == Stream::Stdout
            && written.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        {
            (self.canvas.closed)();
        }
    }

    fn frame(&mut self, now: Instant) {
        let (height, width) = (self.canvas.size)();
        let look = Look { height: Some(height), width, colour: self.appearance.colour_stderr };
        let lines = draw(&self.board, look, now);
        let bytes = self.region.replace(&lines, width);
        let _ = self.canvas.stderr.write_all(bytes.as_bytes());
        let _ = self.canvas.stderr.flush();
        self.dirty = false;
        self.drawn = Some(now);
    }

    /// Draws the last frame whole and leaves it there.
    fn end(&mut self) {
        if self.appearance.progress == ProgressMode::Live && !self.board.is_empty() {
            let (_, width) = (self.canvas.size)();
            let look = Look { height: None, width, colour: self.appearance.colour_stderr };
            let lines = draw(&self.board, look, Instant::now());
            let bytes = self.region.replace(&lines, width);
            let _ = self.canvas.stderr.write_all(bytes.as_bytes());
            self.region.keep();
        }
        self.reset();
    }

    /// Takes the frame away.
    fn dismiss(&mut self) {
        let erase = self.region.erase((self.canvas.size)().1);
        let _ = self.canvas.stderr.write_all(erase.as_bytes());
        self.reset();
    }

    fn reset(&mut self) {
        self.board = Board::new("Running");
        self.drawn = None;
        self.dirty = false;
        self.flush();
    }

    fn flush(&mut self) {
        let _ = self.canvas.stdout.flush();
        let _ = self.canvas.stderr.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::stack::progress::Status;
    use crate::ui::mode::Terminals;

    /// Both streams on one terminal, as a user sees them.
    #[derive(Clone)]
    struct Screen(Arc<Mutex<vt100::Parser>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // What the line discipline of a terminal does.
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\n', "\r\n");
            self.0.lock().unwrap().process(text.as_bytes());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn cells(count: u16) -> NonZero<u16> {
        NonZero::new(count).expect("windows have a size")
    }

    struct Bench {
        painter: Painter,
        screen: Screen,
        now: Instant,
    }

    impl Bench {
        fn new(progress: ProgressMode, height: u16, width: u16) -> Self {
            let screen =
                Screen(Arc::new(Mutex::new(vt100::Parser::new(cells(height), cells(width), 100))));
            let size = Arc::clone(&screen.0);
            let canvas = Canvas {
                stdout: Box::new(screen.clone()),
                stderr: Box::new(screen.clone()),
                size: Box::new(move || {
                    let (height, width) = size.lock().unwrap().screen().size();
                    (usize::from(height.get()), usize::from(width.get()))
                }),
                clock: || "2024-01-02T03:04:05Z".to_owned(),
                closed: Box::new(|| {}),
            };
            let appearance = Appearance {
                progress,
                colour_stdout: false,
                colour_stderr: false,
                status_to_stdout: false,
                terminals: Terminals::default(),
            };
            Self { painter: Painter::new(canvas, appearance), screen, now: Instant::now() }
        }

        fn event(&mut self, subject: Subject, status: Status, text: &str) {
            self.painter.handle(Message::Event(Event::new(subject, status, text)), self.now);
        }

        fn container(&mut self, name: &str, status: Status, text: &str) {
            self.event(Subject::Container(name.to_owned()), status, text);
        }

        /// What stands on the screen a while later.
        fn after(&mut self, milliseconds: u64) -> Vec<String> {
            self.now += Duration::from_millis(milliseconds);
            self.painter.frame(self.now);
            self.shown()
        }

        fn shown(&self) -> Vec<String> {
            let parser = self.screen.0.lock().unwrap();
            assert!(!parser.screen().hide_cursor(), "the cursor is there between frames");
            let text = parser.screen().contents();
            text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
        }
    }

    #[test]
    fn each_subject_has_a_row_that_changes_in_place() {
        let mut bench = Bench::new(ProgressMode::Live, 10, 50);
        bench.painter.handle(Message::Begin("Running"), bench.now);
        bench.event(Subject::Network("shop_default".to_owned()), Status::Done, "Created");
        bench.container("shop-db-1", Status::Working, "Starting");
        assert_eq!(
            bench.after(1200),
            [
                "[+] Running 1/2",
                " ✔ Network shop_default  Created             0.0s",
                " ⠹ Container shop-db-1   Starting            1.2s",
            ]
        );
        bench.container("shop-db-1", Status::Done, "Started");
        assert_eq!(bench.after(5000)[2], " ✔ Container shop-db-1   Started             1.2s");
    }

    #[test]
    fn log_lines_stand_above_the_view() {
        let mut bench = Bench::new(ProgressMode::Live, 10, 40);
        bench.container("a-1", Status::Working, "Starting");
        bench.after(0);
        for line in ["one", "two"] {
            let bytes = format!("{line}\n").into_bytes();
            bench.painter.handle(Message::Write(Stream::Stdout, bytes, None), bench.now);
        }
        let shown = bench.after(100);
        assert_eq!(shown.get(..3).unwrap(), ["one", "two", "[+] Running 0/1"]);
        assert_eq!(shown.len(), 4);
    }

    #[test]
    fn a_view_taller_than_the_window_shows_what_goes_on() {
        let mut bench = Bench::new(ProgressMode::Live, 8, 40);
        for index in 0..20 {
            let status = if index == 13 { Status::Working } else { Status::Done };
            bench.container(&format!("c-{index}"), status, "Created");
        }
        let shown = bench.after(100);
        assert_eq!(shown.first().unwrap(), "[+] Running 19/20");
        assert_eq!(shown.len(), 7);
        assert!(shown.iter().any(|line| line.contains("c-13 ")), "{shown:?}");
        assert_eq!(shown.last().unwrap(), " … 15 more");
        // Nothing was pushed out of the window by drawing again and again.
        assert_eq!(bench.after(100).first().unwrap(), "[+] Running 19/20");
        bench.painter.handle(Message::End, bench.now);
        let last = bench.shown();
        assert!(last.last().unwrap().contains("c-19"), "the last frame is whole: {last:?}");
    }

    #[test]
    fn wide_characters_and_narrow_windows_leave_no_traces() {
        let mut bench = Bench::new(ProgressMode::Live, 8, 60);
        bench.container("テスト-データベース-1", Status::Working, "Starting");
        let lines = bench.after(100).len();
        bench.screen.0.lock().unwrap().screen_mut().set_size(cells(8), cells(24));
        for _ in 0..3 {
            let shown = bench.after(100);
            assert!(shown.len() <= lines + 1, "{shown:?}");
        }
    }

    #[test]
    fn transfers_show_their_bytes_and_builds_their_last_line() {
        let mut bench = Bench::new(ProgressMode::Live, 10, 78);
        let image = Subject::Image("nginx:alpine".to_owned());
        bench.event(image.clone(), Status::Working, "Pulling");
        for (part, current) in [("a", 10_000_000), ("b", 2_500_000)] {
            let event = Event {
                part: Some(part.to_owned()),
                progress: Some((current, 10_000_000)),
                ..Event::new(image.clone(), Status::Working, "Downloading")
            };
            bench.painter.handle(Message::Event(event), bench.now);
        }
        let build = Subject::Build("web".to_owned());
        bench.event(build.clone(), Status::Working, "Building");
        let line = "\u{1b}[32m#5 [2/3]\u{1b}[0m RUN make\r".to_owned();
        bench.painter.handle(Message::Output(build, line), bench.now);
        let shown = bench.after(0);
        assert!(shown[1].contains("[⣿⣀]  12.5MB/20MB    Pulling"), "{}", shown[1]);
        assert_eq!(shown[3], "   #5 [2/3] RUN make");
    }

    #[test]
    fn plain_lines_tell_a_layer_only_when_it_changes() {
        let mut bench = Bench::new(ProgressMode::Plain, 20, 60);
        let image = Subject::Image("nginx".to_owned());
        bench.event(image.clone(), Status::Working, "Pulling");
        for (text, current) in [("Downloading", 1), ("Downloading", 2), ("Extracting", 1)] {
            let event = Event {
                part: Some("7264a8db".to_owned()),
                progress: Some((current, 3)),
                ..Event::new(image.clone(), Status::Working, text)
            };
            bench.painter.handle(Message::Event(event), bench.now);
        }
        bench.event(image, Status::Done, "Pulled");
        assert_eq!(
            bench.shown(),
            [" nginx Pulling", " 7264a8db Downloading", " 7264a8db Extracting", " nginx Pulled"]
        );
    }

    #[test]
    fn every_mode_tells_the_error_that_ends_the_program() {
        for (progress, expected) in [
            (ProgressMode::Json, r#"{"error":true,"message":"no such service: x"}"#),
            (ProgressMode::Quiet, "no such service: x"),
            (ProgressMode::Live, "no such service: x"),
        ] {
            let mut bench = Bench::new(progress, 5, 60);
            bench.container("a", Status::Done, "Created");
            bench.painter.handle(Message::Failure("no such service: x".to_owned()), bench.now);
            assert_eq!(bench.shown().last().unwrap(), expected);
        }
    }

    #[test]
    fn a_view_that_is_dismissed_leaves_nothing() {
        let mut bench = Bench::new(ProgressMode::Live, 5, 60);
        bench.container("a", Status::Working, "Starting");
        bench.after(0);
        bench.painter.handle(Message::Dismiss, bench.now);
        assert!(bench.shown().is_empty());
        assert!(bench.painter.deadline().is_none(), "nothing moves any more");
    }
}
