//! Beside the loop of a watch: where containers have files of this machine mounted and hear nothing of their changes,
//! these are replayed there. Nothing of it ends a watch: what cannot be done is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::containers::Appearances;
use super::deaf::Deaf;
use super::{HotReload, beside};
use crate::cli::failure::Result;
use crate::cli::machine::Machine;
use crate::engine::Engine;
use crate::engine::endpoint::Address;
use crate::stack::query::{self, Filter};
use crate::survey::file_events::{Arrival, Side, file_events};
use crate::survey::guest::{self, Finding};
use crate::watch::replay::{self, Hearing, Mounted, Replay};
use crate::watch::{Echoes, Rule};

/// What is under way.
pub(super) struct Replaying<'a> {
    reload: &'a HotReload<'a>,
    echoes: Echoes,
    mounted: Vec<Mounted>,
    /// Services that bring files into their containers.
    synced: BTreeSet<String>,
    /// Directories whose changes are heard of in containers, or of which nobody knows.
    settled: BTreeSet<PathBuf>,
    /// Directories whose changes are replayed.
    replayed: BTreeSet<PathBuf>,
    task: Option<JoinHandle<()>>,
    deaf: Deaf,
    /// What was said, so that it is said once.
    told: BTreeSet<String>,
}

impl<'a> Replaying<'a> {
    /// Nothing is known yet. What is done to files of this machine is told to `echoes`.
    pub(super) fn new(reload: &'a HotReload<'a>, rules: &[Rule], echoes: Echoes) -> Self {
        let home = reload.context.process.home();
        let synced = rules.iter().filter(|rule| rule.action.syncs());
        Self {
            reload,
            echoes,
            mounted: replay::mounted(reload.project, home.as_deref(), Path::is_dir),
            synced: synced.map(|rule| rule.service.clone()).collect(),
            settled: BTreeSet::new(),
            replayed: BTreeSet::new(),
            task: None,
            deaf: Deaf::default(),
            told: BTreeSet::new(),
        }
    }

