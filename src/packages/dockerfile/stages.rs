//! The stages of a Dockerfile, and which of them take part in a build.

use std::collections::BTreeSet;

use super::variables::{Variables, expand};
use crate::build::dockerfile::words::{declare, of_platforms, split};
use crate::build::dockerfile::{Instruction, escape, instructions};
use crate::platform::Platform;

/// A stage.
#[derive(Debug, Clone)]
pub(super) struct Stage<'a> {
    /// Its name, in small letters.
    name: String,
    /// What it begins with, variables replaced.
    pub(super) base: String,
    /// The number of the stage that it begins with, if it is one.
    pub(super) parent: Option<usize>,
    /// Whether it runs on the builder's own platform, whatever is built for.
    pub(super) is_builders: bool,
    /// Its instructions, without `FROM`.
    pub(super) instructions: Vec<Instruction<'a>>,
}

/// All stages of a Dockerfile.
#[derive(Debug, Clone)]
pub(super) struct Stages<'a> {
    /// In their order.
    pub(super) all: Vec<Stage<'a>>,
    /// Variables that stages may take up with `ARG`.
    pub(super) global: Variables,
}

impl<'a> Stages<'a> {
    /// Reads them. `args` are the build's arguments; `platform` is what is built for, and on.
    pub(super) fn new(text: &'a str, args: &Variables, platform: &Platform) -> Self {
        let mut global = of_platforms(platform, platform);
        let escape = escape(text);
        let mut all: Vec<Stage<'a>> = Vec::new();
        for instruction in instructions(text) {
            let (keyword, rest) = split_keyword(&instruction.text);
            let rest = rest.to_owned();
            if keyword == "FROM" {
                let stage = stage(&rest, &global, &all);
                all.push(stage);
            } else if let Some(stage) = all.last_mut() {
                stage.instructions.push(instruction);
            } else if keyword == "ARG" {
                // One that cannot be read has no value.
                let _ = declare(&split(&instruction.text, escape), args, &mut global, escape);
            }
        }
        Self { all, global }
    }

    /// The number of a stage by its name or its number, among those before `before`.
    pub(super) fn find(&self, name: &str, before: usize) -> Option<usize> {
        let name = name.to_lowercase();
        let named = self.all.iter().take(before).rposition(|it| it.name == name);
        named.or_else(|| name.parse().ok().filter(|&number| number < before))
    }

    /// The stages that take part when `target` is built, in their order; the last stage if it is
    /// empty. None if there is no such stage.
    pub(super) fn taking_part(&self, target: &str) -> BTreeSet<usize> {
        let last = match target {
            "" => self.all.len().checked_sub(1),
            target => self.find(target, self.all.len()),
        };
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = last.into_iter().collect();
        while let Some(number) = open.pop() {
            let Some(stage) = self.all.get(number).filter(|_| found.insert(number)) else {
                continue;
            };
            open.extend(stage.parent);
            let names = stage.instructions.iter().flat_map(|it| sources(&it.text));
            open.extend(names.filter_map(|name| self.find(name, number)));
        }
        found
    }
}

fn stage<'a>(rest: &str, global: &Variables, before: &[Stage<'_>]) -> Stage<'a> {
    let mut words = rest.split_whitespace().peekable();
    let mut is_builders = false;
    while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
        is_builders |= flag.contains("BUILDPLATFORM");
    }
    let base = expand(words.next().unwrap_or_default(), global);
    let is_named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
    let name = words.next().filter(|_| is_named).unwrap_or_default().to_lowercase();
    let parent =
        before.iter().rposition(|it| !it.name.is_empty() && it.name == base.to_lowercase());
    let inherited = parent.and_then(|it| before.get(it)).is_some_and(|it| it.is_builders);
    Stage { name, base, parent, is_builders: is_builders || inherited, instructions: Vec::new() }
}

/// The names of stages or images that an instruction takes files from.
fn sources(text: &str) -> impl Iterator<Item = &str> {
    let (keyword, rest) = split_keyword(text);
    let flags = rest.split_whitespace().take_while(|word| word.starts_with("--"));
    flags.filter_map(move |flag| match keyword.as_str() {
        "COPY" | "ADD" => flag.strip_prefix("--from="),
        "RUN" => {
            flag.strip_prefix("--mount=")?.split(',').find_map(|field| field.strip_prefix("from="))
        }
        _ => None,
    })
}

/// The keyword in capital letters, and the rest.
pub(super) fn split_keyword(text: &str) -> (String, &str) {
    let (keyword, rest) = text.split_once(' ').unwrap_or((text, ""));
    (keyword.to_ascii_uppercase(), rest.trim())
}

/// Names and defaults of an `ARG`, or names and values of an `ENV` in its usual form.
pub(super) fn arguments(text: &str) -> Vec<(String, Option<String>)> {
    crate::compose::shell_words::split(text)
        .unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
        .into_iter()
        .map(|word| match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str = "\
ARG VERSION=3.9
ARG IMAGE=python:${VERSION}-slim
FROM $IMAGE AS Base
FROM --platform=$BUILDPLATFORM node:20 AS assets
FROM assets AS more
FROM scratch AS unused
FROM base AS build
COPY --chown=1 --from=assets /a /a
RUN --mount=type=bind,from=more,target=/x true
FROM python:3.12
COPY --from=4 /x /x
";

    #[test]
    fn stages_take_part_that_are_used() {
        let arm = Platform::new("linux", "arm64", "");
        let args = [("VERSION".to_owned(), "3.8".to_owned())].into();
        let stages = Stages::new(DOCKERFILE, &args, &arm);
        let bases: Vec<_> = stages.all.iter().map(|it| it.base.as_str()).collect();
        assert_eq!(
            bases,
            ["python:3.8-slim", "node:20", "assets", "scratch", "base", "python:3.12"]
        );
        let builders: Vec<_> = stages.all.iter().map(|it| it.is_builders).collect();
        assert_eq!(builders, [false, true, true, false, false, false]);
        let part = |target: &str| stages.taking_part(target).into_iter().collect::<Vec<_>>();
        assert_eq!(part(""), [0, 1, 2, 4, 5]);
        assert_eq!(part("BASE"), [0]);
        assert_eq!(part("3"), [3]);
        assert_eq!(part("none"), [0_usize; 0]);
        assert_eq!(Stages::new("", &args, &arm).taking_part("").len(), 0);
    }
}
