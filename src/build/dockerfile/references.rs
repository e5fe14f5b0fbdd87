//! Images that a Dockerfile names, replaced where they are written.

use std::collections::BTreeMap;

use super::words::{Variables, declare, expand, split};
use super::{escape, instructions};

/// The same Dockerfile with other images in place of some names: those in `FROM`, `COPY --from=`,
/// and `RUN --mount=…,from=`. Every line keeps its number. Variables in a name are looked up in
/// `args` and in the defaults of `ARG`.
pub(in crate::build) fn replace_references(
    text: &str,
    images: &BTreeMap<String, String>,
    args: &BTreeMap<String, String>,
) -> String {
    let escape = escape(text);
    let mut variables = Variables::new();
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    for instruction in instructions(text) {
        let words = split(&instruction.text, escape);
        if words.first().is_some_and(|keyword| keyword.eq_ignore_ascii_case("ARG")) {
            // A builder will say what is wrong with it.
            let _ = declare(&words, args, &mut variables, escape);
        }
        for (start, end) in names(instruction.source) {
            let offset = instruction.offset + start;
            let name = &instruction.source[start..end];
            let expanded = expand(name, &variables, escape).ok();
            // What is not known stays as it is.
            let known = expanded.filter(|it| it.unset.is_empty());
            let name = known.map_or_else(|| name.to_owned(), |it| it.text);
            let image = images.iter().find(|(context, _)| same_image(context, &name));
            if let Some((_, image)) = image {
                replaced.push_str(&text[at..offset]);
                replaced.push_str(image);
                at = instruction.offset + end;
            }
        }
    }
    replaced.push_str(&text[at..]);
    replaced
}

/// Where in an instruction names of images or stages are, as bytes of its source.
pub(super) fn names(source: &str) -> Vec<(usize, usize)> {
    let mut words = words(source);
    let Some((start, end)) = words.next() else { return Vec::new() };
    let keyword = source[start..end].to_ascii_uppercase();
    // Line ends between words are no words.
    let words = words.filter(|&(start, end)| !matches!(&source[start..end], "\\" | "`"));
    let mut found = Vec::new();
    for (start, end) in words {
        let word = &source[start..end];
        if !word.starts_with("--") {
            if keyword == "FROM" {
                found.push((start, end));
            }
            break;
        }
        match keyword.as_str() {
            "COPY" | "ADD" if word.starts_with("--from=") => {
                found.push((start + "--from=".len(), end));
            }
            "RUN" if word.starts_with("--mount=") => {
                let mut at = start + "--mount=".len();
                for field in source[at..end].split(',') {
                    if field.starts_with("from=") {
                        found.push((at + "from=".len(), at + field.len()));
                    }
                    at += field.len() + 1;
                }
            }
            _ => {}
        }
    }
    found
}

/// The words of a text with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|character: char| !character.is_whitespace())?;
        let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
        at = start + length;
        Some((start, at))
    })
}

/// Whether two names are those of one image: `alpine` is `docker.io/library/alpine:latest`.
pub(in crate::build) fn same_image(one: &str, other: &str) -> bool {
    let short = |name: &str| {
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        let name = name.strip_prefix("library/").unwrap_or(name);
        name.strip_suffix(":latest").unwrap_or(name).to_owned()
    };
    short(one) == short(other)
}

#[cfg(test)]
mod tests {
    use super::replace_references;

    #[test]
    fn names_are_replaced_where_they_stand() {
        let pairs = |list: &[(&str, &str)]| {
            list.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        let images = pairs(&[("base", "new/base:1"), ("lib", "new/lib"), ("alpine", "mine")]);
        let args = pairs(&[("GIVEN", "base")]);
        let text = "\
# base
ARG GIVEN=other DEFAULT=lib
FROM --platform=$BUILDPLATFORM base AS base
FROM ${GIVEN}
FROM $DEFAULT AS x
FROM $UNKNOWN
from docker.io/library/alpine:latest
FROM baseline
COPY --chown=1 \\
  --from=lib base /base
COPY base /
RUN --mount=type=cache,target=/c --mount=type=bind,from=base,target=/b --network=none echo base --from=lib
";
        let expected = "\
# base
ARG GIVEN=other DEFAULT=lib
FROM --platform=$BUILDPLATFORM new/base:1 AS base
FROM new/base:1
FROM new/lib AS x
FROM $UNKNOWN
from mine
FROM baseline
COPY --chown=1 \\
  --from=new/lib base /base
COPY base /
RUN --mount=type=cache,target=/c --mount=type=bind,from=new/base:1,target=/b --network=none echo base --from=lib
";
        assert_eq!(replace_references(text, &images, &args), expected);
    }
}
