//! Tables as Docker's tools write them: cells padded with spaces to the widest of their column,
//! the last cell of a row not padded. Pure.

use super::text::{pad, width};

/// Widths of a kind of table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Least width of a column, padding included.
    pub minimum: usize,
    /// Spaces behind the widest cell.
    pub padding: usize,
}

impl Layout {
    /// `ps`, `volumes`, `stats`: the formatter of the Docker CLI.
    pub const FORMATTER: Self = Self { minimum: 10, padding: 3 };
    /// `ls`, `images`, `config --variables`.
    pub const LISTING: Self = Self { minimum: 20, padding: 3 };
}

/// The rows, each with an end of line. Rows may differ in length.
pub fn table(rows: &[Vec<String>], layout: Layout) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter(|row| column + 1 < row.len())
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell) + layout.padding)
                .max()
                .unwrap_or(0)
                .max(layout.minimum)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if index + 1 == row.len() {
                text.push_str(cell);
            } else {
                text.push_str(&pad(cell, *width));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows: Vec<Vec<String>> = [
            ["NAME", "IMAGE", "PORTS"],
            ["shop-database-1", "日本", "5432/tcp"],
            ["a", "busybox", ""],
        ]
        .iter()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
        assert_eq!(
            table(&rows, Layout::FORMATTER),
            "NAME              IMAGE     PORTS\n\
             shop-database-1   日本      5432/tcp\n\
             a                 busybox   \n"
        );
    }
}
