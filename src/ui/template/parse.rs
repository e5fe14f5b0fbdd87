//! Text to template, by the rules of Go's parser.

use std::collections::BTreeMap;

use super::TemplateError;
use super::functions;
use super::lex::{Keyword, Kind, Token, tokens};
use super::tree::{Branch, Command, Node, Operand, Pipeline, What};

/// Actions and parentheses within each other: reading one goes down with each.
const MAX_NESTING: usize = 200;

/// A template that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub(super) text: String,
    pub(super) nodes: Vec<Node>,
    /// Templates that it defines, by name.
    pub(super) defined: BTreeMap<String, Vec<Node>>,
}

/// Why a list of nodes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    /// What follows decides whether it is `{{else}}` or `{{else if …}}`.
    Else,
}

impl Ending {
    fn written(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parser = Parser {
            tokens: tokens(text),
            next: 0,
            variables: vec!["$".to_owned()],
            loops: 0,
            nesting: 0,
            defined: BTreeMap::new(),
        };
        let mut nodes = Vec::new();
        while parser.peek().kind != Kind::End {
            if parser.at_definition() {
                parser.definition()?;
                continue;
            }
            match parser.node(&mut nodes)? {
                None => {}
                Some(ending) => {
                    return Err(parser.error(format!("unexpected {}", ending.written())));
                }
            }
        }
        Ok(Self { text: text.to_owned(), nodes, defined: parser.defined })
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// Variables in reach.
    variables: Vec<String>,
    /// How many `{{range}}` we are in.
    loops: usize,
    nesting: usize,
    defined: BTreeMap<String, Vec<Node>>,
}

type Parsed<T> = Result<T, TemplateError>;

impl Parser {
    /// `{{define "name"}}` comes next.
    fn at_definition(&self) -> bool {
        let mut ahead = self.tokens[self.next..].iter().map(|token| token.kind);
        ahead.next() == Some(Kind::LeftDelimiter)
            && ahead.find(|kind| *kind != Kind::Space) == Some(Kind::Keyword(Keyword::Define))
    }

    fn definition(&mut self) -> Parsed<()> {
        self.take();
        self.take_word();
        let token = self.take_word();
        let name = self.template_name(&token, "define clause")?;
        self.expect(Kind::RightDelimiter, "define clause")?;
        let nodes = self.apart("define clause")?;
        self.define(name, nodes)
    }

    /// Takes a template up. Only one that says nothing may be replaced.
    fn define(&mut self, name: String, nodes: Vec<Node>) -> Parsed<()> {
        let is_empty = |nodes: &[Node]| {
            nodes.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
        };
        match self.defined.get(&name) {
            Some(before) if !is_empty(before) => {
                if is_empty(&nodes) {
                    return Ok(());
                }
                Err(self.error(format!("template: multiple definition of template {name:?}")))
            }
            _ => {
                self.defined.insert(name, nodes);
                Ok(())
            }
        }
    }

    /// The nodes of a template of its own, up to its end: variables from outside are not in reach.
    fn apart(&mut self, context: &str) -> Parsed<Vec<Node>> {
        let outside = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let loops = std::mem::take(&mut self.loops);
        let (nodes, ending) = self.nodes()?;
        if ending != Ending::End {
            return Err(self.error(format!("unexpected {} in {context}", ending.written())));
        }
        self.variables = outside;
        self.loops = loops;
        Ok(nodes)
    }

    fn template_name(&self, token: &Token, context: &str) -> Parsed<String> {
        match token.kind {
            Kind::String | Kind::RawString => {
                unquoted(&token.text).ok_or_else(|| self.error("invalid syntax"))
            }
            _ => Err(self.unexpected(token, context)),
        }
    }

    /// Nodes up to an end or an else.
    fn nodes(&mut self) -> Parsed<(Vec<Node>, Ending)> {
        let mut nodes = Vec::new();
        while self.peek_word().kind != Kind::End {
            if let Some(ending) = self.node(&mut nodes)? {
                return Ok((nodes, ending));
            }
        }
        Err(self.error("unexpected EOF"))
    }

