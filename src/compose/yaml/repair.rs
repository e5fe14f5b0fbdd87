//! What go-yaml reads and our parser refuses: lines of a quoted text that are not indented, and
//! comments without a space before them.
//!
//! Spaces in these places change no value. They are put into a copy of the text, which is read
//! again; offsets in the copy are led back to the text.

use std::borrow::Cow;

/// How many places of one text are mended; each costs a reading of the whole text.
const MAX_REPAIRS: usize = 100;

/// What spaces could mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A line of a quoted text starts too far left, or with a tab.
    Indentation,
    /// A `#` follows a token directly.
    Comment,
}

/// Spaces that are put into the copy of a text.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    /// Where in the text, in order, and how many.
    insertions: Vec<(usize, usize)>,
}

impl Repairs {
    /// The text with the spaces.
    pub(super) fn apply<'text>(&self, text: &'text str) -> Cow<'text, str> {
        if self.insertions.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut copy = String::with_capacity(text.len() + 64);
        let mut position = 0;
        for (offset, count) in &self.insertions {
            copy.push_str(&text[position..*offset]);
            copy.extend(std::iter::repeat_n(' ', *count));
            position = *offset;
        }
        Cow::Owned(copy + &text[position..])
    }

    /// Where in the text an offset of the copy leads.
    pub(super) fn original(&self, offset: usize) -> usize {
        let mut inserted = 0;
        for (place, count) in &self.insertions {
            if place + inserted >= offset {
                break;
            }
            inserted += count.min(&(offset - place - inserted));
        }
        offset - inserted
    }

    /// Adds spaces against a flaw at an offset of the text. `false` if that was tried in vain.
    pub(super) fn add(&mut self, text: &str, flaw: Flaw, offset: usize) -> bool {
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
        let index = self.insertions.partition_point(|(place, _)| *place < offset);
        let known = self.insertions.get(index).is_some_and(|(place, _)| *place == offset);
        if known || self.insertions.len() == MAX_REPAIRS {
            return false;
        }
        self.insertions.insert(index, (offset, count));
        true
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
        assert!(repairs.add(text, Flaw::Comment, 8));
        assert!(repairs.add(text, Flaw::Indentation, 6));
        assert_eq!(repairs.apply(text), "a: \"x\n y\" # c\n");
        let back: Vec<usize> = (0..14).map(|offset| repairs.original(offset)).collect();
        assert_eq!(back, [0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 8, 9, 10, 11]);
        assert!(!repairs.add(text, Flaw::Indentation, 7), "tried before");
        assert!(!repairs.add(text, Flaw::Comment, 3), "no comment");
    }
}
