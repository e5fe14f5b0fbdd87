//! Walks a tree beside its shape and notes everything that does not fit.
//!
//! One pass, no copies; paths and messages are made only for what is wrong.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::shape::{Keys, Map, Object, Pattern, Shape, Types};
use crate::compose::yaml::{Entry, Mapping, Node, Value};
use crate::diagnostic::Span;

/// Something that does not fit, and where.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    /// Keys and indices from the root, joined by dots.
    pub(super) path: String,
    /// The place to point at.
    pub(super) span: Span,
    /// What is wrong.
    pub(super) kind: Kind<'a>,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// Keys that an object does not have.
    Unknown { keys: Vec<(&'a str, &'a Entry)>, object: &'static Object },
    /// Names that may not be given to an entry.
    BadNames { keys: Vec<(&'a str, &'a Entry)>, names: Keys },
    /// Keys that an object must have.
    Missing { keys: Vec<&'static str> },
    /// A value of a type that is not allowed.
    Type { shape: &'static Shape, found: &'a Node },
    /// A word that is not among the allowed ones.
    Word { allowed: &'static [&'static str], found: &'a Node },
    /// Text without the pattern.
    Pattern { pattern: &'static Pattern, found: &'a str },
    /// A number below the smallest allowed one.
    Below(i64),
    /// A number above the greatest allowed one.
    Above(i64),
    /// Two equal items of a list.
    Repeated { first: usize, second: usize, first_span: Span },
}

/// Notes every problem of a tree, in the order of the file.
pub(super) fn problems<'a>(tree: &'a Node, shape: &'static Shape) -> Vec<Problem<'a>> {
    let mut walk = Walk { path: Vec::new(), problems: Vec::new() };
    walk.value(tree, shape, tree.span);
    walk.problems
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

struct Walk<'a> {
    path: Vec<Step<'a>>,
    problems: Vec<Problem<'a>>,
}

impl<'a> Walk<'a> {
    /// `name` is where the value gets its name: its key, or else the value itself.
    fn value(&mut self, node: &'a Node, shape: &'static Shape, name: Span) {
        match (shape, &node.value) {
            (_, Value::Broken) => {}
            (Shape::Bounded { minimum, maximum }, _) if accepts(shape, node) => {
                let below = |bound: &i64| against(&node.value, *bound) == Some(Ordering::Less);
                let above = |bound: &i64| against(&node.value, *bound) == Some(Ordering::Greater);
                if let Some(minimum) = minimum.filter(below) {
                    self.note(node.span, Kind::Below(minimum));
                } else if let Some(maximum) = maximum.filter(above) {
                    self.note(node.span, Kind::Above(maximum));
                }
            }
            (Shape::Pattern(pattern), Value::String(text)) => {
                if !(pattern.found_in)(text) {
                    self.note(node.span, Kind::Pattern { pattern, found: text });
                }
            }
            (Shape::Word(allowed), Value::String(text)) => {
                if !allowed.contains(&text.as_str()) {
                    self.note(node.span, Kind::Word { allowed, found: node });
                }
            }
            (Shape::List { items: shape, unique }, Value::Sequence(items)) => {
                self.list(items, shape, *unique);
            }
            (Shape::Object(object), Value::Mapping(mapping)) => self.object(mapping, object, name),
            (Shape::Map(map), Value::Mapping(mapping)) => self.map(mapping, map),
            (Shape::Either(shapes), _) => match shapes.iter().find(|shape| accepts(shape, node)) {
                Some(shape) => self.value(node, shape, name),
                None => self.note_type(node, shape, name),
            },
            _ if accepts(shape, node) => {}
            _ => self.note_type(node, shape, name),
        }
    }

    fn object(&mut self, mapping: &'a Mapping, object: &'static Object, name: Span) {
        let mut unknown = Vec::new();
        for (key, entry) in mapping {
            if let Some(shape) = object.attribute(key) {
                self.entry(key, entry, shape);
            } else if !object.others.allow(key) && !entry.node.is_broken() {
                unknown.push((key.as_str(), entry));
            }
        }
        if let Some((_, first)) = unknown.first() {
            self.note(first.key_span, Kind::Unknown { keys: unknown, object });
        }
        let missing: Vec<_> =
            object.required.iter().copied().filter(|key| !mapping.contains_key(key)).collect();
        if !missing.is_empty() {
            self.note(name, Kind::Missing { keys: missing });
        }
    }

    fn map(&mut self, mapping: &'a Mapping, map: &'static Map) {
        let mut bad = Vec::new();
        for (key, entry) in mapping {
            if map.keys.matches(key) {
                self.entry(key, entry, &map.values);
            } else if !map.open && !entry.node.is_broken() {
                bad.push((key.as_str(), entry));
            }
        }
        if let Some((_, first)) = bad.first() {
            self.note(first.key_span, Kind::BadNames { keys: bad, names: map.keys });
        }
    }

    fn entry(&mut self, key: &'a str, entry: &'a Entry, shape: &'static Shape) {
        self.path.push(Step::Key(key));
        self.value(&entry.node, shape, entry.key_span);
        self.path.pop();
    }

    fn list(&mut self, items: &'a [Node], shape: &'static Shape, unique: bool) {
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Index(index));
            self.value(item, shape, item.span);
            self.path.pop();
        }
        if unique && let Some((first, second)) = repeated(items) {
            self.note(
                items[second].span,
                Kind::Repeated { first, second, first_span: items[first].span },
            );
        }
    }

    /// A wrong type is shown at the value; where that is long or nothing at all, at its name.
    fn note_type(&mut self, node: &'a Node, shape: &'static Shape, name: Span) {
        let span = match node.value {
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => name,
            _ => node.span,
        };
        self.note(span, Kind::Type { shape, found: node });
    }

    fn note(&mut self, span: Span, kind: Kind<'a>) {
        let mut path = String::new();
        for (depth, step) in self.path.iter().enumerate() {
            if depth > 0 {
                path.push('.');
            }
            match step {
                Step::Key(key) => path.push_str(key),
                Step::Index(index) => path.push_str(&index.to_string()),
            }
        }
        self.problems.push(Problem { path, span, kind });
    }
}

