//! Lines of a text by where in it something is.

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Of a text.
    pub(super) fn new(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line, from 1, that a byte is in.
    pub(super) fn at(&self, byte: usize) -> u32 {
        let line = self.starts.partition_point(|&start| start <= byte);
        u32::try_from(line).unwrap_or(u32::MAX)
    }
}

/// The first line of a JSON text in which the value of a key begins with a brace; 1 for none.
pub(super) fn line_of_key(text: &str, key: &str) -> u32 {
    let key = format!("\"{key}\":");
    let found = (1..).zip(text.lines()).find(|(_, line)| {
        line.trim_start().strip_prefix(&key).is_some_and(|rest| rest.trim_start().starts_with('{'))
    });
    found.map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_lines() {
        let lines = Lines::new("a\nbc\n\nd");
        let found: Vec<_> = [0, 1, 2, 4, 5, 6, 99].map(|at| lines.at(at)).into();
        assert_eq!(found, [1, 1, 2, 2, 3, 4, 4]);
    }
}
