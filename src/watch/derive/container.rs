//! What runs in the containers of a service.

use super::built::{Image, text};
use super::copies::{Made, below, file_at};
use super::mounts::Seen;
use super::program::{Around, Program, judge};
use super::{commands, image, reload};
use crate::compose::files::Files;
use crate::compose::model::Service;

/// What runs in the containers of a service, and where.
pub(super) struct Container {
    /// Its program.
    pub(super) program: Program,
    /// Its working directory.
    pub(super) directory: String,
    /// Its program's name, for [`reload::reload`].
    pub(super) runs: String,
    /// Whether its main process hands signals on to nobody.
    pub(super) is_shell: bool,
    /// The image that names it, if nothing else does.
    pub(super) image: String,
}

impl Container {
    /// Puts together what the service says and what its image does.
    pub(super) fn of(
        service: &Service,
        built: Option<&Image>,
        seen: &[Seen],
        files: &dyn Files,
    ) -> Self {
        let stage = built.and_then(|image| image.recipe.image());
        let base = stage.map_or(service.image.as_str(), |stage| stage.image.as_str());
        let written = |part: &Option<(Vec<String>, u32)>| part.as_ref().map(|it| it.0.clone());
        let own = stage.map(|stage| (written(&stage.entrypoint), written(&stage.command)));
        let (own_entrypoint, own_command) = own.unwrap_or_default();
        let entrypoint = service.entrypoint.clone().or(own_entrypoint);
        // A service's entrypoint takes the place of both of the image's.
        let own_command = own_command.filter(|_| service.entrypoint.is_none());
        let command = service.command.clone().or(own_command);
        let mut words = entrypoint.unwrap_or_default();
        words.extend(command.unwrap_or_default());
        if words.is_empty() {
            let usual = image::command(base).unwrap_or_default();
            words = usual.iter().map(|word| (*word).to_owned()).collect();
        }
        let mut environment = stage.map(|stage| stage.environment.clone()).unwrap_or_default();
        let set = service.environment.iter();
        environment.extend(set.filter_map(|(name, value)| Some((name.clone(), value.clone()?))));
        let usual = image::directory(base).map(str::to_owned);
        let directory = Some(service.working_dir.clone()).filter(|it| !it.is_empty());
        let directory = directory.or_else(|| stage?.directory.clone()).or(usual);
        let directory = directory.unwrap_or_else(|| "/".to_owned());
        // As the program sees its files, whatever was built of them.
        let copied = built.map(|image| image.sources(files, Made::Nothing)).unwrap_or_default();
        let read = |path: &str| {
            let mounted = seen.iter().find_map(|it| {
                let rest = below(path, &it.target)?;
                text(files, &if rest.is_empty() { it.path.clone() } else { it.path.join(rest) })
            });
            mounted.or_else(|| copied.iter().rev().find_map(|source| file_at(source, path, files)))
        };
        let around = Around { environment: &environment, directory: &directory, read: &read };
        let program = judge(&words, &around);
        let is_shell = words
            .first()
            .is_some_and(|word| ["sh", "bash", "ash", "dash"].contains(&commands::program(word)))
            && !words.iter().any(|word| word.trim_start().starts_with("exec "));
        let runs = reload::runs(&words, base).to_owned();
        Self { program, directory, runs, is_shell, image: base.to_owned() }
    }
}
