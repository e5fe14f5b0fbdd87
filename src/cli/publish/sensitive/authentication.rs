//! What goes into the header `Authorization`: RFC 7617 (Basic), RFC 6750 (Bearer), RFC 7519 (tokens).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::shape::{Class, base64, padded_base64, padding, run, word_or_dash};

/// Base64 with padding.
const PADDED: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
/// Base64 without padding.
const UNPADDED: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT_UNPADDED);
/// Base64 for addresses, without padding.
const OF_ADDRESSES: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT_UNPADDED);

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
const LENIENT_UNPADDED: GeneralPurposeConfig =
    LENIENT.with_decode_padding_mode(DecodePaddingMode::RequireNone);

/// How signatures are made, as RFC 7518 names it; a token with another name is none.
const ALGORITHMS: [&str; 14] = [
    "none", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512",
    "PS256", "PS384", "PS512", "EdDSA",
];

/// How much of a text's start is `Basic` and what goes with it, behind the header's name or alone.
pub(super) fn basic(text: &str) -> Option<usize> {
    let (words, parameters) = scheme(text, "basic")?;
    let in_base64: Class = |byte| base64(byte) || matches!(byte, b',' | b'_' | b'-');
    let length = run(parameters, in_base64);
    let padded = length + run(parameters.get(length..)?, padding).min(2);
    (length >= 2).then(|| quoted(words + padded, text))
}

/// The same for `Bearer`.
pub(super) fn bearer(text: &str) -> Option<usize> {
    let (words, parameters) = scheme(text, "bearer")?;
    let in_token: Class = |byte| padded_base64(byte) || matches!(byte, b',' | b'_' | b'-' | b'.');
    let length = run(parameters, in_token);
    (length >= 2).then(|| quoted(words + length, text))
}

/// How many bytes the scheme takes, with the header's name before it and the spaces behind, and
/// what follows.
fn scheme<'a>(text: &'a str, name: &str) -> Option<(usize, &'a [u8])> {
    let rest = after_header(text).unwrap_or(text);
    let rest = without_name(rest.strip_prefix('"').unwrap_or(rest), name)?;
    let parameters = rest.trim_start_matches(' ');
    (parameters.len() < rest.len()).then(|| (text.len() - parameters.len(), parameters.as_bytes()))
}

/// What stands behind `authorization:`, in quotes or not.
fn after_header(text: &str) -> Option<&str> {
    let rest = without_name(text.strip_prefix('"').unwrap_or(text), "authorization")?;
    let rest = rest.strip_prefix('"').unwrap_or(rest).trim_start_matches(' ');
    Some(rest.strip_prefix([':', '='])?.trim_start_matches(' '))
}

fn without_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = text.get(..name.len())?;
    if start.eq_ignore_ascii_case(name) { text.get(name.len()..) } else { None }
}

/// The length, with a quote that closes there.
fn quoted(length: usize, text: &str) -> usize {
    length + usize::from(text.as_bytes().get(length) == Some(&b'"'))
}

/// Whether the last word, read as Base64, has a colon between a name and a password.
pub(super) fn is_name_and_password(value: &str) -> bool {
    let word = value.rsplit(' ').next().unwrap_or_default();
    let parameter = word.strip_suffix('"').unwrap_or(word);
    let decoded = PADDED.decode(parameter.replace(['\r', '\n'], ""));
    let inner = decoded.ok().and_then(|bytes| {
        let inner = bytes.get(1..bytes.len().saturating_sub(1))?;
        Some(inner.contains(&b':'))
    });
    inner.unwrap_or(false)
}

/// How much of a text's start has the shape of a token: a header, claims and maybe a signature.
pub(super) fn web_token(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let in_part: Class = |byte| word_or_dash(byte) || byte == b'=';
    let in_signature: Class = |byte| word_or_dash(byte) || padded_base64(byte) || byte == b'.';
    let header = run(bytes, in_part);
    let rest = text.get(header..)?.strip_prefix('.')?;
    let claims = run(rest.as_bytes(), in_part);
    let sound = text.starts_with("eyJ") && header > 3 && rest.starts_with("eyJ") && claims > 3;
    let end = header + 1 + claims;
    sound.then(|| end + run(bytes.get(end..).unwrap_or_default(), in_signature))
}

/// Whether a token's header and claims can be read. One without a signature says so.
pub(super) fn is_web_token(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    match parts.as_slice() {
        [header, claims] => {
            let is_unsigned = object(&UNPADDED, header)
                .is_some_and(|header| header.get("alg").and_then(Value::as_str) == Some("none"));
            is_unsigned && object(&UNPADDED, claims).is_some()
        }
        [header, claims, _] => {
            let is_signed = object(&OF_ADDRESSES, header).is_some_and(|header| {
                let algorithm = header.get("alg").and_then(Value::as_str);
                algorithm.is_some_and(|algorithm| ALGORITHMS.contains(&algorithm))
            });
            is_signed && object(&OF_ADDRESSES, claims).is_some()
        }
        _ => false,
    }
}

fn object(engine: &GeneralPurpose, text: &str) -> Option<Map<String, Value>> {
    let bytes = engine.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}
