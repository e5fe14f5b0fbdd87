//! Text to template.

use std::iter::Peekable;
use std::str::Chars;

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template parsing error: {0}")]
pub struct TemplateError(pub String);

/// A template that can be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub(super) nodes: Vec<Node>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Text as it is.
    Text(String),
    /// A value to print.
    Print(Expression),
    /// `{{if}}`, with what to do else.
    If(Expression, Vec<Self>, Vec<Self>),
    /// `{{range}}`, with what to do for nothing.
    Range(Expression, Vec<Self>, Vec<Self>),
    /// `{{with}}`, with what to do else.
    With(Expression, Vec<Self>, Vec<Self>),
}

/// A value within an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// A constant.
    Literal(serde_json::Value),
    /// `.A.B`, or `.` when empty; with arguments when the last name is a method.
    Field(Vec<String>, Vec<Self>),
    /// `name argument…`.
    Call(String, Vec<Self>),
}

/// Actions and parentheses that a template may have: reading one goes down with each.
const MAX_NESTING: usize = 500;

/// Why a list of nodes ended.
#[derive(Debug, PartialEq)]
enum Ending {
    Text,
    End,
    Else(Option<Expression>),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it is not one, or uses something that is not offered.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.matches("{{").count().max(text.matches('(').count()) > MAX_NESTING {
            return Err(TemplateError("too long".to_owned()));
        }
        let mut pieces = split(text)?.into_iter();
        let (nodes, ending) = parse_nodes(&mut pieces)?;
        match ending {
            Ending::Text => Ok(Self { nodes }),
            Ending::End => Err(TemplateError("unexpected {{end}}".to_owned())),
            Ending::Else(_) => Err(TemplateError("unexpected {{else}}".to_owned())),
        }
    }
}

/// Text or the inside of an action.
enum Piece {
    Text(String),
    Action(String),
}

/// Cuts at `{{` and `}}`; `{{-` and `-}}` take the white space beside them.
fn split(text: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut trim = false;
    while let Some(start) = rest.find("{{") {
        let before = &rest[..start];
        rest = &rest[start + 2..];
        let mut before = if trim { before.trim_start() } else { before };
        if rest.starts_with("- ") {
            before = before.trim_end();
            rest = &rest[1..];
        }
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let end = action_end(rest).ok_or_else(|| TemplateError("unclosed action".to_owned()))?;
        let mut action = &rest[..end];
        rest = &rest[end + 2..];
        trim = action.ends_with(" -");
        if trim {
            action = &action[..action.len() - 2];
        }
        let action = action.trim();
        if !(action.starts_with("/*") && action.ends_with("*/")) {
            pieces.push(Piece::Action(action.to_owned()));
        }
    }
    let rest = if trim { rest.trim_start() } else { rest };
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

/// Offset of the `}}` that ends an action, which may stand in a string before.
fn action_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (offset, character) in text.char_indices() {
        match quote {
            Some(open) => {
                if escaped {
                    escaped = false;
                } else if character == '\\' && open == '"' {
                    escaped = true;
                } else if character == open {
                    quote = None;
                }
            }
            None if character == '"' || character == '`' => quote = Some(character),
            None if text[offset..].starts_with("}}") => return Some(offset),
            None => {}
        }
    }
    None
}

fn parse_nodes(
    pieces: &mut std::vec::IntoIter<Piece>,
) -> Result<(Vec<Node>, Ending), TemplateError> {
    let mut nodes = Vec::new();
    while let Some(piece) = pieces.next() {
        let action = match piece {
            Piece::Text(text) => {
                nodes.push(Node::Text(text));
                continue;
            }
            Piece::Action(action) => action,
        };
        let (keyword, rest) = action.split_once(char::is_whitespace).unwrap_or((&action, ""));
        match keyword {
            "end" => return Ok((nodes, Ending::End)),
            "else" => {
                let condition = match rest.trim().strip_prefix("if ") {
                    Some(condition) => Some(parse_expression(condition)?),
                    None => None,
                };
                return Ok((nodes, Ending::Else(condition)));
            }
            "if" | "range" | "with" => {
                let subject = parse_expression(rest)?;
                let (then, otherwise) = parse_branches(pieces)?;
                nodes.push(match keyword {
                    "if" => Node::If(subject, then, otherwise),
                    "range" => Node::Range(subject, then, otherwise),
                    _ => Node::With(subject, then, otherwise),
                });
            }
            _ => nodes.push(Node::Print(parse_expression(&action)?)),
        }
    }
    Ok((nodes, Ending::Text))
}

/// What stands between `{{if}}` and its `{{end}}`: the branch, and the one behind `{{else}}`.
fn parse_branches(
    pieces: &mut std::vec::IntoIter<Piece>,
) -> Result<(Vec<Node>, Vec<Node>), TemplateError> {
    let unclosed = || TemplateError("unexpected EOF".to_owned());
    let (then, ending) = parse_nodes(pieces)?;
    match ending {
        Ending::End => Ok((then, Vec::new())),
        Ending::Text => Err(unclosed()),
        Ending::Else(None) => {
            let (otherwise, ending) = parse_nodes(pieces)?;
            if ending == Ending::End { Ok((then, otherwise)) } else { Err(unclosed()) }
        }
        Ending::Else(Some(condition)) => {
            let (inner, otherwise) = parse_branches(pieces)?;
            Ok((then, vec![Node::If(condition, inner, otherwise)]))
        }
    }
}

