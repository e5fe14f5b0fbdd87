//! `platforms --fix`: takes needless platforms out of the files, after showing the diff, and lets the
//! services run natively.
//!
//! `--yes` stands for both questions, the files and the containers. It does not stand for the third one: a
//! database whose files another CPU has written is only started on them natively when somebody at a terminal
//! says so. Volumes are never touched.

mod replacing;
mod targets;

use std::path::Path;

use super::write::{check_writable, write_all};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::question::ask;
use crate::compose::files::Unsaved;
use crate::platform::Platform;
use crate::platform::mend::{Change, Mending, Refusal, is_others, mend};
use crate::platform::verdict::{Judgement, Verdict};
use crate::stack::progress::Report;
use crate::ui::diff;

use replacing::{bring_up, say_what_goes_on, say_what_stays};
use targets::{Targets, joined, mended_flags};

/// What a remedy begins with that is carried out here.
const COMMAND: &str = "bireme platforms --fix ";

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
    if context.request().files.iter().any(|file| file == "-") {
        return Err(Failure::new("what is read from standard input cannot be mended")
            .help("write the project to a file"));
    }
    let targets = Targets::of(fix, judgements, native);
    for note in &targets.notes {
        context.ui.information(note);
    }
    let mending = mending(&targets, native, context)?;
    for Refusal { service, reason } in &mending.refused {
        Report::warning(&context.ui, &format!("{service}: {reason}"));
    }
    for judgement in judgements.iter().filter(|it| mending.unpinned.contains(&it.service)) {
        // What asks for its platform is no `platform` of a file.
        if let Some(remedy) = judgement.remedy.as_ref().filter(|it| !it.starts_with(COMMAND)) {
            context.ui.information(&format!("{}: {remedy}", judgement.service));
        }
    }
    let bound = still_bound(judgements, &mending);
    for (service, remedy) in &bound {
        context
            .ui
            .information(&format!("{service} stays emulated until more is changed: {remedy}"));
    }
    // Of these, stages of the build are mended: what is built stays the same.
    let has_native_containers =
        |service: &str| judgements.iter().any(|it| it.service == service && it.is_of_stages);
    let services: Vec<String> = mending
        .mended
        .iter()
        .chain(targets.flags.iter().map(|flag| &flag.service))
        .filter(|service| !has_native_containers(service))
        .chain(&targets.stale)
        .filter(|service| !mending.refused.iter().any(|refusal| refusal.service == **service))
        .filter(|service| !bound.iter().any(|(bound, _)| bound == *service))
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
        check_writable(&mending.changes)?;
        if !agreed(fix, "Write this?", context)? {
            return Ok(());
        }
        write_all(&mending.changes)?;
        for change in &mending.changes {
            context.ui.information(&format!("wrote {}", shown(&change.path, context)));
        }
    }
    let emulated = || {
        let is_foreign = |running: &Platform| native.preference(running).is_none();
        let mended = judgements.iter().filter(|it| services.contains(&it.service));
        mended.filter(move |it| it.running.iter().any(is_foreign))
    };
    if let Some(path) = &mending.to_name {
        let path = shown(path, context);
        context.ui.information(&if context.request().files.is_empty() {
            format!(
                "COMPOSE_FILE names the files of this project, so name this one there, too, as the last: {path}"
            )
        } else {
            format!(
                "the files of this project are named, so name this one, too, as the last: -f {path}"
            )
        });
        let files = mending.named.iter().map(|file| shown(Path::new(file), context)).collect();
        say_what_goes_on(emulated(), &context.ui.commands().of_files(files), context);
        return Ok(());
    }
    if fix.no_up || services.is_empty() {
        say_what_goes_on(emulated(), context.ui.commands(), context);
        say_what_stays(judgements.iter().filter(|it| targets.stale.contains(&it.service)), context);
        return Ok(());
    }
    bring_up(fix, &services, judgements, native, context)
}

/// Of services whose `platform` is taken out, those that something else keeps foreign, with what mends that.
fn still_bound<'j>(judgements: &'j [Judgement], mending: &Mending) -> Vec<(&'j str, String)> {
    let of = |judgement: &'j Judgement| {
        let parts = judgement.remedy.as_deref().unwrap_or_default().split("; ");
        let rest: Vec<&str> = parts.filter(|part| !part.starts_with(COMMAND)).collect();
        (!rest.concat().is_empty()).then(|| (judgement.service.as_str(), rest.join("; ")))
    };
    // Of what was refused the reason is told.
    let is_refused =
        |service: &String| mending.refused.iter().any(|refusal| refusal.service == *service);
    let is_mended = |it: &&Judgement| {
        it.verdict == Verdict::Needless
            && mending.mended.contains(&it.service)
            && !is_refused(&it.service)
    };
    judgements.iter().filter(is_mended).filter_map(of).collect()
}

/// What is to be written.
fn mending(targets: &Targets, native: &Platform, context: &Context) -> Result<Mending> {
    let (mut changes, mut refused) = (Vec::new(), targets.refused.clone());
    if !targets.flags.is_empty() {
        // Verdicts name files as they are seen from there.
        let project = context.load_complete(&[], true)?;
        let is_compose_file = |path: &Path| project.sources.files().any(|file| file.name == path);
        let directory = &project.working_dir;
        let is_others = |path: &Path| is_others(directory, path, &context.files());
        let (mended, why_not) =
            mended_flags(&targets.flags, directory, &is_compose_file, &is_others);
        (changes, refused) = (mended, [refused, why_not].concat());
    }
    // Flags go first: nothing else leaves lines where they are.
    let files = context.files();
    let texts = changes.iter().map(|it| (it.path.clone(), it.after.clone().into_bytes()));
    let files = Unsaved::several(&files, texts);
    let mut mending = mend(&context.request(), &files, &targets.wanted, native)?;
    mending.changes = joined(changes, mending.changes);
    mending.refused.extend(refused);
    Ok(mending)
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
    ask(context, question)
}

fn can_ask(context: &Context) -> bool {
    let terminals = context.ui.appearance().terminals;
    terminals.stdin && terminals.stdout
}
