//! Texts that are not YAML: what is wrong, how to mend it, and how to read on behind it.
//!
//! Costs only where a text has a mistake: the ways to mend it are tried out, each by reading the
//! text, so that what is offered as an edit is known to help.

mod findings;
mod lines;
mod repairs;

pub(super) use self::findings::Finding;
use self::findings::findings;
use self::lines::Lines;
pub(super) use self::repairs::{Flaw, Repairs};
use super::events::{SyntaxError, events};

/// The name of an anchor that stands for what could not be read.
pub(super) const GAP_ANCHOR: &str = "what-could-not-be-read";

/// How many mistakes in the syntax of one text are told.
const MAX_ERRORS: usize = 20;

/// How many bytes are read to find out how a text may be mended.
const MAX_EFFORT: usize = 16 << 20;

/// Reading on in one text.
#[derive(Default)]
pub(super) struct Recovery {
    errors: usize,
    /// Bytes that were read in trying.
    effort: usize,
    /// The line up to which the text is mended.
    mended_to: Option<usize>,
}

/// What is known about a mistake, and whether reading goes on behind it.
pub(super) struct Outcome {
    /// The guess, if one is good; else the mistake is shown where reading stopped.
    pub(super) finding: Option<Finding>,
    /// Whether the repairs have changed so that the text can be read further.
    pub(super) goes_on: bool,
}

impl Recovery {
    /// Finds out what is wrong and changes the repairs so that the text can be read further.
    ///
    /// `None` if the mistake is not behind those that were found: then it is one of their
    /// consequences.
    pub(super) fn mend(
        &mut self,
        text: &str,
        error: &SyntaxError,
        repairs: &mut Repairs,
    ) -> Option<Outcome> {
        let lines = Lines::of(text);
        let line = lines.at(error.range.start);
        if self.errors == MAX_ERRORS || self.mended_to.is_some_and(|mended| line <= mended) {
            return None;
        }
        self.errors += 1;
        let mut plain = None;
        for finding in findings(&lines, error) {
            if finding.changes.is_empty() {
                plain.get_or_insert(finding);
                break;
            }
            let last = finding.changes.iter().map(|(range, _)| range.end).max().unwrap_or(0);
            let last = lines.at(last.saturating_sub(1));
            // Changes above the line may leave a second mistake on it.
            let above = last < line && !finding.strict;
            let beyond = if above { error.range.start } else { lines.range(line).end - 1 };
            let Some(mended) = self.attempt(text, repairs, &finding.changes, beyond) else {
                continue;
            };
            *repairs = mended;
            // A change far behind the error (a bracket closed at the end) says nothing about
            // the lines between.
            self.mended_to = if above {
                line.checked_sub(1)
            } else if finding.changes.len() > 1 {
                Some(line)
            } else {
                Some(last.max(line))
            };
            return Some(Outcome { finding: Some(finding), goes_on: true });
        }
        let goes_on = self.leave_out(text, &lines, repairs, line);
        Some(Outcome { finding: plain, goes_on })
    }

    /// The repairs with some changes, if the text can then be read beyond an offset.
    fn attempt(
        &mut self,
        text: &str,
        repairs: &Repairs,
        changes: &[repairs::Change],
        beyond: usize,
    ) -> Option<Repairs> {
        self.effort += text.len();
        if self.effort > MAX_EFFORT {
            return None;
        }
        let mut mended = repairs.deliberate();
        if !mended.add(changes) {
            return None;
        }
        loop {
            let next = {
                let copy = mended.apply(text);
                events(&copy, text, &mended).find_map(Result::err)
            };
            let Some(next) = next else { return Some(mended) };
            if let Some(flaw) = next.flaw
                && mended.add_tacit(text, flaw, next.range.start)
            {
                self.effort += text.len();
                if self.effort > MAX_EFFORT {
                    return None;
                }
                continue;
            }
            return (next.range.start > beyond).then_some(mended);
        }
    }

    /// Leaves out the smallest block around a line without which the text can be read further.
    fn leave_out(
        &mut self,
        text: &str,
        lines: &Lines<'_>,
        repairs: &mut Repairs,
        line: usize,
    ) -> bool {
        let mut inner = lines.indentation(line) + 1;
        for head in (0..=line).rev() {
            if inner == 0 {
                break;
            }
            if lines.is_empty(head) || lines.indentation(head) >= inner {
                continue;
            }
            inner = lines.indentation(head);
            let block = lines.block(head);
            if !block.contains(&line) {
                continue;
            }
            let content = lines.content(head);
            // The item of a list is no mapping's value.
            if content.starts_with('-') {
                continue;
            }
            let Some((name, _)) = lines::key(content) else { continue };
            let colon = lines.content_range(head).start + name.len();
            let last = lines.content_range(block.end - 1).end;
            if colon + 1 > last {
                continue;
            }
            let change = (colon + 1..last, format!(" *{GAP_ANCHOR}"));
            let beyond = lines.range(block.end - 1).end - 1;
            if let Some(mended) = self.attempt(text, repairs, &[change], beyond) {
                *repairs = mended;
                self.mended_to = Some(block.end - 1);
                return true;
            }
        }
        false
    }
}
