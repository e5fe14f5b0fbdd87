//! The forms that many attributes share: text or a list, a list or a mapping, and so on.

use super::shape::{Keys, Map, Object, Pattern, Shape, Types};

pub(super) const STRING: Shape = Shape::Scalar(Types::STRING);
pub(super) const BOOLEAN: Shape = Shape::Scalar(Types::BOOLEAN);
pub(super) const INTEGER: Shape = Shape::Scalar(Types::INTEGER);
pub(super) const NUMBER: Shape = Shape::Scalar(Types::NUMBER);
/// True or false, or text that will say which.
pub(super) const BOOLEAN_OR_STRING: Shape = Shape::Scalar(Types::BOOLEAN.or(Types::STRING));
pub(super) const INTEGER_OR_STRING: Shape = Shape::Scalar(Types::INTEGER.or(Types::STRING));
pub(super) const NUMBER_OR_STRING: Shape = Shape::Scalar(Types::NUMBER.or(Types::STRING));
pub(super) const NULL: Shape = Shape::Scalar(Types::NULL);
pub(super) const STRING_OR_NULL: Shape = Shape::Scalar(Types::STRING.or(Types::NULL));

/// A list of texts that may repeat.
pub(super) const STRINGS: Shape = Shape::List { items: &STRING, unique: false };
/// A list of texts, each once.
pub(super) const UNIQUE_STRINGS: Shape = Shape::List { items: &STRING, unique: true };
pub(super) const STRING_OR_LIST: Shape = Shape::Either(&[STRING, UNIQUE_STRINGS]);

/// `KEY: value` pairs, or a list of `KEY=value`.
pub(super) const LIST_OR_MAPPING: Shape = Shape::Either(&[
    Shape::Map(&Map {
        keys: Keys::NotEmpty,
        values: Shape::Scalar(Types::STRING.or(Types::NUMBER).or(Types::BOOLEAN).or(Types::NULL)),
        open: false,
    }),
    UNIQUE_STRINGS,
]);

/// A command line: text, a list of arguments, or null for none.
pub(super) const COMMAND: Shape = Shape::Either(&[NULL, STRING, STRINGS]);

/// Options of a driver.
pub(super) const DRIVER_OPTIONS: Shape =
    Shape::Map(&Map { keys: Keys::NotEmpty, values: NUMBER_OR_STRING, open: true });

pub(super) const EXTRA_HOSTS: Shape = Shape::Either(&[
    Shape::Map(&Map {
        keys: Keys::NotEmpty,
        values: Shape::Either(&[STRING, STRINGS]),
        open: false,
    }),
    UNIQUE_STRINGS,
]);

pub(super) const ULIMITS: Shape = Shape::Map(&Map {
    keys: Keys::Lowercase,
    values: Shape::Either(&[
        INTEGER_OR_STRING,
        Shape::Object(
            &Object::new(&[("hard", INTEGER_OR_STRING), ("soft", INTEGER_OR_STRING)])
                .required(&["soft", "hard"]),
        ),
    ]),
    open: true,
});

/// Configs or secrets that a service or a build is granted.
pub(super) const FILE_REFERENCES: Shape = Shape::List {
    items: &Shape::Either(&[
        STRING,
        Shape::Object(&Object::new(&[
            ("gid", STRING),
            ("mode", NUMBER_OR_STRING),
            ("source", STRING),
            ("target", STRING),
            ("uid", STRING),
        ])),
    ]),
    unique: false,
};

pub(super) const CONTAINER_NAME: Shape = Shape::Pattern(&Pattern {
    expression: "[a-zA-Z0-9][a-zA-Z0-9_.-]+",
    found_in: |text| {
        text.as_bytes().windows(2).any(|pair| {
            pair[0].is_ascii_alphanumeric()
                && (pair[1].is_ascii_alphanumeric() || b"_.-".contains(&pair[1]))
        })
    },
    meaning: "at least two of letters, digits, `_`, `.` and `-`, starting with a letter or digit",
});

pub(super) const PULL_POLICY: Shape = Shape::Pattern(&Pattern {
    expression: "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+",
    found_in: |text| {
        PULL_POLICIES.iter().any(|policy| text.contains(policy))
            || text.match_indices("every_").any(|(start, prefix)| {
                let rest = &text[start + prefix.len()..];
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                digits > 0
                    && rest.as_bytes().get(digits).is_some_and(|unit| b"wdhms".contains(unit))
            })
    },
    meaning: "`always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_<duration>`",
});

const PULL_POLICIES: [&str; 8] =
    ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
