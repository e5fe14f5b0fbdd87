//! Rows in the form that `--format` asks for, as the formatter of the Docker CLI writes them. Pure.

use super::table::{Layout, columns};
use super::template::{Functions, Labels, Record, RecordKind, Template, TemplateError, Value};

/// How rows are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Whether they are columns below a header.
    table: bool,
    template: Template,
}

/// A format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template parsing error: {0}")]
pub struct FormatError(#[from] TemplateError);

impl Listing {
    /// Reads a format: `json`, `table TEMPLATE` or a template, in which `\t` and `\n` may stand for tabs
    /// and line ends. (What `table` and `raw` alone mean, each command says itself.)
    ///
    /// # Errors
    /// A template that is none.
    pub fn parse(format: &str) -> Result<Self, FormatError> {
        let template = match format {
            "json" => "{{json .}}",
            format => format.strip_prefix("table").unwrap_or(format),
        };
        let template = template.trim_matches(' ').replace("\\t", "\t").replace("\\n", "\n");
        Ok(Self { table: format.starts_with("table"), template: Template::parse(&template)? })
    }

    /// The rows as text. `header` has the words above the columns, by the names of fields.
    ///
    /// # Errors
    /// A template that does not fit the rows.
    pub fn write(
        &self,
        rows: &[Value],
        header: &[(&'static str, &'static str)],
    ) -> Result<String, FormatError> {
        let mut text = String::new();
        for row in rows {
            self.template.write(row, Functions::Values, &mut text)?;
            text.push('\n');
        }
        if !self.table {
            return Ok(text);
        }
        let words = Value::from(Record {
            type_name: "map[string]string",
            kind: RecordKind::Map,
            fields: header.iter().map(|(name, word)| (*name, Value::from(*word))).collect(),
            labels: Labels::Header,
        });
        let mut above = String::new();
        // What fits the rows may not fit their header, which then ends early.
        let _ = self.template.write(&words, Functions::Header, &mut above);
        Ok(columns(&format!("{above}\n{text}"), Layout::FORMATTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [(&str, &str); 2] = [("ID", "CONTAINER ID"), ("Name", "NAME")];

    fn row(id: &str, name: &str) -> Value {
        Value::from(Record {
            type_name: "*row",
            kind: RecordKind::Row,
            fields: vec![("ID", id.into()), ("Name", name.into())],
            labels: Labels::Of([("com.example.my-label".to_owned(), "x".to_owned())].into()),
        })
    }

    fn written(format: &str, rows: &[Value]) -> String {
        Listing::parse(format).and_then(|listing| listing.write(rows, &HEADER)).unwrap()
    }

    #[test]
    fn rows_are_written_in_every_form() {
        let rows = [row("0123456789ab", "<web>"), row("ba", "db")];
        for (format, expected) in [
            (
                r"table {{.ID}}\t{{.Name}}",
                "CONTAINER ID   NAME\n0123456789ab   <web>\nba             db\n",
            ),
            (r"{{.Name}}\t{{.ID}}", "<web>\t0123456789ab\ndb\tba\n"),
            (
                "json",
                "{\"ID\":\"0123456789ab\",\"Name\":\"\\u003cweb\\u003e\"}\n\
                 {\"ID\":\"ba\",\"Name\":\"db\"}\n",
            ),
            ("{{json .Name}}", "\"<web>\"\n\"db\"\n"),
        ] {
            assert_eq!(written(format, &rows), expected, "{format}");
        }
        let refused = Listing::parse(r"table {{.ID}}\t{{.Bogus}}").unwrap().write(&rows, &HEADER);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "template parsing error: template: :1:10: executing \"\" at <.Bogus>: can't evaluate \
             field Bogus in type *row"
        );
    }

    #[test]
    fn a_header_says_what_it_can() {
        for (format, expected) in [
            (r"table {{.ID}}\t{{.Bogus}}", "CONTAINER ID   <no value>\n"),
            (r#"table {{upper .Name}}\t{{.Label "com.example.my-label"}}"#, "NAME      my label\n"),
            ("table {{.Name}}{{(index .Ports 0).URL}}!", "NAME\n"),
            ("{{.Bogus}}", ""),
            ("json", ""),
        ] {
            assert_eq!(written(format, &[]), expected, "{format}");
        }
    }
}
