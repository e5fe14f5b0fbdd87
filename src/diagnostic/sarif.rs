//! Diagnostics as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for code
//! scanning and editors. Section numbers below are those of the standard.
//!
//! Files below the root of the source tree are named relative to `%SRCROOT%`, others by `file:`
//! URIs. Columns count characters; the encoding of a text in memory is UTF-8, and so are
//! `byteOffset` and `byteLength`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::region::Region;
use super::{Code, Diagnostic, Edit, Label, Severity, SourceFile, SourceMap};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name under which the root of the source tree is given (3.14.14).
const ROOT: &str = "%SRCROOT%";

/// A place longer than this comes without its text.
const SNIPPET_LIMIT: usize = 4096;

/// How the program ran.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The root of the source tree; an absolute path.
    pub root: &'a Path,
    /// The directory that the program ran in; an absolute path.
    pub directory: &'a Path,
    /// The exit code of the program.
    pub exit_code: u8,
}

/// The log, with a line break at its end.
pub fn report(diagnostics: &[Diagnostic], sources: &SourceMap, run: Run<'_>) -> String {
    let mut rules: Vec<Code> = diagnostics.iter().map(|it| it.code).collect();
    rules.sort_unstable();
    rules.dedup();
    let mut writer = Writer { sources, root: run.root, rules: &rules, seen: BTreeMap::new() };
    let results: Vec<Value> = diagnostics.iter().map(|it| writer.result(it)).collect();
    let mut driver = json!({
        "name": "Bireme",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
    });
    let home = env!("CARGO_PKG_REPOSITORY");
    if !home.is_empty() {
        driver["informationUri"] = home.into();
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": run.exit_code,
                "workingDirectory": { "uri": directory_uri(run.directory) },
            }],
            "originalUriBaseIds": { ROOT: { "uri": directory_uri(run.root) } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    // A value whose keys are texts cannot fail to become JSON.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

/// The description of a code (3.49).
fn rule(code: Code) -> Value {
    let (summary, explanation) = (code.summary(), code.explanation());
    json!({
        "id": code.as_str(),
        "name": code.name(),
        "shortDescription": { "text": summary },
        "fullDescription": { "text": format!("{summary} {explanation}").trim_end() },
        "help": {
            "text": format!("{summary}\n\n{explanation}").trim_end(),
            "markdown": format!("**{summary}**\n\n{explanation}").trim_end(),
        },
        "defaultConfiguration": { "level": code.severity().as_str() },
    })
}

struct Writer<'a> {
    sources: &'a SourceMap,
    root: &'a Path,
    /// The codes that occur, sorted.
    rules: &'a [Code],
    /// How often a fingerprint was given.
    seen: BTreeMap<String, usize>,
}

