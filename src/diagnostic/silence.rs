//! Comments that silence warnings: `# bireme: ignore BIR0501`, behind the place that a warning
//! points at or alone on the line above it. Several codes may follow; without one, every warning
//! about the line is meant. Errors cannot be silenced.

use super::{Code, Diagnostic, Severity, SourceMap, Span};

/// What such a comment begins with, behind its `#`.
const WORD: &str = "bireme: ignore";

/// Takes out of the warnings the places that a comment silences, and the warnings of which all
/// places are.
pub fn silence(diagnostics: &mut Vec<Diagnostic>, sources: &SourceMap) {
    // Most files have no such comment at all; each is searched once.
    let commented: Vec<bool> = sources.files().map(|file| file.text.contains(WORD)).collect();
    let may_be = |span: Span| commented.get(span.file.0 as usize).is_some_and(|it| *it);
    diagnostics.retain_mut(|diagnostic| {
        let code = diagnostic.code;
        if diagnostic.severity == Severity::Error || diagnostic.labels.is_empty() {
            return true;
        }
        diagnostic.labels.retain(|label| {
            !(label.primary && may_be(label.span) && is_silenced(code, label.span, sources))
        });
        diagnostic.labels.iter().any(|label| label.primary)
    });
}

fn is_silenced(code: Code, span: Span, sources: &SourceMap) -> bool {
    let Some(file) = sources.file(span.file) else { return false };
    let offset = file.text.floor_char_boundary(span.range().start);
    let start = file.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = file.text[start..].lines().next().unwrap_or_default();
    let above = file.text[..start].lines().next_back().unwrap_or_default().trim_start();
    names(line, code) || (above.starts_with('#') && names(above, code))
}

/// Whether the line has a comment that silences the code.
fn names(line: &str, code: Code) -> bool {
    let comments = line.split('#').skip(1);
    comments.into_iter().filter_map(|comment| comment.trim_start().strip_prefix(WORD)).any(
        |codes| {
            let mut codes = codes
                .split([' ', ',', '\t', '\r'])
                .filter(|word| !word.is_empty())
                .take_while(|word| word.starts_with("BIR"))
                .peekable();
            codes.peek().is_none() || codes.any(|word| word == code.as_str())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::{INTERPOLATION_UNSET, OBSOLETE_VERSION};

    /// Whether a warning at the only `HERE` of a text is told.
    fn told(text: &str) -> bool {
        let mut sources = SourceMap::default();
        let file = sources.add("/p/compose.yaml", text);
        let start = text.find("HERE").unwrap();
        let span = Span::new(file, start, start + 4);
        let mut diagnostics = vec![Diagnostic::warning(OBSOLETE_VERSION, "x").at(span, "")];
        silence(&mut diagnostics, &sources);
        !diagnostics.is_empty()
    }

    #[test]
    fn comments_silence_the_line_that_they_are_about() {
        for text in [
            "HERE # bireme: ignore\n",
            "HERE # bireme: ignore BIR0333\r\n",
            "HERE #bireme: ignore BIR0103, BIR0333 because\n",
            "HERE # why # bireme: ignore BIR0333\n",
            "a\n  # bireme: ignore BIR0333\n  HERE\n",
        ] {
            assert!(!told(text), "{text:?}");
        }
        for text in [
            "HERE\n",
            "HERE # bireme: ignore BIR0103\n",
            "HERE bireme: ignore\n",
            "a # bireme: ignore\nHERE\n",
            "# bireme: ignore\n\nHERE\n",
            "HERE\n# bireme: ignore\n",
        ] {
            assert!(told(text), "{text:?}");
        }
    }

    #[test]
    fn errors_stay_and_so_do_other_places() {
        let text = "a # bireme: ignore\nb\n";
        let mut sources = SourceMap::default();
        let file = sources.add("/p/compose.yaml", text);
        let (one, two) = (Span::new(file, 0, 1), Span::new(file, 19, 20));
        let mut diagnostics = vec![
            Diagnostic::error(INTERPOLATION_UNSET, "x").at(one, ""),
            Diagnostic::warning(INTERPOLATION_UNSET, "x").at(one, "").at(two, ""),
            Diagnostic::warning(INTERPOLATION_UNSET, "x"),
        ];
        silence(&mut diagnostics, &sources);
        let places: Vec<usize> = diagnostics.iter().map(|it| it.labels.len()).collect();
        assert_eq!(places, [1, 1, 0]);
    }
}
