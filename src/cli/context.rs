//! What every command is given: the process, the global settings, and where to show things.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use super::builder::Taken;
use super::entry::Identity;
use super::failure::{Failure, Result};
use super::global::{Global, is_true};
use super::machine::Machine;
use super::process::{Process, Variables};
use super::rehearsal;
use super::runtime::{Interrupt, Signals, block_on, runtime};
use super::terminations::Terminations;
use super::timeline::Recorder;
use crate::compose::assemble::{Selection, assemble};
use crate::compose::files::Disk;
use crate::compose::load::{self, LoadOptions};
use crate::compose::model::Project;
use crate::compose::remote::Trust;
use crate::compose::source::{self, Request};
use crate::compose::trace::{Trace, Untraced};
use crate::diagnostic::SourceMap;
use crate::engine::{DockerEngine, Engine, Settings, Warn};
use crate::remote::Fetcher;
use crate::stack::progress::{Event, Report};
use crate::stack::{self, Plan};
use crate::ui::{Ui, terminal};

/// What every command is given.
pub(super) struct Context {
    /// The process, its environment completed by `COMPOSE_*` of the env files.
    pub(super) process: Process,
    /// Global flags and what the environment says in their place.
    pub(super) global: Global,
    /// Where things are shown.
    pub(super) ui: Ui,
    /// Fetches files of other machines; made when files are first read.
    pub(super) fetcher: OnceLock<Arc<Fetcher>>,
    /// The builder that was taken last, with its connections.
    pub(super) builder_taken: Mutex<Taken>,
}

impl Context {
    /// The context of a run.
    pub(super) fn new(process: Process, global: Global, ui: Ui) -> Self {
        Self { process, global, ui, fetcher: OnceLock::new(), builder_taken: Mutex::default() }
    }

    /// Connects to the engine and runs `work` with it, until it ends or signals end it.
    pub(super) fn with_engine(
        &self,
        signals: Signals,
        work: impl AsyncFnOnce(Arc<DockerEngine>, Interrupt) -> Result,
    ) -> Result {
        let machine = Machine::new(&self.process.variables, &self.global.engine);
        let settings = self.settings()?;
        block_on(runtime()?, &self.ui, self.process.front(), signals, async |interrupt| {
            let engine = DockerEngine::connect(settings, &machine).await?;
            work(Arc::new(engine), interrupt).await
        })
    }

    /// What flags, environment and configuration say about the engine; connects to nothing.
    pub(super) fn settings(&self) -> Result<Settings> {
        let ui = self.ui.clone();
        let warn: Warn = Arc::new(move |text| ui.warning(&text));
        let flags = self.global.engine.flags();
        let machine = Machine::new(&self.process.variables, &self.global.engine);
        Settings::resolve(&flags, &machine, &warn).map_err(|error| {
            match self.process.entry.identity {
                Identity::Bireme => error.into(),
                Identity::Compose => Failure::new(format!("Failed to initialize: {error}")),
            }
        })
    }

    /// Listens to signals, for a command that answers them by itself.
    pub(super) fn terminations(&self) -> Result<Terminations> {
        Terminations::new(self.process.front())
            .map_err(|error| Failure::new(format!("cannot listen to signals: {error}")))
    }

    /// What flags and environment say about the project.
    pub(super) fn request(&self) -> Request {
        let Global { files, project_directory, project_name, profiles, env_files, .. } =
            &self.global;
        Request {
            files: files.clone(),
            project_directory: project_directory.as_ref().map(PathBuf::from),
            project_name: project_name.clone(),
            env_files: env_files.iter().map(PathBuf::from).collect(),
            profiles: profiles.clone(),
            current_directory: self.process.directory.clone(),
            environment: self.process.variables.clone(),
            home: self.process.home(),
            trust: self.trust(),
        }
    }

    /// The project that the files describe, cut to the services that are named (none for all that
    /// are enabled) and, unless `without_dependencies`, to what they depend on. Files of variables for
    /// containers are not read, and may be missing: for commands that make none.
    pub(super) fn load(&self, services: &[String], without_dependencies: bool) -> Result<Project> {
        self.load_traced(services, without_dependencies, &mut Untraced)
    }

    /// The same, and tells what it does.
    pub(super) fn load_traced(
        &self,
        services: &[String],
        without_dependencies: bool,
        trace: &mut dyn Trace,
    ) -> Result<Project> {
        let options = LoadOptions { no_env_resolution: true, ..LoadOptions::default() };
        self.load_with(&options, services, without_dependencies, false, trace)
    }

    /// The same, with all that containers would get.
    pub(super) fn load_complete(
        &self,
        services: &[String],
        without_dependencies: bool,
    ) -> Result<Project> {
        let options = LoadOptions::default();
        self.load_with(&options, services, without_dependencies, false, &mut Untraced)
    }

    /// The same for a command that creates containers: what is probably not meant is told. `yes` is
    /// the user's to all that files from afar ask for.
    pub(super) fn load_to_create(
        &self,
        services: &[String],
        without_dependencies: bool,
        yes: bool,
        trace: &mut dyn Trace,
    ) -> Result<Project> {
        let options = LoadOptions { advice: true, to_run: true, ..LoadOptions::default() };
        let project = self.load_with(&options, services, without_dependencies, yes, trace)?;
        self.tell_location(&project);
        Ok(project)
    }

