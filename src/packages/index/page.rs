//! A project's page on an index: JSON (PEP 691), or HTML (PEP 503). Pure.

use serde::Deserialize;

use crate::packages::python::releases::IndexFile;

/// What is asked for, the better form first.
pub(super) const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// The files on the page at an address. `None` for what is no such page.
pub(super) fn files(url: &str, content_type: &str, body: &[u8]) -> Option<Vec<IndexFile>> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.ends_with("json") {
        json(url, body)
    } else {
        Some(html(url, &String::from_utf8_lossy(body)))
    }
}

/// Where the metadata of the file is that a link on a page leads to (PEP 658).
fn metadata(url: &str, link: &str) -> Option<String> {
    let link = link.split('#').next().unwrap_or_default();
    Some(format!("{}.metadata", linked(url, link)?))
}

/// What a link on the page at an address leads to. Who is let in there is let in to what it has on the same host.
fn linked(url: &str, link: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = |authority: &str| authority.rsplit('@').next().map(str::to_owned);
    if let Some((other, rest)) = link.split_once("://") {
        let (there, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let is_same = other == scheme && host(there) == host(authority);
        return Some(if is_same {
            format!("{scheme}://{authority}{path}")
        } else {
            link.to_owned()
        });
    }
    if let Some(link) = link.strip_prefix("//") {
        return Some(format!("{scheme}://{link}"));
    }
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let whole = if link.starts_with('/') { link.to_owned() } else { format!("{directory}/{link}") };
    let mut names: Vec<&str> = Vec::new();
    for name in whole.split('/').skip(1) {
        match name {
            "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    Some(format!("{scheme}://{authority}/{}", names.join("/")))
}

#[derive(Deserialize)]
struct Page {
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    #[serde(default)]
    url: String,
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Said,
    /// Its name since PEP 714.
    #[serde(default)]
    core_metadata: Said,
    /// Its name before.
    #[serde(default, alias = "data-dist-info-metadata")]
    dist_info_metadata: Said,
}

/// Whether, or more of it: why something was withdrawn, the digests of what is offered.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Plainly(bool),
    With(serde::de::IgnoredAny),
}

impl Said {
    const fn is_so(&self) -> bool {
        !matches!(self, Self::Plainly(false))
    }
}

impl Default for Said {
    fn default() -> Self {
        Self::Plainly(false)
    }
}

fn json(url: &str, body: &[u8]) -> Option<Vec<IndexFile>> {
    let page: Page = serde_json::from_slice(body).ok()?;
    let is_offered = |file: &File| file.core_metadata.is_so() || file.dist_info_metadata.is_so();
    let files = page.files.into_iter().map(|file| IndexFile {
        metadata: is_offered(&file).then(|| metadata(url, &file.url)).flatten(),
        name: file.filename,
        requires_python: file.requires_python.unwrap_or_default(),
        yanked: file.yanked.is_so(),
    });
    Some(files.collect())
}

fn html(url: &str, text: &str) -> Vec<IndexFile> {
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
        let is_offered = ["data-core-metadata", "data-dist-info-metadata"]
            .iter()
            .any(|name| value(name).is_some_and(|value| value != "false"));
        found.push(IndexFile {
            metadata: is_offered.then(|| metadata(url, link)).flatten(),
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
        files("https://h/simple/a/", content_type, body.as_bytes())
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
        assert!(files("", "application/json", b"[]").is_none());
        for broken in ["<", "<a ", "<a href=", "<a href='", "<a =", "<a %"] {
            assert!(shown("text/html", broken).len() <= 1, "{broken}");
        }
    }

    #[test]
    fn metadata_is_where_a_page_says_that_it_is_offered() {
        let url = "https://me:secret@h/simple/a/";
        let json = r#"{"files": [
            {"filename": "a-1-py3-none-any.whl", "url": "https://h/x/a-1-py3-none-any.whl", "core-metadata": {"sha256": "00"}},
            {"filename": "a-2-py3-none-any.whl", "url": "https://f/a-2-py3-none-any.whl#sha256=00", "data-dist-info-metadata": true},
            {"filename": "a-3-py3-none-any.whl", "url": "../../b/a-3-py3-none-any.whl", "dist-info-metadata": {}},
            {"filename": "a-4-py3-none-any.whl", "url": "a-4-py3-none-any.whl", "core-metadata": false},
            {"filename": "a-5-py3-none-any.whl", "url": "/a-5-py3-none-any.whl"}
        ]}"#;
        let of = |kind: &str, text: &str| -> Vec<Option<String>> {
            files(url, kind, text.as_bytes()).unwrap().into_iter().map(|it| it.metadata).collect()
        };
        let at = |path: &str| Some(format!("https://{path}.metadata"));
        assert_eq!(
            of("application/vnd.pypi.simple.v1+json", json),
            [
                at("me:secret@h/x/a-1-py3-none-any.whl"),
                at("f/a-2-py3-none-any.whl"),
                at("me:secret@h/b/a-3-py3-none-any.whl"),
                None,
                None
            ]
        );
        let html = r#"<a href="a-1-py3-none-any.whl#sha256=00" data-core-metadata="sha256=00">a</a>
            <a href="//f/a-2-py3-none-any.whl" data-dist-info-metadata=true>a</a><a href="/a-3-py3-none-any.whl">a</a>"#;
        assert_eq!(
            of("text/html", html),
            [at("me:secret@h/simple/a/a-1-py3-none-any.whl"), at("f/a-2-py3-none-any.whl"), None]
        );
    }

    #[test]
    fn percent_signs_are_taken_away() {
        assert_eq!(decoded("a%2Bb%20%zz%"), "a+b %zz%");
    }
}
