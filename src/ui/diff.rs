//! What an edit changes, as a unified diff. Pure.

use std::fmt::Write;
use std::ops::Range;

use super::Style;

/// Lines that are shown around a change.
const CONTEXT: usize = 3;

/// So many pairs of lines are compared; beyond that the changed part is shown as replaced whole.
const COMPARED: usize = 4_000_000;

/// A unified diff of a file's text, as `diff -u` and `git` draw it. `before` is `None` for a file that
/// is to be made.
pub fn diff(name: &str, before: Option<&str>, after: &str, colour: bool) -> String {
    let old: Vec<&str> = before.unwrap_or_default().split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let from = if before.is_some() { name } else { "/dev/null" };
    let mut text = Style::STRONG.paint(&format!("--- {from}\n+++ {name}"), colour) + "\n";
    for hunk in hunks(&changes(&old, &new), old.len()) {
        draw(&mut text, &hunk, &old, &new, colour);
    }
    text
}

/// Lines that others stand in the place of; both ranges where the texts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// Where two texts differ, from top to bottom.
fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let rest = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = rest.take_while(|(one, other)| one == other).count();
    let (before, after) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    if before.is_empty() && after.is_empty() {
        return Vec::new();
    }
    let kept =
        if before.len() * after.len() <= COMPARED { common(before, after) } else { Vec::new() };
    let ends = [(before.len(), after.len())];
    let (mut changes, mut at) = (Vec::new(), (0, 0));
    for (one, other) in kept.into_iter().chain(ends) {
        if at != (one, other) {
            changes.push(Change { old: head + at.0..head + one, new: head + at.1..head + other });
        }
        at = (one + 1, other + 1);
    }
    changes
}

/// The longest common subsequence of two texts, as pairs of line numbers.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    // How long it is for what begins at each pair of lines.
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for (one, line) in old.iter().enumerate().rev() {
        for (other, counterpart) in new.iter().enumerate().rev() {
            lengths[one * width + other] = if line == counterpart {
                lengths[(one + 1) * width + other + 1] + 1
            } else {
                lengths[(one + 1) * width + other].max(lengths[one * width + other + 1])
            };
        }
    }
    let (mut pairs, mut one, mut other) = (Vec::new(), 0, 0);
    while one < old.len() && other < new.len() {
        if old[one] == new[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if lengths[(one + 1) * width + other] >= lengths[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// Changes that are shown together, since their surroundings touch.
fn hunks(changes: &[Change], length: usize) -> Vec<Vec<Change>> {
    let mut hunks: Vec<Vec<Change>> = Vec::new();
    for change in changes {
        match hunks.last_mut() {
            Some(hunk)
                if hunk
                    .last()
                    .is_some_and(|last| change.old.start <= last.old.end + 2 * CONTEXT) =>
            {
                hunk.push(change.clone());
            }
            _ if change.old.start <= length => hunks.push(vec![change.clone()]),
            _ => {}
        }
    }
    hunks
}

fn draw(text: &mut String, hunk: &[Change], old: &[&str], new: &[&str], colour: bool) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let start = first.old.start.saturating_sub(CONTEXT);
    let end = (last.old.end + CONTEXT).min(old.len());
    let new_start = first.new.start - (first.old.start - start);
    let new_end = last.new.end + (end - last.old.end);
    let place = |start: usize, length: usize| {
        // An empty range is named by the line before it.
        let line = if length == 0 { start } else { start + 1 };
        if length == 1 { line.to_string() } else { format!("{line},{length}") }
    };
    let head =
        format!("@@ -{} +{} @@", place(start, end - start), place(new_start, new_end - new_start));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", Style::ACTIVE.paint(&head, colour));
    let mut put = |sign: char, style: Option<Style>, lines: &[&str]| {
        for line in lines {
            let content = format!("{sign}{}", line.trim_end_matches('\n'));
            let painted = style.map_or(content.clone(), |style| style.paint(&content, colour));
            text.push_str(&painted);
            text.push_str(if line.ends_with('\n') {
                "\n"
            } else {
                "\n\\ No newline at end of file\n"
            });
        }
    };
    let mut at = start;
    for change in hunk {
        put(' ', None, &old[at..change.old.start]);
        put('-', Some(Style::ERROR), &old[change.old.clone()]);
        put('+', Some(Style::SUCCESS), &new[change.new.clone()]);
        at = change.old.end;
    }
    put(' ', None, &old[at..end]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_in_their_surroundings() {
        let lines: Vec<String> = (1..=20).map(|line| line.to_string()).collect();
        let old = lines.join("\n") + "\n";
        let new = old.replacen("3\n", "", 1).replacen("18\n", "x\ny\n", 1);
        insta::assert_snapshot!(diff("a", Some(&old), &new, false), @r"
        --- a
        +++ a
        @@ -1,6 +1,5 @@
         1
         2
        -3
         4
         5
         6
        @@ -15,6 +14,7 @@
         15
         16
         17
        -18
        +x
        +y
         19
         20
        ");
        assert_eq!(diff("a", Some("x"), "x", false), "--- a\n+++ a\n");
    }

    #[test]
    fn a_new_file_and_a_missing_line_feed_are_told() {
        assert_eq!(diff("a", None, "x\n", false), "--- /dev/null\n+++ a\n@@ -0,0 +1 @@\n+x\n");
        assert_eq!(
            diff("a", Some("x\ny"), "x\n", false),
            "--- a\n+++ a\n@@ -1,2 +1 @@\n x\n-y\n\\ No newline at end of file\n"
        );
        assert!(diff("a", Some("x\n"), "y\n", true).contains("\u{1b}[31m-x\u{1b}[0m\n"));
    }
}
