//! Diagnostics as JSON, for editors and scripts. The form is described in `docs/diagnostics.md`;
//! within one version keys are only added.
//!
//! Lines and columns count from 1, columns in characters (Unicode code points); offsets are bytes
//! of the text in UTF-8, from 0. An end is the position behind the last character.

use serde::Serialize;

use super::region::Region;
use super::{Diagnostic, Position, SourceMap};

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    name: String,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    help: Option<&'a str>,
    labels: Vec<Label<'a>>,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place,
    message: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place,
    replacement: &'a str,
}

/// A place; all null where there is none.
#[derive(Serialize, Default)]
struct Place {
    file: Option<String>,
    start: Option<Point>,
    end: Option<Point>,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    offset: usize,
}

/// The report, with a line break at its end.
pub fn report(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let diagnostics = diagnostics.iter().map(|it| problem(it, sources)).collect();
    let report = Report { version: VERSION, diagnostics };
    // Numbers and texts alone cannot fail to become JSON.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn problem<'a>(diagnostic: &'a Diagnostic, sources: &SourceMap) -> Problem<'a> {
    let labels = diagnostic.labels.iter().map(|label| Label {
        place: place(Region::of_label(label.span, sources)),
        message: &label.message,
        primary: label.primary,
    });
    let edits = diagnostic.edits.iter().map(|edit| Edit {
        place: place(Region::of_edit(edit.span, sources)),
        replacement: &edit.replacement,
    });
    Problem {
        code: diagnostic.code.as_str(),
        name: diagnostic.code.name(),
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        place: place(diagnostic.place().and_then(|it| Region::of_label(it.span, sources))),
        help: diagnostic.help.as_deref(),
        labels: labels.collect(),
        edits: edits.collect(),
    }
}

fn place(region: Option<Region<'_>>) -> Place {
    let Some(region) = region else { return Place::default() };
    let point = |Position { line, column }: Position, offset| Some(Point { line, column, offset });
    Place {
        file: Some(region.source.name.to_string_lossy().into_owned()),
        start: point(region.start, region.bytes.start),
        end: point(region.end, region.bytes.end),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::diagnostic::codes::{FILE_NONE, YAML_DUPLICATE_KEY};
    use crate::diagnostic::{FileId, Span};

    #[test]
    fn every_part_of_a_diagnostic_is_there() {
        let mut sources = SourceMap::default();
        let file = sources.add("/p/compose.yaml", "é: 1\né: 2\n");
        let diagnostics = [
            Diagnostic::error(YAML_DUPLICATE_KEY, "twice")
                .with_context(Span::new(file, 0, 2), "first")
                .at(Span::new(file, 6, 8), "again")
                .help("remove one")
                .edit(Span::new(file, 6, 12), ""),
            Diagnostic::warning(FILE_NONE, "nowhere").at(Span::new(FileId(7), 0, 1), ""),
        ];
        let report: Value = serde_json::from_str(&report(&diagnostics, &sources)).unwrap();
        let whole = json!({ "line": 2, "column": 1, "offset": 6 });
        let key = json!({ "line": 2, "column": 2, "offset": 8 });
        let expected = json!({
            "code": "BIR0002",
            "name": "yaml-duplicate-key",
            "severity": "error",
            "message": "twice",
            "file": "/p/compose.yaml",
            "start": whole,
            "end": key,
            "help": "remove one",
            "labels": [
                {
                    "file": "/p/compose.yaml",
                    "start": { "line": 1, "column": 1, "offset": 0 },
                    "end": { "line": 1, "column": 2, "offset": 2 },
                    "message": "first",
                    "primary": false,
                },
                {
                    "file": "/p/compose.yaml",
                    "start": whole,
                    "end": key,
                    "message": "again",
                    "primary": true,
                },
            ],
            "edits": [{
                "file": "/p/compose.yaml",
                "start": whole,
                "end": { "line": 3, "column": 1, "offset": 12 },
                "replacement": "",
            }],
        });
        assert_eq!(report["version"], 1);
        assert_eq!(report["diagnostics"][0], expected);
        let nowhere = &report["diagnostics"][1];
        assert_eq!((&nowhere["file"], &nowhere["start"]), (&Value::Null, &Value::Null));
        assert_eq!(nowhere["severity"], "warning");
    }
}
