//! What a template consists of. Every node knows its place, and is shown as Go shows it in messages.

use std::fmt;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Text as it is.
    Text(String),
    /// A value to print, or a variable to set.
    Action(Pipeline),
    If(Branch),
    Range(Branch),
    With(Branch),
    /// Another template, over the value of a pipeline.
    Template {
        at: usize,
        name: String,
        pipeline: Option<Pipeline>,
    },
    Break,
    Continue,
}

/// `{{if}}`, `{{range}}` or `{{with}}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) then: Vec<Node>,
    pub(super) otherwise: Option<Vec<Node>>,
}

/// `$a, $b := command | command`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pipeline {
    pub(super) at: usize,
    /// Variables that are declared, or set.
    pub(super) variables: Vec<String>,
    /// Whether they are set (`=`) rather than declared (`:=`).
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// Operands: the first says what is done with the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    pub(super) at: usize,
    pub(super) operands: Vec<Operand>,
}

/// A value, and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operand {
    pub(super) at: usize,
    pub(super) what: What,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Dot,
    Nil,
    Bool(bool),
    /// As it is written, too.
    Int(i64, String),
    Float(f64, String),
    Text(String, String),
    /// `.A.B`.
    Field(Vec<String>),
    /// `$a.B`: the name with its `$`, then fields.
    Variable(Vec<String>),
    Function(String),
    /// In parentheses.
    Pipeline(Box<Pipeline>),
    /// Fields of what stands in parentheses, or of what a function gives.
    Chain(Box<Operand>, Vec<String>),
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            let sign = if self.assigns { "=" } else { ":=" };
            write!(f, "{} {sign} ", self.variables.join(", "))?;
        }
        joined(f, &self.commands, " | ")
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(f, &self.operands, " ")
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Dot => f.write_str("."),
            What::Nil => f.write_str("nil"),
            What::Bool(value) => write!(f, "{value}"),
            What::Int(_, written) | What::Float(_, written) | What::Text(_, written) => {
                f.write_str(written)
            }
            What::Field(names) => write!(f, ".{}", names.join(".")),
            What::Variable(names) => f.write_str(&names.join(".")),
            What::Function(name) => f.write_str(name),
            What::Pipeline(pipeline) => write!(f, "({pipeline})"),
            What::Chain(operand, names) => write!(f, "{operand}.{}", names.join(".")),
        }
    }
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], between: &str) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
