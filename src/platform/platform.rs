//! A platform, `os/architecture[/variant]`: reading, normal form, and what a machine's own CPU runs.
//! The rules are those of containerd's `platforms` package, which engines and registries follow.

use std::fmt;

/// An operating system and a CPU, in normal form: small letters, Go's names, and no variant where it
/// is the architecture's first (`amd64`, `arm64`). Equal values mean the same platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: String,
}

/// Why a text is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    /// Wildcards are for queries.
    #[error("{0:?}: wildcards not supported in platform specifier")]
    Wildcard(String),
    /// More than three parts.
    #[error("{0:?} is an invalid platform specifier: it has more than three parts")]
    TooManyParts(String),
    /// A part is empty, or has signs that names of platforms do not have.
    #[error("{part:?} is an invalid component of platform specifier {text:?}")]
    Part {
        /// The part.
        part: String,
        /// The whole.
        text: String,
    },
    /// One part that is neither an operating system nor an architecture.
    #[error("{0:?}: unknown operating system or architecture")]
    Unknown(String),
}

/// Go's names of operating systems, as far as containers and their clients know them.
const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

/// Go's names of architectures.
const ARCHITECTURES: [&str; 16] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv", "riscv64", "s390", "s390x", "wasm",
];

impl Platform {
    /// A platform of parts that are known to be sound: those of an image or an engine. Names are
    /// brought into normal form; the variant may be empty.
    pub fn new(os: &str, architecture: &str, variant: &str) -> Self {
        let os = os.to_lowercase();
        let (architecture, variant) =
            normalize(&architecture.to_lowercase(), &variant.to_lowercase());
        let os = if os == "macos" { "darwin".to_owned() } else { os };
        Self { os, architecture, variant }
    }

    /// Reads `os/architecture[/variant]`, or one part of it: an architecture alone is one of Linux
    /// (containers are meant), an operating system alone gets the architecture of `host`.
    pub fn parse(text: &str, host: &Self) -> Result<Self, PlatformError> {
        if text.contains('*') {
            return Err(PlatformError::Wildcard(text.to_owned()));
        }
        let parts: Vec<&str> = text.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            if !is_component(part, index == 0) {
                return Err(PlatformError::Part { part: (*part).into(), text: text.into() });
            }
        }
        match *parts.as_slice() {
            [one] => {
                // `windows(10.0.17763)`: a version in brackets says nothing about the CPU.
                let name = one.split('(').next().unwrap_or(one).to_lowercase();
                if SYSTEMS.contains(&name.as_str()) || name == "macos" {
                    return Ok(Self::new(&name, &host.architecture, &host.variant));
                }
                let (architecture, variant) = normalize(&name, "");
                if ARCHITECTURES.contains(&architecture.as_str()) {
                    return Ok(Self { os: "linux".to_owned(), architecture, variant });
                }
                Err(PlatformError::Unknown(text.to_owned()))
            }
            [os, architecture] => Ok(Self::new(system(os), architecture, "")),
            [os, architecture, variant] => Ok(Self::new(system(os), architecture, variant)),
            _ => Err(PlatformError::TooManyParts(text.to_owned())),
        }
    }

    /// The same with another variant, in normal form (`v3`).
    pub(super) fn with_variant(&self, variant: &str) -> Self {
        Self { variant: variant.to_owned(), ..self.clone() }
    }

    /// Operating system (`linux`).
    pub fn os(&self) -> &str {
        &self.os
    }

    /// CPU architecture (`amd64`).
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// Variant of the architecture (`v7`), empty for the usual one.
    pub fn variant(&self) -> &str {
        &self.variant
    }

    /// How well a machine of this platform runs programs of `other` without emulation, by the
    /// rules of engines: 0 is best, `None` is not at all.
    ///
    /// An arm64 machine counts as one that runs 32-bit ARM; Apple's do not, which only who knows
    /// the machine can say.
    pub fn preference(&self, other: &Self) -> Option<usize> {
        if self == other {
            return Some(0);
        }
        if self.os != other.os || !self.may_run(&other.architecture) {
            return None;
        }
        let wanted = (other.architecture.as_str(), other.variant.as_str());
        let order = self.accepted();
        order
            .iter()
            .position(|(architecture, variant)| (architecture.as_str(), variant.as_str()) == wanted)
    }

    /// Whether CPUs of this architecture may run programs of another one, or of another variant.
    fn may_run(&self, other: &str) -> bool {
        matches!(
            (self.architecture.as_str(), other),
            ("amd64", "amd64" | "386") | ("arm64", "arm64" | "arm") | ("arm", "arm")
        )
    }

    /// Architectures and variants that this CPU runs, best first.
    fn accepted(&self) -> Vec<(String, String)> {
        let pair = |architecture: &str, variant: &str| (architecture.into(), variant.into());
        let mut order = vec![pair(&self.architecture, &self.variant)];
        match self.architecture.as_str() {
            "amd64" => {
                let level = number(&self.variant).unwrap_or(1);
                order.extend((2..level).rev().map(|level| pair("amd64", &format!("v{level}"))));
                if level > 1 {
                    order.push(pair("amd64", ""));
                }
                order.push(pair("386", ""));
            }
            "arm64" => {
                order.extend(arm64_below(&self.variant).iter().map(|below| pair("arm64", below)));
                order.extend(["v8", "v7", "v6", "v5"].map(|variant| pair("arm", variant)));
            }
            "arm" => {
                let level = number(&self.variant).unwrap_or(7);
                order.extend((5..level).rev().map(|level| pair("arm", &format!("v{level}"))));
            }
            _ => {}
        }
        order
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

/// The name in an operating system part that may have a version in brackets.
fn system(part: &str) -> &str {
    part.split('(').next().unwrap_or(part)
}

/// Whether a part has only the signs it may have.
fn is_component(part: &str, first: bool) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if first {
        let (name, brackets) = match part.split_once('(') {
            Some((name, rest)) => (name, Some(rest)),
            None => (part, None),
        };
        let closed = brackets.is_none_or(|rest| rest.strip_suffix(')').is_some());
        return !name.is_empty() && closed && name.chars().all(allowed);
    }
    !part.is_empty() && part.chars().all(|c| allowed(c) || c == '.')
}

