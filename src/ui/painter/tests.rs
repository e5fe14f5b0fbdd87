//! The painter before a terminal that is looked at (vt100).

use std::num::NonZero;
use std::sync::{Arc, Mutex};

use super::*;
use crate::stack::course::{CourseStep, StepKind};
use crate::stack::plan::WaitCondition;
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
            unwritten: Box::new(|_| {}),
        };
        let appearance = Appearance {
            progress,
            colour_stdout: false,
            colour_stderr: false,
            status_to_stdout: false,
            terminals: Terminals::default(),
            verbose: false,
        };
        Self { painter: Painter::new(canvas, appearance), screen, now: Instant::now() }
    }

    fn event(&mut self, subject: Subject, status: Status, text: &str) {
        self.painter.handle(Message::Event(Event::new(subject, status, text)), self.now);
    }

    fn container(&mut self, name: &str, status: Status, text: &str) {
        self.event(Subject::Container(name.to_owned()), status, text);
    }

    fn step(&mut self, step: usize, moment: Moment) {
        self.painter.handle(Message::Step(step, moment), self.now);
    }

    /// What stands on the screen a while later.
    fn after(&mut self, milliseconds: u64) -> Vec<String> {
        self.now += Duration::from_millis(milliseconds);
        self.painter.frame(self.now);
        self.shown()
    }

    fn shown(&mut self) -> Vec<String> {
        self.painter.flush();
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
            "[+] Running 1/2                              1.2s",
            " ✔ Network shop_default  Created             0.0s",
            " ⠹ Container shop-db-1   Starting            1.2s",
        ]
    );
    bench.container("shop-db-1", Status::Done, "Started");
    let shown = bench.after(5000);
    assert_eq!(shown[0], "[+] Running 2/2                              1.2s");
    assert_eq!(shown[2], " ✔ Container shop-db-1   Started             1.2s");
}

/// A database with two containers, then what needs it to be healthy.
fn shop() -> Course {
    let step = |service: &str, container: &str, kind, after: &[usize]| CourseStep {
        service: Some(service.to_owned()),
        subject: Subject::Container(container.to_owned()),
        kind,
        after: after.to_vec(),
    };
    let wait = CourseStep {
        subject: Subject::Service("db".to_owned()),
        ..step("db", "", StepKind::Wait(WaitCondition::Healthy), &[0, 1])
    };
    let steps = vec![
        step("db", "shop-db-1", StepKind::Start, &[]),
        step("db", "shop-db-2", StepKind::Start, &[]),
        wait,
        step("web", "shop-web-1", StepKind::Start, &[2]),
    ];
    Course { steps, ..Course::default() }
}