    /// The same for a command that builds images.
    pub(super) fn load_to_build(
        &self,
        services: &[String],
        without_dependencies: bool,
    ) -> Result<Project> {
        let options =
            LoadOptions { to_run: true, no_env_resolution: true, ..LoadOptions::default() };
        self.load_with(&options, services, without_dependencies, false, &mut Untraced)
    }

    /// The same for a command that runs one container.
    pub(super) fn load_to_run(
        &self,
        services: &[String],
        without_dependencies: bool,
    ) -> Result<Project> {
        let options = LoadOptions { to_run: true, ..LoadOptions::default() };
        self.load_with(&options, services, without_dependencies, false, &mut Untraced)
    }

    /// The whole project, every profile enabled.
    pub(super) fn load_everything(&self) -> Result<Project> {
        let options = LoadOptions::default();
        let files = self.files();
        let mut request = self.request();
        request.profiles = vec!["*".to_owned()];
        let loaded = self.agreed(&mut request, |request| {
            let merged = load::merged(request, &options, &files)?;
            assemble(merged, &options, &Selection::default(), &files)
        })?;
        let (project, warnings) = loaded?;
        self.ui.warnings(&warnings, &project.sources);
        Ok(project)
    }

    fn load_with(
        &self,
        options: &LoadOptions,
        services: &[String],
        without_dependencies: bool,
        yes: bool,
        trace: &mut dyn Trace,
    ) -> Result<Project> {
        let selection = Selection {
            services: services.to_vec(),
            without_dependencies,
            all_resources: self.global.all_resources,
        };
        let files = self.files();
        let mut request = self.request();
        if yes {
            request.trust = Trust::everything();
        }
        let loaded = self.agreed(&mut request, |request| {
            let merged = load::merged_traced(request, options, &files, trace)?;
            assemble(merged, options, &selection, &files)
        })?;
        let (project, warnings) = loaded?;
        self.ui.warnings(&warnings, &project.sources);
        Ok(project)
    }

    /// The variables that `-e KEY` sees: the process's, and those of env files.
    pub(super) fn environment(&self) -> Result<Variables> {
        let mut sources = SourceMap::default();
        match source::locate(&self.request(), &Disk::default(), &mut sources) {
            Ok(located) => Ok(located.environment),
            Err(diagnostics) => {
                Err(Failure::Diagnostics { diagnostics, sources: Box::new(sources) })
            }
        }
    }

    /// `--remove-orphans`, or `COMPOSE_REMOVE_ORPHANS`.
    pub(super) fn remove_orphans(&self, flag: Option<bool>) -> bool {
        flag.unwrap_or_else(|| is_true(&self.process.variables, "COMPOSE_REMOVE_ORPHANS"))
    }

    /// Whether a flag was given in its former spelling; tells the new one.
    pub(super) fn former(&self, given: bool, former: &str, now: &str) -> bool {
        if given {
            self.ui.warning(&format!("{former} is deprecated, please use {now}"));
        }
        given
    }

    /// The columns of the terminal that standard output is, if it is one.
    pub(super) fn columns(&self) -> Option<usize> {
        let size = terminal::size().filter(|_| self.ui.appearance().terminals.stdout);
        size.map(|size| usize::from(size.width))
    }

    /// Carries a plan out, or prints it with `--dry-run`; `title` is the word behind `[+]`.
    pub(super) async fn carry_out<E: Engine>(
        &self,
        plan: &Plan,
        title: &'static str,
        engine: &E,
        interrupt: &Interrupt,
    ) -> Result {
        for warning in plan.warnings() {
            self.ui.warning(warning);
        }
        if self.global.dry_run {
            return rehearsal::show(self, &plan.describe(), plan.rehearsal(&BTreeMap::new()));
        }
        self.ui.begin(title);
        let outcome = stack::run(plan, engine, &self.ui, &interrupt.graceful).await;
        self.ui.end();
        Ok(outcome?)
    }

    /// The same for a run of `command` whose times are kept, and shown if `show` (`--timeline`).
    pub(super) async fn carry_out_timed<E: Engine>(
        &self,
        plan: &Plan,
        (title, command, show): (&'static str, &'static str, bool),
        engine: &E,
        interrupt: &Interrupt,
    ) -> Result {
        if self.global.dry_run {
            return self.carry_out(plan, title, engine, interrupt).await;
        }
        for warning in plan.warnings() {
            self.ui.warning(warning);
        }
        let recorder = Recorder::new(&self.ui, command);
        self.ui.begin(title);
        let outcome = stack::run(plan, engine, &recorder, &interrupt.graceful).await;
        self.ui.end();
        self.keep_timeline(&recorder, plan.project(), engine, show);
        Ok(outcome?)
    }

    /// Prints a plan for `--dry-run`, and what a run of it would tell.
    pub(super) fn print_plan(&self, described: &str, rehearsal: &[Event]) {
        let described = described.trim_end();
        if described.is_empty() {
            self.ui.status("nothing to do");
        } else {
            self.ui.print(described);
        }
        self.ui.rehearse(rehearsal);
    }
}

/// The keys that detach from a process, as the user's configuration has them.
pub(super) fn detach_keys(engine: &DockerEngine) -> String {
    engine.config().detach_keys.clone().unwrap_or_default()
}

/// The proxies that the user's configuration has for containers.
pub(super) fn proxies(engine: &DockerEngine) -> Variables {
    engine.config().proxy_variables(&engine.describe().endpoint)
}
