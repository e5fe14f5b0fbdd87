//! Query strings and path segments.

use std::fmt::Write;

/// Builds a path with its query, `/containers/json?all=1&filters=…`.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    first: bool,
}

impl Query {
    /// A path without a query yet.
    pub fn new(path: impl Into<String>) -> Self {
        Self { text: path.into(), first: true }
    }

    /// Adds `key=value`; a value may be any bytes.
    #[must_use]
    pub fn with(mut self, key: &str, value: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        self.text.push(if self.first { '?' } else { '&' });
        self.first = false;
        self.text.push_str(key);
        self.text.push('=');
        encode(&mut self.text, value.as_ref(), "");
        self
    }

    /// Adds `key=value` where there is a value.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds `key=1` where it holds.
    #[must_use]
    pub fn with_flag(self, key: &str, holds: bool) -> Self {
        if holds { self.with(key, "1") } else { self }
    }

    /// The path with its query.
    pub fn build(self) -> String {
        self.text
    }
}

/// A name as a part of a path: image references keep their slashes.
pub fn path_segment(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    encode(&mut text, name.as_bytes(), "/:@");
    text
}

/// Percent-encodes everything but letters, digits, `-._~` and what is in `keep`.
fn encode(text: &mut String, value: &[u8], keep: &str) {
    for &byte in value {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || keep.contains(c) {
            text.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_has_a_meaning_in_urls() {
        let path = Query::new("/events")
            .with("filters", r#"{"label":["a=b c"]}"#)
            .with_flag("all", true)
            .with_flag("size", false)
            .with_some("since", None)
            .build();
        assert_eq!(path, "/events?filters=%7B%22label%22%3A%5B%22a%3Db%20c%22%5D%7D&all=1");
        assert_eq!(Query::new("/").with("path", b"a\xff").build(), "/?path=a%FF");
        assert_eq!(path_segment("reg:5000/a/b@sha256:0?#é"), "reg:5000/a/b@sha256:0%3F%23%C3%A9");
    }
}
