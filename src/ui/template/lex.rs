//! A template's text as words, by the rules of Go's scanner.

/// A word of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// As it is written.
    pub(super) text: String,
    /// Offset in the template.
    pub(super) at: usize,
    /// Line, from 1.
    pub(super) line: usize,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What cannot be a word; the text is the message.
    Error,
    End,
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Character,
    Bool,
    CharacterConstant,
    Number,
    String,
    RawString,
    Field,
    Variable,
    Identifier,
    Dot,
    Nil,
    Keyword(Keyword),
}

/// Words that begin an action of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// All words of a template. The last is the end or an error.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut scanner = Scanner { text, at: 0, start: 0, parentheses: 0, tokens: Vec::new() };
    if let Err(message) = scanner.run() {
        scanner.push(Kind::Error, message);
    }
    scanner.tokens
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    start: usize,
    parentheses: usize,
    tokens: Vec<Token>,
}

type Scanned = Result<(), String>;

impl<'a> Scanner<'a> {
    fn run(&mut self) -> Scanned {
        while let Some(offset) = self.rest().find(OPEN) {
            let open = self.at + offset;
            let trimmed = has_left_trim(&self.text[open + OPEN.len()..]);
            let before = &self.text[self.at..open];
            let before = if trimmed { before.trim_end_matches(is_space) } else { before };
            if !before.is_empty() {
                self.push(Kind::Text, before.to_owned());
            }
            self.at = open;
            self.start = open;
            let inside = open + OPEN.len() + if trimmed { 2 } else { 0 };
            if self.text[inside..].starts_with("/*") {
                self.comment(inside)?;
                continue;
            }
            self.at = open + OPEN.len();
            self.emit(Kind::LeftDelimiter);
            self.at = inside;
            self.start = inside;
            self.parentheses = 0;
            self.action()?;
        }
        self.start = self.at;
        if !self.rest().is_empty() {
            self.at = self.text.len();
            self.emit(Kind::Text);
        }
        self.push(Kind::End, String::new());
        Ok(())
    }

    fn comment(&mut self, inside: usize) -> Scanned {
        let end = self.text[inside..].find("*/").ok_or("unclosed comment")?;
        self.at = inside + end + 2;
        let Some((length, trimmed)) = self.right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.leave(length, trimmed);
        Ok(())
    }

    /// Words up to the closing delimiter.
    fn action(&mut self) -> Scanned {
        loop {
            self.start = self.at;
            if let Some((length, trimmed)) = self.right_delimiter() {
                if self.parentheses > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                self.at += length;
                self.start = self.at - CLOSE.len();
                self.emit(Kind::RightDelimiter);
                self.leave(0, trimmed);
                return Ok(());
            }
            let Some(next) = self.next() else { return Err("unclosed action".to_owned()) };
            match next {
                next if is_space(next) => self.spaces(),
                '=' => self.emit(Kind::Assign),
                ':' => {
                    if self.next() != Some('=') {
                        return Err("expected :=".to_owned());
                    }
                    self.emit(Kind::Declare);
                }
                '|' => self.emit(Kind::Pipe),
                '"' => self.quoted('"', Kind::String, "unterminated quoted string")?,
                '\'' => {
                    self.quoted('\'', Kind::CharacterConstant, "unterminated character constant")?;
                }
                '`' => {
                    let end = self.rest().find('`').ok_or("unterminated raw quoted string")?;
                    self.at += end + 1;
                    self.emit(Kind::RawString);
                }
                '$' => self.field_or_variable(Kind::Variable)?,
                '.' if !self.rest().starts_with(|next: char| next.is_ascii_digit())
                    && !self.rest().is_empty() =>
                {
                    self.field_or_variable(Kind::Field)?;
                }
                '.' | '+' | '-' | '0'..='9' => self.number()?,
                next if is_alphanumeric(next) => self.identifier()?,
                '(' => {
                    self.parentheses += 1;
                    self.emit(Kind::LeftParenthesis);
                }
                ')' => {
                    let left = self.parentheses.checked_sub(1);
                    self.parentheses = left.ok_or("unexpected right paren")?;
                    self.emit(Kind::RightParenthesis);
                }
                ' '..='~' => self.emit(Kind::Character),
                other => {
                    return Err(format!("unrecognized character in action: {}", code(other)));
                }
            }
        }
    }

