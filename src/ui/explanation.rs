//! Draws where a value came from ([`crate::compose::explain`]). Pure.

use std::path::Path;

use super::style::Style;
use super::text::{pad, visible, width};
use crate::compose::explain::{
    Candidate, Entry, Explanation, Kind, Outcome, Place, Source, VariableUse,
};

/// Cells of a column; what is longer is not cut, and pushes what follows.
const WIDEST: usize = 44;

/// The drawing, with a trailing newline. Places are relative to `directory` where they are below it.
pub fn explanation(explanation: &Explanation, directory: &Path, colour: bool) -> String {
    let drawing = Drawing { directory, colour };
    let mut lines = vec![drawing.title(explanation), String::new()];
    lines.extend(drawing.candidates(&explanation.candidates, "  "));
    if explanation.candidates.is_empty() && explanation.kind != Kind::Variable {
        lines.push(format!("  {}", drawing.dim("nothing says it")));
    }
    if !explanation.entries.is_empty() {
        lines.push(String::new());
        lines.extend(drawing.entries(&explanation.entries));
    }
    if !explanation.uses.is_empty() {
        lines.extend([String::new(), "Used in:".to_owned()]);
        lines.extend(drawing.uses(&explanation.uses));
    }
    if !explanation.notes.is_empty() || explanation.rule.is_some() {
        lines.push(String::new());
    }
    let rule = explanation.rule.as_ref().map(|rule| format!("rule: {rule}"));
    let notes = explanation.notes.iter().map(|note| format!("note: {note}"));
    for text in rule.into_iter().chain(notes) {
        let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
        lines.push(format!("{} {}", Style::HELP.paint(word, colour), visible(rest)));
    }
    // Nothing to align leaves blanks behind.
    let mut lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    let mut text = lines.join("\n").trim_end().to_owned();
    text.push('\n');
    text
}

struct Drawing<'d> {
    directory: &'d Path,
    colour: bool,
}

