//! The table of services.

use super::fate::{mark, style, word};
use super::{BELOW, Drawing, SENTENCE, containers, with_place};
use crate::stack::preview::{ContainerPreview, ServicePreview};
use crate::ui::style::Style;
use crate::ui::text::{pad, visible, width};

/// Containers of a service for which the same is done for the same reason.
struct Group<'a> {
    service: &'a str,
    first: &'a ContainerPreview,
    names: Vec<&'a str>,
}

impl Drawing {
    pub(super) fn services(&self, services: &[ServicePreview]) -> Vec<String> {
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
        let [one, two, three] = widths;
        let sentences = groups.iter().map(|group| width(&reason(group.first)).min(SENTENCE));
        let needed = 10 + one + two + three + sentences.max().unwrap_or(0);
        let is_narrow = needed > self.columns;
        if !is_narrow {
            let title = format!(
                "    {}  {}  {}  WHY",
                pad("SERVICE", one),
                pad("ACTION", two),
                pad("CONTAINER", three)
            );
            lines.push(Style::DIM.paint(&title, self.colour));
        }
        for group in &groups {
            lines.extend(self.group(group, widths, is_narrow));
        }
        lines
    }

    fn group(&self, group: &Group<'_>, widths: [usize; 3], is_narrow: bool) -> Vec<String> {
        let container = group.first;
        let style = style(container.fate);
        let mark = style.paint(&pad(mark(container.fate), 3), self.colour);
        let action = style.paint(&pad(word(container.fate), widths[1]), self.colour);
        let reason = reason(container);
        let name = pad(&visible(group.service), widths[0]);
        let names = containers(&group.names);
        let mut lines = Vec::new();
        if is_narrow {
            let action = style.paint(word(container.fate), self.colour);
            lines.push(self.beside(&format!("{mark} {} {action}", name.trim_end()), &names));
            if !reason.is_empty() {
                lines.push(self.fitted(&format!("{}{reason}", " ".repeat(BELOW)), BELOW));
            }
        } else {
            let head = format!("{mark} {name}  {action}  {}", pad(&names, widths[2]));
            lines.push(self.beside(&head, &reason));
        }
        lines.extend(self.changes(&container.changes));
        lines
    }
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

/// Why something is done with a container, in a sentence.
fn reason(container: &ContainerPreview) -> String {
    let mut reason = with_place(&container.reason, container.place.as_deref());
    if let Some(image) = &container.replaced_if_new {
        let condition = format!("replaced if {image} turns out to be another image");
        reason = if reason.is_empty() { condition } else { format!("{reason}; {condition}") };
    }
    visible(&reason)
}
