//! A picture that needs no other program: a column for each level of needs, what is needed on the
//! left.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Mood, Need, Picture};
use crate::ui::xml::escape;

/// Width of a character, about.
const CHARACTER: usize = 8;
/// Height of a box, and the space below it.
const BOX: (usize, usize) = (58, 26);
/// Space between columns, where arrows and their words are.
const GAP: usize = 130;
/// Around everything.
const MARGIN: usize = 30;
/// Characters of a text that are shown.
const LONGEST: usize = 30;

/// Colours of networks, in their order; then the round begins again.
const NETWORKS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// An SVG document.
pub fn svg(picture: &Picture) -> String {
    let columns = columns(picture);
    let longest = picture.services.iter().flat_map(|service| {
        let state = service.state.as_ref().map_or(0, |state| state.text.chars().count());
        [service.name.chars().count(), state]
    });
    let box_width = 40 + CHARACTER * longest.max().unwrap_or(8).clamp(8, LONGEST);
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let width = 2 * MARGIN + columns.len() * (box_width + GAP) - GAP.min(columns.len() * GAP);
    let legend = MARGIN + 30 + tallest * (BOX.0 + BOX.1);
    let (width, height) = (width.max(320), legend + 40);

    let mut places: HashMap<&str, (usize, usize)> = HashMap::new();
    for (column, names) in columns.iter().enumerate() {
        // Shorter columns stand in the middle.
        let above = (tallest - names.len()) * (BOX.0 + BOX.1) / 2;
        for (row, name) in names.iter().enumerate() {
            let x = MARGIN + column * (box_width + GAP);
            let y = MARGIN + 20 + above + row * (BOX.0 + BOX.1);
            places.insert(name, (x, y));
        }
    }
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" fill=\"#555555\"/></marker>\
         </defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"28\" font-size=\"16\" font-weight=\"bold\">{}</text>\n",
        escape(&picture.project)
    );
    for need in &picture.needs {
        let (Some(from), Some(to)) =
            (places.get(need.service.as_str()), places.get(need.needs.as_str()))
        else {
            continue;
        };
        let (port, ports) = port(picture, need, &places);
        let (x1, y1) = (from.0, from.1 + BOX.0 * (port + 1) / (ports + 1));
        let (x2, y2) = (to.0 + box_width, to.1 + BOX.0 / 2);
        let bend = x1.saturating_sub(x2) / 2;
        let dash = if need.optional { " stroke-dasharray=\"5 4\"" } else { "" };
        let _ = write!(
            out,
            "<path d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#555555\"{dash} \
             marker-end=\"url(#arrow)\"/>\n<text x=\"{}\" y=\"{}\" fill=\"#555555\" font-size=\"11\" \
             text-anchor=\"end\">{}</text>\n",
            x1.saturating_sub(bend),
            x2 + bend,
            x1 - 10,
            y1 - 5,
            need.condition
        );
    }
    for service in &picture.services {
        let Some((x, y)) = places.get(service.name.as_str()) else { continue };
        let mood = service.state.as_ref().map(|state| state.mood);
        let (fill, stroke) = mood.map_or(("#ffffff", "#555555"), colours);
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{box_width}\" height=\"{}\" rx=\"8\" fill=\"{fill}\" \
             stroke=\"{stroke}\" stroke-width=\"1.5\"/>\n\
             <text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>\n",
            BOX.0,
            x + 12,
            y + 22,
            escape(&cut(&service.name))
        );
        if let Some(state) = &service.state {
            let (x, y) = (x + 12, y + 40);
            let text = escape(&cut(&state.text));
            let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"#333333\">{text}</text>");
        }
        for (at, network) in service.networks.iter().enumerate() {
            let (x, y) = (x + box_width - 14 - at * 14, y + BOX.0);
            let _ = writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"6\" fill=\"{}\" stroke=\"#ffffff\"><title>network {}\
                 </title></circle>",
                network_colour(picture, network),
                escape(network)
            );
        }
    }
    let mut x = MARGIN + 6;
    for network in &picture.networks {
        let colour = network_colour(picture, network);
        let _ = writeln!(
            out,
            "<circle cx=\"{x}\" cy=\"{legend}\" r=\"6\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{}\
             </text>",
            x + 12,
            legend + 5,
            escape(network)
        );
        x += 40 + CHARACTER * network.chars().count();
    }
    out.push_str("</svg>\n");
    out
}

/// Where an arrow leaves its box, and how many do: from the highest to the lowest end, so that words
/// stand apart and arrows do not cross at once.
fn port(picture: &Picture, need: &Need, places: &HashMap<&str, (usize, usize)>) -> (usize, usize) {
    let mut all: Vec<&Need> = picture.needs_of(&need.service).collect();
    all.sort_by_key(|need| places.get(&*need.needs).map(|(x, y)| (*y, *x)));
    let at = all.iter().position(|other| other.needs == need.needs).unwrap_or(0);
    (at, all.len())
}

/// Names by level: a service stands right of everything that it needs.
fn columns(picture: &Picture) -> Vec<Vec<&str>> {
    let mut level: HashMap<&str, usize> = HashMap::new();
    let mut columns: Vec<Vec<&str>> = Vec::new();
    // Services come dependencies first.
    for service in &picture.services {
        let needed = picture.needs_of(&service.name).filter_map(|need| level.get(&*need.needs));
        let at = needed.max().map_or(0, |deepest| deepest + 1);
        level.insert(&service.name, at);
        if columns.len() <= at {
            columns.resize_with(at + 1, Vec::new);
        }
        columns[at].push(&service.name);
    }
    columns
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn network_colour(picture: &Picture, network: &str) -> &'static str {
    let at = picture.networks.iter().position(|known| known == network).unwrap_or(0);
    NETWORKS[at % NETWORKS.len()]
}

fn colours(mood: Mood) -> (&'static str, &'static str) {
    match mood {
        Mood::Absent => ("#eeeeee", "#999999"),
        Mood::Well => ("#d7f5dd", "#1a7f37"),
        Mood::Partly => ("#fff3c4", "#9a6700"),
        Mood::Completed => ("#ddebff", "#0969da"),
        Mood::Failed => ("#ffdcd7", "#cf222e"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shop;
    use super::*;

    #[test]
    fn what_is_needed_stands_left_of_who_needs_it() {
        assert_eq!(columns(&shop()), [vec!["db"], vec!["migrate", "web"], vec!["worker"]]);
        let picture = svg(&shop());
        assert_eq!(picture.matches("<path d=\"M").count(), 5, "four arrows and their head");
        assert_eq!(picture.matches("stroke-dasharray").count(), 1);
        assert!(svg(&Picture::default()).ends_with("</svg>\n"));
    }
}
