//! Manifests that are not at the top of what is copied: those that an installer is given by name, those that
//! include each other, and those of workspaces.

use std::path::PathBuf;

use super::built::{Image, text};
use super::commands::program;
use super::copies::{Fate, Form, Made, Source, below};
use super::recipe::{What, absolute};
use crate::compose::files::Files;

/// Files that include each other are followed so far.
const LIMIT: usize = 64;

/// The files of requirements that commands of the Dockerfile name (`pip install -r requirements/dev.txt`), and
/// those that they include, each as a source of its own.
pub(super) fn requirements(image: &Image, files: &dyn Files) -> Vec<Source> {
    let sources = image.sources(files, Made::Nothing);
    let mut found: Vec<Source> = Vec::new();
    for step in image.recipe.stages.iter().flat_map(|stage| &stage.steps) {
        let What::Run(run) = &step.what else { continue };
        for (line, directory) in &run.commands {
            if line.iter().any(|word| ["pip", "uv"].contains(&program(word))) {
                for path in named(line.iter().map(String::as_str)) {
                    let path =
                        on_this_machine(&absolute(directory, path), path, image, &sources, files);
                    add(path, step.line, &mut found, files);
                }
            }
        }
    }
    found
}

/// The files that options of pip name, in a command or in a file of requirements.
fn named<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    let mut found = Vec::new();
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (word, None),
        };
        let is_long = ["--requirement", "--requirements", "--constraint"].contains(&option);
        if is_long || ["-r", "-c"].contains(&word) {
            found.extend(value.or_else(|| words.next()));
        } else if let Some(joined) = word.strip_prefix("-r").filter(|it| it.contains('.')) {
            found.push(joined);
        }
    }
    found
}

/// Where a file of an image comes from: as its copies say, or else by the same path in the build context.
fn on_this_machine(
    path: &str,
    written: &str,
    image: &Image,
    sources: &[Source],
    files: &dyn Files,
) -> Option<PathBuf> {
    let copied = sources.iter().rev().find_map(|source| {
        let Fate::Put(target) = &source.fate else { return None };
        let rest = below(path, target)?;
        let host = if rest.is_empty() { source.path.clone() } else { source.path.join(rest) };
        files.is_file(&host).then_some(host)
    });
    copied.or_else(|| {
        let host = image.context.join(written.trim_start_matches('/'));
        let takes_part = sources.iter().any(|source| host.starts_with(&source.path));
        (takes_part && files.is_file(&host)).then_some(host)
    })
}

/// Adds a file of requirements and those that it includes.
fn add(path: Option<PathBuf>, line: u32, found: &mut Vec<Source>, files: &dyn Files) {
    let Some(path) = path else { return };
    if found.len() >= LIMIT || found.iter().any(|known| known.path == path) {
        return;
    }
    let content = text(files, &path).unwrap_or_default();
    let directory = path.parent().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    found.push(Source {
        path,
        form: Form::File,
        line,
        exclude: Vec::new(),
        altered: false,
        fate: Fate::Used(line, String::new()),
    });
    for text in content.lines().map(str::trim_start).filter(|text| text.starts_with('-')) {
        for other in named(text.split_whitespace()) {
            let other = PathBuf::from(absolute(&directory, other));
            add(Some(other).filter(|it| files.is_file(it)), line, found, files);
        }
    }
}

/// The manifests of the workspaces that a manifest at the top of a directory names, as patterns.
pub(super) fn workspaces(source: &Source, files: &dyn Files) -> Vec<String> {
    if source.form != Form::Directory {
        return Vec::new();
    }
    let read = |name: &str| text(files, &source.path.join(name));
    let package: Option<serde_json::Value> =
        read("package.json").and_then(|text| serde_json::from_str(&text).ok());
    let listed = package.as_ref().and_then(|package| {
        let workspaces = package.get("workspaces")?;
        workspaces.as_array().or_else(|| workspaces.get("packages")?.as_array())
    });
    let npm = listed.into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned));
    let pnpm = read("pnpm-workspace.yaml").map(|text| packages(&text)).unwrap_or_default();
    let patterns = npm.chain(pnpm).filter(|pattern| !pattern.starts_with('!'));
    let pattern =
        |it: String| format!("{}/package.json", it.trim_start_matches("./").trim_end_matches('/'));
    patterns.map(pattern).collect()
}

/// The list `packages` of a `pnpm-workspace.yaml`, in the one way in which it is written.
fn packages(text: &str) -> Vec<String> {
    text.lines()
        .skip_while(|line| line.trim_end() != "packages:")
        .skip(1)
        .map_while(|line| line.trim_start().strip_prefix('-'))
        .map(|item| item.trim().trim_matches(['"', '\'']).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_name_files() {
        for (line, expected) in [
            (
                "pip install -r requirements/dev.txt -c constraints.txt",
                "requirements/dev.txt constraints.txt",
            ),
            ("pip install --requirement=a.txt -rb.txt", "a.txt b.txt"),
            ("pip install --no-cache-dir django", ""),
            ("-r base.txt", "base.txt"),
        ] {
            assert_eq!(named(line.split(' ')).join(" "), expected, "{line}");
        }
    }

    #[test]
    fn pnpm_lists_packages() {
        let text = "catalog: {}\npackages:\n  - 'apps/*'\n  - \"libs/one\"\nonlyBuilt: [x]\n";
        assert_eq!(packages(text), ["apps/*", "libs/one"]);
    }
}
