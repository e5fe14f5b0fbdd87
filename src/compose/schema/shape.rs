//! The vocabulary in which the schema is written: what a value may be.
//!
//! Shapes are constants, so the schema costs nothing to load. They say as much as the JSON Schema
//! of the Compose Specification does and no more; what needs two attributes at once is in
//! [`super::constraints`].

/// What a value may be.
#[derive(Debug)]
pub(super) enum Shape {
    /// A scalar of one of these types.
    Scalar(Types),
    /// A whole number within bounds, or text (which may hold one).
    Bounded {
        /// The smallest allowed number.
        minimum: Option<i64>,
        /// The greatest allowed number.
        maximum: Option<i64>,
    },
    /// Text in which a pattern is found.
    Pattern(&'static Pattern),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A list.
    List {
        /// What its items are.
        items: &'static Self,
        /// Whether no two items may be equal.
        unique: bool,
    },
    /// A mapping with known keys.
    Object(&'static Object),
    /// A mapping with keys of the user's choice.
    Map(&'static Map),
    /// Any one of several shapes, which differ in their YAML types.
    Either(&'static [Self]),
}

/// A mapping with known keys.
#[derive(Debug)]
pub(super) struct Object {
    /// The known keys, sorted.
    pub(super) attributes: &'static [(&'static str, Shape)],
    /// The keys that must be there.
    pub(super) required: &'static [&'static str],
    /// Which other keys are allowed.
    pub(super) others: Others,
    /// Scalars that may stand in its place.
    pub(super) or: Types,
}

/// Which keys an object may have beside those it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// None.
    None,
    /// Those that start with `x-`.
    Extensions,
    /// Any.
    Any,
}

impl Others {
    /// Whether the key is allowed.
    pub(super) fn allow(self, key: &str) -> bool {
        match self {
            Self::None => false,
            Self::Extensions => key.starts_with("x-"),
            Self::Any => true,
        }
    }
}

impl Object {
    /// An object with these keys, all optional, and extensions.
    pub(super) const fn new(attributes: &'static [(&'static str, Shape)]) -> Self {
        Self { attributes, required: &[], others: Others::Extensions, or: Types::NONE }
    }

    /// These keys must be there.
    pub(super) const fn required(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    /// Any other keys are allowed.
    pub(super) const fn open(self) -> Self {
        Self { others: Others::Any, ..self }
    }

    /// No other keys are allowed, not even extensions.
    pub(super) const fn closed(self) -> Self {
        Self { others: Others::None, ..self }
    }

    /// Null stands for an empty one.
    pub(super) const fn nullable(self) -> Self {
        self.or(Types::NULL)
    }

    /// Scalars of these types may stand in its place.
    pub(super) const fn or(self, or: Types) -> Self {
        Self { or, ..self }
    }

    /// The shape of a known key.
    pub(super) fn attribute(&self, key: &str) -> Option<&'static Shape> {
        let index = self.attributes.binary_search_by(|(name, _)| name.cmp(&key)).ok()?;
        self.attributes.get(index).map(|(_, shape)| shape)
    }
}

/// A mapping with keys of the user's choice.
#[derive(Debug)]
pub(super) struct Map {
    /// What its keys look like.
    pub(super) keys: Keys,
    /// What its values are.
    pub(super) values: Shape,
    /// Whether keys that look otherwise are allowed, with any value.
    pub(super) open: bool,
}

/// What the keys of a [`Map`] look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Names of services, networks and so on: letters, digits, `.`, `_` and `-`.
    Name,
    /// Lower-case letters only.
    Lowercase,
    /// Anything but the empty text.
    NotEmpty,
}

impl Keys {
    /// Whether a key looks so.
    pub(super) fn matches(self, key: &str) -> bool {
        !key.is_empty()
            && match self {
                Self::Name => {
                    key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
                }
                Self::Lowercase => key.bytes().all(|byte| byte.is_ascii_lowercase()),
                Self::NotEmpty => true,
            }
    }
}

/// A pattern that must be found somewhere in a text.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The regular expression, to show.
    pub(super) expression: &'static str,
    /// The same as a function.
    pub(super) found_in: fn(&str) -> bool,
    /// What it asks for, in words.
    pub(super) meaning: &'static str,
}

/// A set of scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    /// Any number; whole ones too.
    pub(super) const NUMBER: Self = Self(8);
    pub(super) const STRING: Self = Self(16);

    /// Both sets.
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether this set has a type in common with the other.
    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Names as JSON Schema has them.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (Self::BOOLEAN, "boolean"),
            (Self::INTEGER, "integer"),
            (Self::NULL, "null"),
            (Self::NUMBER, "number"),
            (Self::STRING, "string"),
        ]
        .into_iter()
        .filter_map(move |(one, name)| self.meets(one).then_some(name))
    }
}
