//! The tree for a terminal: what nobody needs stands on the left, what it needs below it.

use super::{Mood, Node, Picture};
use crate::ui::style::Style;
use crate::ui::text::{hanging, pad, width};

/// One line of the tree.
struct Row<'a> {
    /// Branches and name.
    label: String,
    /// What it is needed for: `healthy`.
    condition: String,
    service: Option<&'a Node>,
    /// Whether what it needs stands elsewhere.
    again: bool,
}

/// Columns that a list of networks must have to go on below its beginning.
const ROOMY: usize = 20;

/// The tree, a line for each service and for each further need of it; `columns` is the width of the
/// terminal, if it is one.
pub fn tree(picture: &Picture, columns: Option<usize>, colour: bool) -> String {
    let columns = columns.unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    let mut seen = Vec::new();
    let is_needed = |name: &str| picture.needs.iter().any(|need| need.needs == name);
    let roots: Vec<&Node> =
        picture.services.iter().filter(|service| !is_needed(&service.name)).collect();
    for root in roots {
        let label = root.name.clone();
        add(picture, &mut rows, &mut seen, label, String::new(), &root.name, "");
    }
    let label_width = rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    let condition_width = rows.iter().map(|row| width(&row.condition)).max().unwrap_or(0);
    let state_width = picture.services.iter().map(|one| width(state(Some(one)))).max().unwrap_or(0);
    let mut text = format!("{}\n", Style::STRONG.paint(&picture.project, colour));
    for row in rows {
        let mood = row.service.and_then(|service| service.state.as_ref()).map(|state| state.mood);
        let glyph = mood.map(|mood| {
            let (glyph, style) = appearance(mood);
            format!("{} ", style.paint(glyph, colour))
        });
        let mut line = format!("{}  ", pad(&row.label, label_width));
        let mut hang = 6;
        if condition_width > 0 {
            let condition = pad(&row.condition, condition_width);
            line.push_str(&Style::DIM.paint(&condition, colour));
            line.push_str("  ");
        }
        if row.again {
            line.push_str(&Style::DIM.paint("see above", colour));
        } else {
            line.push_str(&glyph.unwrap_or_default());
            line.push_str(&pad(state(row.service), state_width));
            let beside = width(&console::strip_ansi_codes(&line)) + 3;
            if beside.saturating_add(ROOMY) <= columns {
                hang = beside;
            }
            let networks = row.service.map(|service| service.networks.join(", "));
            if let Some(networks) = networks.filter(|networks| !networks.is_empty()) {
                line.push_str(&Style::DIM.paint(&format!("  [{networks}]"), colour));
            }
        }
        text.push_str(&hanging(line.trim_end(), columns, hang));
        text.push('\n');
    }
    text
}

fn add<'a>(
    picture: &'a Picture,
    rows: &mut Vec<Row<'a>>,
    seen: &mut Vec<&'a str>,
    label: String,
    condition: String,
    name: &'a str,
    indent: &str,
) {
    let needs: Vec<_> = picture.needs_of(name).collect();
    let again = seen.contains(&name);
    rows.push(Row { label, condition, service: picture.service(name), again });
    if again {
        return;
    }
    seen.push(name);
    for (at, need) in needs.iter().enumerate() {
        let is_last = at + 1 == needs.len();
        let (branch, below) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let label = format!("{indent}{branch}{}", need.needs);
        let indent = format!("{indent}{below}");
        add(picture, rows, seen, label, need.words(), &need.needs, &indent);
    }
}

fn state(service: Option<&Node>) -> &str {
    service.and_then(|service| service.state.as_ref()).map_or("", |state| state.text.as_str())
}

fn appearance(mood: Mood) -> (&'static str, Style) {
    match mood {
        Mood::Absent => ("○", Style::DIM),
        Mood::Well => ("●", Style::SUCCESS),
        Mood::Partly => ("◐", Style::WARNING),
        Mood::Completed => ("✔", Style::ACTIVE),
        Mood::Failed => ("✘", Style::ERROR),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shop;
    use super::*;

    #[test]
    fn what_a_service_needs_stands_below_it_once() {
        let lines: Vec<String> = tree(&shop(), None, false).lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "shop",
                "web                            ◐ 2 of 3 running    [back, front]",
                "└─ db       healthy            ● running, healthy  [back]",
                "worker                         ○ not created       [back]",
                "├─ migrate  completed          ✘ exited (1)        [back]",
                "│  └─ db    healthy            see above",
                "└─ db       started, optional  see above",
            ]
        );
        let mut offline = shop();
        offline.services.iter_mut().for_each(|service| service.state = None);
        assert_eq!(
            tree(&offline, None, false).lines().nth(1),
            Some("web                              [back, front]")
        );
    }

    #[test]
    fn many_networks_go_on_below_each_other() {
        let mut picture = shop();
        picture.services.truncate(1);
        picture.needs.clear();
        picture.services[0].networks = (1..6).map(|number| format!("network-{number}")).collect();
        let lines: Vec<String> =
            tree(&picture, Some(50), false).lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "shop",
                "db  ● running, healthy  [network-1, network-2,",
                "                         network-3, network-4,",
                "                         network-5]",
            ]
        );
    }
}
