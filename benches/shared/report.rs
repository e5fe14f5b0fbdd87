//! The table, and the same for programs.

use std::io::{Result, Write};

use serde_json::json;

use crate::measure::Figures;

/// What was measured, in the order in which it was.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    stack: String,
    program: String,
    figures: Figures,
}

impl Report {
    pub(crate) fn add(&mut self, what: &str, stack: &str, program: &str, figures: Figures) {
        let (what, stack, program) = (what.to_owned(), stack.to_owned(), program.to_owned());
        self.rows.push(Row { what, stack, program, figures });
    }

    /// A table in Markdown. The last column is how much longer Bireme took than that row's program:
    /// below one it was faster.
    pub(crate) fn print(&self, out: &mut impl Write) -> Result<()> {
        writeln!(
            out,
            "\n| command | stack | program | runs | wall ms | ± | p99 | cpu ms | peak MiB | bireme is |"
        )?;
        writeln!(out, "|---|---|---|--:|--:|--:|--:|--:|--:|--:|")?;
        for row in &self.rows {
            let own = self.rows.iter().find(|other| {
                other.program == "bireme" && other.what == row.what && other.stack == row.stack
            });
            let part = own.filter(|_| row.program != "bireme").map_or_else(String::new, |own| {
                format!("{:.2} ×", own.figures.wall / row.figures.wall)
            });
            let Row { what, stack, program, figures } = row;
            let Figures { runs, wall, spread, p99, busy, peak } = figures;
            let bare = *peak == 0.0;
            let counted = |value: f64| if bare { String::new() } else { format!("{value:.1}") };
            writeln!(
                out,
                "| {what} | {stack} | {program} | {runs} | {wall:.1} | {spread:.1} | {p99:.1} | {} | {} | {part} |",
                counted(*busy),
                counted(*peak),
            )?;
        }
        Ok(())
    }

    /// One JSON object per line: a program, a command and a stack.
    pub(crate) fn write_json(&self, out: &mut impl Write) -> Result<()> {
        for Row { what, stack, program, figures } in &self.rows {
            let line = json!({
                "command": what,
                "stack": stack,
                "program": program,
                "runs": figures.runs,
                "wall_ms": figures.wall,
                "wall_spread_ms": figures.spread,
                "wall_p99_ms": figures.p99,
                "cpu_ms": figures.busy,
                "peak_mib": figures.peak,
            });
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}
