//! Providers: services that another program creates and removes (`provider:`).
//!
//! The program is called as `PROGRAM compose --project-name=P up|down|stop [--option=value …]
//! SERVICE` and answers with JSON messages on its standard output. What it knows of its options it
//! tells in answer to `compose metadata`; the options that it does not name are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use serde::Deserialize;
use tokio::io::AsyncReadExt;

use super::json::Values;
use super::{Programs, find, models};
use crate::compose::model::{Project, Provider, Service};

/// What a provider is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// To create the service, or to say again where it is.
    Up,
    /// To remove it.
    Down,
    /// To stop it. Asked only of providers whose metadata says that they can.
    Stop,
}

/// A call of a provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The service.
    pub service: String,
    /// What is asked.
    pub verb: Verb,
    provider: Provider,
    programs: Arc<Programs>,
}

/// Variables that a provider gives to those that depend on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// Those that get the service's name in front.
    pub prefixed: BTreeMap<String, String>,
    /// Those that are given as they are.
    pub raw: BTreeMap<String, String>,
}

/// What a provider tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What it is doing.
    Info(String),
    /// Why it gives up.
    Error(String),
    /// What helps those who look for a mistake.
    Debug(String),
}

/// A message of the protocol.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    message: String,
}

/// Answer to `compose metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    description: String,
    up: CommandMetadata,
    down: CommandMetadata,
    stop: Option<CommandMetadata>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CommandMetadata {
    parameters: Option<Vec<Parameter>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameter {
    name: String,
    required: bool,
}

/// The prefix of variables of a provider's service.
pub fn prefix(service: &str) -> String {
    format!("{}_", service.to_uppercase())
}

/// The variables of a service, as it is to be made, that providers gave.
pub fn given(project: &Project, service: &Service) -> BTreeSet<String> {
    let own = project.services.get(&service.name).map(|own| &own.environment);
    let is_own = |name: &String| own.is_none_or(|own| own.contains_key(name));
    let of_models = models::variables(project, service, "");
    let is_of_model = |name: &String| of_models.iter().any(|(other, _)| other == name);
    let names = service.environment.keys();
    names.filter(|name| !is_own(name) && !is_of_model(name)).cloned().collect()
}

impl Verb {
    fn argument(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Stop => "stop",
        }
    }

    /// As it stands in an error.
    fn action(self) -> &'static str {
        match self {
            Self::Up => "create",
            Self::Down => "remove",
            Self::Stop => "stop",
        }
    }
}

impl Variables {
    /// The variables under the names that dependents see.
    pub fn named(&self, service: &str) -> BTreeMap<String, String> {
        let prefix = prefix(service);
        let prefixed = self.prefixed.iter().map(|(name, value)| (format!("{prefix}{name}"), value));
        let raw = self.raw.iter().map(|(name, value)| (name.clone(), value));
        prefixed.chain(raw).map(|(name, value)| (name, value.clone())).collect()
    }
}

impl Metadata {
    fn is_empty(&self) -> bool {
        self.description.is_empty()
            && self.up.parameters.is_none()
            && self.down.parameters.is_none()
    }

    /// What it says of a verb; `None` when the provider does not have it.
    fn of(&self, verb: Verb) -> Option<&CommandMetadata> {
        match verb {
            Verb::Up => Some(&self.up),
            Verb::Down => Some(&self.down),
            Verb::Stop => self.stop.as_ref(),
        }
    }
}

impl Call {
    /// A call for a service that has a provider.
    pub fn new(service: &Service, verb: Verb, programs: &Arc<Programs>) -> Option<Self> {
        Some(Self {
            service: service.name.clone(),
            verb,
            provider: service.provider.clone()?,
            programs: Arc::clone(programs),
        })
    }

