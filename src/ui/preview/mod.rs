//! Draws what a plan comes to ([`crate::stack::preview`]). Pure.
//!
//! The signs in front are understood without colour: `+` is made, `-/+` is replaced, `-` goes, `~`
//! is stopped, started or moved, `!` is an orphan. Nothing is cut: sentences go on below their
//! beginning, and where the columns leave no room for them, what is in them is written below each
//! other.

mod fate;
mod services;

use std::time::Duration;

use fate::{mark, style, word};

use super::style::Style;
use super::text::{hanging, pad, visible, width};
use crate::stack::plan::Change;
use crate::stack::preview::{
    Fate, ImagePreview, NetworkPreview, Preview, ProgramPreview, VolumeFate, VolumePreview,
};

/// Digits of an id that are shown.
const SHORT: usize = 12;
/// Cells that a sentence beside columns must have.
const SENTENCE: usize = 32;
/// Where a sentence begins that stands below its columns.
const BELOW: usize = 6;
/// What stands for a value that is not there.
const NONE: &str = "(none)";

/// The drawing, with a trailing newline; `columns` is the width of the terminal, if it is one.
pub fn preview(preview: &Preview, columns: Option<usize>, colour: bool) -> String {
    Drawing { colour, columns: columns.unwrap_or(usize::MAX) }.draw(preview)
}

struct Drawing {
    colour: bool,
    /// The width of the terminal.
    columns: usize,
}

impl Drawing {
    fn draw(&self, preview: &Preview) -> String {
        let mut lines = self.services(&preview.services);
        let mut section = |title: &str, body: Vec<String>| {
            if !body.is_empty() {
                lines.push(String::new());
                lines.push(Style::STRONG.paint(title, self.colour));
                lines.extend(body);
            }
        };
        section("Images", self.images(&preview.images));
        section("Programs", preview.programs.iter().map(|it| self.program(it)).collect());
        let networks = self.aligned(preview.networks.iter().map(|network| self.network(network)));
        let networks = networks
            .into_iter()
            .zip(&preview.networks)
            .flat_map(|(row, network)| [row].into_iter().chain(self.changes(&network.changes)));
        section("Networks", networks.collect());
        section("Volumes", self.aligned(preview.volumes.iter().map(|volume| self.volume(volume))));
        let mark = Style::HELP.paint("!  ", self.colour);
        let notes =
            preview.notes.iter().map(|note| self.fitted(&format!("{mark} {}", visible(note)), 4));
        section("Notes", notes.collect());
        section("Questions", self.questions(&preview.questions));
        section("Downtime, estimated", self.downtime(preview));
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(self.fitted(&self.summary(preview), 2));
        let mut text = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }

    /// A line that goes on below column `hang` where it is too long.
    fn fitted(&self, line: &str, hang: usize) -> String {
        hanging(line, self.columns, hang)
    }

    /// Columns with a sentence beside them, or below them where that leaves it no room.
    fn beside(&self, head: &str, text: &str) -> String {
        let hang = plain_width(head) + 2;
        if hang + plain_width(text).min(SENTENCE) <= self.columns {
            self.fitted(&format!("{head}  {text}"), hang)
        } else {
            let text = format!("{}{text}", " ".repeat(BELOW));
            format!("{}\n{}", self.fitted(head, BELOW), self.fitted(&text, BELOW))
        }
    }

    /// Columns and the sentence beside each, which begin one below the other where there is room.
    fn aligned(&self, rows: impl Iterator<Item = (String, String)>) -> Vec<String> {
        let rows: Vec<(String, String)> = rows.collect();
        let widest = rows.iter().map(|(head, _)| plain_width(head)).max().unwrap_or(0);
        let sentences = rows.iter().map(|(_, text)| plain_width(text).min(SENTENCE));
        let has_room = widest + 2 + sentences.max().unwrap_or(0) <= self.columns;
        rows.iter()
            .map(|(head, text)| {
                let blank = if has_room { widest - plain_width(head) } else { 0 };
                self.beside(&format!("{head}{:blank$}", ""), text)
            })
            .collect()
    }

