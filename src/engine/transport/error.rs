//! Errors of connections and answers, told in the words of their innermost cause.

use std::error::Error;
use std::io;

use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;

use crate::engine::EngineError;

/// An operating system's error without its number, beginning with a small letter.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        // `DNS` and the like stay as they are.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// The innermost cause of an error that wraps others.
pub(in crate::engine) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    let mut system = None;
    loop {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            system = Some(error);
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    system.map_or_else(|| cause.to_string(), plain)
}

/// The body of an answer that is an error.
#[derive(Deserialize)]
struct Refusal {
    message: String,
}

/// What the engine refused, from the status and body of its answer.
pub(in crate::engine) fn refusal(status: StatusCode, body: &Bytes) -> EngineError {
    let message = serde_json::from_slice::<Refusal>(body).map_or_else(
        |_| String::from_utf8_lossy(body).trim().to_owned(),
        |refusal| refusal.message.trim().to_owned(),
    );
    let message =
        if message.is_empty() { format!("the engine answered {status}") } else { message };
    from_status(status.as_u16(), message)
}

/// The error of an HTTP status.
pub(in crate::engine) fn from_status(status: u16, message: String) -> EngineError {
    match status {
        404 => EngineError::NotFound(message),
        409 => EngineError::Conflict(message),
        // So Podman says that a container's name is taken.
        500 if message.contains("that name is already in use") => EngineError::Conflict(message),
        _ => EngineError::Refused { status, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_the_engine_said() {
        let refused = |status, body: &'static str| {
            refusal(StatusCode::from_u16(status).unwrap(), &Bytes::from_static(body.as_bytes()))
        };
        assert!(refused(404, r#"{"message":"No such container: x"}"#).is_not_found());
        assert!(refused(409, r#"{"message":"in use"}"#).is_conflict());
        let podman = r#"{"message":"create: that name is already in use","cause":"x"}"#;
        assert!(refused(500, podman).is_conflict());
        for (status, body, expected) in [
            (500, r#"{"message":"port is already allocated"}"#, "port is already allocated"),
            (502, "bad gateway\n", "bad gateway"),
            (503, "", "the engine answered 503 Service Unavailable"),
        ] {
            assert_eq!(refused(status, body).to_string(), expected);
        }
    }

    #[test]
    fn leaves_out_the_number_of_a_system_error() {
        assert_eq!(plain(&io::Error::from_raw_os_error(2)), "no such file or directory");
        assert_eq!(plain(&io::Error::other("DNS is down")), "DNS is down");
    }
}
