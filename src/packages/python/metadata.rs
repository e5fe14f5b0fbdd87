//! What a release needs, from its metadata (PEP 566 and its successors). Pure.

/// The requirements in a text of metadata, as they are written. `None` for what is no metadata.
pub(in crate::packages) fn requires(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut is_metadata = false;
    let mut is_requirement = false;
    // The headers end at the first empty line; a line of blanks goes on with the one before.
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if let Some(more) = line.strip_prefix([' ', '\t']) {
            if let Some(last) = found.last_mut().filter(|_| is_requirement) {
                *last = format!("{last} {}", more.trim());
            }
            continue;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        is_metadata |= name.eq_ignore_ascii_case("metadata-version");
        is_requirement = name.eq_ignore_ascii_case("requires-dist");
        if is_requirement {
            found.push(value.trim().to_owned());
        }
    }
    is_metadata.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::requires;

    #[test]
    fn requirements_are_headers() {
        let text = "Metadata-Version: 2.1\nName: a\nRequires-Dist: b>=1\nrequires-dist: c;\n  extra == 'x'\nLicense: x\n        \n        y\nRequires-Dist: e\n\nRequires-Dist: d\n";
        assert_eq!(requires(text).unwrap(), ["b>=1", "c; extra == 'x'", "e"]);
        assert_eq!(requires("Metadata-Version: 2.1\r\nName: a\r\n\r\nb").unwrap(), [""; 0]);
        assert_eq!(requires("<html>"), None);
        assert_eq!(requires(""), None);
    }
}