    /// Reads text or an action onto `nodes`; or says what ends them.
    fn node(&mut self, nodes: &mut Vec<Node>) -> Parsed<Option<Ending>> {
        let token = self.take_word();
        match token.kind {
            Kind::Text => nodes.push(Node::Text(token.text)),
            Kind::LeftDelimiter => return self.action(nodes),
            _ => return Err(self.unexpected(&token, "input")),
        }
        Ok(None)
    }

    fn action(&mut self, nodes: &mut Vec<Node>) -> Parsed<Option<Ending>> {
        let Kind::Keyword(keyword) = self.peek_word().kind else {
            // Variables stay in reach until the end of what stands around.
            nodes.push(Node::Action(self.pipeline("command", Kind::RightDelimiter)?));
            return Ok(None);
        };
        self.take_word();
        nodes.push(match keyword {
            Keyword::End => {
                self.expect(Kind::RightDelimiter, "end")?;
                return Ok(Some(Ending::End));
            }
            Keyword::Else => {
                let next = self.peek_word().kind;
                if !matches!(next, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(Kind::RightDelimiter, "else")?;
                }
                return Ok(Some(Ending::Else));
            }
            Keyword::If => Node::If(self.branch(keyword)?),
            Keyword::Range => Node::Range(self.branch(keyword)?),
            Keyword::With => Node::With(self.branch(keyword)?),
            Keyword::Break => self.jump("{{break}}", Node::Break)?,
            Keyword::Continue => self.jump("{{continue}}", Node::Continue)?,
            Keyword::Template => {
                let token = self.take_word();
                let name = self.template_name(&token, "template clause")?;
                let pipeline = if self.peek_word().kind == Kind::RightDelimiter {
                    self.take_word();
                    None
                } else {
                    Some(self.pipeline("template clause", Kind::RightDelimiter)?)
                };
                Node::Template { at: token.at, name, pipeline }
            }
            Keyword::Block => {
                let token = self.take_word();
                let name = self.template_name(&token, "block clause")?;
                let pipeline = self.pipeline("block clause", Kind::RightDelimiter)?;
                let block = self.apart("block clause")?;
                self.define(name.clone(), block)?;
                Node::Template { at: token.at, name, pipeline: Some(pipeline) }
            }
            Keyword::Define => {
                let token = self.tokens[self.next - 1].clone();
                return Err(self.unexpected(&token, "command"));
            }
        });
        Ok(None)
    }

    fn jump(&mut self, written: &str, node: Node) -> Parsed<Node> {
        self.expect(Kind::RightDelimiter, written)?;
        if self.loops == 0 {
            return Err(self.error(format!("{written} outside {{{{range}}}}")));
        }
        Ok(node)
    }

    fn branch(&mut self, keyword: Keyword) -> Parsed<Branch> {
        self.deeper()?;
        let outside = self.variables.len();
        let context = match keyword {
            Keyword::Range => "range",
            Keyword::With => "with",
            _ => "if",
        };
        let pipeline = self.pipeline(context, Kind::RightDelimiter)?;
        if keyword == Keyword::Range {
            self.loops += 1;
        }
        let (then, ending) = self.nodes()?;
        if keyword == Keyword::Range {
            self.loops -= 1;
        }
        let otherwise = match ending {
            Ending::Else if self.peek().kind == Kind::Keyword(keyword) => {
                // `{{else if …}}` and `{{else with …}}` end with the outer one.
                self.take();
                let inner = self.branch(keyword)?;
                Some(vec![if keyword == Keyword::If { Node::If(inner) } else { Node::With(inner) }])
            }
            Ending::Else => {
                let (otherwise, ending) = self.nodes()?;
                if ending != Ending::End {
                    return Err(self.error(format!("expected end; found {}", ending.written())));
                }
                Some(otherwise)
            }
            Ending::End => None,
        };
        self.variables.truncate(outside);
        self.nesting -= 1;
        Ok(Branch { pipeline, then, otherwise })
    }

