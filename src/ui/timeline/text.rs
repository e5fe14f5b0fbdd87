//! The critical chain as an indented list.

use std::fmt::Write as _;

use crate::stack::timeline::{Chain, Kind, Link, Timeline};
use crate::ui::style::Style;
use crate::ui::text::{fit, hanging, pad, width};

/// Cells that the times of a link take, with what stands between.
const TIMES: usize = 20;
/// Cells of the branch before a link.
const BRANCH: usize = 3;
/// Cells of a name that are shown at least, if it has so many.
const LEAST_NAME: usize = 12;
/// Cells before what belongs to the line above.
const INDENT: usize = 4;

/// The summary, the chain from its end to its beginning, and what the whole time went to; `columns`
/// is the width of the terminal, if it is one.
pub fn text(timeline: &Timeline, columns: Option<usize>, colour: bool) -> String {
    let columns = columns.unwrap_or(usize::MAX);
    let chain = timeline.chain();
    let mut text = hanging(&Style::STRONG.paint(&chain.summary, colour), columns, 2);
    text.push('\n');
    let room = columns.saturating_sub(TIMES);
    let draw = if chain.links.iter().all(|link| has_room(link, room)) {
        beside_times
    } else {
        above_times
    };
    text.push_str(&draw(&chain, columns, colour));
    for remark in &chain.remarks {
        let painted = Style::WARNING.paint(remark, colour);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", hanging(&painted, columns, INDENT));
    }
    let totals = totals(timeline);
    if !totals.is_empty() {
        let _ = writeln!(text, "{}", hanging(&Style::DIM.paint(&totals, colour), columns, 2));
    }
    text
}

/// The links with their times in a column.
fn beside_times(chain: &Chain, columns: usize, colour: bool) -> String {
    let labels = labels(chain, columns.saturating_sub(TIMES));
    let widest = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let mut text = String::new();
    for (label, link) in labels.iter().zip(&chain.links) {
        let (at, took) = times(link);
        let took = Style::ACTIVE.paint(&format!("{took:>8}"), colour);
        let _ = write!(text, "{}  {at:>8}  {took}", pad(label, widest));
        match &link.remark {
            Some(remark) if widest + TIMES + 2 + width(remark) <= columns => {
                let _ = write!(text, "  {}", Style::WARNING.paint(remark, colour));
            }
            Some(remark) => text.push_str(&below(remark, columns, colour)),
            None => {}
        }
        text.push('\n');
    }
    text
}

/// The links with their times below each, for a window in which names have no room beside them.
fn above_times(chain: &Chain, columns: usize, colour: bool) -> String {
    let mut text = String::new();
    for (depth, link) in chain.links.iter().enumerate() {
        let name = fit(&link.name, columns.saturating_sub(BRANCH));
        let label = format!("{}{name} {}", branch(depth, 0), link.state);
        let (at, took) = times(link);
        let took = Style::ACTIVE.paint(&took, colour);
        let _ = write!(text, "{}\n{:INDENT$}{at} {took}", hanging(&label, columns, BRANCH), "");
        if let Some(remark) = &link.remark {
            text.push_str(&below(remark, columns, colour));
        }
        text.push('\n');
    }
    text
}

/// Whether the name of a link, or enough of it, has room beside its times.
fn has_room(link: &Link, room: usize) -> bool {
    BRANCH + width(&link.name).min(LEAST_NAME) + 1 + width(link.state) <= room
}

/// When a link was reached, and how long that took.
fn times(link: &Link) -> (String, String) {
    (format!("@{}", seconds(link.at)), format!("+{}", seconds(link.took)))
}

/// A remark on lines of its own.
fn below(remark: &str, columns: usize, colour: bool) -> String {
    let painted = Style::WARNING.paint(remark, colour);
    format!("\n{}", hanging(&format!("{:INDENT$}{painted}", ""), columns, INDENT))
}

/// What the links are, as a staircase; where that is too wide, below each other.
fn labels(chain: &Chain, room: usize) -> Vec<String> {
    let links = || chain.links.iter().enumerate();
    let needed =
        links().map(|(depth, link)| BRANCH * depth + width(&link.name) + 1 + width(link.state));
    let step = if needed.max().unwrap_or(0) > room { 0 } else { BRANCH };
    let label = |(depth, link): (usize, &Link)| {
        let branch = branch(depth, step);
        let name = fit(&link.name, room.saturating_sub(width(&branch) + 1 + width(link.state)));
        format!("{branch}{name} {}", link.state)
    };
    links().map(label).collect()
}

/// What leads to a link, where each stands so many cells to the right of the one before.
fn branch(depth: usize, step: usize) -> String {
    match depth {
        0 => String::new(),
        _ => format!("{}└─ ", " ".repeat(step * (depth - 1))),
    }
}

