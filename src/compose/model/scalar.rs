//! Numbers with a notation of their own.

use serde::{Serialize, Serializer};

/// A size in bytes; `-1` where Compose means "no limit". Serialised as quoted decimal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub i64);

/// A length of time in nanoseconds. Serialised as Go writes it (`1m30s`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// A file's permission bits. Serialised as a quoted octal number with a leading zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileMode(pub u32);

/// A number of devices; `-1` is all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Count(pub i64);

/// A single-precision number (`cpus`), serialised with the fewest digits that name it.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Float(pub f32);

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nanoseconds = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let fraction =
            |f: &mut std::fmt::Formatter<'_>, whole: u64, rest: u64, digits: usize, unit| {
                let text = format!("{rest:0digits$}");
                match text.trim_end_matches('0') {
                    "" => write!(f, "{whole}{unit}"),
                    text => write!(f, "{whole}.{text}{unit}"),
                }
            };
        match nanoseconds {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{nanoseconds}ns"),
            1_000..1_000_000 => fraction(f, nanoseconds / 1_000, nanoseconds % 1_000, 3, "µs"),
            1_000_000..1_000_000_000 => {
                fraction(f, nanoseconds / 1_000_000, nanoseconds % 1_000_000, 6, "ms")
            }
            _ => {
                let seconds = nanoseconds / 1_000_000_000;
                let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
                if hours > 0 {
                    write!(f, "{hours}h")?;
                }
                if hours > 0 || minutes > 0 {
                    write!(f, "{minutes}m")?;
                }
                fraction(f, seconds % 60, nanoseconds % 1_000_000_000, 9, "s")
            }
        }
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Duration {
    /// As the standard library's type; negative lengths become zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }
}

impl Serialize for FileMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("0{:o}", self.0))
    }
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f32(self.0)
    }
}
