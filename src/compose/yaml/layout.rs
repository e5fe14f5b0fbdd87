//! How a text is laid out: what is written where, and in which style. For edits that leave the rest of
//! a text as it is; what values mean is for [`parse`](super::parse) to say.

use std::ops::Range;

use super::events::{Event, EventKind, events};
use super::recovery::Repairs;

/// Something that is written: its bytes without anchor and tag, and its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// From its first to behind its last byte; of a collection in block style, of its parts.
    pub(crate) range: Range<usize>,
    /// The number of its anchor.
    pub(crate) anchor: Option<usize>,
    /// What it is.
    pub(crate) shape: Shape,
}

/// What a [`Written`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text, a number, nothing.
    Scalar,
    /// A use of the anchor with this number.
    Alias(usize),
    /// A list.
    Sequence(Vec<Written>),
    /// A mapping.
    Mapping(Pairs),
}

/// Keys and values as they are written; nothing is merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pairs {
    /// Whether it is written within braces.
    pub(crate) flow: bool,
    /// They, in the order of the text.
    pub(crate) entries: Vec<Pair>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The key.
    pub(crate) key: Written,
    /// The value; an empty range where nothing is written.
    pub(crate) value: Written,
}

impl Written {
    /// Its keys and values, if it is a mapping.
    pub(crate) fn pairs(&self) -> Option<&Pairs> {
        match &self.shape {
            Shape::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// What is directly within it.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        let (items, pairs) = match &self.shape {
            Shape::Sequence(items) => (items.as_slice(), &[][..]),
            Shape::Mapping(pairs) => (&[][..], pairs.entries.as_slice()),
            Shape::Scalar | Shape::Alias(_) => (&[][..], &[][..]),
        };
        items.iter().chain(pairs.iter().flat_map(|pair| [&pair.key, &pair.value]))
    }
}

impl Pair {
    /// Behind the last byte of both.
    pub(crate) fn end(&self) -> usize {
        self.value.range.end.max(self.key.range.end)
    }
}

impl Pairs {
    /// The pair under a key that is written as it reads, with or without quotes.
    pub(crate) fn get(&self, text: &str, key: &str) -> Option<&Pair> {
        self.entries.iter().find(|pair| {
            let written = text.get(pair.key.range.clone()).unwrap_or_default();
            matches!(pair.key.shape, Shape::Scalar) && written.trim_matches(['"', '\'']) == key
        })
    }
}

/// The documents of a text; `None` if it is no YAML. What Docker Compose reads though the
/// grammar forbids it is read here, too.
pub(crate) fn layout(text: &str) -> Option<Vec<Written>> {
    let mut repairs = Repairs::default();
    loop {
        let copy = repairs.apply(text);
        let mut reading = Reading { text, open: Vec::new(), documents: Vec::new() };
        let error = events(&copy, text, &repairs).find_map(|event| match event {
            Ok(event) => {
                reading.take(event);
                None
            }
            Err(error) => Some(error),
        });
        let Some(error) = error else { return Some(reading.documents) };
        let flaw = error.flaw?;
        if !repairs.add_tacit(text, flaw, error.range.start) {
            return None;
        }
    }
}

/// A collection that is not closed yet.
struct Open {
    range: Range<usize>,
    anchor: Option<usize>,
    mapping: bool,
    flow: bool,
    parts: Vec<Written>,
}

struct Reading<'text> {
    text: &'text str,
    open: Vec<Open>,
    documents: Vec<Written>,
}

impl Reading<'_> {
    fn take(&mut self, event: Event<'_>) {
        let Event { kind, range, anchor, .. } = event;
        match kind {
            EventKind::DocumentStart | EventKind::DocumentEnd => {}
            EventKind::MappingStart | EventKind::SequenceStart => {
                let mapping = matches!(kind, EventKind::MappingStart);
                let flow = matches!(self.text.get(range.clone()), Some("{" | "["));
                self.open.push(Open { range, anchor, mapping, flow, parts: Vec::new() });
            }
            EventKind::MappingEnd | EventKind::SequenceEnd => self.close(&range),
            EventKind::Scalar { .. } | EventKind::UnknownAlias(_) => {
                self.add(Written { range, anchor, shape: Shape::Scalar });
            }
            EventKind::Alias(target) => {
                self.add(Written { range, anchor: None, shape: Shape::Alias(target) });
            }
        }
    }

    fn close(&mut self, end: &Range<usize>) {
        let Some(Open { mut range, anchor, mapping, flow, parts }) = self.open.pop() else {
            return;
        };
        // The end of a collection in block style is where the next token starts.
        let end = if flow { end.end } else { 0 };
        range.end =
            parts.iter().map(|part| part.range.end).chain([range.end, end]).max().unwrap_or(0);
        let shape = if mapping {
            let mut parts = parts.into_iter();
            let entries =
                std::iter::from_fn(|| Some(Pair { key: parts.next()?, value: parts.next()? }));
            Shape::Mapping(Pairs { flow, entries: entries.collect() })
        } else {
            Shape::Sequence(parts)
        };
        self.add(Written { range, anchor, shape });
    }

    fn add(&mut self, written: Written) {
        match self.open.last_mut() {
            Some(open) => open.parts.push(written),
            None => self.documents.push(written),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_know_their_bytes_and_style() {
        let text = "a: &x\n  b: {c: d, e: *y}\n  f:\n    - g\n---\nh: i\n".replace("*y", "'y'");
        let documents = layout(&text).unwrap();
        assert_eq!(documents.len(), 2);
        let a = documents[0].pairs().unwrap().get(&text, "a").unwrap();
        assert!(a.value.anchor.is_some());
        assert_eq!(&text[a.value.range.clone()], "b: {c: d, e: 'y'}\n  f:\n    - g");
        let b = a.value.pairs().unwrap().get(&text, "b").unwrap();
        assert!(b.value.pairs().unwrap().flow && !a.value.pairs().unwrap().flow);
        assert_eq!(&text[b.value.range.clone()], "{c: d, e: 'y'}");
    }

    #[test]
    fn what_is_no_yaml_has_no_layout() {
        assert_eq!(layout("a: [b"), None);
        assert_eq!(layout("# nothing\n").map(|documents| documents.len()), Some(0));
    }
}
