//! A picture that needs no other program: a column for each level of needs, what is needed on the
//! left. Arrows that pass a column have a gap of their own between its boxes ([`Places`]).

use std::fmt::Write as _;

use super::places::{Place, Places};
use super::{Mood, Need, Node, Picture};
use crate::ui::text::{fit, width};
use crate::ui::xml::{CHARACTER, DARK, MONOSPACE, escape};

/// Space between columns, where arrows and their words are.
const GAP: usize = 140;
/// Around everything.
const MARGIN: usize = 30;
/// Space for the project's name.
const TITLE: usize = 30;
/// Cells of a text that are shown.
const LONGEST: usize = 30;
/// From one network's dot to the next.
const DOT: usize = 15;

/// Colours of networks, in their order; then the round begins again, with rings.
const NETWORKS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// The measures of one picture.
struct Drawing<'a> {
    picture: &'a Picture,
    places: Places<'a>,
    box_width: usize,
    width: usize,
}

/// An SVG document.
pub fn svg(picture: &Picture) -> String {
    let places = Places::of(picture);
    let longest = picture.services.iter().flat_map(|service| {
        let state = service.state.as_ref().map_or(0, |state| width(&state.text));
        [width(&service.name), state]
    });
    let box_width = 40 + cells(longest.max().unwrap_or(8).clamp(8, LONGEST));
    let columns = places.columns.len();
    let boxes = columns * box_width + columns.saturating_sub(1) * GAP;
    let title = cells(width(&picture.project)) * 5 / 4;
    let width = 2 * MARGIN + boxes.max(title).max(320);
    Drawing { picture, places, box_width, width }.draw()
}

fn cells(count: usize) -> usize {
    count * usize::try_from(CHARACTER).unwrap_or(8)
}

impl Drawing<'_> {
    fn draw(&self) -> String {
        let below = MARGIN + TITLE + self.places.height + 24;
        let (legend, legend_height) = self.legend(below);
        let (width, height) = (self.width, below + legend_height);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
             {DARK}<defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
             markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" \
             fill=\"#777777\"/></marker></defs>\n\
             <rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
             <text class=\"ink\" x=\"{MARGIN}\" y=\"28\" font-size=\"16\" \
             font-weight=\"bold\">{}</text>\n",
            escape(&self.picture.project)
        );
        let mut words = String::new();
        for (number, need) in self.picture.needs.iter().enumerate() {
            self.arrow(number, need, &mut out, &mut words);
        }
        // Words stand above all arrows.
        out.push_str(&words);
        for service in &self.picture.services {
            self.service(service, &mut out);
        }
        out.push_str(&legend);
        out.push_str("</svg>\n");
        out
    }

    /// The left edge of a column.
    fn left(&self, column: usize) -> usize {
        MARGIN + column * (self.box_width + GAP)
    }

    /// The left upper corner of a service's box, and its height.
    fn corner(&self, service: &str) -> Option<(usize, usize, usize)> {
        let Place { column, top, height } = *self.places.services.get(service)?;
        Some((self.left(column), MARGIN + TITLE + top, height))
    }

    /// An arrow through the gaps that are kept for it, and the word at its beginning.
    fn arrow(&self, number: usize, need: &Need, out: &mut String, words: &mut String) {
        let (Some(from), Some(to)) = (self.corner(&need.service), self.corner(&need.needs)) else {
            return;
        };
        let (port, ports) = self.port(need);
        let (x, y) = (from.0, from.1 + from.2 * (port + 1) / (ports + 1));
        let end = (to.0 + self.box_width, to.1 + to.2 / 2);
        let dash = if need.optional { " stroke-dasharray=\"5 4\"" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(out, "<path d=\"M{x} {y}");
        let mut at = (x, y);
        for place in self.places.passed.get(&number).into_iter().flatten() {
            let (left, y) = (self.left(place.column), MARGIN + TITLE + place.top);
            out.push_str(&curve(at, (left + self.box_width, y)));
            let _ = write!(out, "L{left} {y}");
            at = (left, y);
        }
        out.push_str(&curve(at, end));
        let _ =
            writeln!(out, "\" fill=\"none\" stroke=\"#777777\"{dash} marker-end=\"url(#arrow)\"/>");
        let (x, y) = (x - 10, y - 5);
        let words_of = need.words();
        for look in [
            "class=\"halo\" stroke=\"#ffffff\" stroke-width=\"4\" stroke-linejoin=\"round\" aria-hidden=\"true\"",
            "class=\"quiet\" fill=\"#555555\"",
        ] {
            let _ = writeln!(
                words,
                "<text {look} x=\"{x}\" y=\"{y}\" font-size=\"11\" text-anchor=\"end\">{words_of}</text>"
            );
        }
    }

    /// Where an arrow leaves its box, and how many do: from the highest to the lowest, so that words
    /// stand apart and arrows do not cross at once.
    fn port(&self, need: &Need) -> (usize, usize) {
        let mut all: Vec<(usize, &Need)> = self.picture.needs.iter().enumerate().collect();
        all.retain(|(_, other)| other.service == need.service);
        all.sort_by_key(|(number, other)| {
            let first = self.places.passed.get(number).and_then(|passed| passed.first());
            let end = self.places.services.get(other.needs.as_str());
            first.map(|place| place.top).or(end.map(|place| place.top + place.height / 2))
        });
        let at = all.iter().position(|(_, other)| other.needs == need.needs).unwrap_or(0);
        (at, all.len())
    }

    fn service(&self, service: &Node, out: &mut String) {
        let Some((x, y, height)) = self.corner(&service.name) else { return };
        let mood = service.state.as_ref().map(|state| state.mood);
        let (fill, stroke) = mood.map_or(("#ffffff", "#555555"), colours);
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\" rx=\"8\" fill=\"{fill}\" \
             stroke=\"{stroke}\" stroke-width=\"1.5\"/>\n\
             <text x=\"{}\" y=\"{}\" {MONOSPACE} font-weight=\"bold\">{}<title>{}</title></text>\n",
            self.box_width,
            x + 12,
            y + 22,
            escape(&fit(&service.name, LONGEST)),
            escape(&service.name)
        );
        if let Some(state) = &service.state {
            let (x, y) = (x + 12, y + 40);
            let text = escape(&fit(&state.text, LONGEST));
            let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"#333333\">{text}</text>");
        }
        self.dots(service, (x, y + height), out);
    }

    /// A dot for each network on the lower edge of a box; what has no room is counted.
    fn dots(&self, service: &Node, (x, y): (usize, usize), out: &mut String) {
        let room = (self.box_width - 24) / DOT;
        let count = service.networks.len();
        let shown = if count > room { room.saturating_sub(2) } else { count };
        for (at, network) in service.networks.iter().take(shown).enumerate() {
            let x = x + self.box_width - 14 - at * DOT;
            let look = self.network(network);
            let name = escape(network);
            let _ = writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"6\" {look}><title>network {name}</title></circle>"
            );
        }
        if shown < count {
            let rest: Vec<&str> = service.networks.iter().skip(shown).map(String::as_str).collect();
            let _ = writeln!(
                out,
                "<text class=\"ink\" x=\"{}\" y=\"{}\" font-size=\"11\" text-anchor=\"end\">+{}<title>{}\
                 </title></text>",
                x + self.box_width - 8 - shown * DOT,
                y + 13,
                rest.len(),
                escape(&rest.join(", "))
            );
        }
    }

    /// What the dots mean, in as many lines as that takes, and their height.
    fn legend(&self, top: usize) -> (String, usize) {
        let mut out = String::new();
        let (mut x, mut y) = (MARGIN, top);
        for network in &self.picture.networks {
            let name = fit(network, LONGEST);
            let wide = 24 + cells(width(&name));
            if x > MARGIN && x + wide > self.width - MARGIN {
                (x, y) = (MARGIN, y + 22);
            }
            let look = self.network(network);
            let _ = writeln!(
                out,
                "<circle cx=\"{}\" cy=\"{y}\" r=\"6\" {look}/><text class=\"ink\" x=\"{}\" y=\"{}\" \
                 {MONOSPACE}>{}</text>",
                x + 6,
                x + 18,
                y + 5,
                escape(&name)
            );
            x += wide + 16;
        }
        (out, y - top + 30)
    }

    fn network(&self, network: &str) -> String {
        let at = self.picture.networks.iter().position(|known| known == network).unwrap_or(0);
        let colour = NETWORKS[at % NETWORKS.len()];
        if (at / NETWORKS.len()).is_multiple_of(2) {
            format!("fill=\"{colour}\" stroke=\"#ffffff\"")
        } else {
            format!("fill=\"#ffffff\" stroke=\"{colour}\" stroke-width=\"3\"")
        }
    }
}

