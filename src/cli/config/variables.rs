//! The table of the variables that files use (`config --variables`).

use serde::Serialize;
use std::collections::BTreeMap;

use crate::compose::interpolate::Variable;

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
    let widths = [width(0), width(1), width(2)];
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(widths);
            let padded: String = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
            format!("{padded}{}\n", row[3])
        })
        .collect()
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
    String::from_utf8_lossy(&text).into_owned() + "\n"
}

fn yaml(variables: Vec<Variable>) -> String {
    by_name(variables)
        .into_iter()
        .map(|(key, variable)| {
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            format!(
                "{key}:\n    name: {}\n    defaultvalue: {}\n    presencevalue: {}\n    required: {}\n",
                variable.name,
                quoted(&variable.default_value),
                quoted(&variable.presence_value),
                variable.required
            )
        })
        .collect()
}