    /// `$a, $b := command | command`, up to `end`.
    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipeline> {
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

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<()> {
        let token = self.take_word();
        if token.kind == kind { Ok(()) } else { Err(self.unexpected(&token, context)) }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING { Err(self.error("nested too deeply")) } else { Ok(()) }
    }

    fn unexpected(&self, token: &Token, context: &str) -> TemplateError {
        let told = match token.kind {
            Kind::Error => return self.error(&token.text),
            Kind::End => "EOF".to_owned(),
            Kind::Keyword(_) | Kind::Dot | Kind::Nil => format!("<{}>", token.text),
            _ if token.text.chars().count() > 10 => {
                let start: String = token.text.chars().take(10).collect();
                format!("{start:?}...")
            }
            _ => format!("{:?}", token.text),
        };
        self.error(format!("unexpected {told} in {context}"))
    }

    /// A message with the line of the word that was read last.
    fn error(&self, message: impl AsRef<str>) -> TemplateError {
        let line = self.tokens.get(self.next.saturating_sub(1)).map_or(1, |token| token.line);
        TemplateError(format!(":{line}: {}", message.as_ref()))
    }

    fn peek(&self) -> &Token {
        // The last word is the end or an error, and never left behind.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        if self.next < self.tokens.len() {
            self.next += 1;
        }
        token
    }

    /// The next word that is not space, which is left behind.
    fn peek_word(&mut self) -> &Token {
        while self.peek().kind == Kind::Space {
            self.take();
        }
        self.peek()
    }

    fn take_word(&mut self) -> Token {
        self.peek_word();
        self.take()
    }
}

/// A number as Go writes one: floating-point only where a `.` or an exponent says so.
fn number(text: &str) -> Result<What, &'static str> {
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    let plain = digits.replace('_', "").to_ascii_lowercase();
    let (radix, inside) = match plain.as_bytes() {
        [b'0', b'x', ..] => (16, &plain[2..]),
        [b'0', b'o', ..] => (8, &plain[2..]),
        [b'0', b'b', ..] => (2, &plain[2..]),
        [b'0', b'0'..=b'7', ..] => (8, &plain[1..]),
        _ => (10, plain.as_str()),
    };
    match i64::from_str_radix(inside, radix) {
        Ok(value) => return Ok(What::Int(sign * value, text.to_owned())),
        Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => {
            return Err("integer overflow");
        }
        Err(_) => {}
    }
    match plain.parse::<f64>() {
        Ok(value) if radix == 10 => {
            Ok(What::Float(if sign < 0 { -value } else { value }, text.to_owned()))
        }
        _ => Err("illegal number syntax"),
    }
}

/// What stands between quotes; `None` where Go refuses it.
fn unquoted(text: &str) -> Option<String> {
    let inside = text.get(1..text.len().checked_sub(1)?)?;
    if text.starts_with('`') {
        return Some(inside.replace('\r', ""));
    }
    let mut result = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        let (digits, radix, first) = match characters.next()? {
            'a' => {
                result.push('\u{7}');
                continue;
            }
            'b' => {
                result.push('\u{8}');
                continue;
            }
            'f' => {
                result.push('\u{c}');
                continue;
            }
            'n' => {
                result.push('\n');
                continue;
            }
            'r' => {
                result.push('\r');
                continue;
            }
            't' => {
                result.push('\t');
                continue;
            }
            'v' => {
                result.push('\u{b}');
                continue;
            }
            same @ ('\\' | '"' | '\'') => {
                result.push(same);
                continue;
            }
            'x' => (2, 16, None),
            'u' => (4, 16, None),
            'U' => (8, 16, None),
            octal @ '0'..='7' => (2, 8, Some(octal)),
            _ => return None,
        };
        let mut number: String = first.into_iter().collect();
        for _ in 0..digits {
            number.push(characters.next()?);
        }
        result.push(char::from_u32(u32::from_str_radix(&number, radix).ok()?)?);
    }
    Some(result)
}