    /// Runs the provider to its end; `begin` hears that it is there and is asked, `tell` what it
    /// says meanwhile. Gives nothing when the provider does not have the verb.
    ///
    /// # Errors
    /// The words for the user.
    pub async fn run(
        &self,
        begin: &(dyn Fn() + Send + Sync),
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Option<Variables>, String> {
        let program = match self.program() {
            // Only one that is there can know how to stop.
            Err(_) if self.verb == Verb::Stop => return Ok(None),
            program => program?,
        };
        let metadata = self.metadata(&program).await;
        let Some(arguments) = self.arguments(&metadata)? else { return Ok(None) };
        begin();
        let fail = |error: &dyn std::fmt::Display| {
            format!("failed to {} service provider: {error}", self.verb.action())
        };
        let mut child = self
            .programs
            .command(&program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| fail(&error))?;
        let mut variables = Variables::default();
        if let Some(mut output) = child.stdout.take() {
            let mut values = Values::default();
            let mut buffer = vec![0; 8192];
            loop {
                let length = output.read(&mut buffer).await.map_err(|error| fail(&error))?;
                let (messages, rest) = values.add(&buffer[..length], length == 0);
                for message in messages {
                    take(message, &mut variables, tell)?;
                }
                rest?;
                if length == 0 {
                    break;
                }
            }
        }
        let status = child.wait().await.map_err(|error| fail(&error))?;
        if status.success() {
            return Ok(Some(variables));
        }
        let status = match status.code() {
            Some(code) => format!("exit status {code}"),
            None => status.to_string(),
        };
        tell(Told::Error(status.clone()));
        Err(fail(&status))
    }

    /// A plugin of the docker command, else a program on the search path.
    fn program(&self) -> Result<PathBuf, String> {
        let kind = self.provider.r#type.as_str();
        if kind == "compose" {
            return Err("'compose' is not a valid provider type".to_owned());
        }
        let is_path = kind.contains('/');
        let place = match self.programs.plugin(kind).or_else(|| self.programs.on_path(kind)) {
            // A directory that somebody entered does not decide what runs.
            Some(program) if program.is_relative() && !is_path => {
                "cannot run executable found relative to current directory"
            }
            Some(program) => return Ok(program),
            None if is_path => "no such file or directory",
            None => "executable file not found in $PATH",
        };
        Err(format!("exec: {kind:?}: {place}"))
    }

    /// What the provider says of itself; nothing is no mistake. Kept where editors look for it.
    async fn metadata(&self, program: &PathBuf) -> Metadata {
        let call = self
            .programs
            .command(program)
            .args(["compose", "metadata"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .await;
        let Some(output) = call.ok().filter(|output| output.status.success()) else {
            return Metadata::default();
        };
        let Ok(metadata) = serde_json::from_slice(&output.stdout) else {
            return Metadata::default();
        };
        self.keep(&output.stdout);
        metadata
    }

    /// Writes metadata down for editors. That it cannot be written matters to nobody here.
    fn keep(&self, metadata: &[u8]) {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

        let Some(directory) = find::configuration(&self.programs.environment) else { return };
        let directory = directory.join("compose/providers");
        let kind = self.provider.r#type.as_str();
        if kind.contains('/') || kind.starts_with('.') {
            return;
        }
        let _ = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        if let Ok(mut file) = options.open(directory.join(format!("{kind}.json"))) {
            let _ = std::io::Write::write_all(&mut file, metadata);
        }
    }

    /// The arguments of the call; `None` when the provider does not have the verb.
    fn arguments(&self, metadata: &Metadata) -> Result<Option<Vec<String>>, String> {
        let Some(command) = metadata.of(self.verb) else { return Ok(None) };
        let parameters = command.parameters.as_deref().unwrap_or_default();
        let Provider { r#type: kind, options, .. } = &self.provider;
        if !metadata.is_empty()
            && let Some(missing) = parameters
                .iter()
                .find(|parameter| parameter.required && !options.contains_key(&parameter.name))
        {
            return Err(format!(
                "required parameter {:?} is missing from provider {kind:?} definition",
                missing.name
            ));
        }
        let mut arguments = vec![
            "compose".to_owned(),
            format!("--project-name={}", self.programs.project),
            self.verb.argument().to_owned(),
        ];
        for (name, values) in options {
            if metadata.is_empty() || parameters.iter().any(|parameter| parameter.name == *name) {
                arguments.extend(values.iter().map(|value| format!("--{name}={value}")));
            }
        }
        arguments.push(self.service.clone());
        Ok(Some(arguments))
    }
}

/// Does what a message says.
fn take(
    Message { kind, message }: Message,
    variables: &mut Variables,
    tell: &(dyn Fn(Told) + Send + Sync),
) -> Result<(), String> {
    let invalid = |what: &str| format!("invalid response from plugin: {what}");
    match kind.as_str() {
        "info" => tell(Told::Info(first_line(&message).to_owned())),
        "error" => {
            tell(Told::Error(first_line(&message).to_owned()));
            return Err(message);
        }
        "setenv" | "rawsetenv" => {
            let (name, value) = message.split_once('=').ok_or_else(|| invalid(&message))?;
            let of_kind = match kind.as_str() {
                "setenv" => &mut variables.prefixed,
                _ => &mut variables.raw,
            };
            of_kind.insert(name.to_owned(), value.to_owned());
        }
        "debug" => tell(Told::Debug(message)),
        other => return Err(invalid(other)),
    }
    Ok(())
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(verb: Verb) -> Call {
        let options = [("size", vec!["1", "2"]), ("name", vec!["db"])];
        let options = options
            .into_iter()
            .map(|(name, values)| {
                (name.to_owned(), values.into_iter().map(str::to_owned).collect())
            })
            .collect();
        Call {
            service: "ext".into(),
            verb,
            provider: Provider { r#type: "cloud".into(), options, ..Provider::default() },
            programs: Arc::new(Programs { project: "shop".into(), ..Programs::default() }),
        }
    }

    #[test]
    fn options_that_the_metadata_does_not_name_are_left_out() {
        let all = "compose --project-name=shop up --name=db --size=1 --size=2 ext";
        let named = "compose --project-name=shop up --size=1 --size=2 ext";
        for (metadata, expected) in [
            ("{}", Ok(all)),
            (r#"{"description": "x", "up": {"parameters": [{"name": "size"}]}}"#, Ok(named)),
            (
                r#"{"up": {"parameters": [{"name": "zone", "required": true}]}}"#,
                Err("required parameter \"zone\" is missing from provider \"cloud\" definition"),
            ),
        ] {
            let metadata = serde_json::from_str(metadata).expect("written above");
            let arguments =
                call(Verb::Up).arguments(&metadata).map(|one| one.expect("up").join(" "));
            assert_eq!(arguments.as_deref().map_err(String::as_str), expected);
        }
        assert_eq!(call(Verb::Stop).arguments(&Metadata::default()), Ok(None));
    }

    #[test]
    fn messages_do_what_they_say() {
        let told = std::sync::Mutex::new(Vec::new());
        let mut variables = Variables::default();
        let mut say = |kind: &str, message: &str| {
            let message = Message { kind: kind.into(), message: message.into() };
            take(message, &mut variables, &|words| told.lock().expect("one thread").push(words))
        };
        assert_eq!(say("info", "one\ntwo"), Ok(()));
        assert_eq!(say("setenv", "URL=http://x?a=b"), Ok(()));
        assert_eq!(say("rawsetenv", "PLAIN=1"), Ok(()));
        assert_eq!(say("setenv", "URL"), Err("invalid response from plugin: URL".into()));
        assert_eq!(say("what", "x"), Err("invalid response from plugin: what".into()));
        assert_eq!(say("error", "no\nmoney"), Err("no\nmoney".into()));
        assert_eq!(
            told.into_inner().expect("one thread"),
            [Told::Info("one".into()), Told::Error("no".into())]
        );
        let names: Vec<_> = variables.named("my-ext").into_iter().collect();
        assert_eq!(
            names,
            [("MY-EXT_URL".into(), "http://x?a=b".into()), ("PLAIN".into(), "1".to_owned())]
        );
    }
}
