//! Whose line it is: names padded to one width, each with a colour of its own. Pure.

use indexmap::IndexMap;

use crate::ui::style::Style;
use crate::ui::text::{pad, width};

/// Colours in the order in which containers get them; then the round begins again.
const PALETTE: [Style; 10] = [
    Style::sgr("36"),
    Style::sgr("33"),
    Style::sgr("32"),
    Style::sgr("35"),
    Style::sgr("34"),
    Style::sgr("36;1"),
    Style::sgr("33;1"),
    Style::sgr("32;1"),
    Style::sgr("35;1"),
    Style::sgr("34;1"),
];

/// The names that have been seen, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    colours: IndexMap<String, Style>,
    width: usize,
}

impl Prefixes {
    /// Makes a name known, and with it its colour and its width. A width that grows holds for all
    /// lines from then on, as in Docker Compose.
    pub(super) fn register(&mut self, name: &str) -> Style {
        if let Some(style) = self.colours.get(name) {
            return *style;
        }
        let style = PALETTE[self.colours.len() % PALETTE.len()];
        self.colours.insert(name.to_owned(), style);
        self.width = self.width.max(width(name));
        style
    }

    /// `web-1  | `, in the colour of the name.
    pub(super) fn prefix(&mut self, name: &str, colour: bool) -> String {
        let style = self.register(name);
        style.paint(&format!("{} | ", pad(name, self.width + 1)), colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_grow_with_the_longest_name_seen() {
        let mut prefixes = Prefixes::default();
        assert_eq!(prefixes.prefix("one-1", false), "one-1  | ");
        prefixes.register("longername-1");
        assert_eq!(prefixes.prefix("one-1", false), "one-1         | ");
        assert_eq!(prefixes.prefix("longername-1", false), "longername-1  | ");
    }

    #[test]
    fn colours_go_round_in_the_order_of_registration() {
        let mut prefixes = Prefixes::default();
        let first = prefixes.prefix("a", true);
        assert_eq!(first, "\u{1b}[36ma  | \u{1b}[0m");
        for name in ["b", "c", "d", "e"] {
            prefixes.register(name);
        }
        assert_eq!(prefixes.prefix("f", true), "\u{1b}[36;1mf  | \u{1b}[0m");
        assert_eq!(prefixes.prefix("a", true), first);
    }
}
