//! A template over data, by the rules of Go's package `text/template`.

mod pipeline;

use std::fmt;

use crate::ui::template::TemplateError;
use crate::ui::template::functions::Functions;
use crate::ui::template::parse::Template;
use crate::ui::template::tree::{Branch, Command, Node, Operand, Pipeline};
use crate::ui::template::value::{RecordKind, Value};

/// Templates that may call each other.
const MAX_DEPTH: usize = 100;
/// Bytes that one template may make.
const MAX_OUTPUT: usize = 64 << 20;

impl Template {
    /// Writes the template over `data` onto `text`. What stands before a mistake is written.
    ///
    /// # Errors
    /// When it asks for a field that the data has not, or a function refuses its arguments.
    pub fn write(
        &self,
        data: &Value,
        functions: Functions,
        text: &mut String,
    ) -> Result<(), TemplateError> {
        let mut run = Run {
            template: self,
            functions,
            variables: vec![("$".to_owned(), data.clone())],
            place: None,
            depth: 0,
            text,
        };
        run.nodes(&self.nodes, data).map(drop)
    }
}

/// Where the run is: what a message points at.
#[derive(Clone, Copy)]
enum Place<'t> {
    Operand(&'t Operand),
    Command(&'t Command),
    Pipeline(&'t Pipeline),
    Template(usize, &'t str, Option<&'t Pipeline>),
}

impl Place<'_> {
    fn at(self) -> usize {
        match self {
            Self::Operand(operand) => operand.at,
            Self::Command(command) => command.at,
            Self::Pipeline(pipeline) => pipeline.at,
            Self::Template(at, ..) => at,
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operand(operand) => operand.fmt(f),
            Self::Command(command) => command.fmt(f),
            Self::Pipeline(pipeline) => pipeline.fmt(f),
            Self::Template(_, name, Some(pipeline)) => {
                write!(f, "{{{{template {name:?} {pipeline}}}}}")
            }
            Self::Template(_, name, None) => write!(f, "{{{{template {name:?}}}}}"),
        }
    }
}

/// How a list of nodes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Through,
    Break,
    Continue,
}

struct Run<'t, 'o> {
    template: &'t Template,
    functions: Functions,
    variables: Vec<(String, Value)>,
    place: Option<Place<'t>>,
    depth: usize,
    text: &'o mut String,
}

type Done<T> = Result<T, TemplateError>;

impl<'t> Run<'t, '_> {
    fn error(&self, message: impl fmt::Display) -> TemplateError {
        let Some(place) = self.place else { return TemplateError(format!(": {message}")) };
        let before = &self.template.text[..place.at()];
        let line = 1 + before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
        TemplateError(format!(":{line}:{column}: executing \"\" at <{place}>: {message}"))
    }

    fn nodes(&mut self, nodes: &'t [Node], dot: &Value) -> Done<Flow> {
        for node in nodes {
            if self.text.len() > MAX_OUTPUT {
                return Err(self.error("the text is too long"));
            }
            let flow = match node {
                Node::Text(text) => {
                    self.text.push_str(text);
                    Flow::Through
                }
                Node::Action(pipeline) => {
                    let value = self.pipeline(dot, pipeline)?;
                    if pipeline.variables.is_empty() {
                        self.text.push_str(&value.printed());
                    }
                    Flow::Through
                }
                Node::If(branch) => self.choose(branch, dot, false)?,
                Node::With(branch) => self.choose(branch, dot, true)?,
                Node::Range(branch) => self.range(branch, dot)?,
                Node::Template { at, name, pipeline } => {
                    self.place = Some(Place::Template(*at, name, pipeline.as_ref()));
                    self.other(name, pipeline.as_ref(), dot)?;
                    Flow::Through
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::Through {
                return Ok(flow);
            }
        }
        Ok(Flow::Through)
    }

    fn choose(&mut self, branch: &'t Branch, dot: &Value, with: bool) -> Done<Flow> {
        let outside = self.variables.len();
        let value = self.pipeline(dot, &branch.pipeline)?;
        let flow = if value.is_true() {
            self.nodes(&branch.then, if with { &value } else { dot })
        } else {
            match &branch.otherwise {
                Some(otherwise) => self.nodes(otherwise, dot),
                None => Ok(Flow::Through),
            }
        };
        self.variables.truncate(outside);
        flow
    }

    fn range(&mut self, branch: &'t Branch, dot: &Value) -> Done<Flow> {
        let outside = self.variables.len();
        let subject = self.pipeline(dot, &branch.pipeline)?;
        let declared = self.variables.len();
        let mut any = false;
        let mut index = 0;
        while let Some((key, item)) = self.item(branch, &subject, index)? {
            index += 1;
            any = true;
            self.set_loop_variables(branch, key, &item)?;
            let flow = self.nodes(&branch.then, &item)?;
            self.variables.truncate(declared);
            if flow == Flow::Break {
                break;
            }
        }
        let flow = match &branch.otherwise {
            Some(otherwise) if !any => self.nodes(otherwise, dot)?,
            _ => Flow::Through,
        };
        self.variables.truncate(outside);
        Ok(flow)
    }

    /// The key and the item of a round of a loop; `None` when there are no more.
    fn item(&self, branch: &Branch, subject: &Value, index: usize) -> Done<Option<(Value, Value)>> {
        let number = Value::Int(i64::try_from(index).unwrap_or(i64::MAX));
        Ok(match subject {
            Value::Nothing => None,
            Value::List { items, .. } => items.get(index).map(|item| (number, item.clone())),
            Value::Record(record) if record.kind == RecordKind::Map => {
                let mut fields: Vec<_> = record.fields.iter().collect();
                fields.sort_by_key(|(name, _)| *name);
                fields.get(index).map(|(name, value)| (Value::from(*name), value.clone()))
            }
            Value::Int(_) if branch.pipeline.variables.len() > 1 => {
                let subject = subject.printed();
                let message = format!("can't use {subject} to iterate over more than one variable");
                return Err(self.error(message));
            }
            Value::Int(count) => {
                let more = i64::try_from(index).is_ok_and(|index| index < *count);
                more.then(|| (number.clone(), number))
            }
            other => {
                return Err(self.error(format!("range can't iterate over {}", other.printed())));
            }
        })
    }

    fn set_loop_variables(&mut self, branch: &Branch, key: Value, item: &Value) -> Done<()> {
        let values = match branch.pipeline.variables.len() {
            0 => vec![],
            1 => vec![item.clone()],
            _ => vec![key, item.clone()],
        };
        for (name, value) in branch.pipeline.variables.iter().zip(values) {
            self.set(name, value)?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Value) -> Done<()> {
        match self.variables.iter_mut().rev().find(|(variable, _)| variable == name) {
            Some((_, variable)) => {
                *variable = value;
                Ok(())
            }
            None => Err(self.error(format!("undefined variable: {name}"))),
        }
    }

    /// Another template, which sees no variables of this one.
    fn other(&mut self, name: &str, pipeline: Option<&'t Pipeline>, dot: &Value) -> Done<()> {
        let Some(nodes) = self.template.defined.get(name) else {
            return Err(self.error(format!("template {name:?} not defined")));
        };
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("exceeded maximum template depth ({MAX_DEPTH})")));
        }
        let dot = match pipeline {
            Some(pipeline) => self.pipeline(dot, pipeline)?,
            None => Value::Nothing,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$".to_owned(), dot.clone())]);
        self.depth += 1;
        self.nodes(nodes, &dot)?;
        self.depth -= 1;
        self.variables = variables;
        Ok(())
    }
}
