//! Command lines, environment files, and files that are not there.

use super::{Written, edit, say};
use crate::diagnostic::{Diagnostic, Span, codes};

/// Says how to mend what has to do with commands and files.
pub(super) fn add(error: &mut Diagnostic, value: &Written<'_>) {
    let help = |error: &mut Diagnostic, text: &str| error.help = Some(text.to_owned());
    let message = error.message.clone();
    match error.code {
        codes::DECODE_COMMAND => {
            say(error, "a quote is opened in this command and not closed");
            help(error, "close it, or write the command as a list: `[\"program\", \"argument\"]`");
        }
        codes::DOTENV_SYNTAX if message.contains("unterminated quoted value") => {
            say(error, "this quote is not closed");
            let first_line = value.text.lines().next().unwrap_or_default().trim_end();
            if let Some(quote) = first_line.chars().next().filter(|it| "'\"".contains(*it)) {
                error.help = Some(format!("end the value with `{quote}`"));
                let length = u32::try_from(first_line.len()).unwrap_or(0);
                let end = value.span.start + length;
                edit(error, Span { start: end, end, ..value.span }, &quote.to_string());
            }
        }
        codes::DOTENV_SYNTAX if message.contains("cannot contain a space") => {
            say(error, "not `KEY=value`");
            help(
                error,
                "write `KEY=value`, without spaces around the key, or `#` before a comment",
            );
        }
        codes::VARIABLES_UNREADABLE if message.contains("no such file") => {
            say(error, "no such file");
            help(
                error,
                "create it, or write `- path: …` with `required: false` if it may be missing",
            );
        }
        codes::FILE_UNREADABLE if message.ends_with("is a directory") => {
            say(error, "a directory");
            if value.is_verbatim() {
                let path = value.text.trim_end_matches('/');
                error.help = Some(format!("name the file in it, such as `{path}/compose.yaml`"));
            }
        }
        codes::FILE_UNREADABLE if message.ends_with("no such file or directory") => {
            say(error, "no such file");
            help(error, "paths start from the directory of the project");
        }
        _ => {}
    }
}
