//! What of earlier stages a stage has: as it is there, or as what was made of it.

use super::copies::{Fate, Form, Made, Source, Walk, below, manifests_of};
use super::recipe::{Copy, From, Run, absolute};
use crate::compose::files::FileKind;

impl Walk<'_> {
    /// The sources of an earlier stage that a `COPY --from` takes over, as they are or as what was made
    /// of them.
    pub(super) fn taken(
        &self,
        number: usize,
        earlier: &[Source],
        copy: &Copy,
        line: u32,
    ) -> Vec<Source> {
        let steps = self.recipe.stages.get(number).map_or(&[][..], |stage| stage.steps.as_slice());
        let stage = Walk { steps, made: Made::All, ..*self };
        let mut found = Vec::new();
        for source in earlier {
            let Fate::Put(target) = &source.fate else {
                found.push(source.clone());
                continue;
            };
            let wanted = copy.sources.iter().map(|wanted| absolute("/", wanted));
            let followed: Vec<Source> = wanted
                .filter_map(|wanted| self.follow(source, target, &wanted, copy, line))
                .collect();
            // What came from yet another stage has no line in this one.
            let step = steps.iter().position(|step| step.line == source.line);
            let behind = steps.get(step.map_or(0, |at| at + 1)..).unwrap_or_default();
            match stage.user(behind, target, true) {
                // It counts for what was made of it.
                Some((line, command)) if followed.is_empty() || self.made == Made::All => {
                    found.push(Source { fate: Fate::Used(line, command), ..source.clone() });
                }
                None if followed.is_empty() => found.extend(
                    manifests_of(source, self.places.files)
                        .into_iter()
                        .map(|one| Source { fate: Fate::Used(line, String::new()), ..one }),
                ),
                _ => found.extend(followed),
            }
        }
        found
    }

    /// The sources of earlier stages that a `RUN` has mounted: it makes something of them.
    pub(super) fn used_of_stages(
        &self,
        run: &Run,
        line: u32,
        earlier: &[Vec<Source>],
    ) -> Vec<Source> {
        let Some((command, _)) = run.commands.first() else { return Vec::new() };
        let command = super::commands::shown(command);
        let mut found = Vec::new();
        for (number, path) in &run.stages {
            let copy = Copy {
                from: From::Stage(*number),
                sources: vec![path.clone()],
                target: "/".to_owned(),
                into: false,
                parents: false,
                exclude: Vec::new(),
                altered: false,
            };
            let other = earlier.get(*number).map_or(&[][..], Vec::as_slice);
            found.extend(self.taken(*number, other, &copy, line).into_iter().map(|source| {
                match source.fate {
                    Fate::Put(_) => Source { fate: Fate::Used(line, command.clone()), ..source },
                    Fate::Used(..) => source,
                }
            }));
        }
        found
    }

    fn follow(
        &self,
        source: &Source,
        target: &str,
        wanted: &str,
        copy: &Copy,
        line: u32,
    ) -> Option<Source> {
        let put = |source: &Source, to: String| Source { fate: Fate::Put(to), ..source.clone() };
        if let Some(rest) = below(target, wanted) {
            // The stage's path has the source in it; a file goes by its name.
            let base = match (&source.form, rest) {
                (Form::File, "") if copy.into => {
                    let name = wanted.rsplit('/').next().unwrap_or_default();
                    return Some(put(source, absolute(&copy.target, name)));
                }
                (_, rest) => rest,
            };
            return Some(put(source, absolute(&copy.target, base)));
        }
        let rest = below(wanted, target)?;
        if source.form != Form::Directory {
            return None;
        }
        let path = source.path.join(rest);
        let kind = self.places.files.kind(&path)?;
        let form = if kind == FileKind::File { Form::File } else { Form::Directory };
        let name = rest.rsplit('/').next().unwrap_or_default();
        if MADE.contains(&name) {
            return None;
        }
        let to = if form == Form::File && copy.into {
            absolute(&copy.target, name)
        } else {
            copy.target.clone()
        };
        Some(Source { path, form, line, ..put(source, to) })
    }
}

/// Directories that a build fills though the host may have them, too.
const MADE: [&str; 10] = [
    "dist",
    "build",
    "out",
    "target",
    "node_modules",
    ".next",
    ".output",
    ".venv",
    "vendor",
    "bin",
];
