//! Pipelines of commands, and the values in them.

use super::literals::{number, unquoted};
use super::{Parsed, Parser};
use crate::ui::template::functions;
use crate::ui::template::lex::Kind;
use crate::ui::template::tree::{Command, Operand, Pipeline, What};

impl Parser {
    /// `$a, $b := command | command`, up to `end`.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipeline> {
        self.deeper()?;
        let at = self.peek_word().at;
        let mut pipeline =
            Pipeline { at, variables: Vec::new(), assigns: false, commands: Vec::new() };
        self.declarations(&mut pipeline, context)?;
        loop {
            let token = self.peek_word().clone();
            match token.kind {
                kind if kind == end => {
                    self.take_word();
                    break;
                }
                Kind::Bool
                | Kind::CharacterConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    let command = self.command()?;
                    pipeline.commands.push(command);
                }
                _ => {
                    self.take_word();
                    return Err(self.unexpected(&token, context));
                }
            }
        }
        if pipeline.commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (index, command) in pipeline.commands.iter().enumerate().skip(1) {
            let first = command.operands.first().map(|operand| &operand.what);
            if let Some(
                What::Bool(_)
                | What::Dot
                | What::Nil
                | What::Int(..)
                | What::Float(..)
                | What::Text(..),
            ) = first
            {
                let stage = index + 1;
                return Err(self.error(format!("non executable command in pipeline stage {stage}")));
            }
        }
        self.nesting -= 1;
        Ok(pipeline)
    }

    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Parsed<()> {
        while self.peek_word().kind == Kind::Variable {
            let before = self.next;
            let variable = self.take_word();
            let following = self.peek_word().clone();
            match following.kind {
                Kind::Assign | Kind::Declare => {
                    pipeline.assigns = following.kind == Kind::Assign;
                    self.take_word();
                    pipeline.variables.push(variable.text.clone());
                    self.variables.push(variable.text);
                    return Ok(());
                }
                Kind::Character if following.text == "," => {
                    self.take_word();
                    pipeline.variables.push(variable.text.clone());
                    self.variables.push(variable.text);
                    if context != "range" || pipeline.variables.len() > 1 {
                        return Err(self.error(format!("too many declarations in {context}")));
                    }
                    let next = self.peek_word().kind;
                    if !matches!(
                        next,
                        Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis
                    ) {
                        return Err(self.error("range can only initialize variables"));
                    }
                }
                _ => {
                    self.next = before;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<Command> {
        let at = self.peek_word().at;
        let mut operands = Vec::new();
        loop {
            self.peek_word();
            operands.extend(self.operand()?);
            let token = self.peek().clone();
            match token.kind {
                Kind::Space => {
                    self.take();
                }
                Kind::RightDelimiter | Kind::RightParenthesis => break,
                Kind::Pipe => {
                    self.take();
                    break;
                }
                _ => {
                    self.take();
                    return Err(self.unexpected(&token, "operand"));
                }
            }
        }
        if operands.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(Command { at, operands })
    }

    /// A value with the fields that are asked of it.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(operand));
        }
        let at = self.peek().at;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.take().text.trim_start_matches('.').to_owned());
        }
        match &mut operand.what {
            What::Field(path) | What::Variable(path) => {
                path.extend(names);
                operand.at = at;
            }
            What::Bool(_)
            | What::Text(..)
            | What::Int(..)
            | What::Float(..)
            | What::Nil
            | What::Dot => {
                return Err(
                    self.error(format!("unexpected . after term {:?}", operand.to_string()))
                );
            }
            _ => return Ok(Some(Operand { at, what: What::Chain(Box::new(operand), names) })),
        }
        Ok(Some(operand))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let token = self.peek_word().clone();
        let what = match token.kind {
            Kind::Identifier if functions::exists(&token.text) => {
                What::Function(token.text.clone())
            }
            Kind::Identifier => {
                self.take_word();
                return Err(self.error(format!("function {:?} not defined", token.text)));
            }
            Kind::Dot => What::Dot,
            Kind::Nil => What::Nil,
            Kind::Variable if self.variables.contains(&token.text) => {
                What::Variable(vec![token.text.clone()])
            }
            Kind::Variable => {
                self.take_word();
                return Err(self.error(format!("undefined variable {:?}", token.text)));
            }
            Kind::Field => What::Field(vec![token.text.trim_start_matches('.').to_owned()]),
            Kind::Bool => What::Bool(token.text == "true"),
            Kind::Number => number(&token.text)
                .map_err(|wrong| self.error(format!("{wrong}: {:?}", token.text)))?,
            Kind::CharacterConstant => {
                let inside = unquoted(&token.text);
                let mut characters = inside.iter().flat_map(|text| text.chars());
                let (Some(character), None) = (characters.next(), characters.next()) else {
                    let written = &token.text;
                    return Err(self.error(format!("malformed character constant: {written}")));
                };
                What::Int(u32::from(character).into(), token.text.clone())
            }
            Kind::String | Kind::RawString => {
                let text = unquoted(&token.text).ok_or_else(|| self.error("invalid syntax"))?;
                What::Text(text, token.text.clone())
            }
            Kind::LeftParenthesis => {
                self.take_word();
                let pipeline = self.pipeline("parenthesized pipeline", Kind::RightParenthesis)?;
                let at = pipeline.at;
                return Ok(Some(Operand { at, what: What::Pipeline(Box::new(pipeline)) }));
            }
            _ => return Ok(None),
        };
        self.take_word();
        Ok(Some(Operand { at: token.at, what }))
    }
}