    fn changes(&self, changes: &[Change]) -> Vec<String> {
        let cells: Vec<[String; 3]> = changes.iter().map(|change| self.change(change)).collect();
        let column = |index: usize| cells.iter().map(|row| plain_width(&row[index])).max();
        let (first, second) = (column(0).unwrap_or(0), column(1).unwrap_or(0));
        let third = column(2).unwrap_or(0);
        let is_narrow = 12 + first + second + third > self.columns;
        let mut lines = Vec::new();
        for [field, values, place] in cells {
            let place = Style::DIM.paint(&place, self.colour);
            if is_narrow {
                lines.push(self.fitted(&format!("        {field}"), 10));
                lines.push(self.fitted(&format!("          {values}"), 12));
                lines.push(format!("          {place}"));
            } else {
                let blank = " ".repeat(second.saturating_sub(plain_width(&values)));
                lines.push(format!("        {}  {values}{blank}  {place}", pad(&field, first)));
            }
        }
        lines.retain(|line| !line.trim().is_empty());
        lines
    }

    fn change(&self, change: &Change) -> [String; 3] {
        let value = |value: Option<&str>| value.map(visible);
        let (old, new) = (value(change.shown_old()), value(change.shown_new()));
        let values = match (old, new) {
            (None, None) => "changed".to_owned(),
            (old, new) => format!(
                "{} → {}",
                Style::ERROR.paint(old.as_deref().unwrap_or(NONE), self.colour),
                Style::SUCCESS.paint(new.as_deref().unwrap_or(NONE), self.colour)
            ),
        };
        [visible(&change.field), values, visible(change.place.as_deref().unwrap_or_default())]
    }

    fn network(&self, network: &NetworkPreview) -> (String, String) {
        let style = style(network.fate);
        let mark = style.paint(&pad(mark(network.fate), 3), self.colour);
        let word = style.paint(word(network.fate), self.colour);
        let reason = with_place(&network.reason, network.place.as_deref());
        (format!("{mark} {}  {word}", visible(&network.network)), visible(&reason))
    }

    fn images(&self, images: &[ImagePreview]) -> Vec<String> {
        let widest = images.iter().map(|image| image.action.len()).max().unwrap_or(0);
        self.aligned(images.iter().map(|image| self.image(image, widest)))
    }

    fn image(&self, image: &ImagePreview, widest: usize) -> (String, String) {
        let mark = Style::ACTIVE.paint("~  ", self.colour);
        let platform = image.platform.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        let mut text = with_place(&image.reason, image.place.as_deref());
        text.push_str(match (&image.present, image.action) {
            (None, "pull") => "; what is in it is known once it is here",
            (None, _) => "",
            (Some(_), "pull") => "; whether the registry has another one is known after the pull",
            (Some(_), _) => "; whether it becomes another one is known after the build",
        });
        let action = pad(image.action, widest);
        let head = format!("{mark} {action}  {}{platform}", visible(&image.image));
        (head, visible(&text))
    }

    fn program(&self, program: &ProgramPreview) -> String {
        let mark = Style::ACTIVE.paint("~  ", self.colour);
        let reason = with_place(&program.reason, program.place.as_deref());
        let service = program.service.as_deref().unwrap_or_default();
        let text = format!("{reason}; what it brings is known then");
        let head = format!("{mark} {} {}", program.action, visible(service));
        self.beside(&head, &visible(&text))
    }

    fn volume(&self, volume: &VolumePreview) -> (String, String) {
        let names: Vec<&str> = volume.containers.iter().map(String::as_str).collect();
        let who = containers(&names);
        let (mark, style, text) = match volume.fate {
            VolumeFate::Keep => {
                (" ", Style::SUCCESS, format!("keeps its content; mounted by {who}"))
            }
            VolumeFate::Create => {
                ("+", Style::SUCCESS, with_place(&volume.reason, volume.place.as_deref()))
            }
            VolumeFate::PassOn => (
                " ",
                Style::SUCCESS,
                format!("has no name; passes with its content to the new {who}"),
            ),
            VolumeFate::Renew => (
                "-/+",
                Style::WARNING,
                format!("has no name; {who} gets a new, empty one, and this one stays unused"),
            ),
            VolumeFate::Leave if volume.anonymous => {
                ("!", Style::WARNING, format!("has no name; stays unused when {who} goes"))
            }
            VolumeFate::Leave => (
                " ",
                Style::WARNING,
                format!("keeps its content; {who} does not mount it any more"),
            ),
            VolumeFate::Lose => (
                "-/+",
                Style::ALARM,
                format!(
                    "ITS CONTENT IS LOST: {}",
                    with_place(&volume.reason, volume.place.as_deref())
                ),
            ),
        };
        let name = if volume.anonymous { short(&volume.volume) } else { &volume.volume };
        let at = match volume.target.as_str() {
            "" => String::new(),
            target => format!(" at {target}"),
        };
        let mark = style.paint(&pad(mark, 3), self.colour);
        let text = style.paint(&visible(&text), self.colour);
        (format!("{mark} {}{}", visible(name), visible(&at)), text)
    }

