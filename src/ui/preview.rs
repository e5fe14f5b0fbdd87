//! Draws what a plan comes to ([`crate::stack::preview`]). Pure.
//!
//! The signs in front are understood without colour: `+` is made, `-/+` is replaced, `-` goes, `~`
//! is stopped, started or moved, `!` is an orphan. Nothing is cut: where the columns do not fit into
//! the terminal, what is in them is written below each other.

use std::time::Duration;

use super::style::Style;
use super::text::{pad, visible, width};
use crate::stack::plan::Change;
use crate::stack::preview::{
    ContainerPreview, Fate, ImagePreview, Preview, ProgramPreview, ServicePreview, Totals,
    VolumeFate, VolumePreview,
};

/// Digits of an id that are shown.
const SHORT: usize = 12;
/// What stands for a value that is not there.
const NONE: &str = "(none)";

/// The drawing, with a trailing newline; `columns` is the width of the terminal, if it is one.
pub fn preview(preview: &Preview, columns: Option<usize>, colour: bool) -> String {
    let wide = Drawing { colour, narrow: false }.draw(preview);
    let fits = columns.is_none_or(|columns| {
        wide.lines().all(|line| width(&console::strip_ansi_codes(line)) <= columns)
    });
    if fits { wide } else { Drawing { colour, narrow: true }.draw(preview) }
}

struct Drawing {
    colour: bool,
    narrow: bool,
}