    fn spaces(&mut self) {
        while self.rest().starts_with(is_space) {
            // A minus before the closing delimiter takes the last space with it.
            if self.right_delimiter().is_some() {
                break;
            }
            self.next();
        }
        self.emit(Kind::Space);
    }

    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Scanned {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.peek(), None | Some('\n')) => {
                    self.next();
                }
                None | Some('\n' | '\\') => return Err(unterminated.to_owned()),
                Some(next) if next == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    fn field_or_variable(&mut self, kind: Kind) -> Scanned {
        if self.at_terminator() {
            self.emit(if kind == Kind::Variable { kind } else { Kind::Dot });
            return Ok(());
        }
        self.word(kind)
    }

    /// Goes to the end of a word, which must end where words may.
    fn word(&mut self, kind: Kind) -> Scanned {
        while self.rest().starts_with(is_alphanumeric) {
            self.next();
        }
        self.terminated()?;
        self.emit(kind);
        Ok(())
    }

    fn terminated(&self) -> Scanned {
        match self.peek() {
            Some(next) if !self.at_terminator() => Err(format!("bad character {}", code(next))),
            _ => Ok(()),
        }
    }

    fn identifier(&mut self) -> Scanned {
        while self.rest().starts_with(is_alphanumeric) {
            self.next();
        }
        self.terminated()?;
        self.emit(match &self.text[self.start..self.at] {
            "true" | "false" => Kind::Bool,
            "nil" => Kind::Nil,
            "block" => Kind::Keyword(Keyword::Block),
            "break" => Kind::Keyword(Keyword::Break),
            "continue" => Kind::Keyword(Keyword::Continue),
            "define" => Kind::Keyword(Keyword::Define),
            "else" => Kind::Keyword(Keyword::Else),
            "end" => Kind::Keyword(Keyword::End),
            "if" => Kind::Keyword(Keyword::If),
            "range" => Kind::Keyword(Keyword::Range),
            "template" => Kind::Keyword(Keyword::Template),
            "with" => Kind::Keyword(Keyword::With),
            _ => Kind::Identifier,
        });
        Ok(())
    }

    fn number(&mut self) -> Scanned {
        self.at = self.start;
        self.accept("+-");
        let mut digits = "0123456789_";
        let mut exponent = "eE";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
                exponent = "pP";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return Err(format!("bad number syntax: {:?}", &self.text[self.start..self.at]));
        }
        self.emit(Kind::Number);
        Ok(())
    }

    fn accept(&mut self, characters: &str) -> bool {
        let accepted = self.peek().is_some_and(|next| characters.contains(next));
        if accepted {
            self.next();
        }
        accepted
    }

    fn accept_run(&mut self, characters: &str) {
        while self.accept(characters) {}
    }

    /// Length of the closing delimiter here, and whether it trims what follows.
    fn right_delimiter(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        if rest.starts_with(is_space) && rest[1..].starts_with("-}}") {
            return Some((" -}}".len(), true));
        }
        rest.starts_with(CLOSE).then_some((CLOSE.len(), false))
    }

    /// Goes on behind a closing delimiter.
    fn leave(&mut self, length: usize, trimmed: bool) {
        self.at += length;
        if trimmed {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_space).len();
        }
        self.start = self.at;
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(next) => is_space(next) || self.rest().starts_with(CLOSE),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// The word from the start up to here.
    fn emit(&mut self, kind: Kind) {
        let text = self.text[self.start..self.at].to_owned();
        self.push(kind, text);
        self.start = self.at;
    }

    fn push(&mut self, kind: Kind, text: String) {
        let line = 1 + self.text[..self.start].matches('\n').count();
        self.tokens.push(Token { kind, text, at: self.start, line });
    }
}

fn has_left_trim(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('-') && characters.next().is_some_and(is_space)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// `U+0021 '!'`.
fn code(character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    if character.is_control() { number } else { format!("{number} '{character}'") }
}
