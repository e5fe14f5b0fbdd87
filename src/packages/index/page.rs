//! A project's page on an index: JSON (PEP 691), or HTML (PEP 503). Pure.

use serde::Deserialize;

use crate::packages::python::releases::IndexFile;

/// What is asked for, the better form first.
pub(super) const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// The files on a page. `None` for what is no such page.
pub(super) fn files(content_type: &str, body: &[u8]) -> Option<Vec<IndexFile>> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.ends_with("json") { json(body) } else { Some(html(&String::from_utf8_lossy(body))) }
}

#[derive(Deserialize)]
struct Page {
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Yanked,
}

/// Whether, or why.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Is(bool),
    Because(serde::de::IgnoredAny),
}

impl Default for Yanked {
    fn default() -> Self {
        Self::Is(false)
    }
}

fn json(body: &[u8]) -> Option<Vec<IndexFile>> {
    let page: Page = serde_json::from_slice(body).ok()?;
    let files = page.files.into_iter().map(|file| IndexFile {
        name: file.filename,
        requires_python: file.requires_python.unwrap_or_default(),
        yanked: !matches!(file.yanked, Yanked::Is(false)),
    });
    Some(files.collect())
}

fn html(text: &str) -> Vec<IndexFile> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(anchor) = rest.split_once('<').map(|(_, behind)| behind) {
        rest = anchor;
        let is_anchor = anchor.get(..1).is_some_and(|it| it.eq_ignore_ascii_case("a"))
            && anchor.get(1..).is_some_and(|it| it.starts_with(char::is_whitespace));
        if !is_anchor {
            continue;
        }
        let attributes = attributes(anchor.get(1..).unwrap_or_default());
        let value = |name: &str| attributes.iter().find(|(it, _)| it == name).map(|(_, it)| it);
        let Some(link) = value("href") else { continue };
        let path = link.split(['#', '?']).next().unwrap_or_default();
        let name = decoded(path.rsplit('/').next().unwrap_or_default());
        found.push(IndexFile {
            name,
            requires_python: value("data-requires-python").cloned().unwrap_or_default(),
            yanked: value("data-yanked").is_some(),
        });
    }
    found
}

/// The attributes of a tag, behind its name, up to its end.
fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && !rest.starts_with(['>', '/']) {
        let is_end = |it: char| it.is_whitespace() || "=>".contains(it);
        let length = rest.find(is_end).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(length);
        rest = behind.trim_start();
        let mut value = String::new();
        if let Some(behind) = rest.strip_prefix('=') {
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|it| matches!(it, '"' | '\''));
            let (raw, after) = if let Some(quote) = quote {
                behind[1..].split_once(quote).unwrap_or((&behind[1..], ""))
            } else {
                let is_end = |it: char| it.is_whitespace() || it == '>';
                behind.split_at(behind.find(is_end).unwrap_or(behind.len()))
            };
            value = unescaped(raw);
            rest = after.trim_start();
        } else if length == 0 {
            break;
        }
        found.push((name.to_ascii_lowercase(), value));
    }
    found
}

fn unescaped(text: &str) -> String {
    [
        ("&gt;", ">"),
        ("&lt;", "<"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A text without percent-encoding.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(digits.unwrap_or(b'%'));
        rest = if digits.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(content_type: &str, body: &str) -> Vec<String> {
        files(content_type, body.as_bytes())
            .unwrap()
            .into_iter()
            .map(|it| {
                format!("{} {}{}", it.name, it.requires_python, if it.yanked { " y" } else { "" })
            })
            .collect()
    }

    #[test]
    fn pages_have_files_in_both_forms() {
        let json = r#"{"meta": {"api-version": "1.1"}, "name": "a", "files": [
            {"filename": "a-1.tar.gz", "url": "https://h/a-1.tar.gz", "hashes": {}, "requires-python": ">=3.6", "yanked": false},
            {"filename": "a-2.tar.gz", "url": "https://h/a-2.tar.gz", "hashes": {}, "requires-python": null, "yanked": "broken"},
            {"filename": "a-3.tar.gz", "url": "https://h/a-3.tar.gz", "hashes": {}}
        ]}"#;
        let expected = ["a-1.tar.gz >=3.6", "a-2.tar.gz  y", "a-3.tar.gz "];
        assert_eq!(shown("application/vnd.pypi.simple.v1+json", json), expected);
        let html = r#"<!DOCTYPE html><html><body><h1>a</h1>
            <a href="https://h/x/a-1.tar.gz#sha256=00" data-requires-python="&gt;=3.6">a-1.tar.gz</a><br/>
            <A class=x data-yanked href='../a-2.tar.gz?y'>a</A>
            <a href=a-3.tar.gz>b</a><address></address><a>c</a>"#;
        assert_eq!(shown("text/html; charset=utf-8", html), expected);
        let html = r#"<a href="/whl/cpu/torch-2.1.0%2Bcpu-cp311-cp311-linux_x86_64.whl">"#;
        assert_eq!(shown("", html), ["torch-2.1.0+cpu-cp311-cp311-linux_x86_64.whl "]);
        assert!(files("application/json", b"[]").is_none());
        for broken in ["<", "<a ", "<a href=", "<a href='", "<a =", "<a %"] {
            assert!(shown("text/html", broken).len() <= 1, "{broken}");
        }
    }

    #[test]
    fn percent_signs_are_taken_away() {
        assert_eq!(decoded("a%2Bb%20%zz%"), "a+b %zz%");
    }
}
