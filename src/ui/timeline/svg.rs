//! A run as a picture: a lane of bars for each service, the critical chain marked.

use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::stack::timeline::{Chain, Kind, Outcome, TimedStep, Timeline};
use crate::ui::text::{fit, width, wrapped};
use crate::ui::xml::{CHARACTER, DARK, MONOSPACE, escape};

/// Height of a row of bars; steps of a service that go on at the same time have a row each.
const ROW: u64 = 22;
/// Space between lanes.
const SPACE: u64 = 6;
/// Width of the picture's part that holds bars.
const WIDE: u64 = 900;
/// Height of a line of text.
const TEXT: u64 = 20;
/// Cells of a name that are shown.
const LONGEST: usize = 40;
/// Colour of what failed.
const FAILED: &str = "#222222";
/// Colour of what was given up.
const CANCELLED: &str = "#dddddd";
/// The least width of a bar that has its duration in it.
const ROOMY: u64 = 48;

/// What a service, or a thing that belongs to none, went through.
#[derive(Default)]
struct Lane<'a> {
    /// Steps that do not overlap, by their numbers.
    rows: Vec<Vec<(usize, &'a TimedStep)>>,
}

impl<'a> Lane<'a> {
    fn add(&mut self, number: usize, step: &'a TimedStep) {
        let is_free = |row: &&mut Vec<(usize, &TimedStep)>| {
            row.iter().all(|(_, other)| other.ended <= step.began || step.ended <= other.began)
        };
        match self.rows.iter_mut().find(is_free) {
            Some(row) => row.push((number, step)),
            None => self.rows.push(vec![(number, step)]),
        }
    }

    fn height(&self) -> u64 {
        self.rows.len() as u64 * ROW
    }
}

