//! What is no part of a Compose file.

use super::{Finding, View};

impl View<'_, '_> {
    /// Lines of a merge that Git could not make.
    pub(super) fn conflict(&self) -> Option<Finding> {
        let lines = self.lines;
        let starts = |word: &str, from: usize| {
            (from..lines.len()).find(|line| lines.line(*line).starts_with(word))
        };
        let first = starts("<<<<<<<", 0).filter(|first| *first <= self.at)?;
        // Of several conflicts the one in which reading stopped.
        let first = (first..=self.at).rev().find(|it| lines.line(*it).starts_with("<<<<<<<"))?;
        let middle = starts("=======", first)?;
        let last = starts(">>>>>>>", middle)?;
        let other_side = lines.range(middle).start..lines.range(last).end;
        Some(
            Finding::new(
                lines.content_range(first),
                "a merge conflict starts here",
                "keep one side, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
            )
            .beside(lines.content_range(last), "and ends here")
            .with(lines.range(first), "")
            .with(other_side, "")
            .for_reading_on(),
        )
    }

    /// A template that was not rendered.
    pub(super) fn template(&self) -> Option<Finding> {
        let content = self.lines.content(self.at);
        let start = content.find("{%").or_else(|| content.find("{{"))?;
        let range = self.lines.content_range(self.at);
        let end = content[start..]
            .find("}}")
            .or_else(|| content[start..].find("%}"))
            .map_or(range.end, |end| range.start + start + end + 2);
        Some(Finding::new(
            range.start + start..end,
            "this is a template",
            "render the template first; Compose itself substitutes `${VARIABLE}` only",
        ))
    }
}
