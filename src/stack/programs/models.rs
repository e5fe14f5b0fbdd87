//! Models that services use (`models:`): the docker command's `model` plugin pulls, configures and
//! serves them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;

use futures_util::future::try_join_all;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::Programs;
use crate::compose::model::{Model, Project, Service};

/// Plugins from this version take flags for the runtime.
const RUNTIME_FLAGS: (u64, u64, u64) = (1, 0, 6);

/// Models that are made ready together.
#[derive(Debug, Clone, PartialEq)]
pub struct Models {
    /// By key in the file.
    pub models: BTreeMap<String, Model>,
    programs: Arc<Programs>,
}

/// How far a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is being pulled.
    Pulling,
    /// It is here.
    Pulled,
    /// It is being configured.
    Configuring,
    /// It is ready.
    Configured,
    /// Something failed.
    Failed,
}

/// What hears how far each model is; the text is the reason of a failure.
pub type Tell<'a> = dyn Fn(&str, Progress, &str) + Send + Sync + 'a;

/// A row of `docker-model ls --json`.
#[derive(Deserialize)]
struct Available {
    #[serde(default)]
    tags: Vec<String>,
}

/// Answer of `docker-model status --json`.
#[derive(Deserialize)]
struct Served {
    #[serde(default)]
    endpoint: String,
}

/// Answer of a plugin to `docker-cli-plugin-metadata`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Plugin {
    #[serde(default)]
    version: String,
}

/// The variables by which a service finds its models at an endpoint.
pub(super) fn variables(
    project: &Project,
    service: &Service,
    endpoint: &str,
) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (key, attachment) in &service.models {
        let Some(model) = project.models.get(key) else { continue };
        let (name, url) = variable_names(key, attachment.as_ref());
        variables.insert(name, model.model.clone());
        variables.insert(url, endpoint.to_owned());
    }
    variables
}

/// Names of the variables in which a service finds endpoints.
pub fn endpoint_variables(service: &Service) -> impl Iterator<Item = String> {
    service.models.iter().map(|(key, attachment)| variable_names(key, attachment.as_ref()).1)
}

/// The variables for a model's name and its endpoint.
fn variable_names(
    key: &str,
    attachment: Option<&crate::compose::model::ModelAttachment>,
) -> (String, String) {
    let prefix = key.to_uppercase().replace('-', "_");
    let named = |name: Option<&String>, default: &str| match name {
        Some(name) if !name.is_empty() => name.clone(),
        _ => format!("{prefix}_{default}"),
    };
    (
        named(attachment.map(|attachment| &attachment.model_var), "MODEL"),
        named(attachment.map(|attachment| &attachment.endpoint_var), "URL"),
    )
}

