//! What a file is that was to be run, by its first bytes.

use super::Platform;

/// Bytes of a file that tell what it is.
pub const HEAD: usize = 512;

/// The number of an architecture in the header of ELF, the order of bytes with it.
const MACHINES: [(u16, bool, &str); 9] = [
    (3, true, "386"),
    (40, true, "arm"),
    (62, true, "amd64"),
    (183, true, "arm64"),
    (243, true, "riscv64"),
    (258, true, "loong64"),
    (21, true, "ppc64le"),
    (21, false, "ppc64"),
    (22, false, "s390x"),
];

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// It was built for this architecture.
    Built(&'static str),
    /// A text that does not say by what it is run.
    Text,
    /// Nothing is in it.
    Empty,
}

impl Program {
    /// Tells it by the beginning of a file; `None` where that is nothing known, or a script that says by what it is run.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.is_empty() {
            return Some(Self::Empty);
        }
        if let Some(header) = head.strip_prefix(b"\x7fELF") {
            let is_little = *header.get(1)? == 1;
            let number = [*header.get(14)?, *header.get(15)?];
            let number =
                if is_little { u16::from_le_bytes(number) } else { u16::from_be_bytes(number) };
            let known = MACHINES.iter().find(|it| (it.0, it.1) == (number, is_little))?;
            return Some(Self::Built(known.2));
        }
        let is_text = !head.starts_with(b"#!") && head.iter().all(|&byte| is_of_text(byte));
        is_text.then_some(Self::Text)
    }

    /// Whether it was built for programs of another CPU than a platform's.
    pub fn is_for_another(&self, platform: &Platform) -> bool {
        matches!(self, Self::Built(architecture) if *architecture != platform.architecture())
    }
}

/// Whether a byte stands in texts: in those of UTF-8, whatever the language.
const fn is_of_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | b' '..=0x7e | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_what_a_program_is() {
        let elf = |order: u8, machine: [u8; 2]| {
            let mut head = b"\x7fELF\x02".to_vec();
            head.push(order);
            head.resize(18, 0);
            head.extend(machine);
            head
        };
        for (head, expected) in [
            (elf(1, [62, 0]), Some(Program::Built("amd64"))),
            (elf(1, [183, 0]), Some(Program::Built("arm64"))),
            (elf(1, [21, 0]), Some(Program::Built("ppc64le"))),
            (elf(2, [0, 22]), Some(Program::Built("s390x"))),
            (elf(1, [9, 9]), None),
            (b"\x7fELF".to_vec(), None),
            (b"#!/bin/sh\necho".to_vec(), None),
            (b"echo h\xc3\xa9llo\n".to_vec(), Some(Program::Text)),
            (b"\xca\xfe\xba\xbe\0\0".to_vec(), None),
            (Vec::new(), Some(Program::Empty)),
        ] {
            assert_eq!(Program::of(&head), expected, "{head:?}");
        }
        let arm = Platform::new("linux", "arm64", "");
        assert!(Program::Built("amd64").is_for_another(&arm));
        assert!(
            !Program::Built("arm64").is_for_another(&arm) && !Program::Text.is_for_another(&arm)
        );
    }
}
