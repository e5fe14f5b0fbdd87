//! Text to template, by the rules of Go's parser. [`actions`] reads what stands in a text, [`pipelines`] what is in an
//! action, [`literals`] the constants there.

mod actions;
mod literals;
mod pipelines;

use std::collections::BTreeMap;

use super::TemplateError;
use super::lex::{Kind, Token, tokens};
use super::tree::Node;

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
