//! JSON that a program writes: values one after the other, as they come. Pure.

use serde::de::DeserializeOwned;

/// Takes values out of bytes that arrive in pieces.
#[derive(Default)]
pub(super) struct Values {
    pending: Vec<u8>,
}

impl Values {
    /// Adds bytes, and gives the values that are complete with what is wrong with the rest; `end` when no more will come.
    ///
    /// What is wrong is said in the words of Go's decoder, which scripts know from Docker Compose. Nothing is to be added
    /// after it.
    pub(super) fn add<T: DeserializeOwned>(
        &mut self,
        bytes: &[u8],
        end: bool,
    ) -> (Vec<T>, Result<(), String>) {
        self.pending.extend_from_slice(bytes);
        let mut values = Vec::new();
        let mut stream = serde_json::Deserializer::from_slice(&self.pending).into_iter();
        let mut done = 0;
        while let Some(value) = stream.next() {
            match value {
                Ok(value) => {
                    values.push(value);
                    done = stream.byte_offset();
                }
                Err(error) if error.is_eof() && !end => break,
                Err(error) if error.is_eof() => return (values, Err("unexpected EOF".to_owned())),
                Err(error) => {
                    let rest = self.pending[done..].trim_ascii_start();
                    let words = decoder_words(rest).unwrap_or_else(|| error.to_string());
                    return (values, Err(words));
                }
            }
        }
        self.pending.drain(..done);
        (values, Ok(()))
    }
}

/// What Go's decoder says of a text that does not begin as JSON does.
fn decoder_words(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let first = text.chars().next()?;
    let literal = match first {
        'n' => "null",
        't' => "true",
        'f' => "false",
        '{' | '[' | '"' | '-' | '0'..='9' => return None,
        _ => return Some(format!("invalid character {first:?} looking for beginning of value")),
    };
    let (found, expected) = text.chars().zip(literal.chars()).find(|(a, b)| a != b)?;
    Some(format!("invalid character {found:?} in literal {literal} (expecting {expected:?})"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn values_come_out_when_they_are_complete() {
        let mut values = Values::default();
        assert_eq!(values.add::<Value>(b"{\"a\":", false), (vec![], Ok(())));
        let two = vec![json!({"a": 1}), json!({"b": 2})];
        assert_eq!(values.add::<Value>(b"1} {\"b\"\n:2}\n{", false), (two, Ok(())));
        assert_eq!(values.add::<Value>(b"", true), (vec![], Err("unexpected EOF".to_owned())));
    }

    #[test]
    fn what_is_no_json_is_told_as_go_tells_it() {
        for (text, words) in [
            ("nope\n", "invalid character 'o' in literal null (expecting 'u')"),
            ("hello\n", "invalid character 'h' looking for beginning of value"),
        ] {
            let text = format!("[7]\n{text}");
            let told = Values::default().add::<Value>(text.as_bytes(), false);
            assert_eq!(
                told,
                (vec![json!([7])], Err(words.to_owned())),
                "what was said before it counts"
            );
        }
    }
}
