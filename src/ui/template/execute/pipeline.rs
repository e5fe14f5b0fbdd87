//! What a pipeline comes to: fields, methods, functions and their arguments.

use super::{Done, Place, Run};
use crate::ui::template::functions::{Want, call, signature};
use crate::ui::template::tree::{Command, Operand, Pipeline, What};
use crate::ui::template::value::{Record, RecordKind, Value};

impl<'t> Run<'t, '_> {
    pub(super) fn pipeline(&mut self, dot: &Value, pipeline: &'t Pipeline) -> Done<Value> {
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
