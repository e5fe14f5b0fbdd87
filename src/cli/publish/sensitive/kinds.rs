//! The kinds of secrets, in the order in which Docker Compose looks for them: what is told by how a
//! token looks comes before what is told by its key, and chance comes last.
//!
//! How tokens look is documented by those who issue them.

use super::pairs::Pairs;
use super::shape::Part::{Either, Maybe, Of, Text as Exactly};
use super::shape::Shape::{self, Line, Own, Parts};
use super::shape::{
    alphanumeric, base64, capital, digit, hexadecimal, padded_base64, padding, run,
    small_hexadecimal, visible, word, word_or_dash,
};
use super::text::{Keys, Text, has_line};
use super::{Finding, authentication, entropy, keyword, url};

/// A kind of secret.
pub(super) enum Kind {
    /// Told by how it looks.
    Shaped {
        /// Its name, in Docker Compose's words.
        name: &'static str,
        /// What it may look like.
        shapes: &'static [Shape],
        /// Which keys it may stand behind in a text.
        keys: Keys,
        /// What else must be so, by its key and what stands there.
        holds: fn(&str, &str) -> bool,
    },
    /// Told by its key.
    Keyword,
}

use Kind::{Keyword, Shaped};

/// A kind whose shape says it all.
const fn shaped(name: &'static str, shapes: &'static [Shape]) -> Kind {
    Shaped { name, shapes, keys: Keys::OnAnyLine, holds: |_, _| true }
}

/// All kinds, in order.
pub(super) static ALL: [Kind; 20] = [
    shaped(
        "JFrog Artifactory credentials",
        &[Parts(&[Exactly("AKC"), Of(alphanumeric, 10, usize::MAX)])],
    ),
    shaped(
        "AWS Client ID",
        &[
            Parts(&[Exactly("A3T"), Of(capital, 17, 17)]),
            Parts(&[
                Either(&["AKIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA", "ASIA"]),
                Of(capital, 16, 16),
            ]),
        ],
    ),
    shaped("AWS Secret Key", &[Own(aws_secret_key)]),
    shaped(
        "Amazon Marketplace Web Service (MWS) Key",
        &[Parts(&[
            Exactly("amzn.mws."),
            Of(small_hexadecimal, 8, 8),
            Exactly("-"),
            Of(small_hexadecimal, 4, 4),
            Exactly("-"),
            Of(small_hexadecimal, 4, 4),
            Exactly("-"),
            Of(small_hexadecimal, 4, 4),
            Exactly("-"),
            Of(small_hexadecimal, 12, 12),
        ])],
    ),
    Shaped {
        name: "Azure Storage Account access key",
        shapes: &[Parts(&[Maybe("AccountKey="), Of(padded_base64, 88, 88)])],
        keys: Keys::OnAnyLine,
        holds: |key, value| value.starts_with("AccountKey") || key.ends_with("AccountKey"),
    },
    Shaped {
        name: "HTTP Basic Authentication",
        shapes: &[Own(authentication::basic)],
        keys: Keys::OnItsLine,
        holds: |_, value| authentication::is_name_and_password(value),
    },
    Shaped {
        name: "HTTP Bearer Authentication",
        shapes: &[Own(authentication::bearer)],
        keys: Keys::OnItsLine,
        holds: |_, value| authentication::is_name_and_password(value),
    },
    shaped(
        "Github authentication",
        &[Parts(&[Either(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]), Of(word, 36, 36)])],
    ),
    Shaped {
        name: "JSON Web Token",
        shapes: &[Own(authentication::web_token)],
        keys: Keys::OnAnyLine,
        holds: |_, value| authentication::is_web_token(value),
    },
    Keyword,
    shaped(
        "Mailchimp API Key",
        &[Parts(&[Of(small_hexadecimal, 32, 32), Exactly("-us"), Of(digit, 1, 2)])],
    ),
    shaped(
        "npm auth token",
        &[Own(npm_token), Parts(&[Exactly("npm_"), Of(alphanumeric, 36, 36)])],
    ),
    shaped("Private Key", &[Own(private_key), Line("PuTTY-User-Key-File-")]),
    shaped(
        "Sendgrid API key",
        &[Parts(&[
            Exactly("SG."),
            Of(word_or_dash, 22, 22),
            Exactly("."),
            Of(word_or_dash, 43, 43),
        ])],
    ),
    shaped(
        "Slack token",
        &[
            Parts(&[
                Either(&[
                    "xoxe.xoxb-",
                    "xoxe.xoxp-",
                    "xoxb-",
                    "xoxp-",
                    "xoxa-",
                    "xoxe-",
                    "xoxo-",
                    "xoxs-",
                    "xoxr-",
                    "xapp-",
                ]),
                Of(digit, 1, usize::MAX),
                Exactly("-"),
                Of(|byte| alphanumeric(byte) || byte == b'-', 1, usize::MAX),
            ]),
            Parts(&[
                Exactly("https://hooks.slack.com/services/T"),
                Of(word, 1, usize::MAX),
                Exactly("/B"),
                Of(word, 1, usize::MAX),
                Exactly("/"),
                Of(word, 1, usize::MAX),
            ]),
        ],
    ),
    shaped(
        "Square authentication",
        &[
            Parts(&[Exactly("sq0atp-"), Of(|byte| word_or_dash(byte) || byte == b'\\', 22, 22)]),
            Parts(&[Exactly("sq0csp-"), Of(|byte| word_or_dash(byte) || byte == b'\\', 43, 43)]),
        ],
    ),
    shaped(
        "Stripe API key",
        &[Parts(&[
            Either(&["sk_live_", "rk_live_", "sk_test_", "rk_test_"]),
            Of(alphanumeric, 24, 24),
        ])],
    ),
    shaped("Twilio authentication", &[Parts(&[Either(&["AC", "SK"]), Of(hexadecimal, 32, 32)])]),
    Shaped {
        name: "URL with password",
        shapes: &[Own(url::length)],
        keys: Keys::OnAnyLine,
        holds: |_, value| url::has_password(value),
    },
    Shaped {
        name: "High entropy string",
        shapes: &[Own(encoded)],
        keys: Keys::OnAnyLine,
        holds: |_, value| entropy::is_random(value),
    },
];

