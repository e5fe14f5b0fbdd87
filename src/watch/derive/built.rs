//! How the image of a service is built: its Dockerfile, its contexts and what they leave out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Input;
use super::copies::{Made, Places, Source, sources};
use super::recipe::{Recipe, Run, Step, What};
use super::service::place;
use crate::build::dockerignore::{Matcher, candidates, read};
use crate::compose::files::Files;
use crate::compose::model::{Build, Service};
use crate::platform::subject::Place;

/// How the image of a service comes about.
pub(super) struct Image {
    /// What its Dockerfile does.
    pub(super) recipe: Recipe,
    /// The build context.
    pub(super) context: PathBuf,
    /// Directories that are contexts by a name.
    named: BTreeMap<String, PathBuf>,
    /// The Dockerfile; `None` if the Compose file has it.
    pub(super) dockerfile: Option<PathBuf>,
    /// How its user calls it.
    called: String,
    /// Where the Compose file has it.
    inline: Option<Place>,
    /// The ignore file that counts.
    pub(super) ignore_file: Option<PathBuf>,
    ignored: Matcher,
}

impl Image {
    /// Reads the Dockerfile of a service.
    ///
    /// # Errors
    /// One sentence on what keeps it from being read.
    pub(super) fn read(
        input: &Input<'_>,
        service: &Service,
        build: &Build,
    ) -> Result<Self, String> {
        let (project, files) = (input.project, input.files);
        let context = PathBuf::from(&build.context);
        if !context.is_absolute() || !files.is_directory(&context) {
            return Err("its build context is no directory of this machine".to_owned());
        }
        let is_inline = !build.dockerfile_inline.is_empty();
        let name = if build.dockerfile.is_empty() { "Dockerfile" } else { &build.dockerfile };
        let dockerfile = (!is_inline).then(|| context.join(name));
        let text = match &dockerfile {
            None => build.dockerfile_inline.clone(),
            Some(path) => text(files, path)
                .ok_or_else(|| format!("its Dockerfile {} cannot be read", path.display()))?,
        };
        let beside = candidates(name).map(|name| context.join(name));
        let ignore_file =
            beside.into_iter().skip(usize::from(is_inline)).find(|path| files.is_file(path));
        let patterns =
            ignore_file.as_ref().and_then(|path| text_of(files, path)).unwrap_or_default();
        let ignored = Matcher::new(&patterns).map_err(|why| why.to_string())?;
        let args = build
            .args
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
            .collect();
        let recipe = Recipe::read(&text, &build.target, &args, &build.additional_contexts)?;
        let named = build
            .additional_contexts
            .iter()
            .map(|(name, path)| (name.clone(), PathBuf::from(path)))
            .filter(|(_, path)| path.is_absolute())
            .collect();
        let file = dockerfile.as_deref().unwrap_or(&context);
        let called = file.strip_prefix(&project.working_dir).unwrap_or(file).display().to_string();
        let inline = place(project, service, "build.dockerfile_inline").filter(|_| is_inline);
        Ok(Self { recipe, context, named, dockerfile, called, inline, ignore_file, ignored })
    }

    /// What of its contexts takes part; see [`sources`].
    pub(super) fn sources(&self, files: &dyn Files, made: Made) -> Vec<Source> {
        let places =
            Places { context: &self.context, named: &self.named, ignored: &self.ignored, files };
        sources(&self.recipe, &places, made)
    }

    /// A line of its Dockerfile.
    pub(super) fn place(&self, line: u32) -> Place {
        match &self.inline {
            Some(place) => place.clone(),
            None => Place { file: self.called.clone(), line },
        }
    }

    /// Whether a `RUN` changes the mode of a file of the image.
    pub(super) fn changes_mode(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_mode = |run: &Run| {
            run.commands.iter().any(|(line, _)| {
                line.first().is_some_and(|word| word == "chmod")
                    && line.iter().any(|word| word.ends_with(name))
            })
        };
        let steps = self.recipe.image().map_or(&[][..], |stage| stage.steps.as_slice());
        steps.iter().any(|step: &Step| matches!(&step.what, What::Run(run) if is_mode(run)))
    }
}

/// The text of a file.
pub(super) fn text(files: &dyn Files, path: &Path) -> Option<String> {
    String::from_utf8(files.read(path).ok()?).ok()
}

fn text_of(files: &dyn Files, path: &Path) -> Option<Vec<String>> {
    Some(read(&text(files, path)?))
}
