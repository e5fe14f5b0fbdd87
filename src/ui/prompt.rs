//! Answers from standard input.

use std::io::BufRead;

/// Reads one line and says whether it means yes: `y`, or what Go's `ParseBool` takes for true.
/// End of input is a no. Blocks.
pub fn read_answer() -> bool {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(_) => is_yes(&line),
        Err(_) => false,
    }
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "1" | "t" | "true")
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
            ("yes", false),
            ("", false),
            ("n", false),
        ] {
            assert_eq!(is_yes(line), expected, "{line:?}");
        }
    }
}
