//! The critical chain as an indented list.

use std::fmt::Write as _;

use crate::stack::timeline::{Kind, Timeline};
use crate::ui::style::Style;
use crate::ui::text::{pad, width};

/// The summary, the chain from its end to its beginning, and what the whole time went to.
pub fn text(timeline: &Timeline, colour: bool) -> String {
    let chain = timeline.chain();
    let mut text = Style::STRONG.paint(&chain.summary, colour);
    text.push('\n');
    let label = |depth: usize, name: &str, state: &str| {
        let branch =
            if depth == 0 { String::new() } else { format!("{}└─ ", "   ".repeat(depth - 1)) };
        format!("{branch}{name} {state}")
    };
    let labels: Vec<String> = chain
        .links
        .iter()
        .enumerate()
        .map(|(depth, link)| label(depth, &link.name, link.state))
        .collect();
    let widest = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    for (label, link) in labels.iter().zip(&chain.links) {
        let (at, took) = (format!("@{}", seconds(link.at)), format!("+{}", seconds(link.took)));
        let took = Style::ACTIVE.paint(&format!("{took:>8}"), colour);
        // Writing to a string cannot fail.
        let _ = write!(text, "{}  {at:>8}  {took}", pad(label, widest));
        if let Some(remark) = &link.remark {
            let _ = write!(text, "  {}", Style::WARNING.paint(remark, colour));
        }
        text.push('\n');
    }
    for remark in &chain.remarks {
        let _ = writeln!(text, "{}", Style::WARNING.paint(remark, colour));
    }
    let totals = totals(timeline);
    if !totals.is_empty() {
        let _ = writeln!(text, "{}", Style::DIM.paint(&totals, colour));
    }
    text
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
    use crate::stack::timeline::TimedStep;

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
            text(&timeline, false),
            "web ready @2.3 s, 1.6 s of it waiting for db to be healthy\n\
             web started         @2.3 s    +0.3 s\n\
             └─ db healthy       @2.0 s    +1.6 s\n   \
             └─ db started    @0.4 s    +0.4 s\n\
             start 0.7 s · waiting 1.6 s\n"
        );
    }
}
