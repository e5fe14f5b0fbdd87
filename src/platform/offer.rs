//! For which platforms there is an image.

use std::fmt;

use super::Platform;

/// What is known of the platforms of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// All its platforms, in the order of its index, without attestations.
    Known {
        /// They.
        platforms: Vec<Platform>,
        /// Whether the name stands for an index, from which an engine takes what it can run. What is
        /// no index is taken whatever its platform.
        is_index: bool,
    },
    /// Nobody who could be asked knew.
    Unknown(Gap),
}

/// Why the platforms of an image are not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Gap {
    /// The registry has no such image.
    NotFound,
    /// The engine's copy was made here, and is not what the registry has under the name.
    MadeHere,
    /// The registry does not let the user read it.
    Denied,
    /// The registry has answered too often today.
    RateLimited,
    /// There was no answer within the time that was given.
    OutOfTime,
    /// Neither the registry nor the engine on our behalf could tell: the reason, in few words.
    Unreachable(String),
    /// The name cannot be told from the files (a build argument without a value), or is none.
    Unresolved(String),
    /// It does not say itself for which platform it is, or its index does not say it of all that it holds, or holds another.
    Unsaid,
    /// The service asks for something that is no platform, which engines refuse: what is wrong with it.
    NoPlatform(String),
    /// It is made by a build whose Dockerfile could not be read.
    Unreadable(String),
    /// It is made by a build whose Dockerfile no builder takes: what is wrong with it.
    Unbuildable(String),
    /// It is made by a builder of that name on another machine, for whose platform nobody asked.
    Builder(String),
}

impl Offer {
    /// The platforms, none where they are not known.
    pub fn platforms(&self) -> &[Platform] {
        match self {
            Self::Known { platforms, .. } => platforms,
            Self::Unknown(_) => &[],
        }
    }
}

/// As it stands behind "not known: ".
impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("the registry has no such image"),
            Self::MadeHere => {
                f.write_str("the engine's copy is not what the registry has under its name")
            }
            Self::Denied => f.write_str("the registry does not show it to you: log in"),
            Self::RateLimited => f.write_str("the registry's rate limit is reached"),
            Self::OutOfTime => f.write_str("no answer in time"),
            Self::Unreachable(reason) => f.write_str(reason),
            Self::Unresolved(reason) => write!(f, "the image cannot be named: {reason}"),
            Self::Unsaid => f.write_str("it does not say so itself"),
            Self::NoPlatform(reason) => {
                write!(f, "engines refuse the one that is asked for, {reason}")
            }
            Self::Unreadable(reason) => write!(f, "its Dockerfile cannot be read: {reason}"),
            Self::Unbuildable(reason) => write!(f, "it cannot be built: {reason}"),
            Self::Builder(name) => write!(
                f,
                "the builder {name} builds it for its own machine unless the file names a platform"
            ),
        }
    }
}
