//! Texts in the cells of tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// At most `limit` cells of a terminal; an ellipsis says that something is missing.
pub fn ellipsis(text: &str, limit: usize) -> String {
    let cells = |character: char| character.width().unwrap_or(0);
    if text.chars().map(cells).sum::<usize>() <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub(1);
    let kept = text.chars().take_while(|character| match left.checked_sub(cells(*character)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    kept.chain(['…']).collect()
}

/// A text in quotation marks as Go writes it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            // Writing to a string cannot fail.
            control if control.is_ascii_control() => {
                write!(quoted, "\\x{:02x}", u32::from(control)).unwrap_or_default();
            }
            control if control.is_control() => {
                write!(quoted, "\\u{:04x}", u32::from(control)).unwrap_or_default();
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Words as they are typed into a shell.
pub fn typed(words: &[String]) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@%+,".contains(it);
    let typed = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    typed.collect::<Vec<_>>().join(" ")
}

/// Labels in one cell, sorted by name.
pub fn labels(labels: &BTreeMap<String, String>) -> String {
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    labels.join(",")
}

/// The first characters of an id, without the algorithm before it.
pub fn short_id(id: &str) -> String {
    id.split_once(':').map_or(id, |(_, id)| id).chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_to_cells() {
        for (text, limit, cut) in [
            ("sleep 1000", 20, "sleep 1000"),
            ("/docker-entrypoint.sh nginx", 20, "/docker-entrypoint.…"),
            ("日本語テキスト", 7, "日本語…"),
            ("日本語テキスト", 6, "日本…"),
        ] {
            assert_eq!(ellipsis(text, limit), cut);
        }
    }

    #[test]
    fn a_shell_reads_the_words_that_were_typed() {
        let words = ["--measure=web", "sh", "-c", "it's $HOME", ""].map(str::to_owned);
        assert_eq!(typed(&words), r"--measure=web sh -c 'it'\''s $HOME' ''");
    }

    #[test]
    fn quotation_is_that_of_go() {
        assert_eq!(quoted("a \"b\" \\ \t\u{1}\u{85}…"), r#""a \"b\" \\ \t\x01\u0085…""#);
        assert_eq!(short_id("sha256:0123456789abcdef"), "0123456789ab");
    }
}
