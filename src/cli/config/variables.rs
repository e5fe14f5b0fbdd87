//! The table of the variables that files use (`config --variables`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::compose::interpolate::Variable;
use crate::compose::render;

/// Least width of a column, and the blanks behind a longer cell.
const COLUMN: usize = 20;
const PADDING: usize = 3;

/// The variables as a table, or as a mapping by name in JSON or YAML.
pub(super) fn print(variables: Vec<Variable>, format: Option<&str>) -> Result<String, String> {
    match format {
        None | Some("" | "table" | "pretty") => Ok(table(&variables)),
        Some("json") => Ok(json(variables)),
        Some("yaml") => Ok(yaml(variables)),
        Some(format) => Err(format!("format value {format:?} could not be parsed: parsing failed")),
    }
}

fn table(variables: &[Variable]) -> String {
    let heading = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned);
    let rows = variables.iter().map(|variable| {
        [
            variable.name.clone(),
            variable.required.to_string(),
            variable.default.clone().unwrap_or_default(),
            variable.alternate.clone().unwrap_or_default(),
        ]
    });
    let rows: Vec<[String; 4]> = std::iter::once(heading).chain(rows).collect();
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        (widest + PADDING).max(COLUMN)
    };
    let widths = [width(0), width(1), width(2), 0];
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}");
        }
        text.push('\n');
    }
    text
}

/// A variable as Docker Compose names its parts.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    name: String,
    default_value: String,
    presence_value: String,
    required: bool,
}

fn by_name(variables: Vec<Variable>) -> BTreeMap<String, Printed> {
    variables
        .into_iter()
        .map(|Variable { name, required, default, alternate }| {
            let printed = Printed {
                name: name.clone(),
                default_value: default.unwrap_or_default(),
                presence_value: alternate.unwrap_or_default(),
                required,
            };
            (name, printed)
        })
        .collect()
}

fn json(variables: Vec<Variable>) -> String {
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    by_name(variables).serialize(&mut serializer).expect("texts and truth values can be written");
    // Docker Compose ends the text and then the line.
    String::from_utf8_lossy(&text).into_owned() + "\n\n"
}

/// YAML as go-yaml writes it when it is not told to indent by two.
fn yaml(variables: Vec<Variable>) -> String {
    if variables.is_empty() {
        return "{}\n".to_owned();
    }
    let mut text = String::new();
    for Printed { name, default_value, presence_value, required } in by_name(variables).values() {
        let fields = [
            ("name", render::text_yaml(name)),
            ("defaultvalue", render::text_yaml(default_value)),
            ("presencevalue", render::text_yaml(presence_value)),
            ("required", required.to_string()),
        ];
        text += &render::text_yaml(name);
        text.push_str(":\n");
        for (key, value) in fields {
            let _ = writeln!(text, "    {key}: {value}");
        }
    }
    text
}
