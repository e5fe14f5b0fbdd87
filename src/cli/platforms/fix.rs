//! `platforms --fix`: takes needless platforms out of the files, after showing the diff, and lets the
//! services run natively.
//!
//! `--yes` stands for both questions, the files and the containers. It does not stand for the third one: a
//! database whose files another CPU has written is only started on them natively when somebody at a terminal
//! says so. Volumes are never touched.

use std::path::{Path, PathBuf};

use super::write::write_all;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::runtime::Signals;
use crate::cli::{pull, up};
use crate::compose::model::Project;
use crate::platform::Platform;
use crate::platform::data::{Database, risk};
use crate::platform::mend::{Change, Mending, Refusal, Unflagged, mend, without_flag};
use crate::platform::subject::Place;
use crate::platform::verdict::{Cause, Code, Judgement, Verdict};
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::ui::{diff, read_answer};

/// What `--fix` is asked for.
#[derive(Debug, Clone, Default)]
pub(in crate::cli) struct Fix {
    /// The services; all that are emulated needlessly if none.
    pub(in crate::cli) services: Vec<String>,
    /// `--yes`.
    pub(in crate::cli) yes: bool,
    /// `--no-up`: the files alone.
    pub(in crate::cli) no_up: bool,
}

/// Mends what was judged. `native` is the engine's own platform.
///
/// # Errors
/// Off a terminal without `--yes`; a service that was named and cannot be mended; files that changed
/// meanwhile or cannot be written; what `pull` and `up` fail with.
pub(in crate::cli) fn run(
    fix: &Fix,
    judgements: &[Judgement],
    native: &Platform,
    context: &Context,
) -> Result {
    let targets = Targets::of(fix, judgements);
    for note in &targets.notes {
        context.ui.information(note);
    }
    let mut mending =
        mend(&context.request(), &context.files(), &targets.pinned, &native.to_string())?;
    mending.take_flags(&targets.flags, &context.process.directory);
    for Refusal { service, reason } in &mending.refused {
        Report::warning(&context.ui, &format!("{service}: {reason}"));
    }
    let services: Vec<String> = mending
        .mended
        .iter()
        .chain(targets.flags.iter().map(|(service, _)| service))
        .chain(&targets.stale)
        .filter(|service| !mending.refused.iter().any(|refusal| refusal.service == **service))
        .cloned()
        .fold(Vec::new(), |mut services, service| {
            if !services.contains(&service) {
                services.push(service);
            }
            services
        });
    if mending.changes.is_empty() && services.is_empty() {
        if mending.refused.is_empty() {
            context.ui.status("nothing to mend");
            return Ok(());
        }
        return Err(Failure::new("nothing could be mended"));
    }
    show(&mending.changes, context);
    if context.global.dry_run {
        return Ok(());
    }
    if !mending.changes.is_empty() {
        if !agreed(fix, "Write this?", context)? {
            return Ok(());
        }
        write_all(&mending.changes)?;
        for change in &mending.changes {
            context.ui.information(&format!("wrote {}", shown(&change.path, context)));
        }
    }
    if let Some(path) = &mending.to_name {
        let path = shown(path, context);
        context.ui.information(&format!(
            "the files of this project are named, so name this one, too, as the last: -f {path}"
        ));
        return Ok(());
    }
    if fix.no_up {
        return Ok(());
    }
    bring_up(fix, &services, native, context)
}

/// What is to be done for which services.
#[derive(Debug, Default)]
struct Targets {
    /// Services that a Compose file pins.
    pinned: Vec<String>,
    /// Services that a `FROM` pins, with its place.
    flags: Vec<(String, Place)>,
    /// Services whose image the engine has for another CPU.
    stale: Vec<String>,
    /// What is said of the others that were named.
    notes: Vec<String>,
}

impl Targets {
    fn of(fix: &Fix, judgements: &[Judgement]) -> Self {
        let mut targets = Self::default();
        for judgement in judgements {
            let named = fix.services.contains(&judgement.service);
            if named || (fix.services.is_empty() && !judgement.accepted) {
                targets.add(judgement, named);
            }
        }
        targets
    }

