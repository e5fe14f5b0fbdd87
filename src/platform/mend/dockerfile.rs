//! `FROM --platform=…` in a Dockerfile.

use crate::compose::interpolate;

/// What became of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// Its new text.
    Text(String),
    /// The platform comes from build arguments of these names.
    Arguments(Vec<String>),
    /// No platform is said at that line.
    Nothing,
}

/// A Dockerfile in which the `FROM` that begins at a line, from 1, has another platform than the one that is written
/// there, or none.
pub fn with_platform(text: &str, line: u32, platform: Option<&str>) -> Edited {
    const FLAG: &str = "--platform=";
    let skipped = (line as usize).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(skipped).map(str::len).sum();
    let rest = &text[start..];
    let instruction = rest.trim_start_matches(['\u{feff}', ' ', '\t']);
    let is_from = instruction.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
        && instruction[4..].starts_with(char::is_whitespace);
    if !is_from {
        return Edited::Nothing;
    }
    let end = end_of_instruction(rest);
    let Some(flag) = rest[..end]
        .match_indices(FLAG)
        .map(|(at, _)| at)
        .find(|at| rest[..*at].ends_with(char::is_whitespace))
    else {
        return Edited::Nothing;
    };
    let value_start = flag + FLAG.len();
    let length = rest[value_start..end].find(char::is_whitespace);
    let value_end = length.map_or(end, |length| value_start + length);
    let arguments: Vec<String> = interpolate::names(&rest[value_start..value_end]).collect();
    if !arguments.is_empty() {
        return Edited::Arguments(arguments);
    }
    if let Some(platform) = platform {
        let (before, behind) = (&text[..start + value_start], &text[start + value_end..]);
        return Edited::Text(format!("{before}{platform}{behind}"));
    }
    // The blanks behind it go with it, those before it stay.
    let behind = &rest[value_end..end];
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    Edited::Text(format!("{}{}", &text[..start + flag], &text[start + value_end + blanks..]))
}

/// Where the instruction ends that a text begins with: its lines that end in `\` or in a backtick
/// go on, and so do comments between them.
fn end_of_instruction(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = end > 0 && line.trim_start().starts_with('#');
        end += line.len();
        if !is_comment && !line.trim_end().ends_with(['\\', '`']) {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_goes_and_nothing_else() {
        let text = |text: &str, line| match with_platform(text, line, None) {
            Edited::Text(text) => text,
            other => format!("{other:?}"),
        };
        let two = "# c\r\nfrom  --platform=linux/amd64\tdebian AS x\r\nRUN y\r\n";
        assert_eq!(text(two, 2), "# c\r\nfrom  debian AS x\r\nRUN y\r\n");
        let split = "FROM \\\n  --platform=linux/amd64 \\\n  debian\nFROM --platform=linux/amd64 b";
        assert_eq!(text(split, 1), "FROM \\\n  \\\n  debian\nFROM --platform=linux/amd64 b");
        assert_eq!(text(split, 4), "FROM \\\n  --platform=linux/amd64 \\\n  debian\nFROM b");
        let commented = "FROM \\\n  # why\n  --platform=linux/amd64 debian\nRUN a";
        assert_eq!(text(commented, 1), "FROM \\\n  # why\n  debian\nRUN a");
        let builders = with_platform(two, 2, Some("$BUILDPLATFORM"));
        let expected = "# c\r\nfrom  --platform=$BUILDPLATFORM\tdebian AS x\r\nRUN y\r\n";
        assert_eq!(builders, Edited::Text(expected.to_owned()));
        assert_eq!(text("FROM debian\nRUN a --platform=b", 1), "Nothing");
        assert_eq!(text("RUN a --platform=b", 1), "Nothing");
        assert_eq!(text("FROM debian", 7), "Nothing");
    }

    #[test]
    fn arguments_are_named() {
        let outcome = with_platform("ARG P=linux/amd64\nFROM --platform=${P} debian\n", 2, None);
        assert_eq!(outcome, Edited::Arguments(vec!["P".to_owned()]));
    }
}
