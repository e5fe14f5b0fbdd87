//! Changes to a copy of a text, so that it can be read; offsets in the copy lead back to the text.
//!
//! Some are tacit: what go-yaml reads and our parser refuses, namely lines of a quoted text that
//! are not indented, and comments without a space before them. Spaces in these places change no
//! value. The others stand for what the author of a broken text probably meant.

use std::borrow::Cow;
use std::ops::Range;

/// How many places of one text are mended tacitly; each costs a reading of the whole text.
const MAX_TACIT: usize = 100;

/// What spaces could mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compose::yaml) enum Flaw {
    /// A line of a quoted text starts too far left, or with a tab.
    Indentation,
    /// A `#` follows a token directly.
    Comment,
}

/// A range of the text and what stands for it in the copy.
pub(in crate::compose::yaml) type Change = (Range<usize>, String);

/// The changes of a copy.
#[derive(Debug, Clone, Default)]
pub(in crate::compose::yaml) struct Repairs {
    /// In order, without overlap.
    changes: Vec<Change>,
    /// Where tacit ones are.
    tacit: Vec<usize>,
}

impl Repairs {
    /// The text with the changes.
    pub(in crate::compose::yaml) fn apply<'text>(&self, text: &'text str) -> Cow<'text, str> {
        if self.changes.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut copy = String::with_capacity(text.len() + 64);
        let mut position = 0;
        for (range, replacement) in &self.changes {
            copy.push_str(&text[position..range.start]);
            copy.push_str(replacement);
            position = range.end;
        }
        Cow::Owned(copy + &text[position..])
    }

    /// Where in the text an offset of the copy leads.
    pub(in crate::compose::yaml) fn original(&self, offset: usize) -> usize {
        // Where the part of the text behind the last change starts, in the copy and in the text.
        let (mut copied, mut read) = (0, 0);
        for (range, replacement) in &self.changes {
            let start = copied + (range.start - read);
            if offset <= start {
                break;
            }
            if offset < start + replacement.len() {
                return (range.start + (offset - start)).min(range.end);
            }
            (copied, read) = (start + replacement.len(), range.end);
        }
        read + offset.saturating_sub(copied)
    }

    /// Adds changes. `false`, and nothing is added, if they touch what is changed already.
    pub(in crate::compose::yaml) fn add(&mut self, changes: &[Change]) -> bool {
        let mut all = self.changes.clone();
        all.extend_from_slice(changes);
        all.sort_by_key(|(range, _)| (range.start, range.end));
        let apart = all.windows(2).all(|pair| match pair {
            [(one, _), (other, _)] => one.end <= other.start && one != other,
            _ => true,
        });
        if apart {
            self.changes = all;
        }
        apart
    }

    /// Adds spaces against a flaw at an offset of the text. `false` if that was tried in vain.
    pub(in crate::compose::yaml) fn add_tacit(
        &mut self,
        text: &str,
        flaw: Flaw,
        offset: usize,
    ) -> bool {
        let (offset, count) = match flaw {
            Flaw::Indentation => {
                let line = text[..offset].rfind('\n').map_or(0, |feed| feed + 1);
                // Moved to the right, a line that separates documents would no longer do so.
                let word = text[line..].split_whitespace().next().unwrap_or_default();
                if matches!(word, "---" | "...") && text[line..].starts_with(word) {
                    return false;
                }
                (line, deepest_indentation(text) + 1)
            }
            Flaw::Comment if text[offset..].starts_with('#') => (offset, 1),
            Flaw::Comment => return false,
        };
        let added =
            self.tacit.len() < MAX_TACIT && self.add(&[(offset..offset, " ".repeat(count))]);
        if added {
            self.tacit.push(offset);
        }
        added
    }

    /// Without the tacit changes: what made them necessary may be mended.
    pub(in crate::compose::yaml) fn deliberate(&self) -> Self {
        let mut changes = self.changes.clone();
        changes.retain(|(range, _)| !(range.is_empty() && self.tacit.contains(&range.start)));
        Self { changes, tacit: Vec::new() }
    }
}

fn deepest_indentation(text: &str) -> usize {
    text.lines().map(|line| line.len() - line.trim_start_matches(' ').len()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_to_the_text() {
        let text = "a: \"x\ny\"# c\n";
        let mut repairs = Repairs::default();
        assert!(repairs.add_tacit(text, Flaw::Comment, 8));
        assert!(repairs.add_tacit(text, Flaw::Indentation, 6));
        assert_eq!(repairs.apply(text), "a: \"x\n y\" # c\n");
        let back: Vec<usize> = (0..14).map(|offset| repairs.original(offset)).collect();
        assert_eq!(back, [0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 8, 9, 10, 11]);
        assert!(!repairs.add_tacit(text, Flaw::Indentation, 7), "tried before");
        assert!(!repairs.add_tacit(text, Flaw::Comment, 3), "no comment");
    }

    #[test]
    fn replaced_places_lead_back_too() {
        let text = "a\tb\tc";
        let mut repairs = Repairs::default();
        assert!(repairs.add(&[(3..4, String::new()), (1..2, "    ".to_owned())]));
        assert_eq!(repairs.apply(text), "a    bc");
        let back: Vec<usize> = (0..8).map(|offset| repairs.original(offset)).collect();
        assert_eq!(back, [0, 1, 2, 2, 2, 2, 3, 5]);
        assert!(!repairs.add(&[(0..2, String::new())]), "changed already");
    }
}
