//! The kernel's `binfmt_misc`: which programs of other CPUs it hands to which interpreter. Read where
//! the guest's kernel is this machine's; no privileges are needed.

use std::path::Path;

use crate::engine::endpoint::Surroundings;
use crate::platform::{How, Platform};

/// Where the kernel shows its handlers.
const DIRECTORY: &str = "/proc/sys/fs/binfmt_misc";
/// What every ELF file begins with.
const ELF: &[u8] = b"\x7fELF";
/// Where a handler's pattern has the class, the byte order and the machine of an ELF file.
const CLASS: usize = 4;
const ORDER: usize = 5;
const MACHINE: usize = 18;

/// A handler for the programs of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handler {
    /// Its entry.
    pub(super) name: String,
    /// The platform. 32-bit Arm is `linux/arm/v7`.
    pub(super) platform: Platform,
    /// The program that runs its programs.
    pub(super) interpreter: String,
    /// What that program is.
    pub(super) how: How,
    /// Whether it works in containers, which do not see the interpreter's file: the kernel must have
    /// opened it when it was registered (flag F).
    pub(super) for_containers: bool,
}

/// Handlers that are switched on. `None` where the kernel does not show them.
pub(super) fn handlers(surroundings: &dyn Surroundings) -> Option<Vec<Handler>> {
    let directory = Path::new(DIRECTORY);
    let text = |name: &str| {
        let bytes = surroundings.read(&directory.join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    if text("status")?.trim() != "enabled" {
        return Some(Vec::new());
    }
    let names = surroundings.entries(directory).into_iter();
    let names = names.filter(|name| name != "status" && name != "register");
    Some(names.filter_map(|name| handler(&name, &text(&name)?)).collect())
}

/// A handler by what its entry says; `None` where it is off, or for something else than ELF programs.
fn handler(name: &str, text: &str) -> Option<Handler> {
    let mut lines = text.lines();
    if lines.next()?.trim() != "enabled" {
        return None;
    }
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.map(|value| value.trim_start_matches(':').trim())
    };
    if value("offset").is_some_and(|offset| offset != "0") {
        return None;
    }
    let interpreter = value("interpreter")?.to_owned();
    Some(Handler {
        platform: platform(&bytes(value("magic")?)?)?,
        how: kind(name, &interpreter),
        for_containers: value("flags").is_some_and(|flags| flags.contains('F')),
        name: name.to_owned(),
        interpreter,
    })
}

/// What an interpreter is, by its names.
fn kind(name: &str, interpreter: &str) -> How {
    let is = |word: &str| name.contains(word) || interpreter.contains(word);
    if is("rosetta") {
        How::Rosetta
    } else if is("qemu") {
        How::Qemu
    } else {
        How::Emulated
    }
}

/// The platform of the ELF programs that a pattern means (`elf.h`: EI_CLASS, EI_DATA, e_machine).
fn platform(magic: &[u8]) -> Option<Platform> {
    if !magic.starts_with(ELF) {
        return None;
    }
    let (class, order) = (*magic.get(CLASS)?, *magic.get(ORDER)?);
    let machine = [*magic.get(MACHINE)?, *magic.get(MACHINE + 1)?];
    let little = order == 1;
    let machine = if little { u16::from_le_bytes(machine) } else { u16::from_be_bytes(machine) };
    let architecture = match (machine, class, little) {
        (3 | 6, 1, true) => "386",
        (8, 1, true) => "mipsle",
        (8, 1, false) => "mips",
        (8, 2, true) => "mips64le",
        (8, 2, false) => "mips64",
        (21, 2, true) => "ppc64le",
        (21, 2, false) => "ppc64",
        (22, 2, false) => "s390x",
        (40, 1, true) => "arm",
        (62, 2, true) => "amd64",
        (183, 2, true) => "arm64",
        (243, 2, true) => "riscv64",
        (258, 2, true) => "loong64",
        _ => return None,
    };
    Some(Platform::new("linux", architecture, ""))
}

/// Bytes in hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::endpoint::Imagined;

    const AARCH64: &str = "7f454c460201010000000000000000000200b700";
    const X86_64: &str = "7f454c4602010100000000000000000002003e00";

    fn entry(state: &str, interpreter: &str, flags: &str, magic: &str) -> String {
        format!(
            "{state}\ninterpreter {interpreter}\nflags: {flags}\noffset 0\nmagic {magic}\nmask ff\n"
        )
    }

    fn kernel(entries: &[(&str, String)]) -> Imagined {
        let machine = Imagined::default()
            .with_file("/proc/sys/fs/binfmt_misc/status", "enabled\n")
            .with_file("/proc/sys/fs/binfmt_misc/register", "");
        entries.iter().fold(machine, |machine, (name, text)| {
            machine.with_file(&format!("/proc/sys/fs/binfmt_misc/{name}"), text)
        })
    }

    #[test]
    fn reads_what_the_kernel_shows() {
        let machine = kernel(&[
            (
                "qemu-aarch64",
                entry("enabled", "/usr/libexec/qemu-binfmt/aarch64-binfmt-P", "POF", AARCH64),
            ),
            ("rosetta", entry("enabled", "/mnt/lima-rosetta/rosetta", "OCF", X86_64)),
            (
                "FEX-x86",
                entry(
                    "enabled",
                    "/usr/bin/FEXInterpreter",
                    "POCF",
                    "7f454c4601010100000000000000000002000300",
                ),
            ),
            (
                "old",
                entry(
                    "enabled",
                    "/usr/bin/qemu-arm-static",
                    "",
                    "7f454c4601010100000000000000000002002800",
                ),
            ),
            (
                "qemu-riscv64",
                entry(
                    "disabled",
                    "/usr/bin/qemu-riscv64",
                    "F",
                    "7f454c460201010000000000000000000200f300",
                ),
            ),
            (
                "qemu-s390x",
                entry(
                    "enabled",
                    "/usr/bin/qemu-s390x",
                    "F",
                    "7f454c4602020100000000000000000000020016",
                ),
            ),
            ("python3.11", entry("enabled", "/usr/bin/python3.11", "", "a70d0d0a")),
            ("jar", "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n".to_owned()),
        ]);
        let found: Vec<_> = handlers(&machine)
            .unwrap()
            .into_iter()
            .map(|it| (it.name, it.platform.to_string(), it.how, it.for_containers))
            .collect();
        let expected = [
            ("FEX-x86", "linux/386", How::Emulated, true),
            ("old", "linux/arm/v7", How::Qemu, false),
            ("qemu-aarch64", "linux/arm64", How::Qemu, true),
            ("qemu-s390x", "linux/s390x", How::Qemu, true),
            ("rosetta", "linux/amd64", How::Rosetta, true),
        ];
        let expected: Vec<_> =
            expected.map(|(name, it, how, f)| (name.to_owned(), it.to_owned(), how, f)).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_shown_is_not_known() {
        assert_eq!(handlers(&Imagined::default()), None);
        let off = kernel(&[("rosetta", entry("enabled", "/rosetta", "F", X86_64))])
            .with_file("/proc/sys/fs/binfmt_misc/status", "disabled\n");
        assert_eq!(handlers(&off), Some(Vec::new()));
    }
}