/// An SVG document.
pub fn svg(timeline: &Timeline) -> String {
    let chain = timeline.chain();
    let critical: Vec<usize> = chain.links.iter().map(|link| link.step).collect();
    let mut lanes: IndexMap<&str, Lane<'_>> = IndexMap::new();
    for (number, step) in timeline.steps.iter().enumerate() {
        lanes.entry(step.name()).or_default().add(number, step);
    }
    let longest = lanes.keys().map(|name| width(name)).max().unwrap_or(0).min(LONGEST);
    let left = 24 + CHARACTER * longest as u64;
    let total = timeline.duration().max(1);
    let x = |time: u64| left + time.saturating_mul(WIDE) / total;
    let wide = left + WIDE + 60;
    let titles = lines_of(&chain.summary, wide, 9);
    let top = 44 + TEXT * titles.len() as u64;
    let bottom = top + lanes.values().map(|lane| lane.height() + SPACE).sum::<u64>();
    let remarks = remarks(&chain, wide);
    let height = bottom + 44 + TEXT * remarks.len() as u64;

    let mut out = head(wide, height);
    // Writing to a string cannot fail.
    for (line, title) in (0_u64..).zip(&titles) {
        let _ = writeln!(
            out,
            "<text class=\"ink\" x=\"12\" y=\"{}\" font-size=\"15\" font-weight=\"bold\">{}</text>",
            24 + line * TEXT,
            escape(title)
        );
    }
    for tick in ticks(total) {
        let at = x(tick);
        let _ = write!(
            out,
            "<line class=\"rule\" x1=\"{at}\" y1=\"{}\" x2=\"{at}\" y2=\"{bottom}\" stroke=\"#dddddd\"/>\n\
             <text class=\"quiet\" x=\"{at}\" y=\"{}\" fill=\"#666666\" text-anchor=\"middle\">{}.{} \
             s</text>\n",
            top - 8,
            top - 14,
            tick / 1000,
            tick % 1000 / 100,
        );
    }
    let mut y = top;
    for (name, lane) in &lanes {
        let _ = writeln!(
            out,
            "<text class=\"ink\" x=\"{}\" y=\"{}\" {MONOSPACE} text-anchor=\"end\">{}</text>",
            left - 8,
            y + 15,
            escape(&fit(name, LONGEST))
        );
        for row in &lane.rows {
            for (number, step) in row {
                out.push_str(&bar(step, critical.contains(number), &x, y));
            }
            y += ROW;
        }
        y += SPACE;
    }
    out.push_str(&legend(timeline, left, bottom + 16));
    for (line, remark) in (0_u64..).zip(&remarks) {
        let _ = writeln!(
            out,
            "<text class=\"ink\" x=\"12\" y=\"{}\">{}</text>",
            bottom + 54 + line * TEXT,
            escape(remark)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// The beginning of the document: its colours, and the ground.
fn head(width: u64, height: u64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         {DARK}<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    )
}

/// A sentence in lines that fit into the picture, with so many pixels for a character.
fn lines_of(text: &str, wide: u64, character: u64) -> Vec<String> {
    wrapped(text, usize::try_from((wide - 24) / character).unwrap_or(usize::MAX))
}

/// What there is to say of the steps that took long, each in lines that fit.
fn remarks(chain: &Chain, wide: u64) -> Vec<String> {
    let of_links = chain.links.iter().filter_map(|link| {
        let remark = link.remark.as_ref()?;
        Some(format!("{} {}: {remark}", link.name, link.state))
    });
    let all = of_links.chain(chain.remarks.iter().cloned());
    all.flat_map(|remark| lines_of(&remark, wide, CHARACTER)).collect()
}

fn bar(step: &TimedStep, critical: bool, x: &impl Fn(u64) -> u64, y: u64) -> String {
    let (from, to) = (x(step.began), x(step.ended));
    let wide = to.saturating_sub(from).max(2);
    let mark = if critical { " class=\"mark\" stroke=\"#c00000\" stroke-width=\"2\"" } else { "" };
    let took = step.took();
    let (fill, ink) = match step.outcome {
        Outcome::Done => colours(step.kind),
        Outcome::Failed => (FAILED, "#ffffff"),
        Outcome::Cancelled => (CANCELLED, "#000000"),
    };
    let mut bar = format!(
        "<rect x=\"{from}\" y=\"{}\" width=\"{wide}\" height=\"{}\" fill=\"{fill}\"{mark}><title>{}: {} \
         {}.{:03} s</title></rect>\n",
        y + 2,
        ROW - 4,
        escape(&step.subject),
        word(step.kind),
        took / 1000,
        took % 1000,
    );
    if wide >= ROOMY {
        let tenths = (took + 50) / 100;
        let _ = writeln!(
            bar,
            "<text x=\"{}\" y=\"{}\" fill=\"{ink}\" font-size=\"11\" text-anchor=\"middle\" \
             pointer-events=\"none\">{}.{} s</text>",
            from + wide / 2,
            y + 15,
            tenths / 10,
            tenths % 10,
        );
    }
    bar
}

/// Round times, some eight of them.
fn ticks(total: u64) -> impl Iterator<Item = u64> {
    let steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000];
    let step = steps.into_iter().find(|step| total / step <= 9).unwrap_or(total / 8 + 1);
    (0..).map(move |tick| tick * step).take_while(move |time| *time <= total)
}

/// What the colours mean.
fn legend(timeline: &Timeline, left: u64, y: u64) -> String {
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in timeline.steps.iter().map(|step| step.kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let mut squares: Vec<(&str, String)> =
        kinds.iter().map(|kind| (word(*kind), format!("fill=\"{}\"", colours(*kind).0))).collect();
    for (outcome, word, fill) in
        [(Outcome::Failed, "failed", FAILED), (Outcome::Cancelled, "given up", CANCELLED)]
    {
        if timeline.steps.iter().any(|step| step.outcome == outcome) {
            squares.push((word, format!("fill=\"{fill}\" stroke=\"#999999\"")));
        }
    }
    squares.push((
        "critical chain",
        "fill=\"none\" class=\"mark\" stroke=\"#c00000\" stroke-width=\"2\"".to_owned(),
    ));
    let mut out = String::new();
    let mut at = left;
    for (word, look) in squares {
        let _ = writeln!(
            out,
            "<rect x=\"{at}\" y=\"{y}\" width=\"12\" height=\"12\" {look}/><text class=\"ink\" x=\"{}\" \
             y=\"{}\">{word}</text>",
            at + 17,
            y + 11,
        );
        at += 30 + CHARACTER * word.len() as u64;
    }
    out
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Pull => "pull",
        Kind::Build => "build",
        Kind::Transfer => "transfer",
        Kind::Create => "create",
        Kind::Rename => "rename",
        Kind::Files => "write files",
        Kind::PreStart => "pre_start",
        Kind::Start => "start",
        Kind::PostStart => "post_start",
        Kind::Health => "waiting for health",
        Kind::Completion => "waiting for completion",
        Kind::PreStop => "pre_stop",
        Kind::Stop => "stop",
        Kind::Remove => "remove",
    }
}

/// Colours that are told apart also by those who see no red or green, and that of text on them.
fn colours(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Pull => ("#56b4e9", "#000000"),
        Kind::Build => ("#0072b2", "#ffffff"),
        Kind::Transfer => ("#003f5c", "#ffffff"),
        Kind::Create => ("#009e73", "#000000"),
        Kind::Rename => ("#88ccee", "#000000"),
        Kind::Files => ("#117733", "#ffffff"),
        Kind::PreStart => ("#332288", "#ffffff"),
        Kind::Start => ("#f0e442", "#000000"),
        Kind::PostStart => ("#882255", "#ffffff"),
        Kind::Health => ("#e69f00", "#000000"),
        Kind::Completion => ("#cc79a7", "#000000"),
        Kind::PreStop => ("#661100", "#ffffff"),
        Kind::Stop => ("#d55e00", "#000000"),
        Kind::Remove => ("#999999", "#000000"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(service: &str, kind: Kind, began: u64, ended: u64, after: &[usize]) -> TimedStep {
        TimedStep {
            service: Some(service.to_owned()),
            subject: format!("container <{service}>"),
            kind,
            after: after.to_vec(),
            began,
            ended,
            ..TimedStep::default()
        }
    }

    #[test]
    fn every_step_is_a_bar_and_the_chain_is_marked() {
        let timeline = Timeline {
            command: "up".into(),
            steps: vec![
                step("db", Kind::Start, 0, 400, &[]),
                step("cache", Kind::Start, 0, 100, &[]),
                step("web", Kind::Start, 400, 800, &[0]),
                step("web", Kind::PostStart, 800, 1_800, &[2]),
            ],
            ..Timeline::default()
        };
        let picture = svg(&timeline);
        assert_eq!(picture.matches("<title>").count(), 4);
        assert_eq!(picture.matches("#c00000").count(), 4, "three bars, and the legend");
        assert!(picture.contains("container &lt;web&gt;: post_start 1.000 s"), "{picture}");
        assert!(picture.contains("container &lt;web&gt;: start 0.400 s"), "{picture}");
    }
    #[test]
    fn what_failed_and_what_was_given_up_look_different() {
        let with = |outcome, step| TimedStep { outcome, ..step };
        let steps = vec![
            with(Outcome::Failed, step("job", Kind::Completion, 0, 900, &[])),
            with(Outcome::Cancelled, step("db", Kind::Health, 0, 900, &[])),
        ];
        let picture = svg(&Timeline { steps, ..Timeline::default() });
        for (fill, word) in [(FAILED, ">failed<"), (CANCELLED, ">given up<")] {
            assert_eq!(picture.matches(&format!("fill=\"{fill}\"")).count(), 2, "{picture}");
            assert!(picture.contains(word), "{picture}");
        }
        assert_eq!(picture.matches("#c00000").count(), 2, "what failed, and the legend");
    }
}
