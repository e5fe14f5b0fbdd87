//! A template over data, by the rules of Go's package `text/template`.

use std::fmt;

use super::TemplateError;
use super::functions::{Functions, Want, call, signature};
use super::parse::Template;
use super::tree::{Branch, Command, Node, Operand, Pipeline, What};
use super::value::{Record, RecordKind, Value};

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

    fn pipeline(&mut self, dot: &Value, pipeline: &'t Pipeline) -> Done<Value> {
        self.place = Some(Place::Pipeline(pipeline));
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(dot, command, value)?);
        }
        let value = value.unwrap_or(Value::Nothing);
        for name in &pipeline.variables {
            if pipeline.assigns {
                self.set(name, value.clone())?;
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    /// A command; `piped` is the value of the one before.
    fn command(&mut self, dot: &Value, command: &'t Command, piped: Option<Value>) -> Done<Value> {
        let Some((first, arguments)) = command.operands.split_first() else {
            return Ok(Value::Nothing);
        };
        match &first.what {
            What::Field(_) | What::Chain(..) | What::Variable(_) => {
                return self.path(dot, first, arguments, piped);
            }
            What::Function(name) => {
                self.place = Some(Place::Operand(first));
                return self.function(dot, name, arguments, piped, Place::Command(command));
            }
            What::Pipeline(pipeline) => {
                self.not_a_function(first, arguments, piped.as_ref())?;
                return self.pipeline(dot, pipeline);
            }
            _ => {}
        }
        self.place = Some(Place::Operand(first));
        self.not_a_function(first, arguments, piped.as_ref())?;
        match &first.what {
            What::Dot => Ok(dot.clone()),
            What::Nil => Err(self.error("nil is not a command")),
            _ => Ok(constant(&first.what)),
        }
    }

    fn not_a_function(
        &self,
        first: &Operand,
        arguments: &[Operand],
        piped: Option<&Value>,
    ) -> Done<()> {
        if arguments.is_empty() && piped.is_none() {
            return Ok(());
        }
        Err(self.error(format!("can't give argument to non-function {first}")))
    }

    /// A value with the fields that are asked of it, the last of which may be a method.
    fn path(
        &mut self,
        dot: &Value,
        operand: &'t Operand,
        arguments: &'t [Operand],
        piped: Option<Value>,
    ) -> Done<Value> {
        self.place = Some(Place::Operand(operand));
        let (mut value, names): (Value, &[String]) = match &operand.what {
            What::Field(names) => (dot.clone(), names),
            What::Chain(inner, names) => {
                if inner.what == What::Nil {
                    let message = format!("indirection through explicit nil in {operand}");
                    return Err(self.error(message));
                }
                (self.argument(dot, inner, Want::Any)?, names)
            }
            What::Variable(names) => {
                let (first, rest) = names.split_first().unzip();
                let value = self
                    .variables
                    .iter()
                    .rev()
                    .find(|(name, _)| Some(name) == first)
                    .map(|(_, value)| value.clone());
                let Some(value) = value else {
                    return Err(self.error(format!("undefined variable: {operand}")));
                };
                (value, rest.unwrap_or_default())
            }
            _ => (dot.clone(), &[]),
        };
        let Some((last, before)) = names.split_last() else {
            self.not_a_function(operand, arguments, piped.as_ref())?;
            return Ok(value);
        };
        for name in before {
            value = self.field(dot, &value, name, &[], None)?;
        }
        self.field(dot, &value, last, arguments, piped)
    }

    fn field(
        &mut self,
        dot: &Value,
        receiver: &Value,
        name: &str,
        arguments: &'t [Operand],
        piped: Option<Value>,
    ) -> Done<Value> {
        let record = match receiver {
            Value::Nothing => return Ok(Value::Nothing),
            Value::Record(record) => record,
            other => {
                let type_name = other.type_name();
                let message = format!("can't evaluate field {name} in type {type_name}");
                return Err(self.error(message));
            }
        };
        let given = arguments.len() + usize::from(piped.is_some());
        if name == "Label" && record.label("").is_some() {
            return self.label(dot, record, arguments, piped);
        }
        let value = match record.field(name) {
            Some(value) => value.clone(),
            None if record.kind == RecordKind::Map => Value::Nothing,
            None => {
                let type_name = record.type_name;
                let message = format!("can't evaluate field {name} in type {type_name}");
                return Err(self.error(message));
            }
        };
        match record.kind {
            _ if given == 0 => Ok(value),
            RecordKind::Row => {
                Err(self.error(format!("wrong number of args for {name}: want 0 got {given}")))
            }
            RecordKind::Struct => {
                Err(self.error(format!("{name} has arguments but cannot be invoked as function")))
            }
            RecordKind::Map => Err(self.error(format!("{name} is not a method but has arguments"))),
        }
    }

    fn label(
        &mut self,
        dot: &Value,
        record: &Record,
        arguments: &'t [Operand],
        piped: Option<Value>,
    ) -> Done<Value> {
        let given = arguments.len() + usize::from(piped.is_some());
        if given != 1 {
            return Err(self.error(format!("wrong number of args for Label: want 1 got {given}")));
        }
        let key = match (arguments, piped) {
            ([argument], _) => self.argument(dot, argument, Want::Text)?,
            (_, Some(piped)) => self.fitting(piped, Want::Text)?,
            _ => Value::Nothing,
        };
        match key {
            Value::Text(key) => Ok(record.label(&key).unwrap_or_default().into()),
            _ => Ok(Value::Nothing),
        }
    }

    fn function(
        &mut self,
        dot: &Value,
        name: &str,
        arguments: &'t [Operand],
        piped: Option<Value>,
        whole: Place<'t>,
    ) -> Done<Value> {
        let Some(signature) = signature(name, self.functions) else {
            return Err(self.error(format!("{name:?} is not a defined function")));
        };
        let given = arguments.len() + usize::from(piped.is_some());
        let fixed = signature.fixed.len();
        if signature.variadic && given < fixed {
            let got = arguments.len();
            let message =
                format!("wrong number of args for {name}: want at least {fixed} got {got}");
            return Err(self.error(message));
        }
        if !signature.variadic && given != fixed {
            let message = format!("wrong number of args for {name}: want {fixed} got {given}");
            return Err(self.error(message));
        }
        if let "and" | "or" = name {
            return self.decide(dot, name == "or", arguments, piped);
        }
        let wanted = |index: usize| signature.fixed.get(index).copied().unwrap_or(Want::Any);
        let mut values = Vec::with_capacity(given);
        for (index, argument) in arguments.iter().enumerate() {
            values.push(self.argument(dot, argument, wanted(index))?);
        }
        if let Some(piped) = piped {
            let want = wanted(values.len());
            values.push(self.fitting(piped, want)?);
        }
        let called = if name == "call" {
            let callee = arguments.first().map(ToString::to_string).unwrap_or_default();
            Err(match values.first() {
                None | Some(Value::Nothing) => "call of nil".to_owned(),
                Some(value) => format!("non-function {callee} of type {}", value.type_name()),
            })
        } else {
            call(name, &values, self.functions)
        };
        called.map_err(|message| {
            self.place = Some(whole);
            self.error(format!("error calling {name}: {message}"))
        })
    }

    /// `and` and `or`: the first argument that decides, or else the last; the others are not looked
    /// at.
    fn decide(
        &mut self,
        dot: &Value,
        decides: bool,
        arguments: &'t [Operand],
        piped: Option<Value>,
    ) -> Done<Value> {
        let mut value = Value::Nothing;
        for argument in arguments {
            value = self.argument(dot, argument, Want::Any)?;
            if value.is_true() == decides {
                return Ok(value);
            }
        }
        Ok(piped.unwrap_or(value))
    }

    fn argument(&mut self, dot: &Value, operand: &'t Operand, want: Want) -> Done<Value> {
        self.place = Some(Place::Operand(operand));
        let value = match &operand.what {
            What::Dot => dot.clone(),
            What::Nil if want == Want::Any => return Ok(Value::Nothing),
            What::Nil => {
                return Err(self.error(format!("cannot assign nil to {}", want.type_name())));
            }
            What::Field(_) | What::Variable(_) | What::Chain(..) => {
                self.path(dot, operand, &[], None)?
            }
            What::Pipeline(pipeline) => self.pipeline(dot, pipeline)?,
            What::Function(name) => self.function(dot, name, &[], None, Place::Operand(operand))?,
            What::Bool(_) | What::Int(..) | What::Float(..) | What::Text(..) => {
                return self.constant(operand, want);
            }
        };
        self.fitting(value, want)
    }

    /// A constant where `want` is asked for.
    fn constant(&self, operand: &Operand, want: Want) -> Done<Value> {
        let value = constant(&operand.what);
        let message = match (want, &value) {
            (Want::Any, _) | (Want::Text, Value::Text(_)) | (Want::Int, Value::Int(_)) => {
                return Ok(value);
            }
            (Want::Text, _) => format!("expected string; found {operand}"),
            (Want::Int, _) => format!("expected integer; found {operand}"),
            (Want::Texts, _) => {
                format!("can't handle {operand} for arg of type {}", want.type_name())
            }
        };
        Err(self.error(message))
    }

    /// The value, if it is what `want` asks for.
    fn fitting(&self, value: Value, want: Want) -> Done<Value> {
        match (want, &value) {
            (Want::Any, _) | (Want::Text, Value::Text(_)) | (Want::Int, Value::Int(_)) => Ok(value),
            (Want::Texts, Value::List { type_name, .. }) if *type_name == want.type_name() => {
                Ok(value)
            }
            (_, Value::Nothing) => {
                Err(self.error(format!("invalid value; expected {}", want.type_name())))
            }
            (_, other) => {
                let (expected, got) = (want.type_name(), other.type_name());
                Err(self.error(format!("wrong type for value; expected {expected}; got {got}")))
            }
        }
    }
}

/// The value of a constant.
fn constant(what: &What) -> Value {
    match what {
        What::Bool(value) => Value::Bool(*value),
        What::Int(value, _) => Value::Int(*value),
        What::Float(value, _) => Value::Float(*value),
        What::Text(text, _) => Value::Text(text.clone()),
        _ => Value::Nothing,
    }
}