/// Containers of a service for which the same is done for the same reason.
struct Group<'a> {
    service: &'a str,
    first: &'a ContainerPreview,
    names: Vec<&'a str>,
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
        section("Images", preview.images.iter().map(|image| self.image(image)).collect());
        section("Programs", preview.programs.iter().map(|it| self.program(it)).collect());
        let networks = preview.networks.iter().map(|network| {
            let reason = with_place(&network.reason, network.place.as_deref());
            self.row(network.fate, &network.network, &reason)
        });
        section("Networks", networks.collect());
        section("Volumes", preview.volumes.iter().map(|volume| self.volume(volume)).collect());
        let mark = Style::HELP.paint("!  ", self.colour);
        let notes = preview.notes.iter().map(|note| format!("{mark} {}", visible(note)));
        section("Notes", notes.collect());
        section("Questions", self.questions(&preview.questions));
        section("Downtime, estimated", self.downtime(preview));
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(self.summary(preview));
        let mut text = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }

    fn services(&self, services: &[ServicePreview]) -> Vec<String> {
        let groups: Vec<Group<'_>> = services.iter().flat_map(groups).collect();
        let column = |cell: &dyn Fn(&Group<'_>) -> usize, title: &str| {
            groups.iter().map(cell).max().unwrap_or(0).max(title.len())
        };
        let widths = [
            column(&|group| width(&visible(group.service)), "SERVICE"),
            column(&|group| word(group.first.fate).len(), "ACTION"),
            column(&|group| width(&containers(&group.names)), "CONTAINER"),
        ];
        let mut lines = Vec::new();
        if groups.is_empty() {
            return lines;
        }
        if !self.narrow {
            let [one, two, three] = widths;
            let title = format!(
                "    {}  {}  {}  WHY",
                pad("SERVICE", one),
                pad("ACTION", two),
                pad("CONTAINER", three)
            );
            lines.push(Style::DIM.paint(&title, self.colour));
        }
        for group in &groups {
            lines.extend(self.group(group, widths));
        }
        lines
    }

    fn group(&self, group: &Group<'_>, widths: [usize; 3]) -> Vec<String> {
        let container = group.first;
        let style = style(container.fate);
        let mark = style.paint(&pad(mark(container.fate), 3), self.colour);
        let action = style.paint(&pad(word(container.fate), widths[1]), self.colour);
        let mut reason = with_place(&container.reason, container.place.as_deref());
        if let Some(image) = &container.replaced_if_new {
            let condition = format!("replaced if {image} turns out to be another image");
            reason = if reason.is_empty() { condition } else { format!("{reason}; {condition}") };
        }
        let reason = visible(&reason);
        let name = pad(&visible(group.service), widths[0]);
        let names = containers(&group.names);
        let mut lines = Vec::new();
        if self.narrow {
            lines.push(format!("{mark} {} {}", name.trim_end(), action.trim_end()));
            lines.push(format!("      {names}"));
            if !reason.is_empty() {
                lines.push(format!("      {reason}"));
            }
        } else {
            lines.push(format!("{mark} {name}  {action}  {}  {reason}", pad(&names, widths[2])));
        }
        lines.extend(self.changes(&container.changes));
        lines
    }

    fn changes(&self, changes: &[Change]) -> Vec<String> {
        let cells: Vec<[String; 3]> = changes.iter().map(|change| self.change(change)).collect();
        let column = |index: usize| cells.iter().map(|row| plain_width(&row[index])).max();
        let (first, second) = (column(0).unwrap_or(0), column(1).unwrap_or(0));
        let mut lines = Vec::new();
        for [field, values, place] in cells {
            let place = Style::DIM.paint(&place, self.colour);
            if self.narrow {
                lines.push(format!("        {field}"));
                lines.push(format!("          {values}"));
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

    fn row(&self, fate: Fate, name: &str, text: &str) -> String {
        let style = style(fate);
        let mark = style.paint(&pad(mark(fate), 3), self.colour);
        let (name, text) = (visible(name), visible(text));
        if self.narrow {
            format!("{mark} {name} {}\n      {text}", style.paint(word(fate), self.colour))
        } else {
            format!("{mark} {name}  {}  {text}", style.paint(word(fate), self.colour))
        }
    }

    fn image(&self, image: &ImagePreview) -> String {
        let mark = Style::ACTIVE.paint("~  ", self.colour);
        let platform = image.platform.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        let mut text = with_place(&image.reason, image.place.as_deref());
        text.push_str(match (&image.present, image.action) {
            (None, "pull") => "; what is in it is known once it is here",
            (None, _) => "",
            (Some(_), "pull") => "; whether the registry has another one is known after the pull",
            (Some(_), _) => "; whether it becomes another one is known after the build",
        });
        let head = format!("{mark} {}  {}{platform}", image.action, visible(&image.image));
        let gap = if self.narrow { "\n      " } else { "  " };
        format!("{head}{gap}{}", visible(&text))
    }

    fn program(&self, program: &ProgramPreview) -> String {
        let mark = Style::ACTIVE.paint("~  ", self.colour);
        let reason = with_place(&program.reason, program.place.as_deref());
        let service = program.service.as_deref().unwrap_or_default();
        let text = format!("{reason}; what it brings is known then");
        let gap = if self.narrow { "\n      " } else { "  " };
        format!("{mark} {} {}{gap}{}", program.action, visible(service), visible(&text))
    }

    fn volume(&self, volume: &VolumePreview) -> String {
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
        let gap = if self.narrow { "\n      " } else { "  " };
        let mark = style.paint(&pad(mark, 3), self.colour);
        let text = style.paint(&visible(&text), self.colour);
        format!("{mark} {}{}{gap}{text}", visible(name), visible(&at))
    }

    fn questions(&self, questions: &[String]) -> Vec<String> {
        let mark = Style::WARNING.paint("?  ", self.colour);
        questions
            .iter()
            .map(|question| {
                format!("{mark} {} (this plan says no; --yes says yes)", visible(question))
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
                if self.narrow {
                    format!("    {name} {span}\n      {from}")
                } else {
                    format!("    {}  {}  {from}", pad(&name, first), pad(span, second))
                }
            })
            .collect()
    }

    fn summary(&self, preview: &Preview) -> String {
        let totals = &preview.totals;
        let counts = counts(totals);
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

fn counts(totals: &Totals) -> String {
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
        (totals.networks, "network", "to change"),
        (totals.volumes, "volume", "to create"),
    ] {
        if count > 0 {
            parts.push(format!("{} {words}", plural(count, one)));
        }
    }
    parts.join(", ")
}

fn groups(service: &ServicePreview) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for container in &service.containers {
        let same = |group: &&mut Group<'_>| {
            let first = group.first;
            (first.fate, &first.reason, &first.changes, &first.replaced_if_new)
                == (
                    container.fate,
                    &container.reason,
                    &container.changes,
                    &container.replaced_if_new,
                )
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.names.push(&container.name),
            None => groups.push(Group {
                service: &service.service,
                first: container,
                names: vec![&container.name],
            }),
        }
    }
    groups
}

fn containers(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => visible(one),
        [one, two] => visible(&format!("{one}, {two}")),
        [one, rest @ ..] => visible(&format!("{one} and {} more", rest.len())),
    }
}

