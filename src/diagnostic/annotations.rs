//! Diagnostics as the workflow commands by which GitHub Actions annotates the lines of a change:
//! `::error file=…,line=…,col=…,title=…::message`. Forgejo and Gitea read them too.

use std::fmt::Write as _;
use std::path::Path;

use super::region::Region;
use super::render::visible;
use super::{Diagnostic, SourceMap};

/// One line for each diagnostic. Files below `root` are named relative to it.
pub fn report(diagnostics: &[Diagnostic], sources: &SourceMap, root: &Path) -> String {
    diagnostics.iter().map(|diagnostic| annotation(diagnostic, sources, root) + "\n").collect()
}

fn annotation(diagnostic: &Diagnostic, sources: &SourceMap, root: &Path) -> String {
    let mut line = format!("::{} ", diagnostic.severity.as_str());
    let place = diagnostic.place().and_then(|label| Region::of_label(label.span, sources));
    // Writing to a string cannot fail. Standard input is no file that could be annotated.
    if let Some(place) = place.filter(|place| place.source.name.is_absolute()) {
        let name = &place.source.name;
        let name = name.strip_prefix(root).unwrap_or(name).to_string_lossy().into_owned();
        let _ = write!(
            line,
            "file={},line={},endLine={},",
            property(&name),
            place.start.line,
            place.end.line
        );
        // Columns are for places within one line; the end is the last column, not the one behind.
        if place.start.line == place.end.line {
            let (first, behind) = (place.start.column, place.end.column);
            let _ = write!(line, "col={first},endColumn={},", (behind - 1).max(first));
        }
    }
    let title = format!("{} {}", diagnostic.code, diagnostic.code.name());
    let _ = write!(line, "title={}::{}", property(&title), data(&diagnostic.message));
    if let Some(help) = &diagnostic.help {
        let _ = write!(line, "%0Ahelp: {}", data(help));
    }
    line
}

/// A text as it stands behind the last `::`.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\n', "%0A")
}

/// A text as it stands in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::{FILE_NONE, YAML_DUPLICATE_KEY};
    use crate::diagnostic::{FileId, Span};

    #[test]
    fn what_has_a_meaning_in_commands_is_encoded() {
        let mut sources = SourceMap::default();
        sources.add("/p/a,b/compose.yaml", "a: 1\na: 2\n");
        let at = |start, end| Span::new(FileId(0), start, end);
        let diagnostics = [
            Diagnostic::error(YAML_DUPLICATE_KEY, "100%\ntwice").at(at(5, 6), "").help("one"),
            Diagnostic::warning(YAML_DUPLICATE_KEY, "lines").at(at(0, 7), ""),
            Diagnostic::error(FILE_NONE, "nowhere: at all, really"),
        ];
        insta::assert_snapshot!(report(&diagnostics, &sources, Path::new("/p")), @r#"
        ::error file=a%2Cb/compose.yaml,line=2,endLine=2,col=1,endColumn=1,title=BIR0002 yaml-duplicate-key::100%25%0Atwice%0Ahelp: one
        ::warning file=a%2Cb/compose.yaml,line=1,endLine=2,title=BIR0002 yaml-duplicate-key::lines
        ::error title=BIR0090 file-none::nowhere: at all, really
        "#);
    }
}
