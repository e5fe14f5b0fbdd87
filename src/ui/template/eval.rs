//! Template and data to text.

use serde_json::Value;

use super::functions::call;
use super::parse::{Expression, Node, Template, TemplateError};

/// What a template is rendered over.
pub trait Data {
    /// The field `name`; `None` when there is none.
    fn field(&self, name: &str) -> Option<Value>;
    /// The method `name` with arguments, such as `.Label "k"`.
    fn method(&self, name: &str, arguments: &[Value]) -> Option<Value>;
    /// All fields, for `{{json .}}`.
    fn whole(&self) -> Value;
}

/// Values within the data.
impl Data for Value {
    fn field(&self, name: &str) -> Option<Value> {
        match self {
            Self::Object(fields) => Some(fields.get(name).cloned().unwrap_or(Self::Null)),
            _ => None,
        }
    }

    fn method(&self, _name: &str, _arguments: &[Value]) -> Option<Value> {
        None
    }

    fn whole(&self) -> Value {
        self.clone()
    }
}

/// The text of `template` over `data`.
///
/// # Errors
/// When it names a field that the data has not, or a function refuses its arguments.
pub fn render(template: &Template, data: &dyn Data) -> Result<String, TemplateError> {
    let mut text = String::new();
    run(&template.nodes, data, &mut text)?;
    Ok(text)
}

fn run(nodes: &[Node], data: &dyn Data, text: &mut String) -> Result<(), TemplateError> {
    for node in nodes {
        match node {
            Node::Text(literal) => text.push_str(literal),
            Node::Print(expression) => text.push_str(&to_text(&value(expression, data)?)),
            Node::If(condition, then, otherwise) => {
                let branch = if is_true(&value(condition, data)?) { then } else { otherwise };
                run(branch, data, text)?;
            }
            Node::With(subject, then, otherwise) => {
                let subject = value(subject, data)?;
                if is_true(&subject) {
                    run(then, &subject, text)?;
                } else {
                    run(otherwise, data, text)?;
                }
            }
            Node::Range(subject, then, otherwise) => {
                let items = match value(subject, data)? {
                    Value::Array(items) => items,
                    Value::Object(fields) => fields.into_iter().map(|(_, value)| value).collect(),
                    Value::Null => Vec::new(),
                    other => {
                        return Err(TemplateError(format!(
                            "range can't iterate over {}",
                            to_text(&other)
                        )));
                    }
                };
                if items.is_empty() {
                    run(otherwise, data, text)?;
                }
                for item in &items {
                    run(then, item, text)?;
                }
            }
        }
    }
    Ok(())
}

fn value(expression: &Expression, data: &dyn Data) -> Result<Value, TemplateError> {
    match expression {
        Expression::Literal(value) => Ok(value.clone()),
        Expression::Field(path, arguments) => {
            let arguments = values(arguments, data)?;
            field(path, &arguments, data)
        }
        Expression::Call(name, arguments) => call(name, &values(arguments, data)?),
    }
}

fn values(expressions: &[Expression], data: &dyn Data) -> Result<Vec<Value>, TemplateError> {
    expressions.iter().map(|expression| value(expression, data)).collect()
}

fn field(path: &[String], arguments: &[Value], data: &dyn Data) -> Result<Value, TemplateError> {
    let Some((first, rest)) = path.split_first() else { return Ok(data.whole()) };
    let missing = |name: &str| TemplateError(format!("can't evaluate field {name}"));
    let mut found = if arguments.is_empty() || !rest.is_empty() {
        data.field(first)
    } else {
        data.method(first, arguments)
    }
    .ok_or_else(|| missing(first))?;
    for name in rest {
        found = found.field(name).ok_or_else(|| missing(name))?;
    }
    Ok(found)
}

/// Whether Go would take the value for true: not empty and not zero.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// As Go prints a value: lists as `[a b]`, maps as `map[k:v]`.
pub(super) fn to_text(value: &Value) -> String {
    match value {
        Value::Null => "<no value>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(to_text).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let mut fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}:{}", to_text(value))).collect();
            fields.sort();
            format!("map[{}]", fields.join(" "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(template: &str) -> Result<String, TemplateError> {
        let data = json!({
            "Name": "shop-web-1",
            "Health": "",
            "ExitCode": 0,
            "Publishers": [{"TargetPort": 80, "URL": "0.0.0.0"}, {"TargetPort": 443, "URL": ""}],
            "Labels": "b=2,a=1",
        });
        render(&Template::parse(template)?, &data)
    }

    #[test]
    fn the_common_forms_are_rendered() {
        for (template, expected) in [
            ("{{.Name}}", "shop-web-1"),
            ("{{ .Name }}: {{.ExitCode}}", "shop-web-1: 0"),
            ("{{.Name | upper}}", "SHOP-WEB-1"),
            ("{{upper .Name}}", "SHOP-WEB-1"),
            ("{{json .Name}}", "\"shop-web-1\""),
            (
                "{{json .Publishers}}",
                r#"[{"TargetPort":80,"URL":"0.0.0.0"},{"TargetPort":443,"URL":""}]"#,
            ),
            ("{{if .Health}}{{.Health}}{{else}}none{{end}}", "none"),
            ("{{if eq .ExitCode 0}}ok{{else if .Health}}sick{{else}}bad{{end}}", "ok"),
            ("{{range .Publishers}}{{.TargetPort}},{{end}}", "80,443,"),
            ("{{range .Publishers}}{{with .URL}}{{.}}{{end}}{{end}}", "0.0.0.0"),
            ("{{len .Publishers}}", "2"),
            ("{{index .Publishers 1 | json}}", r#"{"TargetPort":443,"URL":""}"#),
            ("{{(index .Publishers 0) | json | len}}", "33"),
            ("{{truncate .Name 4}}", "shop"),
            ("{{pad .Name 1 2}}|", " shop-web-1  |"),
            ("{{join (split .Labels \",\") \"; \"}}", "b=2; a=1"),
            ("{{printf \"%s is %d\" .Name .ExitCode}}", "shop-web-1 is 0"),
            ("a {{- .ExitCode -}} b", "a0b"),
            ("{{/* nothing */}}x", "x"),
            ("{{\"}}\"}}", "}}"),
            ("{{and .Name .ExitCode}} {{or .Health .Name}} {{not .Health}}", "0 shop-web-1 true"),
        ] {
            assert_eq!(shown(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn what_cannot_be_rendered_is_refused() {
        for (template, message) in [
            ("{{.Name", "unclosed action"),
            ("{{if .Name}}x", "unexpected EOF"),
            ("{{end}}", "unexpected {{end}}"),
            ("{{bogus .Name}}", "function \"bogus\" not defined"),
            ("{{$x}}", "variables such as \"$x\" are not supported"),
            ("{{}}", "missing value for command"),
            ("{{\"a}}", "unclosed action"),
        ] {
            let error = shown(template).unwrap_err();
            assert_eq!(error.0, message, "{template}");
        }
    }
}
