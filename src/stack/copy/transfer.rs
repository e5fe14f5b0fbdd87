//! What two words of the command line mean: `SERVICE:PATH` and a path of this machine.

use super::CopyError;

/// Which way a copy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into containers.
    Into,
    /// Out of a container.
    OutOf,
}

/// A copy between a service and this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Which way.
    pub direction: Direction,
    /// The service.
    pub service: String,
    /// The path in its containers.
    pub remote: String,
    /// The path on this machine, as it was given; `-` for a standard stream.
    pub local: String,
}

impl Transfer {
    /// From the first word to the second.
    ///
    /// # Errors
    /// Both or neither of them name a service.
    pub fn parse(source: &str, destination: &str) -> Result<Self, CopyError> {
        match (split(source), split(destination)) {
            (Some(_), Some(_)) => Err(CopyError::BetweenServices),
            (None, None) => Err(CopyError::NoService),
            (Some((service, path)), None) => {
                Ok(Self::new(Direction::OutOf, service, path, destination))
            }
            (None, Some((service, path))) => Ok(Self::new(Direction::Into, service, path, source)),
        }
    }

    fn new(direction: Direction, service: &str, remote: &str, local: &str) -> Self {
        Self {
            direction,
            service: service.to_owned(),
            remote: remote.to_owned(),
            local: local.to_owned(),
        }
    }
}

/// Service and path; nothing for a path of this machine, which may have a colon when it begins with
/// `.` or `/`.
fn split(word: &str) -> Option<(&str, &str)> {
    if word.starts_with('/') {
        return None;
    }
    word.split_once(':').filter(|(service, _)| !service.starts_with('.') && !service.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_with_a_service_gives_the_direction() {
        for (source, destination, expected) in [
            ("web:/a", "b", Ok((Direction::OutOf, "web", "/a", "b"))),
            ("./x:y", "web:/a:b", Ok((Direction::Into, "web", "/a:b", "./x:y"))),
            ("/x:y", "web:", Ok((Direction::Into, "web", "", "/x:y"))),
            ("-", "web:/a", Ok((Direction::Into, "web", "/a", "-"))),
            ("a:/b", "c:/d", Err("copying between services is not supported")),
            ("a", "b", Err("unknown copy direction")),
            (":/a", "b", Err("unknown copy direction")),
        ] {
            let parsed = Transfer::parse(source, destination);
            match (parsed, expected) {
                (Ok(it), Ok(expected)) => {
                    let found = (it.direction, &*it.service, &*it.remote, &*it.local);
                    assert_eq!(found, expected);
                }
                (Err(error), Err(words)) => assert_eq!(error.to_string(), words),
                (parsed, _) => panic!("{source} {destination}: {parsed:?}"),
            }
        }
    }
}
