//! The grammar of variables in one text, and its evaluation.
//!
//! ```text
//! $$                 a dollar
//! $NAME  ${NAME}     the value, or nothing with a warning
//! ${NAME:-text}      text if NAME is unset or empty;  ${NAME-text} if unset
//! ${NAME:+text}      text if NAME is set and not empty;  ${NAME+text} if set
//! ${NAME:?text}      an error if NAME is unset or empty;  ${NAME?text} if unset
//! ```
//!
//! `text` may contain variables; its braces are balanced within one line. A `$` before anything
//! else stays as it is. As in Docker Compose 2, `text` is evaluated even when it is not used, so
//! that a required variable within it is always required.

use std::borrow::Cow;
use std::ops::Range;

use crate::compose::limits;

/// A text with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substituted<'text> {
    /// The outcome; borrowed when there was nothing to replace.
    pub text: Cow<'text, str>,
    /// Variables that were replaced by nothing because they are not set.
    pub unset: Vec<Unset>,
}

/// A use of a variable that is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub name: String,
    /// The bytes of the use within the text.
    pub range: Range<usize>,
}

/// Why a text cannot be substituted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` is not followed by a name, an operator or the end of the braces.
    #[error("Invalid template: {template:?}")]
    Invalid {
        /// The whole text.
        template: String,
        /// The bytes of the mistake within the text.
        range: Range<usize>,
    },
    /// Variables are nested too deeply in each other's operands.
    #[error("variables are nested more than {} deep", limits::VARIABLE_DEPTH)]
    TooDeep {
        /// The bytes of the innermost that was looked at.
        range: Range<usize>,
    },
    /// The values of variables add up to more than a load may hold.
    #[error("variables bring more than {} MiB of text", limits::SUBSTITUTED_BYTES >> 20)]
    TooLarge {
        /// The bytes of the use that went beyond the limit.
        range: Range<usize>,
    },
    /// A variable that must have a value has none.
    #[error("required variable {name} is missing a value{}{reason}", if reason.is_empty() { "" } else { ": " })]
    Required {
        /// The variable.
        name: String,
        /// The operand of `?`, substituted; may be empty.
        reason: String,
        /// The bytes of the use within the text.
        range: Range<usize>,
    },
}

impl TemplateError {
    /// The bytes of the mistake within the text.
    pub fn range(&self) -> &Range<usize> {
        match self {
            Self::Invalid { range, .. }
            | Self::TooDeep { range }
            | Self::TooLarge { range }
            | Self::Required { range, .. } => range,
        }
    }
}

/// Replaces the variables of `text` by what `lookup` gives for their names.
///
/// `spent` counts the bytes of the values that were looked up, over all texts of a load or of a
/// file: values that are made of each other double with every line.
pub fn substitute<'text>(
    text: &'text str,
    lookup: &dyn Fn(&str) -> Option<String>,
    spent: &mut usize,
) -> Result<Substituted<'text>, TemplateError> {
    if !text.contains('$') {
        return Ok(Substituted { text: Cow::Borrowed(text), unset: Vec::new() });
    }
    let mut evaluation = Evaluation { template: text, lookup, unset: Vec::new(), spent };
    let replaced = evaluation.expand(text, 0, 0)?;
    Ok(Substituted { text: Cow::Owned(replaced), unset: evaluation.unset })
}

struct Evaluation<'run> {
    template: &'run str,
    lookup: &'run dyn Fn(&str) -> Option<String>,
    unset: Vec<Unset>,
    spent: &'run mut usize,
}

