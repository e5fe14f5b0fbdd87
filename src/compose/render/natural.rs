//! The order of keys in go-yaml's maps: letters by code point, digits by their number, so that
//! `a2` comes before `a10`; what is neither comes before letters, and behind them after a digit.

use std::cmp::Ordering;

/// Compares two keys.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let differ = left.char_indices().zip(right.chars()).find(|((_, one), other)| one != other);
    let Some(((first, one), other)) = differ else { return left.len().cmp(&right.len()) };
    let common = &left[..first];
    match (one.is_alphabetic(), other.is_alphabetic()) {
        (true, true) => one.cmp(&other),
        (false, false) => numbers(common, [&left[first..], &right[first..]]).then(one.cmp(&other)),
        (letter, _) => {
            let after_digit = common.chars().next_back().is_some_and(is_digit);
            if letter == after_digit { Ordering::Less } else { Ordering::Greater }
        }
    }
}

/// Compares the numbers that start behind what the keys have in common, then their lengths.
fn numbers(common: &str, [left, right]: [&str; 2]) -> Ordering {
    // A zero is leading, and counts for nothing, unless a digit other than zero stands before it.
    let within_number = (left.starts_with('0') || right.starts_with('0'))
        && common
            .chars()
            .rev()
            .take_while(|character| is_digit(*character))
            .any(|character| character != '0');
    let number = |rest: &str| {
        let digits = rest.chars().take_while(|character| is_digit(*character));
        digits.fold((i64::from(within_number), 0), |(number, length), digit| {
            let value = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
            (number.wrapping_mul(10).wrapping_add(value), length + 1)
        })
    };
    number(left).cmp(&number(right))
}

/// A decimal digit of any script.
fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || (!character.is_ascii() && character.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_as_people_count() {
        let sorted = [
            ["a", "b", "c"].as_slice(),
            &["A", "a"],
            &["a2", "a10"],
            &["a2b", "a10a"],
            &["a-b", "ab"],
            &["a1b", "a1-b"],
            &["a1", "a01", "a2"],
            &["a", "a0", "a00", "a1"],
            &["a100", "a101", "a1000"],
            &["_x", "x"],
            &["10", "x"],
            &["db", "db-backup", "db2"],
        ];
        for keys in sorted {
            for pair in keys.windows(2) {
                assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
            }
        }
    }
}