    /// Goes on until it is told to stop.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result {
        if self.mounted.is_empty() && self.synced.is_empty() {
            return Ok(());
        }
        let HotReload { engine, project, .. } = self.reload;
        let mut appearances = Appearances::new(engine, &project.name).await?;
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => break,
                () = self.look(stop) => false,
            };
            if !ended && self.wait(&mut appearances, stop).await {
                break;
            }
        }
        if let Some(task) = self.task.take() {
            // It ends by the same token.
            let _ = task.await;
        }
        Ok(())
    }

    /// Waits until there may be something new; whether it is the end.
    async fn wait(&mut self, appearances: &mut Appearances, stop: &CancellationToken) -> bool {
        let ended = async {
            match &mut self.task {
                // A panic there is told by the runtime.
                Some(task) => drop(task.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return true,
            _ = appearances.next() => {}
            () = ended => {
                self.task = None;
                self.replayed.clear();
                // One that ends at once is not begun again until a container comes.
                tokio::select! {
                    () = stop.cancelled() => return true,
                    _ = appearances.next() => {}
                }
            }
        }
        false
    }

    /// Looks at the containers that run, and at directories of theirs that nothing is known of.
    async fn look(&mut self, stop: &CancellationToken) {
        let HotReload { engine, project, context, .. } = self.reload;
        let running = query::containers(&**engine, &project.name, &Filter::default()).await;
        let Ok(running) = running else { return };
        let mut concerned = self.synced.clone();
        concerned.extend(self.mounted.iter().flat_map(|it| &it.uses).map(|it| it.service.clone()));
        concerned.retain(|name| running.iter().any(|container| container.service == *name));
        if concerned.is_empty() || !self.has_news(&concerned) {
            return;
        }
        let machine = Machine::new(&context.process.variables, &context.global.engine);
        let Ok(finding) = guest::find(engine, &machine, &[]).await else { return };
        self.deaf.look(self.reload, &concerned, &finding).await;

        let mut processes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for container in &running {
            processes.entry(&container.service).or_default().push(&container.id);
        }
        let mut unknown = Vec::new();
        for mounted in self.mounted.clone() {
            let is_open = !self.settled.contains(&mounted.source)
                && !self.replayed.contains(&mounted.source)
                && mounted.uses.iter().any(|it| {
                    concerned.contains(&it.service) && !self.deaf.services.contains(&it.service)
                });
            if !is_open {
                continue;
            }
            if self.is_heard_of(&mounted, &processes, &finding, &machine).await {
                self.settled.insert(mounted.source);
            } else {
                unknown.push(mounted);
            }
        }
        if !unknown.is_empty() {
            self.begin(unknown, finding.guest.own.architecture(), stop).await;
        }
    }

    /// Whether something of these services is still to be found out.
    fn has_news(&self, services: &BTreeSet<String>) -> bool {
        let is_known =
            |source: &PathBuf| self.settled.contains(source) || self.replayed.contains(source);
        let is_open = |it: &Mounted| {
            !is_known(&it.source) && it.uses.iter().any(|it| services.contains(&it.service))
        };
        !self.deaf.have_seen(services) || self.mounted.iter().any(is_open)
    }

    /// Whether it is certain, without a question, that containers hear of changes in a directory, or that none of this
    /// machine can be meant.
    async fn is_heard_of(
        &self,
        mounted: &Mounted,
        containers: &BTreeMap<&str, Vec<&str>>,
        finding: &Finding,
        machine: &Machine,
    ) -> bool {
        let engine = &self.reload.engine;
        if !finding.is_here {
            return !matches!(engine.address(), Address::Unix(_));
        }
        let mut proofs = Vec::new();
        for it in &mounted.uses {
            for id in containers.get(it.service.as_str()).into_iter().flatten() {
                let details = engine.inspect_container(id).await.ok().flatten();
                let process = details.map_or(0, |details| details.state.pid);
                proofs.push(replay::is_same(process, &it.target, &it.source));
            }
        }
        let side = Side {
            product: finding.guest.product,
            address: engine.address(),
            guest: "",
            is_here: true,
        };
        // Who may not look at processes of containers goes by the file system.
        let is_ours = || file_events(side, &mounted.source, machine).arrival == Arrival::All;
        proofs.iter().all(|proof| proof.unwrap_or_else(is_ours))
    }

    /// Asks the engine about directories, together with those that are replayed already, and replays what changes where
    /// nobody hears.
    async fn begin(&mut self, unknown: Vec<Mounted>, architecture: &str, stop: &CancellationToken) {
        let engine = &self.reload.engine;
        let before = self.mounted.iter().filter(|it| self.replayed.contains(&it.source));
        let asked: Vec<Mounted> = before.cloned().chain(unknown).collect();
        let begun = Replay::begin(engine, architecture, &asked, &self.echoes).await;
        let (hearing, replay) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                self.settled.extend(asked.into_iter().map(|it| it.source));
                self.warn(format!(
                    "whether containers hear of changes to mounted files is not known: {error}"
                ));
                return;
            }
        };
        let mut new = Vec::new();
        for (mounted, hearing) in asked.iter().zip(hearing) {
            if hearing != Hearing::Deaf {
                self.settled.insert(mounted.source.clone());
            } else if self.replayed.insert(mounted.source.clone()) {
                new.push(beside(&mounted.source, &self.reload.project.working_dir));
            }
        }
        let Some(replay) = replay else { return };
        if let Some(former) = self.task.take() {
            former.abort();
        }
        let (feedback, stop) = (self.reload.feedback.clone(), stop.clone());
        self.task = Some(tokio::spawn(follow(replay, stop, move |told| feedback.warn(told))));
        if !new.is_empty() {
            let names = new.join(", ");
            self.reload.feedback.tell(&format!(
                "The engine passes no file events for {names}: replayed in the containers"
            ));
        }
    }

    fn warn(&mut self, message: String) {
        if !self.told.contains(&message) {
            self.reload.feedback.warn(&message);
            self.told.insert(message);
        }
    }
}

/// Replays until it is told to stop, or the helper has ended. What goes wrong is told once.
async fn follow(mut replay: Replay, stop: CancellationToken, warn: impl Fn(&str)) {
    let mut told = BTreeSet::new();
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => break,
            next = replay.next() => next,
        };
        let (message, is_over) = match next {
            Ok(message) => (message, false),
            Err(error) => {
                (format!("changes of mounted files are not replayed any more: {error}"), true)
            }
        };
        if told.insert(message.clone()) {
            warn(&message);
        }
        if is_over {
            break;
        }
    }
    replay.end().await;
}
