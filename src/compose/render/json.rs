//! JSON as Go's `encoding/json` writes it, on one line or indented by two blanks.
//!
//! The hashes are made over this text, so every byte counts: keys of maps come sorted by their
//! bytes, `<`, `>`, `&` and the two line separators are escaped, `x-` keys of records are left out.

use std::fmt::Write as _;

use super::document::Part;
use super::tree::Tree;
use super::{double_dollars, number};

/// On one line, without a blank.
pub(crate) fn compact(tree: &Tree) -> String {
    let mut printer = Printer { text: String::new(), indent: None };
    printer.value(tree);
    printer.text
}

/// One entry per line, each level indented by two blanks, no trailing newline.
pub(crate) fn indented(tree: &Tree) -> String {
    let mut printer = Printer { text: String::new(), indent: Some(0) };
    printer.value(tree);
    printer.text
}

/// An object of parts sorted by their keys, one entry per line and every `$` doubled, no trailing
/// newline.
pub(super) fn indented_parts<'a>(parts: impl Iterator<Item = (&'a str, Part<'a>)>) -> String {
    let mut parts: Vec<_> = parts.collect();
    parts.sort_by_key(|(key, _)| *key);
    let mut printer = Printer { text: String::new(), indent: Some(0) };
    printer.block(['{', '}'], parts.into_iter(), |printer, (key, part)| match part {
        Part::Value(tree) => printer.doubled(|printer| printer.entry(key, &tree)),
        Part::Section(mut entries) => {
            entries.sort_by_key(|(name, _)| *name);
            printer.key(key);
            printer.block(['{', '}'], entries.into_iter(), |printer, (name, object)| {
                printer.doubled(|printer| printer.entry(name, &object.tree()));
            });
        }
    });
    printer.text
}

struct Printer {
    text: String,
    /// Depth of the current line, when printing on many lines.
    indent: Option<usize>,
}

impl Printer {
    fn value(&mut self, tree: &Tree) {
        match tree {
            Tree::Null => self.text.push_str("null"),
            Tree::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Tree::Zero => self.text.push('0'),
            Tree::Int(value) => {
                let _ = write!(self.text, "{value}");
            }
            Tree::Single(value) => self.text.push_str(&number::json_single(*value)),
            Tree::Double(value) => self.text.push_str(&number::json_double(*value)),
            Tree::Text(text) => self.string(text),
            Tree::List(items) => {
                self.block(['[', ']'], items.iter(), Self::value);
            }
            Tree::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by(|left, right| left.0.cmp(&right.0));
                self.block(['{', '}'], entries.into_iter(), |printer, (key, value)| {
                    printer.entry(key, value);
                });
            }
            Tree::Record(record) => {
                let fields: Vec<_> =
                    record.fields.iter().filter(|(_, value)| *value != Tree::Zero).collect();
                self.block(['{', '}'], fields.into_iter(), |printer, (key, value)| {
                    printer.entry(key, value);
                });
            }
        }
    }

    fn block<T>(
        &mut self,
        [open, close]: [char; 2],
        items: impl ExactSizeIterator<Item = T>,
        print: impl Fn(&mut Self, T),
    ) {
        let empty = items.len() == 0;
        self.text.push(open);
        self.indent = self.indent.map(|indent| indent + 1);
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.new_line();
            print(self, item);
        }
        self.indent = self.indent.map(|indent| indent - 1);
        if !empty {
            self.new_line();
        }
        self.text.push(close);
    }

    fn new_line(&mut self) {
        if let Some(indent) = self.indent {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", indent));
        }
    }

    fn entry(&mut self, key: &str, value: &Tree) {
        self.key(key);
        self.value(value);
    }

    fn key(&mut self, key: &str) {
        self.string(key);
        self.text.push_str(if self.indent.is_some() { ": " } else { ":" });
    }

    /// Prints something and doubles each `$` in it.
    fn doubled(&mut self, print: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        print(self);
        double_dollars(&mut self.text, start);
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(character));
                }
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::render::tree::Record;

    #[test]
    fn strings_are_escaped_as_go_does() {
        let cases = [
            ("plain é 😀", r#""plain é 😀""#),
            ("<a href=\"x\">&", r#""\u003ca href=\"x\"\u003e\u0026""#),
            ("a\\b\n\r\t\u{8}\u{c}", r#""a\\b\n\r\t\b\f""#),
            ("\u{1}\u{1f}\u{7f}", "\"\\u0001\\u001f\u{7f}\""),
            ("\u{2028}\u{2029}", r#""\u2028\u2029""#),
        ];
        for (text, expected) in cases {
            assert_eq!(compact(&Tree::Text(text.to_owned())), expected);
        }
    }

    #[test]
    fn maps_are_sorted_and_records_are_not() {
        let map = Tree::Map(vec![("b".into(), Tree::Int(1)), ("B".into(), Tree::Null)]);
        let record = Tree::Record(Record {
            fields: vec![("z", map), ("a", Tree::List(vec![])), ("m", Tree::Map(vec![]))],
            extensions: vec![("x-lost".into(), Tree::Int(1))],
            written: true,
        });
        assert_eq!(compact(&record), r#"{"z":{"B":null,"b":1},"a":[],"m":{}}"#);
        assert_eq!(
            indented(&record),
            "{\n  \"z\": {\n    \"B\": null,\n    \"b\": 1\n  },\n  \"a\": [],\n  \"m\": {}\n}"
        );
    }

    #[test]
    fn limits_of_devices_are_written_in_full() {
        use crate::compose::model::{ThrottleDevice, WeightDevice};
        // Docker Compose hashes them so.
        let throttle = compact(&Tree::of(&ThrottleDevice::default()));
        assert_eq!(throttle, r#"{"Path":"","Rate":"0"}"#);
        let weight = compact(&Tree::of(&WeightDevice::default()));
        assert_eq!(weight, r#"{"Path":"","Weight":0}"#);
    }
}
