//! Floating-point numbers as Go prints them.

/// `3.000000e+00`: Go writes a sign and at least two digits.
pub(in crate::ui) fn exponential(number: f64, decimals: Option<usize>) -> String {
    let text = match decimals {
        Some(decimals) => format!("{number:.decimals$e}"),
        None => format!("{number:e}"),
    };
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `%g`: without an exponent, unless the number is very small, or longer than `precision` digits (six,
/// where it is printed with as many as it takes).
pub(in crate::ui) fn general(number: f64, precision: Option<usize>) -> String {
    let digits = match precision {
        Some(precision) => format!("{number:.*e}", precision.max(1) - 1),
        None => format!("{number:e}"),
    };
    let exponent = digits.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    let Some(exponent) = exponent else { return digits };
    let limit =
        precision.map_or(6, |precision| i32::try_from(precision.max(1)).unwrap_or(i32::MAX));
    let mantissa = digits.split('e').next().unwrap_or_default();
    let mantissa = match mantissa.split_once('.') {
        Some(_) => mantissa.trim_end_matches('0').trim_end_matches('.'),
        None => mantissa,
    };
    let significant = mantissa.chars().filter(char::is_ascii_digit).count();
    if exponent < -4 || exponent >= limit {
        return exponential(number, Some(significant - 1));
    }
    let decimals = i32::try_from(significant).unwrap_or(0) - 1 - exponent;
    format!("{number:.*}", usize::try_from(decimals).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_go_prints_them() {
        for (number, precision, text) in [
            (0.0, None, "0"),
            (1.5, None, "1.5"),
            (1000.0, None, "1000"),
            (1_000_000.0, None, "1e+06"),
            (123_456.7, None, "123456.7"),
            (0.0001, None, "0.0001"),
            (0.00001, None, "1e-05"),
            (1.984_248, Some(3), "1.98"),
            (771.999, Some(4), "772"),
            (999.6, Some(3), "1e+03"),
            (23.541_3, Some(4), "23.54"),
        ] {
            assert_eq!(general(number, precision), text);
        }
        assert_eq!(exponential(3.0, Some(6)), "3.000000e+00");
        assert_eq!(exponential(0.001, None), "1e-03");
    }
}
