//! Names of Python projects.

/// A name as indexes and lock files compare it (PEP 503): small letters, and one `-` for every run of
/// `-`, `_` and `.`.
pub(in crate::packages) fn normalized(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.push(character.to_ascii_lowercase());
        }
    }
    normal
}

/// Whether a text may be the name of a project (PEP 508).
pub(in crate::packages) fn is_name(text: &str) -> bool {
    let alphanumeric = |character: char| character.is_ascii_alphanumeric();
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|character| alphanumeric(character) || "-_.".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (name, expected) in
            [("Pillow", "pillow"), ("ruamel.yaml", "ruamel-yaml"), ("a_-.b", "a-b")]
        {
            assert_eq!(normalized(name), expected);
        }
        assert!(is_name("zope.interface") && is_name("a"));
        assert!(!is_name("-a") && !is_name("") && !is_name("a b") && !is_name("./a"));
    }
}
