//! The keys by which a user leaves a process alone (`detachKeys`), found among what is typed.

/// As by the docker command, where nothing else is configured: Ctrl-P, Ctrl-Q.
const USUAL: &[u8] = &[0x10, 0x11];

/// A sequence of keys, and how much of it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DetachKeys {
    keys: Vec<u8>,
    typed: usize,
}

impl DetachKeys {
    /// Reads a sequence in the docker command's notation, `ctrl-p,ctrl-q`; the usual one if it is empty.
    ///
    /// # Errors
    /// What is no key, in the docker command's words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let keys = match text {
            "" => USUAL.to_vec(),
            text => text.split(',').map(key).collect::<Result<_, _>>()?,
        };
        Ok(Self { keys, typed: 0 })
    }

    /// What of the bytes that were read at once goes to the process; `None` when they end the sequence.
    /// Keys in the middle of a pasted text are no wish of anybody.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (before, rest) = self.keys.split_at(self.typed);
        if rest.starts_with(bytes) {
            self.typed += bytes.len();
            return (self.typed < self.keys.len()).then(Vec::new);
        }
        let passed = [before, bytes].concat();
        self.typed = 0;
        Some(passed)
    }
}

/// The byte of a key.
fn key(name: &str) -> Result<u8, String> {
    let unknown = || format!("Unknown character: '{name}'");
    match (name.as_bytes(), name.strip_prefix("ctrl-").map(str::as_bytes)) {
        ([byte], _) => Ok(*byte),
        (b"DEL", _) => Ok(127),
        (_, Some([control @ (b'@' | b'a'..=b'z' | b'['..=b'_')])) => Ok(control & 0x1f),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_the_docker_command_does() {
        let keys = |text| DetachKeys::parse(text).map(|keys| keys.keys);
        assert_eq!(keys(""), Ok(vec![16, 17]));
        assert_eq!(keys("ctrl-a,x,ctrl-@,ctrl-_,DEL"), Ok(vec![1, b'x', 0, 31, 127]));
        assert_eq!(keys("ctrl-1"), Err("Unknown character: 'ctrl-1'".to_owned()));
        assert_eq!(keys("a,"), Err("Unknown character: ''".to_owned()));
    }

    #[test]
    fn only_the_whole_sequence_is_kept_from_the_process() {
        let passed = |reads: &[&str]| {
            let mut keys = DetachKeys::parse("").unwrap();
            let mut passed = String::new();
            for read in reads {
                match keys.pass(read.as_bytes()) {
                    Some(bytes) => passed += std::str::from_utf8(&bytes).unwrap(),
                    None => passed += "|",
                }
            }
            passed
        };
        assert_eq!(passed(&["a", "\x10", "\x11"]), "a|");
        assert_eq!(passed(&["\x10\x11"]), "|");
        assert_eq!(passed(&["\x10", "b", "\x11"]), "\x10b\x11");
        assert_eq!(passed(&["\x10", "\x10", "\x11"]), "\x10\x10\x11");
        assert_eq!(passed(&["text\x10\x11"]), "text\x10\x11");
    }
}
