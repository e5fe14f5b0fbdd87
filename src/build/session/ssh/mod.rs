//! SSH agents that RUN instructions mount: the user's own, or one that we are ourselves, with the
//! private keys that a file names.
//!
//! Whoever mounts the agent may list keys and sign; everything else is refused, so that a build
//! cannot add or remove keys of the user's agent.

mod agent;
mod key;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;

use bollard::moby::sshforward::v1::{
    BytesMessage, CheckAgentRequest, CheckAgentResponse, ssh_server,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::build::error::BuildError;
use crate::build::request::SshForward;
use agent::KeyAgent;
use wire::Frames;

/// The id of an agent in a request's metadata, and the one of a mount without id.
const ID_KEY: &str = "buildkit.ssh.id";
const DEFAULT_ID: &str = "default";

/// The agents of a build.
#[derive(Default)]
pub(super) struct Ssh {
    agents: Vec<(String, Agent)>,
}

#[derive(Clone)]
enum Agent {
    /// A socket on which an agent listens.
    Socket(PathBuf),
    /// Keys that we sign with.
    Keys(Arc<KeyAgent>),
}

impl Ssh {
    /// Reads the keys and looks at the sockets that a request names.
    pub(super) fn open(forwards: &[SshForward]) -> Result<Self, BuildError> {
        let agents = forwards
            .iter()
            .map(|forward| Ok((forward.id.clone(), Agent::open(forward)?)))
            .collect::<Result<_, BuildError>>()?;
        Ok(Self { agents })
    }

    fn find(&self, id: &str) -> Result<&Agent, Status> {
        let id = if id.is_empty() { DEFAULT_ID } else { id };
        self.agents
            .iter()
            .find_map(|(name, agent)| (name == id).then_some(agent))
            .ok_or_else(|| Status::not_found(format!("unset ssh forward key {id}")))
    }
}

impl Agent {
    fn open(forward: &SshForward) -> Result<Self, BuildError> {
        let mut keys = KeyAgent::default();
        let mut socket = None;
        for path in &forward.paths {
            let fail = |words: String| {
                BuildError::Input(format!(
                    "ssh `{}`: cannot use `{}`: {words}",
                    forward.id,
                    path.display()
                ))
            };
            let metadata = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?;
            if is_socket(&metadata) {
                if socket.replace(path.clone()).is_some() {
                    return Err(fail("only a single socket is allowed".to_owned()));
                }
            } else {
                let text = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
                keys.add(key::read(&text).map_err(|error| fail(error.to_string()))?);
            }
        }
        match (socket, keys.is_empty()) {
            (Some(socket), true) => Ok(Self::Socket(socket)),
            (None, false) => Ok(Self::Keys(Arc::new(keys))),
            (Some(_), false) => Err(BuildError::Input(format!(
                "ssh `{}`: invalid combination of keys and sockets",
                forward.id
            ))),
            (None, true) => Err(BuildError::Input(
                "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set".to_owned(),
            )),
        }
    }
}

#[cfg(unix)]
fn is_socket(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_socket()
}

#[cfg(not(unix))]
fn is_socket(_: &std::fs::Metadata) -> bool {
    false
}

#[tonic::async_trait]
impl ssh_server::Ssh for Ssh {
    type ForwardAgentStream = ReceiverStream<Result<BytesMessage, Status>>;

    async fn check_agent(
        &self,
        request: Request<CheckAgentRequest>,
    ) -> Result<Response<CheckAgentResponse>, Status> {
        self.find(&request.into_inner().id)?;
        Ok(Response::new(CheckAgentResponse {}))
    }

    async fn forward_agent(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::ForwardAgentStream>, Status> {
        let id = request.metadata().get(ID_KEY).and_then(|id| id.to_str().ok()).unwrap_or_default();
        let agent = self.find(id)?.clone();
        let (answers, outgoing) = mpsc::channel(16);
        tokio::spawn(converse(agent, request.into_inner(), answers));
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }
}

/// Answers the messages of one connection until it ends.
async fn converse(
    agent: Agent,
    mut incoming: Streaming<BytesMessage>,
    answers: mpsc::Sender<Result<BytesMessage, Status>>,
) {
    let mut upstream = match agent {
        Agent::Keys(keys) => Upstream::Keys(keys),
        Agent::Socket(path) => match connect(&path).await {
            Ok(stream) => Upstream::Socket(stream),
            Err(error) => {
                let words = format!("cannot reach the ssh agent at {}: {error}", path.display());
                // A receiver that is gone needs no words.
                let _ = answers.send(Err(Status::unavailable(words))).await;
                return;
            }
        },
    };
    let mut frames = Frames::default();
    while let Some(Ok(message)) = incoming.next().await {
        frames.push(&message.data);
        loop {
            let answer = match frames.next() {
                Ok(Some(frame)) => upstream.answer(&frame).await,
                Ok(None) => break,
                Err(error) => Err(error),
            };
            let answer = answer
                .map(|data| BytesMessage { data })
                .map_err(|error| Status::aborted(error.to_string()));
            let broken = answer.is_err();
            if answers.send(answer).await.is_err() || broken {
                return;
            }
        }
    }
}

enum Upstream {
    #[cfg(unix)]
    Socket(tokio::net::UnixStream),
    #[cfg(not(unix))]
    Socket(tokio::io::Empty),
    Keys(Arc<KeyAgent>),
}

#[cfg(unix)]
async fn connect(path: &std::path::Path) -> std::io::Result<tokio::net::UnixStream> {
    tokio::net::UnixStream::connect(path).await
}

#[cfg(not(unix))]
async fn connect(_: &std::path::Path) -> std::io::Result<tokio::io::Empty> {
    Err(std::io::ErrorKind::Unsupported.into())
}

impl Upstream {
    /// The agent's answer to one message, both with their lengths in front.
    async fn answer(&mut self, message: &[u8]) -> std::io::Result<Vec<u8>> {
        if !agent::is_allowed(message) {
            return Ok(wire::frame(&[agent::FAILURE]));
        }
        match self {
            Self::Keys(keys) => Ok(wire::frame(&keys.answer(message))),
            Self::Socket(stream) => {
                stream.write_all(&wire::frame(message)).await?;
                let length = stream.read_u32().await?;
                let mut answer = vec![0; wire::checked(length)?];
                stream.read_exact(&mut answer).await?;
                Ok(wire::frame(&answer))
            }
        }
    }
}
