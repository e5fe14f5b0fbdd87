//! What stands at a place in a container.

use std::path::Path;

use crate::engine::{Engine, EngineError};

/// What the engine says of links that lead to themselves, behind a file or to a name that cannot be: it looks where links
/// lead, and fails (moby's `StatPath`).
const LEADS_NOWHERE: [&str; 3] = ["too many links", "not a directory", "file name too long"];

/// What it is; links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A file, or something else.
    Other,
}

/// Looks at a place to which no link leads on the way; `None` where nothing is.
pub(super) async fn standing<E: Engine>(
    engine: &E,
    container: &str,
    place: &Path,
) -> Result<Option<Standing>, EngineError> {
    match engine.path_stat(container, place).await {
        Ok(stat) => Ok(stat.map(|stat| {
            if stat.is_directory() {
                Standing::Directory
            } else if stat.is_symbolic_link() {
                Standing::Link
            } else {
                Standing::Other
            }
        })),
        Err(error @ EngineError::Refused { .. })
            if LEADS_NOWHERE.iter().any(|words| error.to_string().contains(words)) =>
        {
            Ok(Some(Standing::Link))
        }
        Err(error) => Err(error),
    }
}
