//! Sizes as the Docker CLI writes them.

use super::general;

/// In powers of 1000, with so many digits: `1.98MB`.
pub fn decimal_size(count: u64, digits: usize) -> String {
    const UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    size(count, 1000.0, &UNITS, digits)
}

/// In powers of 1024, with four digits: `23.54GiB`.
pub fn binary_size(count: u64) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    size(count, 1024.0, &UNITS, 4)
}

/// `12.35MB`: with four digits.
pub(in crate::ui) fn bytes(count: u64) -> String {
    decimal_size(count, 4)
}

fn size(count: u64, base: f64, units: &[&str; 9], digits: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "few digits are shown")]
    let mut value = count as f64;
    let mut unit = 0;
    while value >= base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    format!("{}{}", general(value, Some(digits)), units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits() {
        for (count, text) in [
            (0, "0B"),
            (999, "999B"),
            (1000, "1kB"),
            (1234, "1.234kB"),
            (12_345_678, "12.35MB"),
            (123_456_789, "123.5MB"),
            (2_500_000_000, "2.5GB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(decimal_size(1_984_248, 3), "1.98MB");
        assert_eq!(binary_size(790_528), "772KiB");
        assert_eq!(binary_size(25_277_018_112), "23.54GiB");
    }
}