/// How a number compares with a bound; nothing if it is text.
#[expect(clippy::cast_precision_loss, reason = "the bounds are small")]
fn against(value: &Value, bound: i64) -> Option<Ordering> {
    match value {
        Value::Int(number) => Some(number.cmp(&bound)),
        Value::Float(number) => number.partial_cmp(&(bound as f64)),
        _ => None,
    }
}

/// Whether a value's YAML type is one that the shape has, whatever else may be wrong with it.
fn accepts(shape: &Shape, node: &Node) -> bool {
    let types = match shape {
        Shape::Scalar(types) => *types,
        Shape::Bounded { .. } => Types::INTEGER.or(Types::STRING),
        Shape::Pattern(_) | Shape::Word(_) => Types::STRING,
        Shape::List { .. } => return matches!(node.value, Value::Sequence(_)),
        Shape::Object(_) if matches!(node.value, Value::Mapping(_)) => return true,
        Shape::Object(object) => object.or,
        Shape::Map(_) => return matches!(node.value, Value::Mapping(_)),
        Shape::Either(shapes) => return shapes.iter().any(|shape| accepts(shape, node)),
    };
    let found = match &node.value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Int(_) => Types::INTEGER.or(Types::NUMBER),
        Value::Float(number) if number.fract() == 0.0 => Types::INTEGER.or(Types::NUMBER),
        Value::Float(_) => Types::NUMBER,
        Value::String(_) => Types::STRING,
        Value::Sequence(_) | Value::Mapping(_) | Value::Timestamp(_) | Value::Broken => {
            return false;
        }
    };
    types.meets(found)
}

/// The first item that equals an earlier one, after that one.
fn repeated(items: &[Node]) -> Option<(usize, usize)> {
    let mut texts: HashMap<&str, usize> = HashMap::new();
    let mut others: Vec<usize> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(text) = item.as_str() {
            if let Some(first) = texts.insert(text, index) {
                return Some((first, index));
            }
        } else {
            if let Some(first) = others.iter().find(|other| items[**other].same_value(item)) {
                return Some((*first, index));
            }
            others.push(index);
        }
    }
    None
}
