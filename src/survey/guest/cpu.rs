//! This machine, as far as it tells whether an engine's guest is it, and what its CPU runs.

use std::path::Path;

use crate::engine::endpoint::Surroundings;

/// What the levels of x86-64 add to each other, in the words of `/proc/cpuinfo` (x86-64 psABI,
/// "micro-architecture levels"), from v2.
const LEVELS: [&[&str]; 3] = [
    &["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"],
    &["abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"],
    &["avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"],
];

/// The number by which Arm's CPUs name Apple as their maker.
const APPLE: &str = "0x61";

/// What a guest says of itself, by which it is told from other machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likeness<'a> {
    /// Release of its kernel.
    pub(super) kernel: &'a str,
    /// Host name.
    pub(super) name: &'a str,
    /// Memory in bytes.
    pub(super) memory: i64,
}

/// Whether a guest is this machine. Engines in virtual machines have kernels of their own; the host name
/// and the memory tell apart what was made from one image.
pub(super) fn is_this_machine(guest: &Likeness<'_>, surroundings: &dyn Surroundings) -> bool {
    let line = |path: &str| {
        let bytes = surroundings.read(Path::new(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    line("/proc/sys/kernel/osrelease").is_some_and(|it| it == guest.kernel)
        && line("/proc/sys/kernel/hostname").is_some_and(|it| it == guest.name)
        && memory(surroundings) == Some(guest.memory)
}

/// This machine's memory in bytes.
fn memory(surroundings: &dyn Surroundings) -> Option<i64> {
    let text = surroundings.read(Path::new("/proc/meminfo")).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    kib.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()?.checked_mul(1024)
}

/// What `/proc/cpuinfo` tells of this machine's CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cpu {
    /// The level of x86-64, 1 to 4; `None` for other CPUs.
    pub(super) level: Option<u8>,
    /// Whether it is one of Apple's, which run no 32-bit programs.
    pub(super) is_apple: bool,
}

/// Looks at this machine's CPU.
pub(super) fn cpu(surroundings: &dyn Surroundings) -> Cpu {
    let text = surroundings.read(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| Some(line.split_once(':')?.1.trim()))
    };
    let level = value("flags").map(|flags| {
        let flags: Vec<&str> = flags.split(' ').collect();
        let reached = LEVELS.iter().take_while(|all| all.iter().all(|it| flags.contains(it)));
        u8::try_from(reached.count() + 1).unwrap_or(1)
    });
    Cpu { level, is_apple: value("CPU implementer") == Some(APPLE) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::endpoint::Imagined;

    #[test]
    fn knows_this_machine_again() {
        let machine = Imagined::default()
            .with_file("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
            .with_file("/proc/sys/kernel/hostname", "box\n")
            .with_file("/proc/meminfo", "MemTotal:       24684096 kB\nMemFree: 1 kB\n");
        let own = Likeness { kernel: "6.1.0-18-amd64", name: "box", memory: 24_684_096 * 1024 };
        assert!(is_this_machine(&own, &machine));
        for other in [
            Likeness { kernel: "6.10.14-linuxkit", ..own },
            Likeness { name: "docker-desktop", ..own },
            Likeness { memory: 8 << 30, ..own },
        ] {
            assert!(!is_this_machine(&other, &machine), "{other:?}");
        }
        assert!(!is_this_machine(&own, &Imagined::default()));
    }

    #[test]
    fn knows_what_a_cpu_runs() {
        let two = "cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3";
        let three = "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave";
        let info = |line: &str| Imagined::default().with_file("/proc/cpuinfo", line);
        for (text, level, is_apple) in [
            (format!("processor\t: 0\nflags\t\t: fpu {two}\n"), Some(2), false),
            (format!("flags\t\t: {two} {three} sse\n"), Some(3), false),
            (format!("flags\t\t: {three}\n"), Some(1), false),
            ("CPU implementer\t: 0x61\n".to_owned(), None, true),
            ("CPU implementer\t: 0x41\n".to_owned(), None, false),
        ] {
            assert_eq!(cpu(&info(&text)), Cpu { level, is_apple }, "{text}");
        }
        assert_eq!(cpu(&Imagined::default()), Cpu::default());
    }
}