/// A curve that leaves and arrives level.
fn curve((x1, y1): (usize, usize), (x2, y2): (usize, usize)) -> String {
    let bend = x1.saturating_sub(x2) / 2;
    format!("C{} {y1} {} {y2} {x2} {y2}", x1.saturating_sub(bend), x2 + bend)
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
    fn every_service_need_and_network_is_drawn() {
        let picture = svg(&shop());
        assert_eq!(picture.matches("<path d=\"M").count(), 5, "four arrows and their head");
        assert_eq!(picture.matches("stroke-dasharray").count(), 1);
        assert!(picture.contains(">started, optional</text>"), "{picture}");
        assert!(svg(&Picture::default()).ends_with("</svg>\n"));
    }

    #[test]
    fn what_is_too_much_for_a_box_stays_inside_the_picture() {
        let networks: Vec<String> = (0..40).map(|number| format!("network-{number}")).collect();
        let name = "名前のとても長い".repeat(8);
        let service = Node { name, networks: networks.clone(), state: None };
        let picture = Picture { services: vec![service], networks, ..Picture::default() };
        let drawn = svg(&picture);
        let attribute = |text: &str, name: &str| -> Vec<usize> {
            let opening = format!(" {name}=\"");
            let parts = text.split(&opening).skip(1);
            parts.filter_map(|part| part.split('"').next()?.parse().ok()).collect()
        };
        let (width, height) = (attribute(&drawn, "width")[0], attribute(&drawn, "height")[0]);
        assert!(attribute(&drawn, "cx").iter().all(|x| (6..width).contains(x)), "{drawn}");
        assert!(attribute(&drawn, "cy").iter().all(|y| (6..height).contains(y)), "{drawn}");
        assert!(drawn.contains("名前のとても長い名前のとても…"), "cut by cells: {drawn}");
        assert!(drawn.contains(">+25<title>network-15, "), "{drawn}");
    }
}
