//! Lines that begin in the wrong column.

use super::{FAR, Finding, View};
use crate::compose::yaml::recovery::lines::key;

impl View<'_, '_> {
    /// Tabs where YAML wants spaces.
    pub(super) fn tabs(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        let tabs = |line: usize| -> Vec<usize> {
            let leading = lines.leading(line);
            let tabs = lines.text[leading.clone()].match_indices('\t');
            tabs.map(|(offset, _)| leading.start + offset).collect()
        };
        let tabbed: Vec<usize> =
            (0..lines.len()).filter(|line| !tabs(*line).is_empty()).take(FAR).collect();
        let next = (self.at + 1..lines.len()).find(|line| !lines.is_empty(*line));
        let here = [Some(self.at), next].into_iter().flatten().find(|it| tabbed.contains(it));
        let Some(here) = here else { return };
        let places = tabs(here);
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return };
        // Below a key without a value two columns further, else in the same column.
        let column = lines.previous(here).map_or(2, |before| {
            let deeper = if lines.content(before).ends_with(':') { 2 } else { 0 };
            lines.indentation(before) + deeper
        });
        let own = lines.text[lines.leading(here)].matches(' ').count();
        let fitting = column.saturating_sub(own) / places.len();
        for width in [fitting, 2, 4, 8, 1].into_iter().filter(|width| *width > 0) {
            let label = if first == last { "a tab" } else { "tabs" };
            let mut finding = Finding::new(
                *first..last + 1,
                label,
                "indent with spaces; YAML does not take tabs here",
            );
            for tab in tabbed.iter().flat_map(|line| tabs(*line)) {
                finding = finding.with(tab..tab + 1, " ".repeat(width));
            }
            found.push(finding);
        }
    }

    /// Lines of a block of text that are not indented.
    pub(super) fn literal(&self) -> Option<Finding> {
        let lines = self.lines;
        let head = lines.previous(self.at)?;
        let marks = ["|", ">", "|-", ">-", "|+", ">+"];
        let ends = lines.content(head).rsplit(' ').next().is_some_and(|it| marks.contains(&it));
        let column = lines.indentation(self.at);
        if !ends || column > lines.indentation(head) {
            return None;
        }
        let end = (self.at..lines.len())
            .find(|line| {
                let is_key = key(lines.content(*line)).is_some() && *line > self.at;
                !lines.is_empty(*line) && (lines.indentation(*line) < column || is_key)
            })
            .unwrap_or(lines.len());
        let mark = lines.content_range(head);
        let deeper = " ".repeat(lines.indentation(head) + 2 - column);
        let finding = Finding::new(
            lines.content_range(self.at),
            "this is not indented",
            "indent the lines of the text further than its key",
        )
        .beside(mark.end - 1..mark.end, "the text starts below this");
        Some((self.at..end).filter(|line| !lines.content(*line).is_empty()).fold(
            finding,
            |finding, line| {
                let start = lines.range(line).start;
                finding.with(start..start, deeper.clone())
            },
        ))
    }

    /// A key below a value, indented as if it were part of it.
    pub(super) fn too_deep(&self) -> Option<Finding> {
        let lines = self.lines;
        let before = lines.previous(self.at)?;
        let (name, _) = key(lines.content(self.at))?;
        let (above, value) = key(lines.content(before))?;
        let (deep, right) = (lines.indentation(self.at), lines.indentation(before));
        if value.is_empty() || deep <= right {
            return None;
        }
        Some(self.shifted(
            Finding::new(
                lines.key_range(self.at)?,
                format!("indented below `{above}`, which has a value already"),
                format!("start `{name}` in the same column as `{above}`"),
            ),
            right,
        ))
    }

    /// A line that starts between the columns of the lines above.
    pub(super) fn between_columns(&self, found: &mut Vec<Finding>) {
        let lines = self.lines;
        if lines.is_empty(self.at) {
            return;
        }
        let column = lines.indentation(self.at);
        let mut levels: Vec<usize> = Vec::new();
        for line in (self.at.saturating_sub(FAR)..self.at).filter(|line| !lines.is_empty(*line)) {
            let level = lines.indentation(line);
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        levels.retain(|level| *level != column);
        levels.sort_by_key(|level| (level.abs_diff(column), column > *level));
        let shown = lines.key_range(self.at).unwrap_or_else(|| lines.content_range(self.at));
        for level in levels.into_iter().take(3) {
            let like = (0..self.at)
                .rev()
                .find(|it| !lines.is_empty(*it) && lines.indentation(*it) == level);
            let mut finding = Finding::new(
                shown.clone(),
                "this column fits none of the lines above",
                format!("indent it with {level} {}", if level == 1 { "space" } else { "spaces" }),
            );
            if let Some(like) = like {
                finding = finding.beside(lines.content_range(like), "like this, perhaps");
            }
            found.push(self.shifted(finding, level));
        }
    }

    /// Moves the block of the line of the error to a column.
    fn shifted(&self, finding: Finding, column: usize) -> Finding {
        let lines = self.lines;
        let now = lines.indentation(self.at);
        lines.block(self.at).filter(|line| !lines.content(*line).is_empty()).fold(
            finding,
            |finding, line| {
                let start = lines.range(line).start;
                if column > now {
                    finding.with(start..start, " ".repeat(column - now))
                } else {
                    let surplus = (now - column).min(lines.indentation(line));
                    finding.with(start..start + surplus, "")
                }
            },
        )
    }
}
