//! How much a text looks like chance.

use std::collections::HashMap;

/// Bits for a character, by how often each one comes in the text (Shannon): 0 where all are the
/// same, and at most the logarithm of how many different ones there are.
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, u32> = HashMap::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "texts are far shorter than that")]
    let length = text.len() as f64;
    let share = |count: u32| f64::from(count) / length;
    counts.into_values().map(share).map(|share| -share * share.log2()).sum()
}

/// Whether a text of the alphabet of Base64 looks like chance rather than like words: more than five
/// bits for a character. Nothing with fewer than 33 characters can.
pub(super) fn is_random(text: &str) -> bool {
    text.parse::<f64>().is_err() && entropy(text) > 5.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_number_of_bits_for_a_character() {
        assert!(entropy("") == 0.0 && entropy("aaaa") == 0.0);
        assert!((entropy("abab") - 1.0).abs() < 1e-9);
        assert!((entropy("0123456789abcdef") - 4.0).abs() < 1e-9);
    }

    #[test]
    fn tells_chance_from_words() {
        assert!(is_random("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"));
        assert!(!is_random("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"));
        assert!(!is_random("123456789012345678901234567890123456789012345678901234567890"));
    }
}