/// `pull 1.2 s · create 0.3 s · start 0.4 s · waiting 7.2 s`.
fn totals(timeline: &Timeline) -> String {
    let kinds: [(&str, &[Kind]); 10] = [
        ("pull", &[Kind::Pull]),
        ("build", &[Kind::Build]),
        ("transfer", &[Kind::Transfer]),
        ("create", &[Kind::Create, Kind::Rename]),
        ("files", &[Kind::Files]),
        ("start", &[Kind::Start]),
        ("hooks", &[Kind::PreStart, Kind::PostStart, Kind::PreStop]),
        ("waiting", &[Kind::Health, Kind::Completion]),
        ("stop", &[Kind::Stop]),
        ("remove", &[Kind::Remove]),
    ];
    let parts = kinds.iter().filter_map(|(word, kinds)| {
        let is_there = timeline.steps.iter().any(|step| kinds.contains(&step.kind));
        is_there.then(|| format!("{word} {}", seconds(timeline.spent(kinds))))
    });
    parts.collect::<Vec<_>>().join(" · ")
}

fn seconds(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::timeline::{Health, TimedStep};

    fn step(service: &str, kind: Kind, after: &[usize], began: u64, ended: u64) -> TimedStep {
        TimedStep {
            service: Some(service.to_owned()),
            kind,
            after: after.to_vec(),
            began,
            ended,
            ..TimedStep::default()
        }
    }

    #[test]
    fn the_chain_is_a_staircase() {
        let timeline = Timeline {
            command: "up".into(),
            steps: vec![
                step("db", Kind::Start, &[], 0, 400),
                step("db", Kind::Health, &[0], 400, 2_000),
                step("web", Kind::Start, &[1], 2_000, 2_300),
            ],
            ..Timeline::default()
        };
        assert_eq!(
            text(&timeline, None, false),
            "web ready @2.3 s, 1.6 s of it waiting for db to be healthy\n\
             web started         @2.3 s    +0.3 s\n\
             └─ db healthy       @2.0 s    +1.6 s\n   \
             └─ db started    @0.4 s    +0.4 s\n\
             start 0.7 s · waiting 1.6 s\n"
        );
    }

    #[test]
    fn a_staircase_that_is_too_wide_becomes_a_list() {
        let name = |number: usize| format!("a-service-with-a-long-name-{number}");
        let mut steps = vec![TimedStep {
            service: Some(name(0)),
            kind: Kind::Health,
            health: Some(Health { unobserved: 1_000, ..Health::default() }),
            ended: 2_000,
            ..TimedStep::default()
        }];
        for number in 1..4 {
            let began = 2_000 * number as u64;
            steps.push(TimedStep {
                service: Some(name(number)),
                kind: Kind::Start,
                after: vec![number - 1],
                began,
                ended: began + 2_000,
                ..TimedStep::default()
            });
        }
        let timeline = Timeline { command: "up".into(), steps, ..Timeline::default() };
        let drawn = text(&timeline, Some(50), false);
        assert_eq!(
            drawn,
            "a-service-with-a-long-name-3 ready @8.0 s, 1.0 s\n  of it waiting for \
             a-service-with-a-long-name-0's\n  next health interval: set start_interval\n\
             a-service-with-a-long… started    @8.0 s    +2.0 s\n\
             └─ a-service-with-a-l… started    @6.0 s    +2.0 s\n\
             └─ a-service-with-a-l… started    @4.0 s    +2.0 s\n\
             └─ a-service-with-a-l… healthy    @2.0 s    +2.0 s\n    \
             1.0 s of it nobody looked: set\n    healthcheck.start_interval\n\
             start 6.0 s · waiting 2.0 s\n"
        );
        let wide = text(&timeline, Some(120), false);
        assert!(wide.contains("\n      └─ "), "{wide}");
    }

    #[test]
    fn names_are_shown_and_lines_fit_however_narrow_the_window_is() {
        let timeline = Timeline {
            command: "up".into(),
            steps: vec![
                step("database", Kind::Create, &[], 0, 400),
                step("database", Kind::Start, &[0], 400, 700),
                step("web", Kind::PostStart, &[1], 700, 12_000),
            ],
            ..Timeline::default()
        };
        assert_eq!(
            text(&timeline, Some(30), false),
            "web ready @12.0 s, 11.3 s of\n  it running post_start of web\n\
             web ran post_start\n    @12.0 s +11.3 s\n\
             └─ database started\n    @0.7 s +0.3 s\n\
             └─ database created\n    @0.4 s +0.4 s\n\
             create 0.4 s · start 0.3 s ·\n  hooks 11.3 s\n"
        );
        for columns in 19..100 {
            let drawn = text(&timeline, Some(columns), false);
            assert!(drawn.lines().all(|line| width(line) <= columns), "{columns}:\n{drawn}");
            assert_eq!(drawn.matches("database").count(), 2, "{columns}:\n{drawn}");
        }
    }
}
