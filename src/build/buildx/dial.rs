//! The way to a node's BuildKit, as a stream of bytes.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio_util::io::StreamReader;

use super::boot::boot;
use super::driver::{Driver, Remote, TlsFiles};
use super::{Member, World};
use crate::build::error::BuildError;
use crate::build::event::BuildEvent;
use crate::engine::api::{ExecCreate, OutputChunk};
use crate::engine::endpoint::{Endpoint, Flags, Origin, Tls};
use crate::engine::transport::{dial, dial_by_ssh};
use crate::engine::{Attached, DockerEngine, Duplex, Engine, EngineError, Settings, Warn};

/// What connects its standard input and output with the daemon beside it.
const DIAL: [&str; 2] = ["buildctl", "dial-stdio"];

impl World {
    /// Opens a connection to a node, and gives it with the number of steps that were told.
    pub(super) async fn dial(
        &self,
        member: &Member,
        events: &(dyn Fn(BuildEvent) + Sync),
    ) -> Result<(Box<dyn Duplex>, u32), BuildError> {
        match &member.driver {
            Driver::Container(options) => {
                let engine = self.engine_at(&member.node.endpoint).await?;
                let steps = boot(&engine, options, events).await?;
                Ok((behind(&engine, &options.name).await?, steps))
            }
            Driver::Remote(remote) => Ok((self.remote(remote).await?, 0)),
        }
    }

    async fn remote(&self, remote: &Remote) -> Result<Box<dyn Duplex>, BuildError> {
        match remote {
            Remote::Address(address, tls) => {
                let tls = tls.as_ref().map(|files| self.tls(files)).transpose()?;
                let endpoint = Endpoint::new(String::new(), Origin::Default, address.clone(), tls);
                dial(&endpoint).await.map_err(unreachable)
            }
            Remote::Ssh(address) => {
                let socket = address.socket.as_ref().map(|path| format!("--addr=unix://{path}"));
                let [program, dial] = DIAL.map(str::to_owned);
                let command: Vec<String> =
                    std::iter::once(program).chain(socket).chain([dial]).collect();
                dial_by_ssh(address, &command).map_err(unreachable)
            }
            Remote::Container { name, context } => {
                let engine = match context {
                    Some(context) => self.engine_at(context).await?,
                    None => self.engine.clone(),
                };
                behind(&engine, name).await
            }
        }
    }

    fn tls(&self, files: &TlsFiles) -> Result<Tls, BuildError> {
        let read = |path: &Path| {
            self.machine.read(path).map_err(|error| {
                BuildError::Input(format!("cannot read {}: {error}", path.display()))
            })
        };
        Ok(Tls {
            skip_verify: false,
            authority: Some(read(&files.authority)?),
            certificate: files.certificate.as_deref().map(read).transpose()?,
            key: files.key.as_deref().map(read).transpose()?,
            server_name: files.server_name.clone(),
        })
    }

    /// The engine at an endpoint as buildx keeps it.
    async fn engine_at(&self, endpoint: &str) -> Result<DockerEngine, BuildError> {
        match self.settings_at(endpoint)? {
            None => Ok(self.engine.clone()),
            Some(settings) => Ok(DockerEngine::connect(settings, &*self.machine).await?),
        }
    }

    /// How to reach the engine at an endpoint: an address, or the name of a context. `None` is the engine
    /// in use.
    pub(super) fn settings_at(&self, endpoint: &str) -> Result<Option<Settings>, BuildError> {
        if endpoint == self.engine.address().to_string() {
            return Ok(None);
        }
        let mut flags = Flags { hosts: Vec::new(), context: None, ..self.flags.clone() };
        if endpoint.contains("://") {
            flags.hosts.push(endpoint.to_owned());
        } else {
            flags.context = Some(endpoint.to_owned());
        }
        let warn: Warn = Arc::new(|_| {});
        let settings = Settings::resolve(&flags, &*self.machine, &warn)?;
        let is_own = settings.endpoint.address == *self.engine.address();
        Ok((!is_own).then_some(settings))
    }
}

/// It is no engine that does not answer.
fn unreachable(error: EngineError) -> BuildError {
    match error {
        EngineError::Unreachable { endpoint, reason } => {
            BuildError::Input(format!("cannot connect to BuildKit at {endpoint}: {reason}"))
        }
        error => error.into(),
    }
}

/// The daemon in a container.
async fn behind(engine: &DockerEngine, container: &str) -> Result<Box<dyn Duplex>, BuildError> {
    let Attached { output, input } = run(engine, container, &DIAL, true).await?.1;
    let bytes = stream::unfold((output, Vec::new()), |(mut output, mut words)| async move {
        loop {
            match output.next().await {
                Some(Ok(OutputChunk::Stdout(bytes))) => return Some((Ok(bytes), (output, words))),
                Some(Ok(OutputChunk::Stderr(bytes))) => words.extend_from_slice(&bytes),
                Some(Err(error)) => {
                    return Some((Err(std::io::Error::other(error)), (output, words)));
                }
                // What it said at the end is why it ended.
                None if !words.is_empty() => {
                    let text = String::from_utf8_lossy(&words).trim().to_owned();
                    return Some((Err(std::io::Error::other(text)), (output, Vec::new())));
                }
                None => return None::<(std::io::Result<Bytes>, _)>,
            }
        }
    });
    Ok(Box::new(tokio::io::join(StreamReader::new(bytes.boxed()), input)))
}

/// Runs a program in a container; the exec's id and its streams.
pub(super) async fn run(
    engine: &DockerEngine,
    container: &str,
    command: &[&str],
    input: bool,
) -> Result<(String, Attached), BuildError> {
    let body = ExecCreate {
        attach_stdin: input,
        attach_stdout: true,
        attach_stderr: true,
        cmd: command.iter().map(|word| (*word).to_owned()).collect(),
        ..ExecCreate::default()
    };
    let exec = engine.create_exec(container, &body).await?;
    let attached = engine.start_exec(&exec, false).await?;
    Ok((exec, attached))
}
