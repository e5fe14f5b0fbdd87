//! The program that runs in a helper container: `program/replay.c`, made by `program/build.sh`.

/// The program for an architecture (Go's words); `None` where there is none.
pub(super) fn program(architecture: &str) -> Option<&'static [u8]> {
    match architecture {
        "amd64" => Some(include_bytes!("program/replay-amd64")),
        "arm64" => Some(include_bytes!("program/replay-arm64")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn programs_are_made_of_the_source() {
        let mut sums = String::new();
        for (name, content) in [
            ("replay.c", include_bytes!("program/replay.c").as_slice()),
            ("replay-amd64", program("amd64").unwrap()),
            ("replay-arm64", program("arm64").unwrap()),
        ] {
            for byte in Sha256::digest(content) {
                write!(sums, "{byte:02x}").unwrap();
            }
            writeln!(sums, "  {name}").unwrap();
        }
        let made = include_str!("program/replay.sha256");
        assert_eq!(sums, made, "run src/watch/replay/program/build.sh");
    }
}
