//! A plan in a file: what was asked for, what it was made from, and its steps. `up --plan` makes the
//! plan again and carries it out if nothing of that is different.

use std::path::Path;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::PROGRAM;
use crate::cli::context::{Context, proxies};
use crate::cli::failure::{Failure, Result};
use crate::cli::whole;
use crate::compose::model::Project;
use crate::engine::DockerEngine;
use crate::stack::preview::Preview;
use crate::stack::up::{self, Fingerprint, Options, UpPlan};

/// The form of the file.
const FORM: u32 = 1;
/// Differences that are told one by one.
const MOST_DIFFERENCES: usize = 20;

/// A plan in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::cli) struct Saved {
    /// The form of the file.
    bireme_plan: u32,
    /// What wrote it.
    program: String,
    /// When, as RFC 3339.
    created: String,
    /// Which project.
    project: Request,
    /// The flags.
    pub(in crate::cli) options: Options,
    /// What it was made from.
    fingerprint: Fingerprint,
    /// Its steps with their causes.
    steps: Vec<String>,
    /// What it comes to, as `plan --format json` prints it.
    plan: serde_json::Value,
}

/// What the global flags and the environment said about the project.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Request {
    name: String,
    files: Vec<String>,
    directory: Option<String>,
    profiles: Vec<String>,
    env_files: Vec<String>,
    all_resources: bool,
    compatibility: bool,
}

impl Saved {
    /// A plan as it is saved.
    ///
    /// # Errors
    /// A secret or config without its value.
    pub(super) fn of(
        context: &Context,
        project: &Project,
        options: &Options,
        plan: &UpPlan<'_>,
        preview: &Preview,
    ) -> Result<Self> {
        let salt: [u8; 16] = rand::rng().random();
        let salt = format!("{:032x}", u128::from_ne_bytes(salt));
        let described = plan.describe();
        Ok(Self {
            bireme_plan: FORM,
            program: PROGRAM.to_owned(),
            created: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            project: Request::of(context, project),
            options: options.clone(),
            fingerprint: plan.fingerprint(&salt)?,
            steps: described.lines().map(str::to_owned).collect(),
            plan: serde_json::to_value(preview).map_err(|it| Failure::new(it.to_string()))?,
        })
    }

    /// Writes it for its owner alone: a new file takes the place of one that is there.
    pub(super) fn write(&self, path: &str) -> Result {
        let text = serde_json::to_string_pretty(self).map_err(|it| Failure::new(it.to_string()))?;
        whole::write_private(Path::new(path), &format!("{text}\n"))
            .map_err(|error| Failure::new(format!("cannot write {path}: {error}")))
    }

    /// Reads one.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no plan of this version.
    pub(in crate::cli) fn read(path: &str) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::new(format!("cannot read the plan {path}: {error}")))?;
        let value: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("{path} is no plan: {error}")))?;
        match value.get("bireme_plan").and_then(serde_json::Value::as_u64) {
            Some(form) if form == u64::from(FORM) => {}
            Some(form) => {
                let by = value.get("program").and_then(serde_json::Value::as_str);
                let by = by.unwrap_or("another program");
                return Err(Failure::new(format!(
                    "{path} is a plan of form {form}, written by {by}; {PROGRAM} reads form {FORM}"
                )));
            }
            None => {
                return Err(Failure::new(format!("{path} is no plan"))
                    .help("`bireme plan --out FILE` makes one"));
            }
        }
        serde_json::from_value(value)
            .map_err(|error| Failure::new(format!("{path} is no plan: {error}")))
    }

    /// The context in which it was made: its project, unless flags name another.
    pub(in crate::cli) fn context(&self, context: &Context) -> Context {
        let mut global = context.global.clone();
        let named = !global.files.is_empty()
            || global.project_directory.is_some()
            || global.project_name.is_some()
            || !global.profiles.is_empty()
            || !global.env_files.is_empty();
        if !named {
            let Request { name, files, directory, profiles, env_files, .. } = self.project.clone();
            global.files = files;
            global.project_directory = directory;
            global.project_name = Some(name);
            global.profiles = profiles;
            global.env_files = env_files;
        }
        global.all_resources = self.project.all_resources;
        global.compatibility = self.project.compatibility;
        Context::new(context.process.clone(), global, context.ui.clone())
    }

    /// The same plan, made again.
    ///
    /// # Errors
    /// What is different now.
    pub(in crate::cli) async fn again<'project>(
        &self,
        project: &'project Project,
        engine: &DockerEngine,
        path: &str,
    ) -> Result<UpPlan<'project>> {
        let mut options = self.options.clone();
        options.proxy_environment = proxies(engine);
        let plan = up::plan(project, &options, engine).await?;
        let mut changes = self.fingerprint.changes(&plan.fingerprint(self.fingerprint.salt())?);
        let described = plan.describe();
        let now: Vec<&str> = described.lines().collect();
        if changes.is_empty() && now != self.steps {
            let lines = |from: &[&str], without: &[&str], sign: &str| -> Vec<String> {
                let missing = from.iter().filter(|line| !without.contains(*line));
                missing.map(|line| format!("{sign} {line}")).collect()
            };
            let then: Vec<&str> = self.steps.iter().map(String::as_str).collect();
            changes.extend(lines(&then, &now, "no longer a step:"));
            changes.extend(lines(&now, &then, "a step now:"));
            if changes.is_empty() {
                changes.push("the order of the steps is another one".to_owned());
            }
        }
        if changes.is_empty() {
            return Ok(plan);
        }
        let more = changes.len().saturating_sub(MOST_DIFFERENCES);
        changes.truncate(MOST_DIFFERENCES);
        let mut lines = vec![format!(
            "the plan in {path} was made at {} and cannot be carried out; since then:",
            self.created
        )];
        lines.extend(changes.iter().map(|change| format!("  - {change}")));
        if more > 0 {
            lines.push(format!("  - and {more} more"));
        }
        let message = lines.join("\n");
        Err(Failure::new(message)
            .help(format!("nothing was done; make another one: bireme plan --out {path}")))
    }
}

impl Request {
    fn of(context: &Context, project: &Project) -> Self {
        let global = &context.global;
        let here = &context.process.directory;
        let absolute = |path: &String| {
            // References to other machines, and standard input, stay what they are.
            let elsewhere = path == "-" || path.contains(':');
            if elsewhere { path.clone() } else { here.join(path).display().to_string() }
        };
        let is_listed = project.environment.get("COMPOSE_FILE").is_some_and(|it| !it.is_empty());
        let listed = || project.compose_files.iter().map(|path| path.display().to_string());
        let files = match global.files.as_slice() {
            // They are looked for again, so that one that came since is found.
            [] if !is_listed => Vec::new(),
            [] => listed().collect(),
            files => files.iter().map(absolute).collect(),
        };
        Self {
            name: project.name.clone(),
            files,
            directory: Some(project.working_dir.display().to_string()),
            profiles: project.profiles.clone(),
            env_files: project.env_files.iter().map(|it| it.display().to_string()).collect(),
            all_resources: global.all_resources,
            compatibility: global.compatibility,
        }
    }
}