impl Writer<'_> {
    /// One diagnostic (3.27).
    fn result(&mut self, diagnostic: &Diagnostic) -> Value {
        let mut text = diagnostic.message.clone();
        if let Some(help) = &diagnostic.help {
            // Writing to a string cannot fail.
            let _ = write!(text, "\nhelp: {help}");
        }
        let mut result = json!({
            "ruleId": diagnostic.code.as_str(),
            "ruleIndex": self.rules.binary_search(&diagnostic.code).unwrap_or_default(),
            "level": match diagnostic.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            "message": { "text": text },
            "partialFingerprints": { "bireme/v1": self.fingerprint(diagnostic) },
        });
        let place = diagnostic.place();
        let location = place.and_then(|label| self.location(label, None));
        result["locations"] = Value::Array(location.into_iter().collect());
        let others =
            diagnostic.labels.iter().filter(|it| place.is_none_or(|at| !std::ptr::eq(*it, at)));
        let related: Vec<Value> = others
            .enumerate()
            .filter_map(|(id, label)| self.location(label, Some(id + 1)))
            .collect();
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
        if let Some(fix) = self.fix(diagnostic) {
            result["fixes"] = json!([fix]);
        }
        result
    }

    /// A place with the lines around it (3.28). Related places are numbered.
    fn location(&self, label: &Label, id: Option<usize>) -> Option<Value> {
        let found = Region::of_label(label.span, self.sources)?;
        let mut physical = json!({
            "artifactLocation": self.artifact(found.source),
            "region": region(&found, true),
        });
        let lines = found.lines();
        if lines.len() <= SNIPPET_LIMIT {
            physical["contextRegion"] = json!({
                "startLine": found.start.line,
                "endLine": found.end.line,
                "snippet": { "text": lines },
            });
        }
        let mut location = Map::new();
        if let Some(id) = id {
            location.insert("id".to_owned(), id.into());
        }
        location.insert("physicalLocation".to_owned(), physical);
        if !label.message.is_empty() {
            location.insert("message".to_owned(), json!({ "text": label.message }));
        }
        Some(Value::Object(location))
    }

    /// The edits, by file (3.55).
    fn fix(&self, diagnostic: &Diagnostic) -> Option<Value> {
        let mut files: Vec<(&SourceFile, Vec<Value>)> = Vec::new();
        for edit in &diagnostic.edits {
            let found = Region::of_edit(edit.span, self.sources)?;
            let replacement = replacement(&found, edit);
            match files.iter_mut().find(|(file, _)| std::ptr::eq(*file, found.source)) {
                Some((_, replacements)) => replacements.push(replacement),
                None => files.push((found.source, vec![replacement])),
            }
        }
        if files.is_empty() {
            return None;
        }
        let changes: Vec<Value> = files
            .into_iter()
            .map(|(file, replacements)| {
                json!({ "artifactLocation": self.artifact(file), "replacements": replacements })
            })
            .collect();
        let help = diagnostic.help.as_deref().unwrap_or("this would mend it");
        Some(json!({ "description": { "text": help }, "artifactChanges": changes }))
    }

    /// Where a file is (3.4).
    fn artifact(&self, source: &SourceFile) -> Value {
        let name = source.name.as_path();
        match name.strip_prefix(self.root) {
            Ok(below) => json!({ "uri": encoded(below), "uriBaseId": ROOT }),
            Err(_) if name.is_absolute() => json!({ "uri": file_uri(name) }),
            Err(_) => json!({ "uri": "-", "description": { "text": "standard input" } }),
        }
    }

    /// What stays the same when lines move (3.27.17): the code, the file, the text of the lines
    /// without their indentation, and the how-manieth of that kind it is.
    fn fingerprint(&mut self, diagnostic: &Diagnostic) -> String {
        let place = diagnostic.place().and_then(|it| Region::of_label(it.span, self.sources));
        let mut digest = Sha256::new();
        digest.update(diagnostic.code.as_str());
        match place {
            Some(place) => {
                digest.update(self.artifact(place.source)["uri"].as_str().unwrap_or_default());
                for line in place.lines().lines() {
                    digest.update("\n");
                    digest.update(line.trim());
                }
                digest.update("\0");
                digest.update(place.text());
            }
            None => digest.update(&diagnostic.message),
        }
        let mut print = String::new();
        for byte in &digest.finalize()[..12] {
            let _ = write!(print, "{byte:02x}");
        }
        let count = self.seen.entry(print.clone()).or_default();
        *count += 1;
        format!("{print}:{count}")
    }
}

/// A part of a text (3.30).
fn region(found: &Region<'_>, with_snippet: bool) -> Value {
    let mut region = json!({
        "startLine": found.start.line,
        "startColumn": found.start.column,
        "endLine": found.end.line,
        "endColumn": found.end.column,
        "byteOffset": found.bytes.start,
        "byteLength": found.bytes.len(),
    });
    if with_snippet && found.bytes.len() <= SNIPPET_LIMIT {
        region["snippet"] = json!({ "text": found.text() });
    }
    region
}

/// One edit (3.57).
fn replacement(found: &Region<'_>, edit: &Edit) -> Value {
    let mut replacement = json!({ "deletedRegion": region(found, false) });
    if !edit.replacement.is_empty() {
        replacement["insertedContent"] = json!({ "text": edit.replacement });
    }
    replacement
}

