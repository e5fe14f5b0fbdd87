//! The forms in which `ps` writes its rows. Pure.

use super::row::Row;
use crate::cli::failure::{Failure, Result};
use crate::ui::template::{Data, Template, TemplateError, render};
use crate::ui::{Layout, table};

/// The columns without a template.
const COLUMNS: &str =
    "{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}";
/// `--format raw`.
const RAW: &str = "container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{.State}}
status: {{.Status}}
names: {{.Names}}
labels: {{.Labels}}
ports: {{.Ports}}
";

/// How rows are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Format {
    /// Columns below a header.
    Table(Template),
    /// One JSON object per line.
    Json,
    /// A template per row.
    Lines(Template),
}

impl Format {
    /// Reads the value of `--format`.
    pub(super) fn parse(word: &str) -> Result<Self> {
        let template = |text: &str| {
            let text = text.replace("\\t", "\t").replace("\\n", "\n");
            Template::parse(&text).map_err(|error| Failure::new(error.to_string()))
        };
        Ok(match word {
            "" | "table" => Self::Table(template(COLUMNS)?),
            "json" => Self::Json,
            "raw" => Self::Lines(template(RAW)?),
            word => match word.strip_prefix("table ") {
                Some(columns) => Self::Table(template(columns.trim())?),
                None => Self::Lines(template(word)?),
            },
        })
    }

    /// The rows as text.
    pub(super) fn write(&self, rows: &[Row]) -> std::result::Result<String, TemplateError> {
        match self {
            Self::Json => Ok(rows.iter().map(json_line).collect()),
            Self::Lines(template) => {
                rows.iter().map(|row| Ok(render(template, row)? + "\n")).collect()
            }
            Self::Table(template) => {
                let cells = |line: String| line.split('\t').map(str::to_owned).collect();
                let mut lines: Vec<Vec<String>> = vec![cells(render(template, &Header)?)];
                for row in rows {
                    lines.push(cells(render(template, row)?));
                }
                Ok(table(&lines, Layout::FORMATTER))
            }
        }
    }
}

/// `<`, `>` and `&` are escaped here, as Docker Compose has it for `ps` only.
fn json_line(row: &Row) -> String {
    let text = row.whole().to_string();
    let text = text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
    format!("{text}\n")
}

/// The words above the columns.
struct Header;

impl Data for Header {
    fn field(&self, name: &str) -> Option<serde_json::Value> {
        let word = match name {
            "ID" => "CONTAINER ID",
            "CreatedAt" => "CREATED AT",
            "RunningFor" => "CREATED",
            "ExitCode" => "EXIT CODE",
            "LocalVolumes" => "LOCAL VOLUMES",
            name => return Some(name.to_uppercase().into()),
        };
        Some(word.into())
    }

    /// A label's header is the last part of its name: `com.example.my-label` is `my label`.
    fn method(&self, _name: &str, arguments: &[serde_json::Value]) -> Option<serde_json::Value> {
        let label = arguments.first()?.as_str()?;
        let last = label.rsplit('.').next().unwrap_or(label);
        Some(last.replace(['-', '_'], " ").into())
    }

    fn whole(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::container;
    use super::*;

    fn written(format: &str) -> String {
        let rows = [Row::new(&container(), true, 1_700_000_300)];
        Format::parse(format).unwrap().write(&rows).unwrap()
    }

    #[test]
    fn rows_are_written_in_every_form() {
        assert_eq!(
            written("table"),
            "NAME         IMAGE     COMMAND                  SERVICE   CREATED         \
             STATUS                   PORTS\n\
             shop-web-1   nginx     \"/docker-entrypoint.…\"   web       5 minutes ago   \
             Up 5 minutes (healthy)   0.0.0.0:8080->80/tcp\n"
        );
        assert_eq!(
            written("table {{.Service}}\\t{{.ID}}"),
            "SERVICE   CONTAINER ID\nweb       0123456789ab\n"
        );
        assert_eq!(written("{{.Name}} {{.State | upper}}"), "shop-web-1 RUNNING\n");
        let json = written("json");
        assert!(
            json.starts_with(r#"{"Command":"\"/docker-entrypoint.…\"","CreatedAt":"#),
            "{json}"
        );
        assert!(json.contains(r#""Ports":"0.0.0.0:8080-\u003e80/tcp""#), "{json}");
        assert_eq!(written("{{json .ID}}"), "\"0123456789ab\"\n");
    }

    #[test]
    fn nothing_is_a_header_or_nothing() {
        let none = |format: &str| Format::parse(format).unwrap().write(&[]).unwrap();
        assert_eq!(none("table").lines().count(), 1);
        assert_eq!(none("json"), "");
        assert_eq!(none("{{.Name}}"), "");
    }
}
