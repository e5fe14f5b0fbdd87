//! `dev`: hot reload without a `develop` section. Rules are derived from Dockerfiles, commands and mounts;
//! Compose files and env files are followed, too.

use std::sync::Arc;

use super::following::{Current, Following};
use super::lock::Lock;
use super::{beside, foresee, links, writing};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::runtime::Signals;
use crate::compose::files::Disk;
use crate::compose::model::Project;
use crate::stack::progress::Report;
use crate::ui::ProgressMode;
use crate::watch::derive::{self, Derived, Input};
use crate::watch::{Rule, rule};

/// The flags of `dev`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Args {
    /// Write the derived rules into the Compose file, as develop sections, and end
    #[arg(long)]
    write: bool,
    /// Write without a question
    #[arg(short, long, requires = "write")]
    yes: bool,
    /// Do not create and start the services first
    #[arg(long)]
    pub(super) no_up: bool,
    /// Remove images that a rebuild leaves without a name (--prune=false to keep them)
    #[arg(long)]
    pub(super) prune: Option<bool>,
    /// Hide the output of builds
    #[arg(long)]
    pub(super) quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
}

/// Derives rules, and watches by them.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result {
    let current = Current::load(&args.services, context)?;
    let Current { project, rules, derived } = &current;
    if args.write {
        return writing::write(project, derived, args.yes, context);
    }
    if rules.is_empty() && !is_mounted_alone(project, context) {
        return Err(nothing());
    }
    tell(derived, context);
    tell_sources(derived, context);
    if context.global.dry_run {
        return foresee(project, rules, args.no_up, args.services.clone(), context);
    }
    let _lock = Lock::take(&context.process, &project.name)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        let following = Following { context, args, engine, interrupt: &interrupt };
        Box::pin(following.run(current)).await
    })
}

/// Whether services have something mounted, which is followed without rules, too; that is said then.
pub(super) fn is_mounted_alone(project: &Project, context: &Context) -> bool {
    let mounted = links::rules(project);
    for rule in &mounted {
        let path = beside(&rule.path, &context.process.directory);
        say(
            context,
            &format!(
                "{}: {path} is mounted: a restart where it is replaced, a replay of changes that the engine does not pass on",
                rule.service
            ),
        );
    }
    !mounted.is_empty()
}

/// The rules of the files, and those that are derived for services that have none.
pub(super) fn with_derived(project: &Project, context: &Context) -> Result<(Arc<[Rule]>, Derived)> {
    let (rules, derived, warnings) = read(project)?;
    for warning in &warnings {
        context.ui.warning(warning);
    }
    Ok((rules, derived))
}

/// The same as they are now, with warnings that need not be told again.
pub(super) fn read(project: &Project) -> Result<(Arc<[Rule]>, Derived, Vec<String>)> {
    let written = rule::rules(project, &[])?;
    let derived = derive::derive(&Input { project, files: &Disk::default() });
    let mut rules = written.rules;
    for rule in &derived.rules {
        let Some(service) = project.services.get(&rule.service) else { continue };
        rules.push(Rule::derived(service, rule)?);
    }
    Ok((rules.into(), derived, written.warnings))
}

/// Says which rules were derived, and why.
pub(super) fn tell(derived: &Derived, context: &Context) {
    tell_beyond(&Derived::default(), derived, context);
}

/// Says which rules hold no longer, and which are derived now that were not before.
pub(super) fn tell_beyond(former: &Derived, derived: &Derived, context: &Context) {
    let are_same = |one: &derive::Rule, other: &derive::Rule| {
        // Lines move.
        one == &derive::Rule { place: one.place.clone(), ..other.clone() }
    };
    let has = |it: &Derived, rule: &derive::Rule| it.rules.iter().any(|own| are_same(own, rule));
    for rule in former.rules.iter().filter(|rule| !has(derived, rule)) {
        say(context, &format!("{}: no longer: {}", rule.service, deed(rule, context)));
    }
    for rule in derived.rules.iter().filter(|rule| !has(former, rule)) {
        let place = rule.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let (service, deed) = (&rule.service, deed(rule, context));
        say(context, &format!("{service}: {deed}: {}{place}", rule.reason));
    }
    let is_told = |note: &derive::Note| {
        former.notes.iter().any(|it| (&it.service, &it.message) == (&note.service, &note.message))
    };
    for note in derived.notes.iter().filter(|note| !is_told(note)) {
        let place = note.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        Report::warning(&context.ui, &format!("{}: {}{place}", note.service, note.message));
    }
}

/// Says something of what is watched: a line among the results, or an event with `--progress json`.
fn say(context: &Context, line: &str) {
    if context.ui.appearance().progress == ProgressMode::Json {
        context.ui.information(line);
    } else {
        context.ui.print(line);
    }
}

/// What a rule does with what.
fn deed(rule: &derive::Rule, context: &Context) -> String {
    let path = match rule.include.as_slice() {
        // The files of a directory that one pattern means.
        [pattern] => beside(&rule.path.join(pattern), &context.process.directory),
        _ => beside(&rule.path, &context.process.directory),
    };
    let to = if rule.action.syncs() { format!(" to {}", rule.target) } else { String::new() };
    format!("{} {path}{to}", rule.action.deed())
}

/// Says which files make the project be loaded again.
fn tell_sources(derived: &Derived, context: &Context) {
    let files = derived.reconcile.iter().filter(|file| file.path.exists());
    let names: Vec<String> =
        files.map(|file| beside(&file.path, &context.process.directory)).collect();
    if !names.is_empty() {
        let names = names.join(", ");
        say(context, &format!("{names}: loaded again, and what then differs is brought up"));
    }
}

fn nothing() -> Failure {
    Failure::new("no service has anything to watch: no rules in the files, and none can be derived")
        .help("rules are derived from what Dockerfiles copy, and from mounted configuration")
}