/// Architecture and variant under their usual names.
fn normalize(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = match (architecture, variant) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (architecture.to_owned(), variant.to_owned())
}

/// The number in a variant `v3`. Larger ones than a byte holds are no variants.
fn number(variant: &str) -> Option<u8> {
    variant.strip_prefix('v')?.parse().ok()
}

/// Variants of arm64 below one, best first: v9.y is also v8.(y+5), and every v8.x is the ones
/// below it down to v8, which has no name.
fn arm64_below(variant: &str) -> Vec<String> {
    let (major, minor) = variant
        .strip_prefix('v')
        .map(|rest| rest.split_once('.').unwrap_or((rest, "0")))
        .and_then(|(major, minor)| Some((major.parse::<u8>().ok()?, minor.parse::<u8>().ok()?)))
        .unwrap_or((8, 0));
    let name = |major: u8, minor: u8| match (major, minor) {
        (8, 0) => String::new(),
        (major, 0) => format!("v{major}"),
        (major, minor) => format!("v{major}.{minor}"),
    };
    match major {
        9 => {
            let nines = (0..minor).rev().map(|minor| name(9, minor));
            nines.chain((0..=minor.saturating_add(5)).rev().map(|minor| name(8, minor))).collect()
        }
        8 => (0..minor).rev().map(|minor| name(8, minor)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(architecture: &str) -> Platform {
        Platform::new("linux", architecture, "")
    }

    #[test]
    fn reads_and_normalizes() {
        for (text, expected) in [
            ("linux/amd64", "linux/amd64"),
            ("Linux/x86_64", "linux/amd64"),
            ("linux/x86-64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/aarch64/8", "linux/arm64"),
            ("linux/arm64/v9.0", "linux/arm64/v9"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6"),
            ("linux/armhf", "linux/arm/v7"),
            ("linux/i386", "linux/386"),
            ("macos/arm64", "darwin/arm64"),
            ("windows(10.0.17763)/amd64", "windows/amd64"),
            ("amd64", "linux/amd64"),
            ("aarch64", "linux/arm64"),
            ("linux", "linux/riscv64"),
            ("linux/mine", "linux/mine"),
        ] {
            let platform = Platform::parse(text, &host("riscv64"));
            assert_eq!(platform.unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_platform() {
        for (text, expected) in [
            ("", r#""" is an invalid component of platform specifier """#),
            ("linux/*", r#""linux/*": wildcards not supported in platform specifier"#),
            ("commodore", r#""commodore": unknown operating system or architecture"#),
            (
                "a/b/c/d",
                r#""a/b/c/d" is an invalid platform specifier: it has more than three parts"#,
            ),
            ("linux/", r#""" is an invalid component of platform specifier "linux/""#),
            (
                "lin ux/amd64",
                r#""lin ux" is an invalid component of platform specifier "lin ux/amd64""#,
            ),
        ] {
            let error = Platform::parse(text, &host("amd64")).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn knows_what_a_cpu_runs() {
        for (machine, other, expected) in [
            (host("amd64"), host("amd64"), Some(0)),
            (host("amd64"), host("386"), Some(1)),
            (host("amd64"), Platform::new("linux", "amd64", "v2"), None),
            (Platform::new("linux", "amd64", "v3"), host("amd64"), Some(2)),
            (host("amd64"), host("arm64"), None),
            (host("arm64"), host("arm64"), Some(0)),
            (host("arm64"), host("arm"), Some(2)),
            (host("arm64"), host("amd64"), None),
            (
                Platform::new("linux", "arm64", "v9"),
                Platform::new("linux", "arm64", "v8.5"),
                Some(1),
            ),
            (Platform::new("linux", "arm64", "v8.2"), host("arm64"), Some(2)),
            (host("arm"), Platform::new("linux", "arm", "v5"), Some(2)),
            (host("amd64"), Platform::new("windows", "amd64", ""), None),
        ] {
            assert_eq!(machine.preference(&other), expected, "{machine} {other}");
        }
    }
}
