//! The values that a template works with, and how Go prints them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A value within a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// What is not there: an unknown key of a map.
    Nothing,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List {
        /// Go's name of its type, for messages: `[]string`.
        type_name: &'static str,
        /// Its items.
        items: Vec<Self>,
    },
    /// Something with named fields.
    Record(Arc<Record>),
}

/// Something with named fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Go's name of its type, for messages: `api.PortPublisher`.
    pub type_name: &'static str,
    /// What kind of thing it is in Go.
    pub kind: RecordKind,
    /// Its fields, in order.
    pub fields: Vec<(&'static str, Value)>,
    /// What its method `Label` knows.
    pub labels: Labels,
}

/// What a record is in Go. It decides how it is printed, and what is said of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// A row of a listing: its fields are methods, its JSON is sorted by name and may stand in HTML.
    Row,
    /// A plain structure.
    Struct,
    /// A map: a name that it does not have is [`Value::Nothing`].
    Map,
}

/// What the method `Label` of a record answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Labels {
    /// There is no such method.
    None,
    /// The value of the label; empty where it is not there.
    Of(BTreeMap<String, String>),
    /// The word above a column of labels: the last part of the name, `com.example.my-label` is
    /// `my label`.
    Header,
}

impl Value {
    /// A list of texts.
    pub(super) fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Self {
        Self::List {
            type_name: "[]string",
            items: items.map(|item| Self::Text(item.to_owned())).collect(),
        }
    }

    /// Whether Go takes it for true: not empty and not zero.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List { items, .. } => !items.is_empty(),
            Self::Record(record) => record.kind != RecordKind::Map || !record.fields.is_empty(),
        }
    }

    /// Go's name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Nothing => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::List { type_name, .. } => type_name,
            Self::Record(record) => record.type_name,
        }
    }

    /// As an action prints it.
    pub(super) fn printed(&self) -> String {
        match self {
            Self::Nothing => "<no value>".to_owned(),
            value => super::printf::plain(value),
        }
    }

    /// As JSON in one line.
    pub(super) fn to_json(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    fn write_json(&self, text: &mut String) {
        match self {
            Self::Nothing => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            // Writing to a string cannot fail.
            Self::Int(value) => write!(text, "{value}").unwrap_or_default(),
            Self::Float(value) => write!(text, "{value}").unwrap_or_default(),
            Self::Text(value) => text.push_str(&json_text(value)),
            Self::List { items, .. } => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    item.write_json(text);
                }
                text.push(']');
            }
            Self::Record(record) => record.write_json(text),
        }
    }
}

impl Record {
    /// The field `name`.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// What the method `Label` answers; `None` if there is no such method.
    pub(super) fn label(&self, name: &str) -> Option<String> {
        match &self.labels {
            Labels::None => None,
            Labels::Of(labels) => Some(labels.get(name).cloned().unwrap_or_default()),
            Labels::Header => {
                let last = name.rsplit('.').next().unwrap_or(name);
                Some(last.replace(['-', '_'], " "))
            }
        }
    }

    fn write_json(&self, text: &mut String) {
        let mut fields: Vec<_> = self.fields.iter().collect();
        if self.kind != RecordKind::Struct {
            fields.sort_by_key(|(name, _)| *name);
        }
        let mut object = String::from("{");
        for (index, (name, value)) in fields.into_iter().enumerate() {
            if index > 0 {
                object.push(',');
            }
            object.push_str(&json_text(name));
            object.push(':');
            value.write_json(&mut object);
        }
        object.push('}');
        if self.kind == RecordKind::Row {
            object = object.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
        }
        text.push_str(&object);
    }
}

/// A text in JSON, as Go writes it: line separators escaped too.
fn json_text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Self {
        Self::Record(Arc::new(record))
    }
}