impl Evaluation<'_> {
    /// Expands a part of the template that starts at `offset`.
    fn expand(&mut self, text: &str, offset: usize, depth: usize) -> Result<String, TemplateError> {
        let invalid = |template: &str, range: Range<usize>| TemplateError::Invalid {
            template: template.to_owned(),
            range: offset + range.start..offset + range.end,
        };
        if depth > limits::VARIABLE_DEPTH {
            return Err(TemplateError::TooDeep { range: offset..offset + text.len() });
        }
        let mut expanded = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(literal) => expanded.push_str(literal),
                Piece::Invalid { range } => {
                    return Err(invalid(self.template, range));
                }
                Piece::Variable { range, name, operation } => {
                    let range = offset + range.start..offset + range.end;
                    let value = self.variable(name, operation, &range, offset, depth)?;
                    expanded.push_str(&value);
                }
            }
        }
        Ok(expanded)
    }

    fn variable(
        &mut self,
        name: &str,
        operation: Option<Operation<'_>>,
        range: &Range<usize>,
        offset: usize,
        depth: usize,
    ) -> Result<String, TemplateError> {
        let value = (self.lookup)(name);
        *self.spent = self.spent.saturating_add(value.as_ref().map_or(0, String::len));
        if *self.spent > limits::SUBSTITUTED_BYTES {
            return Err(TemplateError::TooLarge { range: range.clone() });
        }
        let Some(operation) = operation else {
            return Ok(value.unwrap_or_else(|| {
                self.unset.push(Unset { name: name.to_owned(), range: range.clone() });
                String::new()
            }));
        };
        let used = operation.takes_operand(value.as_deref());
        let unset_before = self.unset.len();
        let operand = self.expand(operation.operand, offset + operation.offset, depth + 1)?;
        if !used {
            // Nobody misses a variable of an operand that plays no part.
            self.unset.truncate(unset_before);
            return Ok(value.unwrap_or_default());
        }
        match operation.operator {
            Operator::Default | Operator::Alternate => Ok(operand),
            Operator::Required => Err(TemplateError::Required {
                name: name.to_owned(),
                reason: operand,
                range: range.clone(),
            }),
        }
    }
}

/// A part of a text. Ranges and offsets count from its start.
pub(super) enum Piece<'text> {
    /// Stays as it is.
    Text(&'text str),
    /// Is replaced.
    Variable { range: Range<usize>, name: &'text str, operation: Option<Operation<'text>> },
    /// Is a mistake; nothing follows.
    Invalid { range: Range<usize> },
}

/// An operator and what stands behind it.
#[derive(Clone, Copy)]
pub(super) struct Operation<'text> {
    pub(super) operator: Operator,
    /// Whether it has a colon: a variable with an empty value counts as unset.
    pub(super) empty_is_unset: bool,
    pub(super) operand: &'text str,
    /// Where the operand starts.
    offset: usize,
}

impl Operation<'_> {
    /// Whether the operand counts for a variable of this value, rather than the value.
    fn takes_operand(&self, value: Option<&str>) -> bool {
        let present = value.is_some_and(|value| !(self.empty_is_unset && value.is_empty()));
        match self.operator {
            Operator::Default | Operator::Required => !present,
            Operator::Alternate => present,
        }
    }
}

/// A use of a variable in a text, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The variable.
    pub name: String,
    /// The bytes of the use within the text.
    pub range: Range<usize>,
    /// The variable's value, if it has one.
    pub value: Option<String>,
    /// The operator with its operand, if there is one.
    pub operation: Option<UsedOperation>,
    /// What stands in its place in the end; `None` if that is an error.
    pub outcome: Option<String>,
}

/// What a use says about the variable being set or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedOperation {
    /// The operator.
    pub operator: Operator,
    /// Whether an empty value counts as none (`:`).
    pub empty_is_unset: bool,
    /// The operand as it is written.
    pub operand: String,
    /// Whether the operand counted, rather than the variable's value.
    pub counted: bool,
    /// The uses within the operand, with ranges within the whole text.
    pub uses: Vec<Use>,
}

/// The uses of variables in a text, in order, and what becomes of each.
pub fn uses(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Vec<Use> {
    uses_within(text, 0, 0, lookup, &mut 0)
}

fn uses_within(
    text: &str,
    offset: usize,
    depth: usize,
    lookup: &dyn Fn(&str) -> Option<String>,
    spent: &mut usize,
) -> Vec<Use> {
    if depth > limits::VARIABLE_DEPTH {
        return Vec::new();
    }
    let used = |piece| {
        let Piece::Variable { range, name, operation } = piece else { return None };
        let value = lookup(name);
        let operation = operation.map(|operation| UsedOperation {
            operator: operation.operator,
            empty_is_unset: operation.empty_is_unset,
            operand: operation.operand.to_owned(),
            counted: operation.takes_operand(value.as_deref()),
            uses: uses_within(
                operation.operand,
                offset + operation.offset,
                depth + 1,
                lookup,
                spent,
            ),
        });
        let outcome = substitute(&text[range.clone()], lookup, spent).ok();
        Some(Use {
            name: name.to_owned(),
            range: offset + range.start..offset + range.end,
            value,
            operation,
            outcome: outcome.map(|outcome| outcome.text.into_owned()),
        })
    };
    pieces(text).filter_map(used).collect()
}

/// What to do about a variable being set or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `-`: the operand stands in.
    Default,
    /// `+`: the operand replaces a value.
    Alternate,
    /// `?`: the operand says why there must be a value.
    Required,
}