impl Drawing<'_> {
    fn title(&self, explanation: &Explanation) -> String {
        let path = Style::STRONG.paint(&visible(&explanation.path), self.colour);
        match (&explanation.value, explanation.kind) {
            (None, Kind::Variable) => format!("{path} is not set"),
            (None, _) => format!("{path} is not there"),
            (Some(_), Kind::Collection) => {
                let what = match &explanation.value {
                    Some(serde_json::Value::Array(_)) => "item",
                    _ => "entry",
                };
                let count = explanation.entries.len();
                let what = match (what, count) {
                    ("item", 1) => "item",
                    ("item", _) => "items",
                    (_, 1) => "entry",
                    _ => "entries",
                };
                format!("{path}: {count} {what}")
            }
            (Some(value), _) => format!("{path} = {}", visible(&value.to_string())),
        }
    }

    /// A line for each candidate, with what led to it and what is in it below.
    fn candidates(&self, candidates: &[Candidate], indent: &str) -> Vec<String> {
        let places: Vec<String> = candidates.iter().map(|it| self.source(it)).collect();
        let written: Vec<String> = candidates.iter().map(|it| visible(&it.written)).collect();
        let (first, second) = (widest(&places), widest(&written));
        let mut lines = Vec::new();
        for ((candidate, place), written) in candidates.iter().zip(&places).zip(&written) {
            let (mark, style) = mark(candidate.outcome);
            let mut reason = visible(&candidate.reason);
            if let Some(by) = &candidate.by {
                reason = format!("{reason} ({})", self.place(by));
            }
            if let Some(word) = word(candidate.outcome).filter(|_| !reason.contains("overridden")) {
                reason =
                    if reason.is_empty() { word.to_owned() } else { format!("{word}: {reason}") };
            }
            let row = format!("{}  {}", pad(place, first), pad(written, second));
            let row = if loses(candidate.outcome) { self.dim(&row) } else { row };
            lines.push(format!("{indent}{} {row}  {reason}", style.paint(mark, self.colour)));
            for step in &candidate.via {
                let place = step.place.as_ref().map(|place| format!(" ({})", self.place(place)));
                let text = visible(&step.text);
                lines.push(format!("{indent}    ↳ {text}{}", place.unwrap_or_default()));
            }
            for made in &candidate.made {
                lines.push(format!("{indent}    → {}", visible(made)));
            }
            // What is in a text that lost is seldom what one wants to know.
            if !loses(candidate.outcome) {
                for used in &candidate.variables {
                    lines.extend(self.used(used, &format!("{indent}    ")));
                }
            }
        }
        lines
    }

    /// A use of a variable, and what gave the variable its value.
    fn used(&self, used: &VariableUse, indent: &str) -> Vec<String> {
        let becomes = used.becomes.as_ref().map_or("an error".to_owned(), |it| format!("{it:?}"));
        let written = visible(&used.written);
        let reason = visible(&used.reason);
        let mut lines = vec![format!("{indent}{written} → {}  {reason}", visible(&becomes))];
        lines.extend(self.candidates(&used.candidates, &format!("{indent}  ")));
        if used.candidates.is_empty() {
            let text =
                format!("{indent}  · {} is set neither in the shell nor in an env file", used.name);
            lines.push(self.dim(&visible(&text)));
        }
        for used in &used.within {
            lines.extend(self.used(used, &format!("{indent}  ")));
        }
        lines
    }

    fn uses(&self, uses: &[VariableUse]) -> Vec<String> {
        let place = |used: &VariableUse| {
            used.place.as_ref().map_or_else(String::new, |place| self.place(place))
        };
        let rows: Vec<[String; 4]> = uses
            .iter()
            .map(|used| {
                let becomes = used.becomes.as_ref();
                let becomes = becomes.map_or("an error".to_owned(), |it| format!("{it:?}"));
                let path = used.path.clone().unwrap_or_default();
                let written = format!("{} → {becomes}", used.written);
                [place(used), visible(&path), visible(&written), visible(&used.reason)]
            })
            .collect();
        self.rows(&rows)
    }

    fn entries(&self, entries: &[Entry]) -> Vec<String> {
        let rows: Vec<[String; 4]> = entries
            .iter()
            .map(|entry| {
                let place = entry.place.as_ref().map_or_else(String::new, |it| self.place(it));
                let mut notes = Vec::new();
                notes.extend(entry.origin.as_ref().map(|origin| visible(origin)));
                match entry.others {
                    0 => {}
                    1 => notes.push("1 other candidate".to_owned()),
                    others => notes.push(format!("{others} other candidates")),
                }
                let value = short(&entry.value);
                [visible(&entry.key), visible(&value), place, notes.join("; ")]
            })
            .collect();
        self.rows(&rows)
    }

    fn rows(&self, rows: &[[String; 4]]) -> Vec<String> {
        let column = |index: usize| {
            let cells: Vec<String> = rows.iter().map(|row| row[index].clone()).collect();
            widest(&cells)
        };
        let widths = [column(0), column(1), column(2)];
        rows.iter()
            .map(|[one, two, three, four]| {
                let row = [pad(one, widths[0]), pad(two, widths[1]), pad(three, widths[2])];
                format!("  {}  {}", row.join("  "), self.dim(four))
            })
            .collect()
    }

    /// Where a candidate is from.
    fn source(&self, candidate: &Candidate) -> String {
        match (&candidate.source, &candidate.place) {
            (Source::Compose, _) => "(implied)".to_owned(),
            (_, Some(place)) => self.place(place),
            (Source::Shell, None) => "shell".to_owned(),
            (Source::Flag, None) => "command line".to_owned(),
            (Source::ProjectName, None) => "project name".to_owned(),
            (Source::Directory, None) => "directory".to_owned(),
            (Source::File | Source::EnvFile | Source::LabelFile, None) => String::new(),
        }
    }

    fn place(&self, place: &Place) -> String {
        let file = place.file.strip_prefix(self.directory).unwrap_or(&place.file);
        visible(&format!("{}:{}:{}", file.display(), place.line, place.column))
    }

    fn dim(&self, text: &str) -> String {
        Style::DIM.paint(text, self.colour)
    }
}

fn mark(outcome: Outcome) -> (&'static str, Style) {
    match outcome {
        Outcome::Wins | Outcome::Kept => ("✓", Style::SUCCESS),
        Outcome::Partly => ("◐", Style::WARNING),
        Outcome::Removes => ("−", Style::WARNING),
        Outcome::Undecided => ("?", Style::WARNING),
        Outcome::Overridden | Outcome::Ignored | Outcome::Removed => ("✗", Style::ERROR),
    }
}

/// The word in front of the reason, where the reason does not say it.
fn word(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Wins => Some("wins"),
        Outcome::Kept => Some("kept"),
        Outcome::Partly => Some("kept in part"),
        Outcome::Overridden => Some("overridden"),
        Outcome::Ignored => Some("ignored"),
        Outcome::Undecided => Some("undecided"),
        Outcome::Removed | Outcome::Removes => None,
    }
}

fn loses(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Overridden | Outcome::Ignored | Outcome::Removed)
}

/// The width of a column.
fn widest(cells: &[String]) -> usize {
    cells.iter().map(|cell| width(cell)).filter(|it| *it <= WIDEST).max().unwrap_or(0)
}

/// A value in a few words.
fn short(value: &serde_json::Value) -> String {
    let text = flow(value);
    if text.chars().count() <= WIDEST {
        return text;
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// A value on one line, as YAML has it.
fn flow(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        serde_json::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        value => value.to_string(),
    }
}
