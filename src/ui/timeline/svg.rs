//! A run as a picture: a lane of bars for each service, the critical chain marked.

use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::stack::timeline::{Kind, TimedStep, Timeline};
use crate::ui::xml::escape;

/// Height of a lane.
const LANE: u64 = 26;
/// Width of the picture's part that holds bars.
const WIDE: u64 = 900;
/// Above the first lane.
const TOP: u64 = 64;
/// Width of a character of a label, about.
const CHARACTER: u64 = 8;

/// An SVG document.
pub fn svg(timeline: &Timeline) -> String {
    let chain = timeline.chain();
    let critical: Vec<usize> = chain.links.iter().map(|link| link.step).collect();
    let mut lanes: IndexMap<&str, Vec<(usize, &TimedStep)>> = IndexMap::new();
    for (number, step) in timeline.steps.iter().enumerate() {
        lanes.entry(step.name()).or_default().push((number, step));
    }
    let longest = lanes.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let left = 24 + CHARACTER * u64::try_from(longest.min(40)).unwrap_or(40);
    let total = timeline.duration().max(1);
    let x = |time: u64| left + time.saturating_mul(WIDE) / total;
    let bottom = TOP + LANE * u64::try_from(lanes.len()).unwrap_or(0);
    let (width, height) = (left + WIDE + 60, bottom + 44);

    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
        escape(&chain.summary)
    );
    for tick in ticks(total) {
        let at = x(tick);
        let _ = write!(
            out,
            "<line x1=\"{at}\" y1=\"{}\" x2=\"{at}\" y2=\"{bottom}\" stroke=\"#dddddd\"/>\n\
             <text x=\"{at}\" y=\"{}\" fill=\"#666666\" text-anchor=\"middle\">{}.{} s</text>\n",
            TOP - 8,
            TOP - 14,
            tick / 1000,
            tick % 1000 / 100,
        );
    }
    for (lane, (name, steps)) in (0_u64..).zip(&lanes) {
        let y = TOP + lane * LANE;
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            left - 8,
            y + 17,
            escape(name)
        );
        for (number, step) in steps {
            let _ = write!(out, "{}", bar(step, critical.contains(number), &x, y));
        }
    }
    let mut at = left;
    for (word, kind) in legend(timeline) {
        let _ = writeln!(
            out,
            "<rect x=\"{at}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{}\"/>\
             <text x=\"{}\" y=\"{}\">{word}</text>",
            bottom + 16,
            colour(kind),
            at + 17,
            bottom + 27,
        );
        at += 30 + CHARACTER * u64::try_from(word.len()).unwrap_or(0);
    }
    let _ = write!(
        out,
        "<rect x=\"{at}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"none\" stroke=\"#c00000\" \
         stroke-width=\"2\"/><text x=\"{}\" y=\"{}\">critical chain</text>\n</svg>\n",
        bottom + 16,
        at + 17,
        bottom + 27,
    );
    out
}

fn bar(step: &TimedStep, critical: bool, x: &impl Fn(u64) -> u64, y: u64) -> String {
    let (from, to) = (x(step.began), x(step.ended));
    let mark = if critical { " stroke=\"#c00000\" stroke-width=\"2\"" } else { "" };
    let took = step.took();
    format!(
        "<rect x=\"{from}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"{mark}><title>{}: {} \
         {}.{:03} s</title></rect>\n",
        y + 4,
        to.saturating_sub(from).max(2),
        LANE - 8,
        if step.failed { "#222222" } else { colour(step.kind) },
        escape(&step.subject),
        word(step.kind),
        took / 1000,
        took % 1000,
    )
}

/// Round times, some eight of them.
fn ticks(total: u64) -> impl Iterator<Item = u64> {
    let steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000];
    let step = steps.into_iter().find(|step| total / step <= 9).unwrap_or(total / 8 + 1);
    (0..).map(move |tick| tick * step).take_while(move |time| *time <= total)
}

fn legend(timeline: &Timeline) -> Vec<(&'static str, Kind)> {
    let mut kinds: Vec<(&'static str, Kind)> = Vec::new();
    for kind in timeline.steps.iter().map(|step| step.kind) {
        if !kinds.iter().any(|(_, known)| *known == kind) {
            kinds.push((word(kind), kind));
        }
    }
    kinds
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Pull => "pull",
        Kind::Build => "build",
        Kind::Transfer => "transfer",
        Kind::Create => "create",
        Kind::Start => "start",
        Kind::Health => "waiting for health",
        Kind::Completion => "waiting for completion",
        Kind::Stop => "stop",
        Kind::Remove => "remove",
    }
}

/// Colours that are told apart also by those who see no red or green.
fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Pull => "#56b4e9",
        Kind::Build => "#0072b2",
        Kind::Transfer => "#003f5c",
        Kind::Create => "#009e73",
        Kind::Start => "#f0e442",
        Kind::Health => "#e69f00",
        Kind::Completion => "#cc79a7",
        Kind::Stop => "#d55e00",
        Kind::Remove => "#999999",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_bar_and_the_chain_is_marked() {
        let step = |service: &str, kind, began, ended, after: &[usize]| TimedStep {
            service: Some(service.to_owned()),
            subject: format!("container <{service}>"),
            kind,
            after: after.to_vec(),
            began,
            ended,
            ..TimedStep::default()
        };
        let timeline = Timeline {
            command: "up".into(),
            steps: vec![
                step("db", Kind::Start, 0, 400, &[]),
                step("cache", Kind::Start, 0, 100, &[]),
                step("web", Kind::Start, 400, 800, &[0]),
            ],
            ..Timeline::default()
        };
        let picture = svg(&timeline);
        assert_eq!(picture.matches("<title>").count(), 3);
        assert_eq!(picture.matches("#c00000").count(), 3, "two bars, and the legend");
        assert!(picture.contains("container &lt;web&gt;: start 0.400 s"), "{picture}");
    }
}
