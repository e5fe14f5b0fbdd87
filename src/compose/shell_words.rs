//! Command strings to words, as Docker Compose splits `command:` and `entrypoint:`.
//!
//! Not quite a POSIX shell's rules: nothing is expanded, the text ends at an unquoted `;`, `&`,
//! `|`, `<` or `>`, and `$(…)` and backquotes hold their content together, unevaluated.

/// A quote, parenthesis or backslash that is not closed, or a parenthesis where none may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid command line string")]
pub struct InvalidCommand;

/// The words of a command string. What follows an operator such as `;` is dropped silently, as
/// Compose does; [`split_at_operator`] tells what that is.
pub fn split(text: &str) -> Result<Vec<String>, InvalidCommand> {
    split_at_operator(text).map(|(words, _)| words)
}

/// The words of a command string, and the text from the first unquoted operator on, which is not
/// part of the command. A digit in front of `>` goes with it, as a file descriptor would.
pub fn split_at_operator(text: &str) -> Result<(Vec<String>, &str), InvalidCommand> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut quote = Quotes::default();
    let mut characters = text.char_indices();
    let mut dropped = "";
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' if !quote.single => {
                let (_, escaped) = characters.next().ok_or(InvalidCommand)?;
                word.push(escaped);
            }
            ' ' | '\t' | '\r' | '\n' => {
                if quote.any() {
                    word.text.push(character);
                } else {
                    words.extend(word.take());
                }
            }
            '"' if !quote.single && !quote.parenthesis => {
                word.started |= quote.double;
                quote.double = !quote.double;
            }
            '\'' if !quote.double && !quote.parenthesis => {
                word.started |= quote.single;
                quote.single = !quote.single;
            }
            '`' if !quote.single && !quote.double && !quote.parenthesis => {
                quote.back = !quote.back;
                word.push(character);
            }
            '(' if !quote.single && !quote.double && !quote.back => {
                if quote.parenthesis || !word.text.ends_with('$') {
                    return Err(InvalidCommand);
                }
                quote.parenthesis = true;
                word.push(character);
            }
            // Compose lets a closing parenthesis open such a section, too.
            ')' if !quote.single && !quote.double && !quote.back => {
                quote.parenthesis = !quote.parenthesis;
                word.push(character);
            }
            ';' | '&' | '|' | '<' | '>' if !quote.any() => {
                if character == '>' && word.text.starts_with(|first: char| first.is_ascii_digit()) {
                    word = Word::default();
                }
                dropped = &text[offset..];
                break;
            }
            _ => word.push(character),
        }
    }
    if quote.any() {
        return Err(InvalidCommand);
    }
    words.extend(word.take());
    Ok((words, dropped))
}

/// A word being read; a pair of quotes starts one even when nothing is between them.
#[derive(Default)]
struct Word {
    text: String,
    started: bool,
}

impl Word {
    fn push(&mut self, character: char) {
        self.text.push(character);
        self.started = true;
    }

    fn take(&mut self) -> Option<String> {
        let word = std::mem::take(self);
        word.started.then_some(word.text)
    }
}

/// What is open.
#[derive(Default)]
struct Quotes {
    single: bool,
    double: bool,
    back: bool,
    parenthesis: bool,
}

impl Quotes {
    fn any(&self) -> bool {
        self.single || self.double || self.back || self.parenthesis
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_those_of_compose() {
        for (text, expected) in [
            ("", &[][..]),
            ("  ", &[]),
            ("a  b\tc\r d", &["a", "b", "c", "d"]),
            ("a\u{b}b", &["a\u{b}b"]),
            (r#"a "b c" 'd e'"#, &["a", "b c", "d e"]),
            (r#"a"b"c "x"'y'z"#, &["abc", "xyz"]),
            (r#"a "" '' b"#, &["a", "", "", "b"]),
            (r"a\ b \\", &["a b", "\\"]),
            (r"\t\n", &["tn"]),
            (r#""\"\t""#, &["\"t"]),
            (r"'b\c'", &[r"b\c"]),
            ("a#b # c", &["a#b", "#", "c"]),
            (r#"$X "$Y" ${Z} {b,c}"#, &["$X", "$Y", "${Z}", "{b,c}"]),
            ("sh -c 'echo $X && y; z'", &["sh", "-c", "echo $X && y; z"]),
            ("a; b", &["a"]),
            ("a && b", &["a"]),
            ("a | b", &["a"]),
            ("a < f", &["a"]),
            ("a > f", &["a"]),
            ("a 2>f", &["a"]),
            ("a 22>f", &["a"]),
            ("a 2 > f", &["a", "2"]),
            ("x2>f", &["x2"]),
            (r#"a "2"x>f"#, &["a"]),
            ("''>f", &[""]),
            (r"\;x", &[";x"]),
            ("a $(b c;d) e", &["a", "$(b c;d)", "e"]),
            ("a `b c;d` e", &["a", "`b c;d`", "e"]),
            (r#"a $(b "c") $(')"#, &["a", r#"$(b "c")"#, "$(')"]),
            ("a ) b )", &["a", ") b )"]),
            (r#"a "(" "`" "$(x)""#, &["a", "(", "`", "$(x)"]),
            ("x '$'(a)", &["x", "$(a)"]),
            ("é \"ü\"", &["é", "ü"]),
        ] {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn unbalanced_texts_are_refused() {
        for text in [
            "a 'x", "a \"x", "a \\", "a `b", "a (b)", "a )", "a$(", "a $((1))", "a `'` b",
            "a `\"` b",
        ] {
            assert_eq!(split(text), Err(InvalidCommand), "{text}");
        }
    }

    #[test]
    fn dropped_text_is_told() {
        for (text, dropped) in
            [("a; b", "; b"), ("a 2>&1", ">&1"), ("a 'x; y'", ""), ("é&", "&"), ("a", "")]
        {
            assert_eq!(split_at_operator(text).unwrap().1, dropped, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in r#"(?s)([a-zé "'\\`$()<>&|;0-9]|.){0,30}"#) {
            let _ = split(&text);
        }
    }
}