#[test]
fn a_service_is_one_row_that_says_what_it_waits_for() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 50);
    bench.painter.handle(Message::Course(shop()), bench.now);
    for step in [0, 1] {
        bench.step(step, Moment::Began);
        bench.container(&format!("shop-db-{}", step + 1), Status::Working, "Starting");
    }
    assert_eq!(
        bench.after(100),
        [
            "[+] Running 0/2                              0.1s",
            " ⠙ db ×2  Starting 2                         0.1s",
            " ◌ web    Waiting for db to start            0.1s",
        ]
    );
    for step in [0, 1] {
        bench.container(&format!("shop-db-{}", step + 1), Status::Done, "Started");
        bench.step(step, Moment::Done);
    }
    bench.step(2, Moment::Began);
    for container in ["shop-db-1", "shop-db-2"] {
        bench.container(container, Status::Working, "Waiting");
    }
    assert_eq!(
        bench.after(100)[1..],
        [
            " ⠹ db ×2  Waiting to be healthy              0.2s",
            " ◌ web    Waiting for db to be healthy       0.2s",
        ]
    );
    for container in ["shop-db-1", "shop-db-2"] {
        bench.container(container, Status::Done, "Healthy");
    }
    bench.step(2, Moment::Done);
    bench.step(3, Moment::Began);
    bench.container("shop-web-1", Status::Error, "Error");
    bench.step(3, Moment::Failed);
    assert_eq!(
        bench.after(100),
        [
            "[+] Running 2/2  1 failed                    0.2s",
            " ✔ db ×2  Healthy                            0.2s",
            " ✘ web    Error                              0.0s",
        ]
    );
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
    assert_eq!(shown.get(..2).unwrap(), ["one", "two"]);
    assert!(shown[2].starts_with("[+] Running 0/1 "), "{shown:?}");
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
    assert!(shown.first().unwrap().starts_with("[+] Running 19/20 "), "{shown:?}");
    assert_eq!(shown.len(), 7);
    assert!(shown.iter().any(|line| line.contains("c-13 ")), "{shown:?}");
    assert_eq!(shown.last().unwrap(), " ✔ 15 done");
    // Nothing was pushed out of the window by drawing again and again.
    assert!(bench.after(100).first().unwrap().starts_with("[+] Running 19/20 "));
    bench.container("c-13", Status::Error, "Error");
    bench.painter.handle(Message::End, bench.now);
    let last = bench.shown();
    assert!(last[0].starts_with("[+] Running 20/20  1 failed "), "{last:?}");
    assert!(last.iter().any(|line| line.starts_with(" ✘ Container c-13 ")), "{last:?}");
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
    let image = Subject::Pull("nginx".to_owned());
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
    let image = Subject::Pull("nginx".to_owned());
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
fn an_error_without_a_text_is_an_empty_line_or_an_empty_object() {
    for (progress, expected) in
        [(ProgressMode::Json, r#"{"error":true}"#), (ProgressMode::Plain, "")]
    {
        let mut bench = Bench::new(progress, 5, 60);
        bench.painter.handle(Message::Failure(String::new()), bench.now);
        bench.painter.handle(Message::Failure("after it".to_owned()), bench.now);
        assert_eq!(bench.shown().first().unwrap(), expected);
        assert_eq!(bench.shown().len(), 2);
    }
}

#[test]
fn what_is_not_done_at_the_end_does_not_seem_to_go_on() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 50);
    for (name, status, text) in [
        ("cache", Status::Working, "Pulling"),
        ("db", Status::Working, "Pulling"),
        ("cache", Status::Error, "Error"),
    ] {
        bench.event(Subject::Pull(name.to_owned()), status, text);
    }
    bench.painter.handle(Message::End, bench.now);
    let rows = bench.shown();
    assert!(rows[1].starts_with(" ✘ cache  Error"), "{rows:?}");
    assert!(rows[2].starts_with(" ◌ db     Interrupted"), "{rows:?}");
}

/// The rows at the end of a run in which the first service could not be started.
fn rows_after_a_failed_start(bench: &mut Bench) -> Vec<String> {
    bench.step(0, Moment::Began);
    bench.container("shop-db-1", Status::Error, "Error");
    bench.step(0, Moment::Failed);
    bench.painter.handle(Message::End, bench.now);
    bench.shown()
}

#[test]
fn what_was_made_and_is_not_started_because_another_failed_is_not_done() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 50);
    bench.painter.handle(Message::Course(shop()), bench.now);
    bench.container("shop-web-1", Status::Done, "Created");
    let rows = rows_after_a_failed_start(&mut bench);
    assert!(rows[0].starts_with("[+] Running 1/2  1 failed"), "{rows:?}");
    assert!(rows[2].starts_with(" ◌ web  Created"), "{rows:?}");
}

#[test]
fn what_is_not_begun_because_another_failed_is_not_done() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 50);
    bench.painter.handle(Message::Course(shop()), bench.now);
    let rows = rows_after_a_failed_start(&mut bench);
    assert!(rows[0].starts_with("[+] Running 1/2  1 failed"), "{rows:?}");
    assert!(rows[2].starts_with(" ◌ web  Not begun"), "{rows:?}");
}

#[test]
fn what_was_still_to_be_done_is_forgotten_with_its_walk() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 50);
    bench.painter.handle(Message::Course(shop()), bench.now);
    bench.step(0, Moment::Began);
    bench.container("shop-db-1", Status::Working, "Stopping");
    bench.painter.handle(Message::Course(Course::default()), bench.now);
    bench.container("shop-db-1", Status::Done, "Killed");
    let shown = bench.after(100);
    assert!(shown[1].starts_with(" ✔ db  Killed"), "{shown:?}");
    assert_eq!(shown.len(), 2, "{shown:?}");
}

