//! The stages of a Dockerfile, and which of them take part in a build.

use std::collections::BTreeSet;

use super::variables::Variables;
use crate::build::dockerfile::{Asked, Given, Instruction, Outline, Source};
use crate::platform::Platform;

/// A stage.
#[derive(Debug, Clone)]
pub(super) struct Stage<'a> {
    /// What it begins with, variables replaced.
    pub(super) base: String,
    /// The number of the stage that it begins with, if it is one.
    pub(super) parent: Option<usize>,
    /// Whether its programs run natively.
    pub(super) is_native: bool,
    /// Its instructions, without `FROM`.
    pub(super) instructions: Vec<Instruction<'a>>,
}

/// All stages of a Dockerfile.
#[derive(Debug, Clone)]
pub(super) struct Stages<'a> {
    outline: Outline<'a>,
    /// In their order.
    pub(super) all: Vec<Stage<'a>>,
    /// Those that take part.
    pub(super) part: BTreeSet<usize>,
}

impl<'a> Stages<'a> {
    /// Reads them. `args` are the build's arguments; `native` is what is built on, `built_for` what is built for;
    /// `target` is the stage that is built, the last one if it is empty. `None` of what cannot be built at all.
    pub(super) fn new(
        text: &'a str,
        args: &Variables,
        target: &str,
        native: &Platform,
        built_for: &Platform,
    ) -> Option<Self> {
        let given = Given { args, target, contexts: &BTreeSet::new(), platform: native };
        let outline = Outline::read(text, &given).ok()?;
        let part = outline.taking_part(outline.target(target).ok()?, &given);
        let mut all: Vec<Stage<'a>> = Vec::new();
        for (number, written) in outline.stages.iter().enumerate() {
            let (base, parent) = match outline.base(number, &given) {
                Ok(Source::Stage(parent)) => (written.base.clone(), Some(parent)),
                Ok(Source::Image(base) | Source::Context(base)) => (base, None),
                Err(_) => (written.base.clone(), None),
            };
            // The platform of a stage that begins with another one is that one's.
            let runs = |platform: &Platform| native.preference(platform).is_some();
            let is_native = match parent.and_then(|parent| all.get(parent)) {
                Some(parent) => parent.is_native,
                None => match outline.platform(number, &given) {
                    Asked::Builder => true,
                    Asked::Target { .. } => runs(built_for),
                    Asked::Fixed(fixed) => {
                        Platform::parse(&fixed.platform, native).is_ok_and(|it| runs(&it))
                    }
                },
            };
            let instructions = written.instructions.clone();
            all.push(Stage { base, parent, is_native, instructions });
        }
        Some(Self { outline, all, part })
    }

    /// Variables that stages may take up with `ARG`.
    pub(super) fn global(&self) -> &Variables {
        &self.outline.variables
    }

    /// The number of a stage by its name or its number, among those before `before`.
    pub(super) fn find(&self, name: &str, before: usize) -> Option<usize> {
        self.outline.earlier(name, before)
    }
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
        let amd = Platform::new("linux", "amd64", "");
        let of = |target: &str| Stages::new(DOCKERFILE, &args, target, &arm, &amd);
        let stages = of("").unwrap();
        let bases: Vec<_> = stages.all.iter().map(|it| it.base.as_str()).collect();
        assert_eq!(
            bases,
            ["python:3.8-slim", "node:20", "assets", "scratch", "base", "python:3.12"]
        );
        let native: Vec<_> = stages.all.iter().map(|it| it.is_native).collect();
        assert_eq!(native, [false, true, true, false, false, false]);
        let fixed = "FROM --platform=linux/amd64 a\nFROM b";
        let stages = Stages::new(fixed, &args, "", &arm, &arm).unwrap();
        let native: Vec<_> = stages.all.iter().map(|it| it.is_native).collect();
        assert_eq!(native, [false, true]);
        let part = |target: &str| of(target).map(|it| it.part.into_iter().collect::<Vec<_>>());
        assert_eq!(part(""), Some(vec![0, 1, 2, 4, 5]));
        assert_eq!(part("BASE"), Some(vec![0]));
        assert_eq!(part("3"), None, "BuildKit takes no number here");
        assert_eq!(part("none"), None);
        assert!(Stages::new("", &args, "", &arm, &amd).is_none());
    }
}
