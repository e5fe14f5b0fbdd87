//! The arguments of a call, told apart: options, their values, and the words beside them.

use super::super::shell::Word;

/// The arguments of a program that takes options anywhere among them.
#[derive(Debug, Default)]
pub(super) struct Arguments<'c> {
    /// Words that are no option and no option's value, with their number among all.
    pub(super) words: Vec<(usize, &'c str)>,
    /// Options with their values, in their order.
    options: Vec<(&'c str, Option<&'c str>)>,
}

impl<'c> Arguments<'c> {
    /// Reads them. The options in `with_value` take the next word, if no `=` gives them one; a `true` or
    /// `false` behind any other is a switch's.
    pub(super) fn new(words: &'c [Word], with_value: &[&str]) -> Self {
        let mut found = Self::default();
        let mut rest = words.iter().map(|word| word.text.as_str()).enumerate().peekable();
        while let Some((number, word)) = rest.next() {
            if !word.starts_with('-') {
                found.words.push((number, word));
                continue;
            }
            let (name, mut value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            if value.is_none() {
                let takes =
                    |next: &str| with_value.contains(&name) || matches!(next, "true" | "false");
                value = rest.next_if(|(_, next)| takes(next)).map(|(_, next)| next);
            }
            found.options.push((name, value));
        }
        found
    }

    /// The first word that is no option, which says what is to be done; empty without one.
    pub(super) fn verb(&self) -> &'c str {
        self.words.first().map_or("", |(_, word)| word)
    }

    /// Whether one of these options is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(name))
    }

    /// All values of an option that goes by these names.
    pub(super) fn values(&self, names: &[&str]) -> Vec<&'c str> {
        let of_them = self.options.iter().filter(|(name, _)| names.contains(name));
        of_them.filter_map(|(_, value)| *value).collect()
    }

    /// The last value of an option that goes by these names.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'c str> {
        self.values(names).last().copied()
    }

    /// What is said last of a switch that goes by these names: `--x`, `--x=false`, `--no-x`.
    pub(super) fn switch(&self, names: &[&str]) -> Option<bool> {
        self.options.iter().rev().find_map(|(name, value)| {
            let is_on = *value != Some("false");
            let off = name.strip_prefix("--no-");
            let is_off = |name: &&str| name.strip_prefix("--") == off;
            if names.contains(name) {
                Some(is_on)
            } else {
                (off.is_some() && names.iter().any(is_off)).then_some(!is_on)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_no_words() {
        let text =
            "--prefix web ci --omit dev --omit=optional --a false --no-b -g --prefix=x y --prefix";
        let words: Vec<_> =
            text.split(' ').map(|it| Word { text: it.to_owned(), line: 1 }).collect();
        let arguments = Arguments::new(&words, &["--prefix", "--omit"]);
        assert_eq!(arguments.words, [(2, "ci"), (11, "y")]);
        assert_eq!(arguments.verb(), "ci");
        assert_eq!(arguments.values(&["--omit"]), ["dev", "optional"]);
        assert_eq!(arguments.value(&["-C", "--prefix"]), Some("x"));
        assert!(arguments.has(&["-g"]) && !arguments.has(&["-h"]));
        for (name, expected) in
            [("--a", Some(false)), ("--b", Some(false)), ("-g", Some(true)), ("--c", None)]
        {
            assert_eq!(arguments.switch(&[name]), expected, "{name}");
        }
    }
}