#[test]
fn a_narrow_window_shows_what_is_waited_for_rather_than_long_names() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 40);
    bench.painter.handle(Message::Course(shop()), bench.now);
    bench.step(0, Moment::Began);
    bench.container("shop-db-1", Status::Working, "Starting");
    let network = Subject::Network("shop_a-network-with-a-long-name".to_owned());
    bench.event(network, Status::Done, "Created");
    let shown = bench.after(100);
    assert!(shown[2].contains("  db to start  "), "{shown:?}");
    assert!(shown[3].starts_with(" ✔ Network shop_a-…  Created"), "{shown:?}");
}

#[test]
fn a_view_that_is_dismissed_leaves_nothing() {
    let mut bench = Bench::new(ProgressMode::Live, 5, 60);
    bench.container("a", Status::Working, "Starting");
    bench.after(0);
    bench.painter.handle(Message::Dismiss, bench.now);
    assert!(bench.shown().is_empty());
    assert!(bench.painter.deadline(bench.now).is_none(), "nothing moves any more");
}

#[test]
fn a_frame_is_due_at_once_and_the_next_when_something_moves() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 40);
    assert_eq!(bench.painter.deadline(bench.now), None);
    bench.container("a-1", Status::Working, "Starting");
    assert_eq!(bench.painter.deadline(bench.now), Some(bench.now));
    bench.after(0);
    assert_eq!(bench.painter.deadline(bench.now), Some(bench.now + TICK));
    bench.container("a-1", Status::Done, "Started");
    assert_eq!(bench.painter.deadline(bench.now), Some(bench.now + SHORTEST));
    bench.after(50);
    assert_eq!(bench.painter.deadline(bench.now), None);
}

#[test]
fn the_line_at_the_bottom_stays_below_what_is_written() {
    let mut bench = Bench::new(ProgressMode::Live, 10, 40);
    bench.painter.handle(Message::Footer(Some("d detach".to_owned())), bench.now);
    assert_eq!(bench.after(0), ["d detach"]);
    bench.container("a-1", Status::Working, "Starting");
    bench.painter.handle(Message::Write(Stream::Stdout, b"one\n".to_vec(), None), bench.now);
    let shown = bench.after(100);
    assert_eq!((shown[0].as_str(), shown.last().map(String::as_str)), ("one", Some("d detach")));
    bench.painter.handle(Message::Dismiss, bench.now);
    assert_eq!(bench.after(0), ["one", "d detach"]);
    bench.painter.handle(Message::Footer(None), bench.now);
    assert_eq!(bench.shown(), ["one"]);
}

#[test]
fn a_frame_after_a_stop_is_drawn_anew_though_the_word_of_it_comes_last() {
    let mut bench = Bench::new(ProgressMode::Live, 12, 50);
    bench.container("shop-db-1", Status::Working, "Starting");
    bench.after(100);
    let shell = b"^Z\n[1]+  Stopped   bireme up\n$ fg\nbireme up\n";
    bench.screen.write_all(shell).expect("the screen takes it");
    let (sender, messages) = std::sync::mpsc::channel();
    let event = Event::new(Subject::Container("shop-db-2".into()), Status::Working, "Starting");
    sender.send(Message::Event(event)).expect("there is a reader");
    sender.send(Message::Resume).expect("there is a reader");
    bench.now += Duration::from_secs(4);
    bench.painter.frame_if_due(&messages, bench.now);
    assert_eq!(
        bench.shown(),
        [
            "[+] Running 0/1                              0.1s",
            " ⠙ Container shop-db-1  Starting             0.1s",
            "^Z",
            "[1]+  Stopped   bireme up",
            "$ fg",
            "bireme up",
            "[+] Running 0/2                              4.1s",
            " ⠙ Container shop-db-1  Starting             4.1s",
            " ⠋ Container shop-db-2  Starting             0.0s",
        ]
    );
}
