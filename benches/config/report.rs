//! The table, and the same for programs.

use std::io::{Result, Write};

use serde_json::json;

use crate::measure::Figures;
use crate::subject::Subject;

/// What was measured: for each project, the figures of each program.
pub(crate) struct Report<'a> {
    question: String,
    subjects: &'a [Subject],
    rows: Vec<Row>,
}

struct Row {
    case: String,
    size: Option<usize>,
    figures: Vec<Figures>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(arguments: &[&str], subjects: &'a [Subject]) -> Self {
        Self { question: arguments.join(" "), subjects, rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, case: &str, size: Option<usize>, figures: Vec<Figures>) {
        self.rows.push(Row { case: case.to_owned(), size, figures });
    }

    /// A table in Markdown: ratios are Bireme's part of what the other took; growth is how much
    /// faster than the services the time grew since the last size (1 is linear).
    pub(crate) fn print(&self, out: &mut impl Write) -> Result<()> {
        writeln!(out, "\n`{}`:\n", self.question)?;
        writeln!(
            out,
            "| project | program | runs | wall ms | ± | cpu ms | peak MiB | wall | memory | growth |"
        )?;
        writeln!(out, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for (index, row) in self.rows.iter().enumerate() {
            let reference = row.figures.get(1);
            for (program, (subject, figures)) in self.subjects.iter().zip(&row.figures).enumerate()
            {
                let ratio = |own: f64, other: fn(&Figures) -> f64| match reference {
                    Some(reference) if program == 0 => format!("1/{:.1}", other(reference) / own),
                    _ => String::new(),
                };
                let Figures { runs, wall, spread, busy, peak, .. } = figures;
                writeln!(
                    out,
                    "| {} | {} | {runs} | {wall:.1} | {spread:.1} | {busy:.1} | {peak:.1} | {} | {} | {} |",
                    row.case,
                    subject.name,
                    ratio(*wall, |it| it.wall),
                    ratio(*peak, |it| it.peak),
                    self.growth(index, program).map_or_else(String::new, |it| format!("{it:.2}")),
                )?;
            }
        }
        Ok(())
    }

    /// How the time of a program grew since the last size, per service.
    fn growth(&self, index: usize, program: usize) -> Option<f64> {
        let row = &self.rows[index];
        let before = self.rows[..index].iter().rfind(|row| row.size.is_some())?;
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 services")]
        let more = row.size? as f64 / before.size? as f64;
        Some(row.figures[program].wall / before.figures[program].wall / more)
    }

    /// One JSON object per line: a program and a project.
    pub(crate) fn write_json(&self, out: &mut impl Write) -> Result<()> {
        for row in &self.rows {
            for (subject, figures) in self.subjects.iter().zip(&row.figures) {
                let line = json!({
                    "question": self.question,
                    "project": row.case,
                    "services": row.size,
                    "program": subject.name,
                    "runs": figures.runs,
                    "wall_ms": figures.wall,
                    "wall_spread_ms": figures.spread,
                    "cpu_ms": figures.busy,
                    "peak_mib": figures.peak,
                });
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }
}
