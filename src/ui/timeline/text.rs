//! The critical chain as an indented list.

use std::fmt::Write as _;

use crate::stack::timeline::{Chain, Kind, Link, Timeline};
use crate::ui::style::Style;
use crate::ui::text::{fit, hanging, pad, width};

/// Cells that the times of a link take, with what stands between.
const TIMES: usize = 20;

/// The summary, the chain from its end to its beginning, and what the whole time went to; `columns`
/// is the width of the terminal, if it is one.
pub fn text(timeline: &Timeline, columns: Option<usize>, colour: bool) -> String {
    let columns = columns.unwrap_or(usize::MAX);
    let chain = timeline.chain();
    let mut text = hanging(&Style::STRONG.paint(&chain.summary, colour), columns, 2);
    text.push('\n');
    let labels = labels(&chain, columns.saturating_sub(TIMES));
    let widest = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    for (label, link) in labels.iter().zip(&chain.links) {
        let (at, took) = (format!("@{}", seconds(link.at)), format!("+{}", seconds(link.took)));
        let took = Style::ACTIVE.paint(&format!("{took:>8}"), colour);
        // Writing to a string cannot fail.
        let _ = write!(text, "{}  {at:>8}  {took}", pad(label, widest));
        if let Some(remark) = &link.remark {
            let painted = Style::WARNING.paint(remark, colour);
            if widest + TIMES + 2 + width(remark) <= columns {
                let _ = write!(text, "  {painted}");
            } else {
                let _ = write!(text, "\n{}", hanging(&format!("    {painted}"), columns, 4));
            }
        }
        text.push('\n');
    }
    for remark in &chain.remarks {
        let _ = writeln!(text, "{}", hanging(&Style::WARNING.paint(remark, colour), columns, 4));
    }
    let totals = totals(timeline);
    if !totals.is_empty() {
        let _ = writeln!(text, "{}", hanging(&Style::DIM.paint(&totals, colour), columns, 2));
    }
    text
}

/// What the links are, as a staircase; where that is too wide, below each other.
fn labels(chain: &Chain, room: usize) -> Vec<String> {
    let label = |depth: usize, link: &Link, step: usize| {
        let branch = match depth {
            0 => String::new(),
            _ => format!("{}└─ ", " ".repeat(step * (depth - 1))),
        };
        let name = fit(&link.name, room.saturating_sub(width(&branch) + 1 + link.state.len()));
        format!("{branch}{name} {}", link.state)
    };
    let needed = chain
        .links
        .iter()
        .enumerate()
        .map(|(depth, link)| 3 * depth + width(&link.name) + 1 + link.state.len());
    let step = if needed.max().unwrap_or(0) > room { 0 } else { 3 };
    chain.links.iter().enumerate().map(|(depth, link)| label(depth, link, step)).collect()
}

/// `pull 1.2 s · create 0.3 s · start 0.4 s · waiting 7.2 s`.
fn totals(timeline: &Timeline) -> String {
    let kinds: [(&str, &[Kind]); 8] = [
        ("pull", &[Kind::Pull]),
        ("build", &[Kind::Build]),
        ("transfer", &[Kind::Transfer]),
        ("create", &[Kind::Create]),
        ("start", &[Kind::Start]),
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

    #[test]
    fn the_chain_is_a_staircase() {
        let step = |service: &str, kind, after: &[usize], began, ended| TimedStep {
            service: Some(service.to_owned()),
            kind,
            after: after.to_vec(),
            began,
            ended,
            ..TimedStep::default()
        };
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
}
