//! What follows a fix: native images are pulled, and containers replaced where their data allows it.

use super::{Fix, agreed, can_ask};
use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::question::ask;
use crate::cli::runtime::Signals;
use crate::cli::{build, pull, up};
use crate::compose::model::Project;
use crate::engine::Engine;
use crate::platform::Platform;
use crate::platform::data::{Database, risk};
use crate::platform::verdict::Judgement;
use crate::stack::progress::Report;
use crate::stack::query::{self, Filter, OneOff, ProjectContainer};
use crate::ui::Commands;

/// Pulls the native images and replaces containers, as `pull` and `up` do.
pub(super) fn bring_up(
    fix: &Fix,
    services: &[String],
    judgements: &[Judgement],
    native: &Platform,
    context: &Context,
) -> Result {
    let project = context.load_complete(services, true)?;
    let containers = existing(&project, services, context)?;
    let is_built = |service: &str| {
        project.services.get(service).is_some_and(|service| service.build.is_some())
    };
    let (mut running, mut pulled, mut rebuilt) = (Vec::new(), Vec::new(), Vec::new());
    for judgement in judgements.iter().filter(|it| services.contains(&it.service)) {
        let service = &judgement.service;
        let own = || containers.iter().filter(|container| container.service == *service);
        if own().next().is_none() {
            warn_of_volumes(&project, judgement, context)?;
        } else if !data_is_agreed(judgement, native, context)? {
            say_what_goes_on([judgement], context.ui.commands(), context);
            continue;
        } else if own().any(ProjectContainer::is_running) {
            running.push(service.clone());
        } else {
            context.ui.information(&format!(
                "{service} does not run; its container is replaced by the next `bireme up`"
            ));
        }
        if !is_built(service) {
            pulled.push(service.clone());
        } else if !running.contains(service) && !judgement.is_to_be_built {
            // Otherwise `up` would go on with the foreign image that there is.
            rebuilt.push(service.clone());
        }
    }
    if !running.is_empty()
        && !agreed(fix, &format!("Replace the containers of {} now?", running.join(", ")), context)?
    {
        let running = judgements.iter().filter(|it| running.contains(&it.service));
        say_what_goes_on(running, context.ui.commands(), context);
        return Ok(());
    }
    if !pulled.is_empty() {
        // Some policies would keep the foreign copy.
        let policy = Some("always".to_owned());
        pull::run(pull::Args { services: pulled, policy, ..pull::Args::default() }, context)?;
    }
    if !rebuilt.is_empty() {
        build::run(&build::Args { services: rebuilt, ..build::Args::default() }, context)?;
    }
    if running.is_empty() {
        return Ok(());
    }
    let args = up::Args {
        build: running.iter().any(|service| is_built(service)),
        detach: true,
        no_deps: true,
        yes: fix.yes,
        data_is_agreed: true,
        // A store that keeps several platforms under a name has the same image as before.
        force_recreate: true,
        services: running,
        ..up::Args::default()
    };
    up::run(args, context)
}

/// Says of services whose containers stay emulated what lets them run natively; `commands` spells that.
pub(super) fn say_what_goes_on<'a>(
    judgements: impl IntoIterator<Item = &'a Judgement>,
    commands: &Commands,
    context: &Context,
) {
    if let Some(line) = what_goes_on(judgements) {
        context.ui.information(&commands.spell(&line));
    }
}

/// Says of services without a container that the engine's copy of their image is still foreign.
pub(super) fn say_what_stays<'a>(
    judgements: impl IntoIterator<Item = &'a Judgement>,
    context: &Context,
) {
    let has_copy = |it: &&Judgement| it.running.is_empty() && !it.is_to_be_built;
    for judgement in judgements.into_iter().filter(has_copy) {
        let Judgement { service, image, remedy, .. } = judgement;
        let remedy = remedy.as_deref().unwrap_or_default();
        let line =
            format!("{service}: the copy of {image} stays as it is; what replaces it: {remedy}");
        context.ui.information(&line);
    }
}

fn what_goes_on<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Option<String> {
    let judgements: Vec<&Judgement> = judgements.into_iter().collect();
    let names: Vec<&str> = judgements.iter().map(|it| it.service.as_str()).collect();
    let of = |is_built: bool| judgements.iter().any(|judgement| judgement.is_built == is_built);
    let build = if of(true) { "--build " } else { "" };
    // The engine's copy may be the foreign one.
    let pull = if of(false) { "--pull always " } else { "" };
    let (stay, rest) = match names.len() {
        1 => ("goes on as it is", "it"),
        _ => ("go on as they are", "them"),
    };
    (!names.is_empty()).then(|| {
        format!(
            "{} {stay}; what lets {rest} run natively: bireme up -d {build}{pull}{}",
            names.join(", "),
            names.join(" ")
        )
    })
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

/// Whether a service may go on with its data on the native platform: yes if nothing is at stake, or if
/// the user says so.
fn data_is_agreed(judgement: &Judgement, native: &Platform, context: &Context) -> Result<bool> {
    let service = &judgement.service;
    let Some(risk) = judgement.risk.as_ref().filter(|risk| !risk.is_portable) else {
        return Ok(true);
    };
    Report::warning(&context.ui, &format!("{service}: {}", risk.text));
    if !can_ask(context) {
        return Ok(false);
    }
    ask(context, &format!("Start {service} on this data as {native}?"))
}

/// Names the volumes that a database server without a container finds when it starts: the one that was
/// emulated may have written them.
fn warn_of_volumes(project: &Project, judgement: &Judgement, context: &Context) -> Result {
    let (service, image) = (&judgement.service, &judgement.image);
    let Some(writer) = judgement.chosen.as_ref().filter(|_| judgement.how.is_emulated()) else {
        return Ok(());
    };
    let mounts = project.services.get(service).map_or(&[][..], |it| it.volumes.as_slice());
    let names: Vec<String> = mounts
        .iter()
        .filter(|mount| mount.r#type == "volume")
        .filter_map(|mount| project.volumes.get(&mount.source))
        .map(|volume| volume.name.clone())
        .collect();
    if names.is_empty() || Database::of_image(image).is_none_or(|database| database.is_portable) {
        return Ok(());
    }
    context.with_engine(Signals::Drop, async |engine, _| {
        let mut places = Vec::new();
        for name in &names {
            if engine.inspect_volume(name).await?.is_some() {
                places.push(format!("volume {name}"));
            }
        }
        if let Some(risk) = risk(image, &places, "may hold", writer) {
            Report::warning(&context.ui, &format!("{service}: {}", risk.text));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::targets::testing::judgement;
    use super::*;
    use crate::platform::verdict::Verdict;

    #[test]
    fn what_goes_on_is_told_with_what_ends_it() {
        let db = judgement("db", Verdict::Needless, &[]);
        let web = Judgement { is_built: true, ..judgement("web", Verdict::Needless, &[]) };
        assert_eq!(what_goes_on([]), None);
        assert_eq!(
            what_goes_on([&db]).as_deref(),
            Some("db goes on as it is; what lets it run natively: bireme up -d --pull always db")
        );
        assert_eq!(
            what_goes_on([&db, &web]).as_deref(),
            Some(
                "db, web go on as they are; what lets them run natively: bireme up -d --build --pull always db web"
            )
        );
    }
}