/// The URI of a directory, which ends with a slash.
fn directory_uri(path: &Path) -> String {
    let mut uri = file_uri(path);
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

fn file_uri(path: &Path) -> String {
    format!("file://{}", encoded(path))
}

/// A path as it stands in a URI: everything but unreserved characters and slashes is encoded.
pub(super) fn encoded(path: &Path) -> String {
    let mut uri = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::codes::{FILE_NONE, YAML_DUPLICATE_KEY, YAML_SYNTAX};
    use crate::diagnostic::{FileId, Span};

    fn sources(texts: &[(&str, &str)]) -> SourceMap {
        let mut sources = SourceMap::default();
        for (name, text) in texts {
            sources.add(*name, *text);
        }
        sources
    }

    fn log(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
        let run = Run { root: Path::new("/p"), directory: Path::new("/p/a b"), exit_code: 1 };
        serde_json::from_str(&report(diagnostics, sources, run)).unwrap()
    }

    fn twice(file: u32, first: usize, second: usize) -> Diagnostic {
        Diagnostic::error(YAML_DUPLICATE_KEY, "twice")
            .with_context(Span::new(FileId(file), first, first + 2), "first")
            .at(Span::new(FileId(file), second, second + 2), "again")
            .help("remove one")
            .edit(Span::new(FileId(file), second, second + 6), "")
            .edit(Span::new(FileId(file), first, first), "# ")
    }

    #[test]
    fn a_run_says_what_it_ran_on_and_what_its_codes_mean() {
        let log = log(&[Diagnostic::warning(FILE_NONE, "nowhere")], &sources(&[]));
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(run["originalUriBaseIds"][ROOT]["uri"], "file:///p/");
        assert_eq!(run["invocations"][0]["workingDirectory"]["uri"], "file:///p/a%20b/");
        assert_eq!(run["invocations"][0]["exitCode"], 1);
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!((&rule["id"], &rule["name"]), (&json!("BIR0090"), &json!("file-none")));
        assert_eq!(rule["defaultConfiguration"]["level"], "error");
        assert_eq!(rule["shortDescription"]["text"], FILE_NONE.summary());
        let result = &run["results"][0];
        assert_eq!(result["level"], "warning", "the diagnostic's own severity");
        assert_eq!(result["locations"], json!([]), "a problem that is in no file");
    }

    #[test]
    fn places_edits_and_explanations_are_where_the_standard_has_them() {
        let sources =
            sources(&[("/p/x/compose.yaml", "é: 1\né: 2\n"), ("/q/é.yaml", "a: 1\na: 2\n")]);
        let log =
            log(&[twice(0, 0, 6), twice(1, 0, 5), Diagnostic::error(YAML_SYNTAX, "x")], &sources);
        let results = &log["runs"][0]["results"];
        let (result, place) = (&results[0], &results[0]["locations"][0]["physicalLocation"]);
        assert_eq!(
            place["artifactLocation"],
            json!({ "uri": "x/compose.yaml", "uriBaseId": ROOT })
        );
        assert_eq!(
            place["region"],
            json!({
                "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2,
                "byteOffset": 6, "byteLength": 2, "snippet": { "text": "é" },
            })
        );
        assert_eq!(place["contextRegion"]["snippet"]["text"], "é: 2");
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "first");
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        let fix = &result["fixes"][0];
        assert_eq!(fix["description"]["text"], "remove one");
        let replacements = &fix["artifactChanges"][0]["replacements"];
        assert_eq!(replacements[0]["deletedRegion"]["endLine"], 3);
        assert_eq!(replacements[0].get("insertedContent"), None);
        assert_eq!(replacements[1]["deletedRegion"]["byteLength"], 0);
        assert_eq!(replacements[1]["insertedContent"]["text"], "# ");
        let outside = &results[1]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(*outside, json!({ "uri": "file:///q/%C3%A9.yaml" }));
        let rules = &log["runs"][0]["tool"]["driver"]["rules"];
        for result in results.as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        assert_eq!(rules.as_array().unwrap().len(), 2);
    }

    #[test]
    fn fingerprints_follow_lines_that_move() {
        let prints = |text: &str, places: &[usize]| -> Vec<Value> {
            let diagnostics: Vec<_> = places.iter().map(|at| twice(0, 0, *at)).collect();
            let log = log(&diagnostics, &sources(&[("/p/compose.yaml", text)]));
            let results = log["runs"][0]["results"].as_array().unwrap().clone();
            results.into_iter().map(|it| it["partialFingerprints"]["bireme/v1"].clone()).collect()
        };
        let before = prints("a: 1\na: 2\n", &[5]);
        assert_eq!(before, prints("# a comment\n\na: 1\n  a: 2\n", &[20]));
        assert_ne!(before, prints("a: 1\na: 3\n", &[5]));
        let same = prints("a: 2\na: 2\n", &[0, 5]);
        assert_ne!(same[0], same[1], "two of a kind are told apart");
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in r"(?s)([a-c]|\n|\r\n|é|\u{1b}|.){0,40}",
            spans in prop::collection::vec((0..60_usize, 0..60_usize, 0..3_u32, any::<bool>()), 0..5),
        ) {
            let sources = sources(&[("/p/a", &text), ("-", &text)]);
            let mut diagnostic = Diagnostic::error(YAML_SYNTAX, text.as_str()).help(text.as_str());
            for (start, end, file, edit) in spans {
                let span = Span::new(FileId(file), start, end);
                diagnostic = match (edit, start % 2) {
                    (true, _) => diagnostic.edit(span, text.as_str()),
                    (false, 0) => diagnostic.at(span, text.as_str()),
                    (false, _) => diagnostic.with_context(span, ""),
                };
            }
            let diagnostics = [diagnostic];
            prop_assert!(log(&diagnostics, &sources)["runs"].is_array());
            let json: Value =
                serde_json::from_str(&super::super::json::report(&diagnostics, &sources)).unwrap();
            prop_assert_eq!(&json["diagnostics"][0]["message"], text.as_str());
            let lines = super::super::annotations::report(&diagnostics, &sources, Path::new("/p"));
            prop_assert_eq!(lines.lines().count(), 1);
        }
    }
}
