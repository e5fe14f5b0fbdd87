//! What an engine means that does not tell the platforms of an image.

use crate::engine::EngineError;
use crate::platform::Gap;

/// What an engine's refusal means. `before` is why we did not get an answer ourselves.
pub(super) fn of_engine(error: &EngineError, before: &Gap) -> Gap {
    let (status, message) = match error {
        // Of an engine that has no such call.
        EngineError::NotFound(message) if is_no_call(message) => return before.clone(),
        EngineError::NotFound(_) => return Gap::NotFound,
        EngineError::Refused { status, message } => (*status, message),
        _ => return before.clone(),
    };
    let said = message.to_lowercase();
    if said.contains("toomanyrequests") || said.contains("429") {
        Gap::RateLimited
    } else if matches!(status, 401 | 403)
        || said.contains("unauthorized")
        || said.contains("denied")
    {
        Gap::Denied
    } else if *before == Gap::OutOfTime {
        Gap::Unreachable(message.lines().next().unwrap_or_default().to_owned())
    } else {
        before.clone()
    }
}

/// Whether a message says that an engine has no such call (Podman), and not that there is no image.
fn is_no_call(message: &str) -> bool {
    matches!(
        message.trim().to_lowercase().as_str(),
        "" | "not found" | "page not found" | "404 page not found"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engines_words_are_understood() {
        let refused =
            |status, message: &str| EngineError::Refused { status, message: message.to_owned() };
        let missing = |message: &str| EngineError::NotFound(message.to_owned());
        let reset = || Gap::Unreachable("connection reset".to_owned());
        for (error, expected) in [
            (missing("manifest unknown: manifest unknown"), Gap::NotFound),
            (
                missing("errors:\nname unknown: repository name not known to registry"),
                Gap::NotFound,
            ),
            (missing("Not Found"), reset()),
            (refused(403, "errors: denied"), Gap::Denied),
            (refused(500, "unauthorized: authentication required"), Gap::Denied),
            (
                refused(500, "toomanyrequests: You have reached your pull rate limit"),
                Gap::RateLimited,
            ),
            (refused(500, "Get \"https://r/v2/\": dial tcp: i/o timeout"), reset()),
        ] {
            assert_eq!(of_engine(&error, &reset()), expected, "{error}");
        }
        let timeout = refused(500, "Get \"https://r/v2/\": i/o timeout\nmore");
        let expected = Gap::Unreachable("Get \"https://r/v2/\": i/o timeout".to_owned());
        assert_eq!(of_engine(&timeout, &Gap::OutOfTime), expected);
    }
}