fn mark(fate: Fate) -> &'static str {
    match fate {
        Fate::Keep => "",
        Fate::Create => "+",
        Fate::Replace => "-/+",
        Fate::Remove => "-",
        Fate::Update | Fate::Start | Fate::Restart | Fate::Stop => "~",
        Fate::Orphan => "!",
    }
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Keep => "keep",
        Fate::Create => "create",
        Fate::Replace => "replace",
        Fate::Remove => "remove",
        Fate::Update => "update",
        Fate::Start => "start",
        Fate::Restart => "restart",
        Fate::Stop => "stop",
        Fate::Orphan => "orphan",
    }
}

fn style(fate: Fate) -> Style {
    match fate {
        Fate::Keep => Style::DIM,
        Fate::Create | Fate::Start => Style::SUCCESS,
        Fate::Replace | Fate::Restart | Fate::Update | Fate::Orphan => Style::WARNING,
        Fate::Remove | Fate::Stop => Style::ERROR,
    }
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
mod tests {
    use super::*;
    use crate::stack::preview::{Downtime, ImagePreview};

    fn container(name: &str, fate: Fate, reason: &str, changes: Vec<Change>) -> ContainerPreview {
        ContainerPreview {
            name: name.into(),
            fate,
            reason: reason.into(),
            place: None,
            changes,
            replaced_if_new: None,
            removed: None,
        }
    }

    fn service(name: &str, containers: Vec<ContainerPreview>) -> ServicePreview {
        let fate = containers[0].fate;
        ServicePreview { service: name.into(), fate, containers }
    }

    fn shop() -> Preview {
        let changes = vec![
            Change {
                field: "environment.MODE".into(),
                old: Some("a".into()),
                new: Some("\u{1b}[31mb".into()),
                place: Some("compose.yaml:7:13".into()),
                hidden: false,
            },
            Change {
                field: "ports".into(),
                old: None,
                new: Some("8080:80".into()),
                place: Some("compose.yaml:9:9".into()),
                hidden: false,
            },
        ];
        let web = |number: u32| {
            let name = format!("shop-web-{number}");
            container(&name, Fate::Replace, "service \"web\" changed", changes.clone())
        };
        Preview {
            project: "shop".into(),
            images: vec![ImagePreview {
                action: "pull",
                image: "redis:7".into(),
                reason: "the engine does not have it".into(),
                place: Some("compose.yaml:13:12".into()),
                ..ImagePreview::default()
            }],
            services: vec![
                service("db", vec![container("shop-db-1", Fate::Keep, "", Vec::new())]),
                service("web", vec![web(1), web(2), web(3)]),
            ],
            totals: Totals { replace: 3, keep: 1, pull: 1, steps: 9, ..Totals::default() },
            downtime: vec![Downtime {
                service: "web".into(),
                at_least: Duration::from_millis(300),
                at_most: Some(Duration::from_millis(11_700)),
                from: vec!["stop up to 10 s (the engine's default grace)".into()],
            }],
            ..Preview::default()
        }
    }

    #[test]
    fn columns_where_there_is_room() {
        assert_eq!(
            preview(&shop(), None, false),
            "    SERVICE  ACTION   CONTAINER              WHY
    db       keep     shop-db-1
-/+ web      replace  shop-web-1 and 2 more  service \"web\" changed
        environment.MODE  a → \u{fffd}[31mb        compose.yaml:7:13
        ports             (none) → 8080:80  compose.yaml:9:9

Images
~   pull  redis:7  the engine does not have it (compose.yaml:13:12); what is in it is known once it is here

Downtime, estimated
    web  0.3 s to 11.7 s  stop up to 10 s (the engine's default grace)

shop: 3 to replace, 1 kept, 1 image to pull; down for 0.3 s to 11.7 s
"
        );
    }

    #[test]
    fn below_each_other_where_there_is_none() {
        assert_eq!(
            preview(&shop(), Some(60), false),
            "    db keep
      shop-db-1
-/+ web replace
      shop-web-1 and 2 more
      service \"web\" changed
        environment.MODE
          a → \u{fffd}[31mb
          compose.yaml:7:13
        ports
          (none) → 8080:80
          compose.yaml:9:9

Images
~   pull  redis:7
      the engine does not have it (compose.yaml:13:12); what is in it is known once it is here

Downtime, estimated
    web 0.3 s to 11.7 s
      stop up to 10 s (the engine's default grace)

shop: 3 to replace, 1 kept, 1 image to pull; down for 0.3 s to 11.7 s
"
        );
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let coloured = preview(&shop(), None, true);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(console::strip_ansi_codes(&coloured), preview(&shop(), None, false));
    }
}
