//! Addresses with a password in them, by RFC 3986 as Go reads it: what it cannot read is none.

use super::shape::{is_space, run};

/// How much of a text's start has the shape `scheme://name:password@host`.
pub(super) fn length(text: &str) -> Option<usize> {
    let (scheme, rest) = text.split_at_checked(scheme_length(text)?)?;
    let rest = rest.strip_prefix("://")?;
    let name = run(rest.as_bytes(), |byte| !is_space(byte) && byte != b':');
    let rest = rest.get(name..)?.strip_prefix(':')?;
    let password = run(rest.as_bytes(), |byte| !is_space(byte) && !matches!(byte, b':' | b'@'));
    let host = rest.get(password..)?.strip_prefix('@')?;
    let end =
        run(host.as_bytes(), |byte| !is_space(byte) && !matches!(byte, b'\'' | b'"' | b']' | b';'));
    let sound = name > 0 && password > 0 && end > 0;
    sound.then_some(scheme.len() + 3 + name + 1 + password + 1 + end)
}

/// The length of a scheme of at least two characters, in small letters.
fn scheme_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let count = run(bytes, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'.' | b'-')
    });
    (count > 1 && bytes.first()?.is_ascii_lowercase()).then_some(count)
}

/// Whether it is an address that can be read, with a name and a password that is no variable.
pub(super) fn has_password(address: &str) -> bool {
    name_and_password(address).is_some_and(|(name, password)| {
        !name.is_empty() && !password.is_empty() && !password.starts_with('$')
    })
}

fn name_and_password(address: &str) -> Option<(&str, &str)> {
    if address.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return None;
    }
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let (scheme, rest) = address.split_once("://")?;
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let (rest, _) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let sound = is_scheme
        && [name, password, path, fragment].into_iter().all(are_escapes_whole)
        && user.bytes().all(may_stand_in_user)
        && is_host(host);
    sound.then_some((name, password))
}

/// Whether each `%` has two hexadecimal digits behind it.
fn are_escapes_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes();
        let mut is_digit = || digits.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        is_digit() && is_digit()
    })
}

fn may_stand_in_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte)
}

/// Whether it may be the name of a host: with a port that is a number, without braces.
fn is_host(host: &str) -> bool {
    let port = match host.strip_prefix('[') {
        Some(address) => match address.rsplit_once(']') {
            Some((_, port)) => port,
            None => return false,
        },
        None => host.rfind(':').and_then(|at| host.get(at..)).unwrap_or_default(),
    };
    let is_port = port
        .strip_prefix(':')
        .map_or(port.is_empty(), |digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_port && host.bytes().all(may_stand_in_host)
}

fn may_stand_in_host(byte: u8) -> bool {
    byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]<>\"".contains(&byte)
}