    fn add(&mut self, judgement: &Judgement, named: bool) {
        let service = &judgement.service;
        // What cannot run as it is asked for may run natively; its causes say so.
        let mendable = matches!(judgement.verdict, Verdict::Needless | Verdict::CannotRun);
        let mut found = false;
        for Cause { code, place, .. } in judgement.causes.iter().filter(|_| mendable) {
            found = true;
            match (code, place) {
                (Code::Pinned, _) => self.pinned.push(service.clone()),
                (Code::NotOffered, Some(_)) if judgement.native.is_some() => {
                    self.pinned.push(service.clone());
                }
                (Code::PinnedFrom, Some(place)) => {
                    self.flags.push((service.clone(), place.clone()));
                }
                (Code::StaleImage, _) => self.stale.push(service.clone()),
                (Code::DefaultPlatform, _) => self.notes.push(format!(
                    "{service}: no file asks for its platform, DOCKER_DEFAULT_PLATFORM does: unset it"
                )),
                _ => found = false,
            }
            if found {
                break;
            }
        }
        if named && !found {
            let reason = judgement.causes.first().map(|cause| format!(": {}", cause.message));
            let reason = reason.unwrap_or_default();
            self.notes.push(match judgement.verdict {
                Verdict::Native => format!("{service} runs natively"),
                Verdict::Needed => format!("{service} must be emulated{reason}"),
                Verdict::Needless | Verdict::CannotRun | Verdict::Unknown => {
                    format!("{service}: there is nothing to take out of a file{reason}")
                }
            });
        }
    }
}

impl Mending {
    /// Adds the Dockerfiles whose `FROM` names a platform.
    fn take_flags(&mut self, flags: &[(String, Place)], directory: &Path) {
        // From the bottom up, so that lines keep their numbers.
        let mut flags: Vec<_> = flags.iter().collect();
        flags.sort_by(|(_, one), (_, other)| other.cmp(one));
        flags.dedup_by(|(_, one), (_, other)| one == other);
        for (service, place) in flags {
            if let Err(reason) = self.take_flag(directory.join(&place.file), place) {
                self.refused.push(Refusal { service: service.clone(), reason });
            }
        }
    }

    fn take_flag(&mut self, path: PathBuf, place: &Place) -> std::result::Result<(), String> {
        let known = self.changes.iter_mut().find(|change| change.path == path);
        let text = match &known {
            Some(change) => change.after.clone(),
            None => std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}", place.file))?,
        };
        match without_flag(&text, place.line) {
            Unflagged::Text(after) => {
                match known {
                    Some(change) => change.after = after,
                    None => self.changes.push(Change { path, before: Some(text), after }),
                }
                Ok(())
            }
            Unflagged::Arguments(names) => Err(format!(
                "the platform of its `FROM` at {place} comes from the build argument {}: change that",
                names.join(", ")
            )),
            Unflagged::Nothing => {
                Err(format!("no `FROM` with a platform stands at {place} any more"))
            }
        }
    }
}

fn show(changes: &[Change], context: &Context) {
    let colour = context.ui.appearance().colour_stdout;
    for Change { path, before, after } in changes {
        let text = diff(&shown(path, context), before.as_deref(), after, colour);
        context.ui.print(text.trim_end_matches('\n'));
    }
}

/// A path as it is short to read.
fn shown(path: &Path, context: &Context) -> String {
    path.strip_prefix(&context.process.directory).unwrap_or(path).display().to_string()
}

/// The answer to a question that `--yes` answers, too.
fn agreed(fix: &Fix, question: &str, context: &Context) -> Result<bool> {
    if fix.yes {
        return Ok(true);
    }
    if !can_ask(context) {
        return Err(Failure::new("nobody is there to ask before files are changed")
            .help("--yes writes without asking, --dry-run shows what would be written"));
    }
    context.ui.question(question);
    Ok(read_answer())
}

fn can_ask(context: &Context) -> bool {
    let terminals = context.ui.appearance().terminals;
    terminals.stdin && terminals.stdout
}

/// Pulls the native images and replaces containers, as `pull` and `up` do.
fn bring_up(fix: &Fix, services: &[String], native: &Platform, context: &Context) -> Result {
    let project = context.load(services, true)?;
    let containers = existing(&project, services, context)?;
    let mut running: Vec<&String> = Vec::new();
    for service in services {
        let own = || containers.iter().filter(|container| container.service == *service);
        if own().next().is_none() {
            continue;
        }
        if !own().any(ProjectContainer::is_running) {
            context.ui.information(&format!(
                "{service} does not run; its container is replaced by the next `bireme up`"
            ));
        } else if data_is_agreed(&project, service, own(), native, context) {
            running.push(service);
        } else {
            context.ui.information(&format!(
                "{service} goes on as it is until the next `bireme up`, which replaces it"
            ));
        }
    }
    let names: Vec<String> = running.iter().map(ToString::to_string).collect();
    if !names.is_empty()
        && !agreed(fix, &format!("Replace the containers of {} now?", names.join(", ")), context)?
    {
        context.ui.information("they go on as they are until the next `bireme up`");
        return Ok(());
    }
    let pulled: Vec<String> = services
        .iter()
        .filter(|service| {
            names.contains(service) || containers.iter().all(|it| it.service != **service)
        })
        .filter(|service| project.services.get(*service).is_some_and(|it| it.build.is_none()))
        .cloned()
        .collect();
    if !pulled.is_empty() {
        pull::run(pull::Args { services: pulled, ..pull::Args::default() }, context)?;
    }
    if names.is_empty() {
        return Ok(());
    }
    let args = up::Args {
        build: names
            .iter()
            .any(|name| project.services.get(name).is_some_and(|service| service.build.is_some())),
        detach: true,
        no_deps: true,
        yes: fix.yes,
        services: names,
        ..up::Args::default()
    };
    up::run(args, context)
}

