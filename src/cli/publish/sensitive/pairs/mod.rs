//! Texts of known formats as pairs of paths and what stands there.

mod ini;
mod tree;
mod xml;

use std::collections::BTreeMap;
use std::path::Path;

/// What stands under each path of a text, by path.
pub(super) type Pairs = BTreeMap<String, String>;

/// What a text is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// XML.
    Xml,
    /// INI and its kin, environment files among them.
    Ini,
    /// Any of these, or none.
    Unknown,
}

impl Format {
    /// What the ending of a file's name says.
    pub(super) fn of_path(path: &str) -> Self {
        let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
        // A name like `.env` is all ending.
        let name = Path::new(path).file_name().and_then(|name| name.to_str());
        let ending = ending.or_else(|| name?.strip_prefix('.')).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "xml" => Self::Xml,
            "ini" | "cnf" | "conf" | "cf" | "cfg" | "env" | "properties" => Self::Ini,
            _ => Self::Unknown,
        }
    }
}

/// The pairs of a text, by the first format that it has: JSON, YAML, XML, INI; `None` if it has
/// none. A text that is said to be of one is looked at as that only.
pub(super) fn of(text: &str, format: Format) -> Option<Pairs> {
    match format {
        Format::Json => tree::of_json(text),
        Format::Yaml => tree::of_yaml(text),
        Format::Xml => xml::pairs(text),
        Format::Ini => ini::pairs(text),
        Format::Unknown => tree::of_json(text)
            .or_else(|| tree::of_yaml(text))
            .or_else(|| xml::pairs(text))
            .or_else(|| ini::pairs(text)),
    }
}