    fn questions(&self, questions: &[String]) -> Vec<String> {
        let mark = Style::WARNING.paint("?  ", self.colour);
        questions
            .iter()
            .map(|question| {
                let question = visible(question);
                self.fitted(&format!("{mark} {question} (this plan says no; --yes says yes)"), 4)
            })
            .collect()
    }

    fn downtime(&self, preview: &Preview) -> Vec<String> {
        let down = &preview.downtime;
        let first = down.iter().map(|one| width(&visible(&one.service))).max().unwrap_or(0);
        let spans: Vec<String> = down.iter().map(|it| span(it.at_least, it.at_most)).collect();
        let second = spans.iter().map(|span| width(span)).max().unwrap_or(0);
        down.iter()
            .zip(&spans)
            .map(|(one, span)| {
                let from = Style::DIM.paint(&visible(&one.from.join("; ")), self.colour);
                let name = visible(&one.service);
                let head = format!("    {}  {}", pad(&name, first), pad(span, second));
                self.beside(&head, &from)
            })
            .collect()
    }

    fn summary(&self, preview: &Preview) -> String {
        let totals = &preview.totals;
        let counts = counts(preview);
        let project = visible(&preview.project);
        if preview.is_empty() {
            let rest = if counts.is_empty() { String::new() } else { format!(": {counts}") };
            return Style::SUCCESS.paint(&format!("{project}: nothing to do{rest}"), self.colour);
        }
        let down = match preview.downtime.iter().map(|one| (one.at_least, one.at_most)).reduce(
            |(least, most), (other, bound)| {
                (least.max(other), most.zip(bound).map(|(one, two)| one.max(two)))
            },
        ) {
            Some((least, most)) => format!("down for {}", span(least, most)),
            None if is_conditional(preview) => {
                "no downtime, unless an image turns out to be another one".to_owned()
            }
            None => "no downtime".to_owned(),
        };
        let text = Style::STRONG.paint(&format!("{project}: {counts}"), self.colour);
        let lost = match totals.volumes_lost {
            0 => String::new(),
            1 => "; the content of 1 volume is lost".to_owned(),
            lost => format!("; the content of {lost} volumes is lost"),
        };
        format!("{text}; {down}{}", Style::ALARM.paint(&lost, self.colour))
    }
}

fn counts(preview: &Preview) -> String {
    let totals = &preview.totals;
    let is_new = |network: &&NetworkPreview| network.fate == Fate::Create;
    let new_networks = preview.networks.iter().filter(is_new).count();
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let mut parts = Vec::new();
    for (count, words) in [
        (totals.create, "to create"),
        (totals.replace, "to replace"),
        (totals.restart, "to restart"),
        (totals.start, "to start"),
        (totals.stop, "to stop"),
        (totals.update, "to update"),
        (totals.remove, "to remove"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    if totals.keep > 0 {
        parts.push(format!("{} kept", totals.keep));
    }
    if totals.orphans > 0 {
        parts.push(plural(totals.orphans, "orphan"));
    }
    for (count, one, words) in [
        (totals.pull, "image", "to pull"),
        (totals.build, "image", "to build"),
        (new_networks, "network", "to create"),
        (totals.networks.saturating_sub(new_networks), "network", "to change"),
        (totals.volumes, "volume", "to create"),
    ] {
        if count > 0 {
            parts.push(format!("{} {words}", plural(count, one)));
        }
    }
    parts.join(", ")
}

fn containers(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => visible(one),
        [one, two] => visible(&format!("{one}, {two}")),
        [one, rest @ ..] => visible(&format!("{one} and {} more", rest.len())),
    }
}

/// Whether something is replaced only if a pull or a build brings another image.
fn is_conditional(preview: &Preview) -> bool {
    let mut containers = preview.services.iter().flat_map(|service| &service.containers);
    containers.any(|container| container.replaced_if_new.is_some())
}

fn with_place(reason: &str, place: Option<&str>) -> String {
    match place {
        Some(place) => format!("{reason} ({place})"),
        None => reason.to_owned(),
    }
}

/// `0.3 s to 11.7 s`.
fn span(least: Duration, most: Option<Duration>) -> String {
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    match most {
        Some(most) => format!("{} to {}", seconds(least), seconds(most)),
        None => format!("{} or longer", seconds(least)),
    }
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

fn plain_width(text: &str) -> usize {
    width(&console::strip_ansi_codes(text))
}

#[cfg(test)]
mod tests;