/// The containers that services have, running or not.
fn existing(
    project: &Project,
    services: &[String],
    context: &Context,
) -> Result<Vec<ProjectContainer>> {
    let mut found = Vec::new();
    let filter = Filter { services: services.to_vec(), all: true, one_off: OneOff::Exclude };
    context.with_engine(Signals::Drop, async |engine, _| {
        found = query::containers(&*engine, &project.name, &filter).await?;
        Ok(())
    })?;
    Ok(found)
}

/// Whether a service may go on with its data on the native platform: yes if it has none that depends
/// on the CPU, or if the user says so.
fn data_is_agreed<'c>(
    project: &Project,
    service: &str,
    containers: impl Iterator<Item = &'c ProjectContainer>,
    native: &Platform,
    context: &Context,
) -> bool {
    let named = project.services.get(service).map_or("", |service| service.image.as_str());
    let places: Vec<String> = containers.flat_map(|it| data_of(&it.summary.mounts)).collect();
    let Some(database) = Database::of_image(named).filter(|_| !places.is_empty()) else {
        return true;
    };
    Report::warning(&context.ui, &format!("{service}: {}", risk(database, named, &places)));
    if !can_ask(context) {
        context.ui.information(&format!(
            "{service} is left alone, since only somebody at a terminal can say yes to that; to do it: bireme up \
             -d --pull always {service}"
        ));
        return false;
    }
    context.ui.question(&format!("Start {service} on this data as {native}?"));
    read_answer()
}

/// Where containers keep what outlives them.
fn data_of(mounts: &[crate::engine::api::MountDetails]) -> Vec<String> {
    let is_anonymous =
        |name: &str| name.len() == 64 && name.bytes().all(|it| it.is_ascii_hexdigit());
    mounts
        .iter()
        .filter_map(|mount| match mount.r#type.as_str() {
            "volume" if is_anonymous(&mount.name) => {
                Some(format!("the anonymous volume at {}", mount.destination))
            }
            "volume" => Some(format!("volume {}", mount.name)),
            "bind" if mount.writable => Some(format!("directory {}", mount.source)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::How;

    fn judgement(service: &str, verdict: Verdict, causes: &[(Code, Option<Place>)]) -> Judgement {
        Judgement {
            service: service.to_owned(),
            image: "x".to_owned(),
            declared: None,
            offered: Vec::new(),
            chosen: None,
            running: Vec::new(),
            how: How::Qemu,
            verdict,
            accepted: service.starts_with("accepted"),
            causes: causes
                .iter()
                .map(|(code, place)| Cause {
                    code: *code,
                    message: "why".to_owned(),
                    place: place.clone(),
                })
                .collect(),
            remedy: None,
            cost: None,
            is_built: false,
            native: None,
        }
    }

    #[test]
    fn what_is_needless_is_mended_and_of_the_rest_is_told() {
        let place = Place { file: "Dockerfile".to_owned(), line: 1 };
        let judgements = [
            judgement("a", Verdict::Needless, &[(Code::Pinned, None)]),
            judgement("accepted", Verdict::Needless, &[(Code::Pinned, None)]),
            judgement("b", Verdict::Needed, &[(Code::NoNativeVariant, None)]),
            judgement("c", Verdict::Needless, &[(Code::PinnedFrom, Some(place.clone()))]),
            judgement("d", Verdict::CannotRun, &[(Code::NoEmulator, None), (Code::Pinned, None)]),
            judgement("e", Verdict::Native, &[]),
        ];
        let all = Targets::of(&Fix::default(), &judgements);
        assert_eq!((all.pinned, all.notes.len()), (vec!["a".to_owned(), "d".to_owned()], 0));
        assert_eq!(all.flags, [("c".to_owned(), place)]);
        let services = ["accepted", "b", "e"].map(str::to_owned).to_vec();
        let named = Targets::of(&Fix { services, ..Fix::default() }, &judgements);
        assert_eq!(named.pinned, ["accepted"]);
        assert_eq!(named.notes, ["b must be emulated: why", "e runs natively"]);
    }
}
