//! Columns as Docker's tools write them: cells end with a tab, and are filled with spaces to the
//! widest of their column. Pure.

use super::text::width;

/// Widths of a kind of table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Least width of a column, padding included.
    minimum: usize,
    /// Spaces behind the widest cell.
    padding: usize,
    /// Whether the width of a cell is what a terminal gives it, rather than its characters.
    wide: bool,
}

impl Layout {
    /// `ps`, `volumes`, `stats`: the formatter of the Docker CLI.
    pub const FORMATTER: Self = Self { minimum: 10, padding: 3, wide: true };
    /// `ls`, `images`, `config --variables`.
    pub const LISTING: Self = Self { minimum: 20, padding: 3, wide: false };
    /// `top`.
    pub const PROCESSES: Self = Self { minimum: 4, padding: 2, wide: false };

    fn width(self, cell: &str) -> usize {
        if self.wide { width(cell) } else { cell.chars().count() }
    }
}

/// The lines of `text` with their tabs replaced. A column goes over lines that follow each other; what
/// stands behind the last tab of a line is in none.
pub fn columns(text: &str, layout: Layout) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|_| Vec::new()).collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(0);
    for column in 0..most {
        let mut start = 0;
        while start < lines.len() {
            let in_column = |line: &&Vec<&str>| column + 1 < line.len();
            let length = lines[start..].iter().take_while(in_column).count();
            let block = &lines[start..start + length];
            let cells = block.iter().filter_map(|line| line.get(column));
            let widest = cells.map(|cell| layout.width(cell) + layout.padding).max();
            let width = widest.unwrap_or(0).max(layout.minimum);
            for line in &mut widths[start..start + length] {
                line.push(width);
            }
            start += length + 1;
        }
    }
    let mut written = String::new();
    for (index, (line, widths)) in lines.iter().zip(&widths).enumerate() {
        if index > 0 {
            written.push('\n');
        }
        for (position, cell) in line.iter().enumerate() {
            written.push_str(cell);
            if let Some(column) = widths.get(position) {
                let missing = column.saturating_sub(layout.width(cell));
                written.extend(std::iter::repeat_n(' ', missing));
            }
        }
    }
    written
}

/// The rows of a table, each with an end of line.
pub fn table(rows: &[Vec<String>], layout: Layout) -> String {
    let text: String = rows.iter().flat_map(|row| [row.join("\t"), "\n".to_owned()]).collect();
    columns(&text, layout)
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

    #[test]
    fn a_line_without_a_column_ends_it() {
        assert_eq!(
            columns("a\tb\nlonger than that\tc\nno column\nd\te\n", Layout::FORMATTER),
            "a                  b\nlonger than that   c\nno column\nd         e\n"
        );
        assert_eq!(columns("", Layout::FORMATTER), "");
    }
}