impl Kind {
    /// What pairs hold of this kind, by key.
    pub(super) fn in_pairs(&self, pairs: &Pairs) -> Vec<Finding> {
        let found = pairs.iter().filter(|(key, value)| self.is_told_by(key, value));
        let finding = |(key, value): (&String, &String)| Finding {
            kind: self.name(),
            key: key.clone(),
            value: value.clone(),
        };
        found.map(finding).collect()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Shaped { name, .. } => name,
            Self::Keyword => keyword::NAME,
        }
    }

    fn is_told_by(&self, key: &str, value: &str) -> bool {
        match self {
            Self::Shaped { shapes, holds, .. } => {
                shapes.iter().any(|shape| has_line(value, shape)) && holds(key, value)
            }
            Self::Keyword => keyword::is_secret(key, value),
        }
    }

    /// What a text holds of this kind, in the order in which it stands there.
    pub(super) fn in_text(&self, text: &Text<'_>) -> Vec<Finding> {
        match self {
            Self::Shaped { name, shapes, keys, holds } => shapes
                .iter()
                .flat_map(|shape| text.find(shape, *keys))
                .filter(|(key, value)| holds(key, value))
                .map(|(key, value)| Finding { kind: name, key, value })
                .collect(),
            Self::Keyword => keyword::in_text(text.as_str()),
        }
    }
}

/// `aws`, at most 20 further characters, and 40 of Base64 in quotes.
fn aws_secret_key(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("AWS").or_else(|| text.strip_prefix("aws"))?;
    let is_quote = |character: char| matches!(character, '"' | '\'');
    let near = rest.char_indices().take(21).take_while(|(_, character)| *character != '\n');
    let quotes = near.filter(|(_, character)| is_quote(*character));
    let ends = quotes.filter_map(|(at, _)| {
        let key = rest.as_bytes().get(at + 1..)?;
        let closed = run(key, base64) == 40 && matches!(key.get(40), Some(b'"' | b'\''));
        closed.then_some(3 + at + 42)
    });
    ends.last()
}

/// What stands between the address of a registry and the token for it.
const NPM_KEY: &str = "/:_authToken=";

/// A line of `.npmrc`: the address of a registry, and the token for it. A variable is none.
fn npm_token(text: &str) -> Option<usize> {
    let word = text.get(..run(text.as_bytes(), visible))?;
    let registry = word.strip_prefix("//")?;
    let mut tokens = registry.rmatch_indices(NPM_KEY).filter(|(at, _)| *at > 0);
    let is_one = tokens.any(|(at, key)| {
        let token = registry.get(at + key.len()..).unwrap_or_default();
        !token.starts_with(['$', '{']) && token.chars().nth(1).is_some()
    });
    is_one.then_some(word.len())
}

/// A key in the armour of RFC 7468 and RFC 4880: from the dashes before `BEGIN` to those behind the
/// end, with nothing blank between but ends of lines.
fn private_key(text: &str) -> Option<usize> {
    let start = armour(text, "BEGIN")?;
    let body = text.get(start..)?;
    let inner = run(body.as_bytes(), |byte| visible(byte) || byte == b'\n');
    let ends = body.get(..inner)?.match_indices("END").filter_map(|(at, _)| {
        let dashes = body.get(..at)?.trim_end_matches('-').len().max(4);
        (dashes <= at).then_some(at)
    });
    let mut ends = ends.filter_map(|at| Some(start + at + armour(body.get(at..)?, "END")?));
    ends.next()
}

/// The length of a line of armour; what the key is for is short.
fn armour(text: &str, word: &str) -> Option<usize> {
    let words = text.trim_start_matches('-').strip_prefix(word)?;
    let near =
        words.char_indices().take(64).take_while(|(_, it)| *it == ' ' || !it.is_whitespace());
    let ends = near.skip(1).map(|(at, _)| words.get(at..).unwrap_or_default());
    let rest = ends.into_iter().find_map(|rest| rest.strip_prefix("PRIVATE KEY"))?;
    let rest = rest.strip_prefix(" BLOCK").unwrap_or(rest).trim_start_matches('-');
    Some(text.len() - rest.len())
}

/// At least 16 characters of one of the alphabets of Base64, with padding or without.
fn encoded(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let length = run(bytes, base64).max(run(bytes, word_or_dash));
    let padded = length + run(bytes.get(length..)?, padding).min(2);
    (length >= 16).then_some(padded)
}
