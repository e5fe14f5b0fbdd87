//! Answers from standard input.

use std::io::{BufRead, IsTerminal, Write};

/// Reads one line and says whether it means yes: `y`, `yes`, or what Go's `ParseBool` takes for
/// true. End of input is a no. Blocks.
pub fn read_answer() -> bool {
    let mut line = String::new();
    let stdin = std::io::stdin();
    let read = stdin.lock().read_line(&mut line);
    // After Ctrl-D the cursor is still behind the question.
    if !line.ends_with('\n') && stdin.is_terminal() {
        let _ = writeln!(std::io::stderr());
    }
    read.is_ok() && is_yes(&line)
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "1" | "t" | "true")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_clear_yes_is_one() {
        for (line, expected) in [
            ("y\n", true),
            ("Y\r\n", true),
            ("true", true),
            ("Yes\n", true),
            ("yesterday", false),
            ("", false),
            ("n", false),
        ] {
            assert_eq!(is_yes(line), expected, "{line:?}");
        }
    }
}