/// Takes a text apart.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut position = 0;
    std::iter::from_fn(move || {
        let rest = &text[position..];
        if rest.is_empty() {
            return None;
        }
        let (piece, length) = match rest.find('$') {
            Some(0) => dollar(rest, position),
            Some(length) => (Piece::Text(&rest[..length]), length),
            None => (Piece::Text(rest), rest.len()),
        };
        position += length;
        if let Piece::Invalid { .. } = piece {
            position = text.len();
        }
        Some(piece)
    })
}

/// The piece at the start of `rest`, which is a dollar at `position`, and its length.
fn dollar(rest: &str, position: usize) -> (Piece<'_>, usize) {
    let behind = &rest[1..];
    if behind.starts_with('$') {
        return (Piece::Text("$"), 2);
    }
    let Some(braced) = behind.strip_prefix('{') else {
        let name = leading_name(behind);
        if name.is_empty() {
            return (Piece::Text("$"), 1);
        }
        let length = 1 + name.len();
        let range = position..position + length;
        return (Piece::Variable { range, name, operation: None }, length);
    };
    let Some((name, operation, length)) = in_braces(braced) else {
        let line = rest.split(['\r', '\n']).next().unwrap_or(rest);
        let length = line.find('}').map_or(line.len(), |end| end + 1);
        return (Piece::Invalid { range: position..position + length }, length);
    };
    let length = 2 + length;
    let range = position..position + length;
    let operation = operation
        .map(|operation| Operation { offset: position + 2 + operation.offset, ..operation });
    (Piece::Variable { range, name, operation }, length)
}

/// Reads what follows `${`, with its length including the closing brace.
fn in_braces(text: &str) -> Option<(&str, Option<Operation<'_>>, usize)> {
    let name = leading_name(text);
    if name.is_empty() {
        return None;
    }
    let behind = &text[name.len()..];
    if behind.starts_with('}') {
        return Some((name, None, name.len() + 1));
    }
    let (empty_is_unset, behind) = match behind.strip_prefix(':') {
        Some(behind) => (true, behind),
        None => (false, behind),
    };
    let operator = match behind.chars().next()? {
        '-' => Operator::Default,
        '+' => Operator::Alternate,
        '?' => Operator::Required,
        _ => return None,
    };
    let offset = text.len() - behind.len() + 1;
    let end = offset + operand_end(&text[offset..])?;
    let operand = &text[offset..end];
    Some((name, Some(Operation { operator, empty_is_unset, operand, offset }), end + 1))
}

/// Where the brace stands that closes an operand: the balancing one, or the last one of the line
/// if there are too few. As in Compose, the character behind an opening brace is not looked at, so
/// that `{}` does not close.
fn operand_end(text: &str) -> Option<usize> {
    let line = &text[..text.find('\n').unwrap_or(text.len())];
    let mut open = 1_usize;
    let mut bytes = line.bytes().enumerate();
    while let Some((offset, byte)) = bytes.next() {
        match byte {
            b'{' => {
                open += 1;
                bytes.next();
            }
            b'}' if open == 1 => return Some(offset),
            b'}' => open -= 1,
            _ => {}
        }
    }
    line.rfind('}')
}

fn leading_name(text: &str) -> &str {
    let bytes = text.as_bytes();
    let length = bytes
        .iter()
        .enumerate()
        .take_while(|(index, byte)| {
            byte.is_ascii_alphabetic() || **byte == b'_' || (*index > 0 && byte.is_ascii_digit())
        })
        .count();
    &text[..length]
}
