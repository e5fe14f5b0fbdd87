//! `dev --write`: derived rules as `develop` sections of the files that have the services.

use std::path::{Path, PathBuf};

use super::beside;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::platforms::write_all;
use crate::cli::question::ask;
use crate::compose::model::{Project, WatchTrigger};
use crate::platform::mend::Change;
use crate::stack::progress::Report;
use crate::ui::diff;
use crate::watch::derive::{self, Derived};

/// Writes the rules into the Compose files that have the services, after showing the difference.
pub(super) fn write(project: &Project, derived: &Derived, yes: bool, context: &Context) -> Result {
    let mut edits = Edits::default();
    let mut failed = 0;
    for service in project.services.keys() {
        let rules = derived.rules.iter().filter(|rule| rule.service == *service);
        let (rules, others): (Vec<_>, Vec<_>) =
            rules.partition(|rule| rule.action.is_expressible());
        for rule in others {
            let path = beside(&rule.path, &context.process.directory);
            let deed = rule.action.deed();
            Report::warning(&context.ui, &format!("{service}: no section can say: {deed} {path}"));
        }
        if rules.is_empty() {
            continue;
        }
        if let Err(why) = edits.insert(project, service, &rules) {
            let message = format!("{service}: its rules cannot be put into its file: {why}:");
            Report::warning(&context.ui, &message);
            context.ui.print(derive::section(&rules, &base(project, service)).trim_end());
            failed += 1;
        }
    }
    edits.carry_out(project, yes, context)?;
    match failed {
        0 => Ok(()),
        1 => Err(Failure::new("the rules of a service were not written")),
        failed => Err(Failure::new(format!("the rules of {failed} services were not written"))),
    }
}

/// What is to be written.
#[derive(Default)]
struct Edits<'a> {
    changes: Vec<Change>,
    /// What services get.
    rules: Vec<(&'a str, Vec<&'a derive::Rule>)>,
}

impl<'a> Edits<'a> {
    /// Puts rules into the last file that has the service.
    ///
    /// # Errors
    /// Why that cannot be done: one clause.
    fn insert(
        &mut self,
        project: &Project,
        service: &'a str,
        rules: &[&'a derive::Rule],
    ) -> std::result::Result<(), String> {
        let files = files(project, service);
        if let [path] = files.as_slice()
            && !path.starts_with(&project.working_dir)
            && !project.compose_files.contains(path)
        {
            return Err(format!("{} is not in the project's directory", path.display()));
        }
        let base = base(project, service);
        for path in &files {
            let known = self.changes.iter_mut().find(|change| change.path == *path);
            let before = match &known {
                Some(change) => change.after.clone(),
                None => match std::fs::read_to_string(path) {
                    Ok(text) => text,
                    Err(_) => continue,
                },
            };
            let Some(after) = derive::inserted(&before, service, rules, &base) else { continue };
            match known {
                Some(change) => change.after = after,
                None => {
                    self.changes.push(Change { path: path.clone(), before: Some(before), after });
                }
            }
            self.rules.push((service, rules.to_vec()));
            return Ok(());
        }
        Err(match files.first() {
            Some(path) => {
                format!("{} has it in a form that cannot be edited in place", shown(path, project))
            }
            None => "no file on this machine has it".to_owned(),
        })
    }

    /// Shows the difference, asks, and writes.
    fn carry_out(self, project: &Project, yes: bool, context: &Context) -> Result {
        if self.changes.is_empty() {
            context.ui.status("nothing to write");
            return Ok(());
        }
        let colour = context.ui.appearance().colour_stdout;
        for change in &self.changes {
            let name = shown(&change.path, project);
            let text = diff(&name, change.before.as_deref(), &change.after, colour);
            context.ui.print(text.trim_end());
        }
        if context.global.dry_run {
            return Ok(());
        }
        if !yes {
            if !context.ui.appearance().terminals.stdin {
                return Err(Failure::new("nobody can be asked here: nothing was written")
                    .help("--yes writes without a question"));
            }
            if !ask(context, "Write this?")? {
                return Ok(());
            }
        }
        write_all(&self.changes)?;
        if let Err(failure) = self.check(project, context) {
            write_all(&self.changes.into_iter().filter_map(back).collect::<Vec<_>>())?;
            return Err(failure);
        }
        for change in &self.changes {
            context.ui.information(&format!("wrote {}", shown(&change.path, project)));
        }
        Ok(())
    }

    /// Makes sure that the files, as they are now, have these rules, and say the same as before beside them.
    fn check(&self, before: &Project, context: &Context) -> Result {
        let wrong = || Failure::new("the edit would change more than rules: nothing was written");
        let now = context.load_everything().map_err(|_| wrong())?;
        for (name, service) in &before.services {
            let mut expected = service.clone();
            let mut found = now.services.get(name).cloned().ok_or_else(wrong)?;
            let rules = self.rules.iter().find(|(service, _)| service == name);
            let Some((_, rules)) = rules else {
                if expected != found {
                    return Err(wrong());
                }
                continue;
            };
            expected.develop = None;
            let develop = found.develop.take();
            if expected != found {
                return Err(wrong());
            }
            let written = develop.map(|develop| develop.watch).unwrap_or_default();
            let wanted: Vec<WatchTrigger> = rules.iter().map(|rule| rule.trigger()).collect();
            if !written.iter().map(meaning).eq(wanted.iter().map(meaning)) {
                let message = format!("the rules of {name} would mean something else in its file");
                return Err(Failure::new(format!("{message}: nothing was written"))
                    .help("paths of an included file are based on its project_directory"));
            }
        }
        Ok(())
    }
}

/// What a derived rule says of itself in a file. Links are followed when it is loaded.
fn meaning(it: &WatchTrigger) -> (&str, PathBuf, &str, &[String], &[String]) {
    let path = Path::new(&it.path);
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    (&it.action, path, &it.target, &it.include, &it.ignore)
}

/// What takes a change back.
fn back(change: Change) -> Option<Change> {
    Some(Change { path: change.path, before: Some(change.after), after: change.before? })
}

/// The files that have a service, the last one first: the project's own, else the one that these include.
fn files(project: &Project, service: &str) -> Vec<PathBuf> {
    let has = |path: &&PathBuf| {
        std::fs::read_to_string(path).is_ok_and(|text| derive::has(&text, service))
    };
    let own: Vec<PathBuf> = project.compose_files.iter().rev().filter(has).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let span = project.origin(&format!("services.{service}"));
    let file = span.map(|span| project.sources.name(span.file).to_owned());
    file.filter(|path| has(&path)).into_iter().collect()
}

/// The directory that paths are based on in the file that has a service: an included file has its own.
fn base(project: &Project, service: &str) -> PathBuf {
    let files = files(project, service);
    let included = files.first().filter(|file| !project.compose_files.contains(file));
    let directory = included.and_then(|file| file.parent());
    directory.unwrap_or(&project.working_dir).to_owned()
}

fn shown(path: &Path, project: &Project) -> String {
    beside(path, &project.working_dir)
}