impl Models {
    /// The models that services use; `None` when they use none.
    pub fn of<'a>(
        project: &Project,
        services: impl Iterator<Item = &'a Service>,
        programs: &Arc<Programs>,
    ) -> Option<Self> {
        let models: BTreeMap<String, Model> = services
            .flat_map(|service| service.models.keys())
            .filter_map(|key| Some((key.clone(), project.models.get(key)?.clone())))
            .collect();
        (!models.is_empty()).then(|| Self { models, programs: Arc::clone(programs) })
    }

    /// Pulls what is missing, configures all, and gives the endpoint where they are served.
    ///
    /// # Errors
    /// The words for the user.
    pub async fn prepare(&self, tell: &Tell<'_>) -> Result<String, String> {
        let Some(program) = self.programs.plugin("model") else {
            return Err("'models' support requires Docker Model plugin".to_owned());
        };
        let flags_wanted = self.models.values().any(|model| !model.runtime_flags.is_empty());
        let flags = flags_wanted && takes_flags(&self.version(&program).await);
        let (available, endpoint) =
            futures_util::future::join(self.available(&program), self.endpoint(&program)).await;
        let endpoint = endpoint?;
        // A list that cannot be had is no reason to stop: a pull of what is there does nothing.
        let available = available.unwrap_or_default();
        try_join_all(self.models.iter().map(|(key, model)| {
            self.prepare_one(&program, key, model, available.contains(&model.model), flags, tell)
        }))
        .await?;
        Ok(endpoint)
    }

    async fn prepare_one(
        &self,
        program: &PathBuf,
        key: &str,
        model: &Model,
        is_here: bool,
        flags: bool,
        tell: &Tell<'_>,
    ) -> Result<(), String> {
        let name = if model.name.is_empty() { key } else { &model.name };
        let fail = |words: String| {
            tell(name, Progress::Failed, &words);
            words
        };
        if !is_here {
            self.pull(program, name, model, tell).await.map_err(fail)?;
        }
        tell(name, Progress::Configuring, "");
        let mut arguments = vec!["configure".to_owned()];
        if model.context_size > 0 {
            arguments.extend(["--context-size".to_owned(), model.context_size.to_string()]);
        }
        arguments.push(model.model.clone());
        if flags && !model.runtime_flags.is_empty() {
            arguments.push("--".to_owned());
            arguments.extend(model.runtime_flags.iter().cloned());
        }
        self.call(program, &arguments).await.map_err(fail)?;
        tell(name, Progress::Configured, "");
        Ok(())
    }

    async fn pull(
        &self,
        program: &PathBuf,
        name: &str,
        model: &Model,
        tell: &Tell<'_>,
    ) -> Result<(), String> {
        tell(name, Progress::Pulling, "");
        let mut child = self
            .programs
            .command(program)
            .args(["pull", &model.model])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        if let Some(output) = child.stdout.take() {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if !line.is_empty() {
                    tell(name, Progress::Pulling, &line);
                }
            }
        }
        let output = child.wait_with_output().await.map_err(|error| error.to_string())?;
        checked(output)?;
        tell(name, Progress::Pulled, "");
        Ok(())
    }

    async fn available(&self, program: &PathBuf) -> Result<Vec<String>, String> {
        let output = self.call(program, &["ls".to_owned(), "--json".to_owned()]).await?;
        let rows: Vec<Available> =
            serde_json::from_slice(&output).map_err(|error| error.to_string())?;
        Ok(rows.into_iter().flat_map(|row| row.tags).collect())
    }

    async fn endpoint(&self, program: &PathBuf) -> Result<String, String> {
        let status = self.call(program, &["status".to_owned(), "--json".to_owned()]).await;
        let status =
            status.map_err(|error| format!("error checking docker-model status: {error}"))?;
        serde_json::from_slice(&status)
            .map(|served: Served| served.endpoint)
            .map_err(|error| format!("error checking docker-model status: {error}"))
    }

    async fn version(&self, program: &PathBuf) -> String {
        let output = self.call(program, &["docker-cli-plugin-metadata".to_owned()]).await;
        let plugin = output.ok().and_then(|output| serde_json::from_slice::<Plugin>(&output).ok());
        plugin.map(|plugin| plugin.version).unwrap_or_default()
    }

    async fn call(&self, program: &PathBuf, arguments: &[String]) -> Result<Vec<u8>, String> {
        let mut command = self.programs.command(program);
        let output = command.args(arguments).stdin(Stdio::null()).output().await;
        checked(output.map_err(|error| error.to_string())?)
    }
}

/// The output of a program that ended well, else its status and what it said.
fn checked(output: Output) -> Result<Vec<u8>, String> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let status = match output.status.code() {
        Some(code) => format!("exit status {code}"),
        None => output.status.to_string(),
    };
    let words = String::from_utf8_lossy(&output.stderr);
    let words = words.trim();
    Err(if words.is_empty() { status } else { format!("{status}: {words}") })
}

fn takes_flags(version: &str) -> bool {
    let digits = version.strip_prefix('v').unwrap_or(version);
    let mut parts = digits.split(['.', '-', '+']).map(str::parse::<u64>);
    let mut next = || parts.next().and_then(Result::ok);
    match (next(), next(), next()) {
        (Some(major), minor, patch) => {
            (major, minor.unwrap_or(0), patch.unwrap_or(0)) >= RUNTIME_FLAGS
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::model::ModelAttachment;

    #[test]
    fn variables_are_named_for_the_model_unless_the_service_names_them() {
        let attachment =
            ModelAttachment { endpoint_var: "AI_URL".into(), ..ModelAttachment::default() };
        for (attachment, names) in [
            (None, ("MY_LLM_MODEL", "MY_LLM_URL")),
            (Some(&attachment), ("MY_LLM_MODEL", "AI_URL")),
        ] {
            let (model, url) = variable_names("my-llm", attachment);
            assert_eq!((model.as_str(), url.as_str()), names);
        }
    }

    #[test]
    fn flags_of_the_runtime_need_a_plugin_that_takes_them() {
        for (version, takes) in
            [("v1.0.6", true), ("1.0.5", false), ("2", true), ("v0.1.44", false), ("", false)]
        {
            assert_eq!(takes_flags(version), takes, "{version}");
        }
    }
}