/// A word of an action.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Pipe,
}

fn parse_expression(text: &str) -> Result<Expression, TemplateError> {
    let mut tokens = tokens(text)?.into_iter().peekable();
    let expression = parse_pipeline(&mut tokens)?;
    match tokens.next() {
        None => Ok(expression),
        Some(token) => Err(TemplateError(format!("unexpected {token:?} in \"{text}\""))),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, TemplateError> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(&character) = characters.peek() {
        match character {
            '(' | ')' | '|' => {
                characters.next();
                tokens.push(match character {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Pipe,
                });
            }
            '"' | '`' => tokens.push(Token::Text(quoted(&mut characters)?)),
            character if character.is_whitespace() => {
                characters.next();
            }
            _ => {
                let mut word = String::new();
                while let Some(&next) = characters.peek() {
                    if next.is_whitespace() || matches!(next, '(' | ')' | '|' | '"' | '`') {
                        break;
                    }
                    word.push(next);
                    characters.next();
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

fn quoted(characters: &mut Peekable<Chars<'_>>) -> Result<String, TemplateError> {
    let open = characters.next();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        if Some(character) == open {
            return Ok(text);
        }
        if character == '\\' && open == Some('"') {
            match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => break,
            }
        } else {
            text.push(character);
        }
    }
    Err(TemplateError("unterminated quoted string".to_owned()))
}

type Tokens = Peekable<std::vec::IntoIter<Token>>;

/// `a | b | c`: each gives its value to the next as the last argument.
fn parse_pipeline(tokens: &mut Tokens) -> Result<Expression, TemplateError> {
    let mut value = parse_command(tokens)?;
    while tokens.peek() == Some(&Token::Pipe) {
        tokens.next();
        match parse_command(tokens)? {
            Expression::Call(name, mut arguments) => {
                arguments.push(value);
                value = Expression::Call(name, arguments);
            }
            Expression::Field(path, mut arguments) if !path.is_empty() => {
                arguments.push(value);
                value = Expression::Field(path, arguments);
            }
            _ => return Err(TemplateError("non executable command in pipeline".to_owned())),
        }
    }
    Ok(value)
}

fn parse_command(tokens: &mut Tokens) -> Result<Expression, TemplateError> {
    let mut operands = Vec::new();
    while let Some(token) = tokens.peek() {
        if matches!(token, Token::Close | Token::Pipe) {
            break;
        }
        operands.push(parse_operand(tokens)?);
    }
    let mut operands = operands.into_iter();
    match operands.next() {
        None => Err(TemplateError("missing value for command".to_owned())),
        Some(Expression::Call(name, none)) if none.is_empty() => {
            Ok(Expression::Call(name, operands.collect()))
        }
        Some(Expression::Field(path, none)) if none.is_empty() && !path.is_empty() => {
            Ok(Expression::Field(path, operands.collect()))
        }
        Some(value) if operands.len() == 0 => Ok(value),
        Some(_) => Err(TemplateError("can't give argument to non-function".to_owned())),
    }
}

fn parse_operand(tokens: &mut Tokens) -> Result<Expression, TemplateError> {
    match tokens.next() {
        Some(Token::Open) => {
            let value = parse_pipeline(tokens)?;
            if tokens.next() == Some(Token::Close) {
                Ok(match value {
                    // A parenthesis is finished: it takes no more arguments.
                    Expression::Call(name, arguments) if arguments.is_empty() => Expression::Call(
                        "print".to_owned(),
                        vec![Expression::Call(name, arguments)],
                    ),
                    value => value,
                })
            } else {
                Err(TemplateError("unclosed left paren".to_owned()))
            }
        }
        Some(Token::Text(text)) => Ok(Expression::Literal(text.into())),
        Some(Token::Word(word)) => parse_word(&word),
        Some(token) => Err(TemplateError(format!("unexpected {token:?}"))),
        None => Err(TemplateError("missing value".to_owned())),
    }
}

fn parse_word(word: &str) -> Result<Expression, TemplateError> {
    if let Some(path) = word.strip_prefix('.') {
        let path = path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        return Ok(Expression::Field(path, Vec::new()));
    }
    if let Ok(number) = word.parse::<i64>() {
        return Ok(Expression::Literal(number.into()));
    }
    match word {
        "true" => Ok(Expression::Literal(true.into())),
        "false" => Ok(Expression::Literal(false.into())),
        "nil" => Ok(Expression::Literal(serde_json::Value::Null)),
        name if super::functions::is_function(name) => {
            Ok(Expression::Call(name.to_owned(), Vec::new()))
        }
        name if name.starts_with('$') => {
            Err(TemplateError(format!("variables such as \"{name}\" are not supported")))
        }
        name => Err(TemplateError(format!("function \"{name}\" not defined"))),
    }
}
