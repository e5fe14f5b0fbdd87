//! Processes and what they write: attach, exec, logs. Whether output is framed is told by the
//! caller, who knows whether the process has a terminal.

use std::io;

use futures_util::{StreamExt, TryStreamExt};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Response};
use serde::Serialize;
use tokio::io::AsyncRead;
use tokio_util::codec::{Decoder, FramedRead};
use tokio_util::io::StreamReader;

use super::DockerEngine;
use super::calls::{id, unix_time};
use super::frames::{FrameDecoder, TerminalDecoder};
use crate::engine::api::{AttachOptions, LogOptions, OutputChunk};
use crate::engine::transport::error::root_cause;
use crate::engine::transport::{Query, empty, full};
use crate::engine::{Attached, Duplex, EngineError, Result, Stream};

/// Protocol of a hijacked connection.
const RAW: &str = "tcp";

/// Body of ExecStart.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExecStart {
    pub(super) detach: bool,
    pub(super) tty: bool,
}

impl DockerEngine {
    /// ContainerLogs.
    pub(super) async fn read_logs(
        &self,
        container: &str,
        options: &LogOptions,
    ) -> Result<Stream<OutputChunk>> {
        let moment = |text: &str| {
            if text.is_empty() { Ok(None) } else { unix_time(text).map(Some) }
        };
        let path = Query::new(format!("/containers/{}/logs", id(container)))
            .with_flag("follow", options.follow)
            .with_flag("stdout", options.stdout)
            .with_flag("stderr", options.stderr)
            .with_flag("timestamps", options.timestamps)
            .with_some("since", moment(&options.since)?.as_deref())
            .with_some("until", moment(&options.until)?.as_deref())
            .with("tail", if options.tail.is_empty() { "all" } else { &options.tail })
            .build();
        let lines = StreamReader::new(self.transport().read_driven(&path).await?);
        Ok(output(lines, options.tty, format!("logs of {container}")))
    }

    /// ContainerAttach.
    pub(super) async fn attach_to(
        &self,
        container: &str,
        options: &AttachOptions,
    ) -> Result<Attached> {
        let keys = Some(options.detach_keys.as_str()).filter(|keys| !keys.is_empty());
        let path = Query::new(format!("/containers/{}/attach", id(container)))
            .with("stream", "1")
            .with_flag("stdin", options.stdin)
            .with_flag("stdout", options.stdout)
            .with_flag("stderr", options.stderr)
            .with_flag("logs", options.logs)
            .with_some("detachKeys", keys)
            .build();
        let upgrade = self.transport().upgrade(Method::POST, &path, HeaderMap::new(), RAW, empty());
        Ok(attached(upgrade.await?, options.tty, format!("output of {container}")))
    }

    /// ExecStart, attached.
    pub(super) async fn attach_exec(&self, exec: &str, tty: bool) -> Result<Attached> {
        let path = format!("/exec/{}/start", id(exec));
        let call = format!("output of exec {exec}");
        let body = serde_json::to_vec(&ExecStart { detach: false, tty }).map_err(|error| {
            EngineError::Broken { context: call.clone(), reason: error.to_string() }
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(
            hyper::header::CONTENT_TYPE,
            hyper::header::HeaderValue::from_static("application/json"),
        );
        let upgrade = self.transport().upgrade(Method::POST, &path, headers, RAW, full(body));
        Ok(attached(upgrade.await?, tty, call))
    }
}

fn attached(connection: Box<dyn Duplex>, tty: bool, call: String) -> Attached {
    let (read, write) = tokio::io::split(connection);
    Attached { output: output(read, tty, call), input: Box::new(write) }
}

fn output(
    reader: impl AsyncRead + Send + Unpin + 'static,
    tty: bool,
    call: String,
) -> Stream<OutputChunk> {
    if tty {
        decoded(reader, TerminalDecoder, call)
    } else {
        decoded(reader, FrameDecoder::default(), call)
    }
}

/// The body of an answer as bytes to read.
pub(super) fn body_reader(response: Response<Incoming>) -> impl AsyncRead + Send + Unpin + 'static {
    let data = response.into_body().into_data_stream();
    StreamReader::new(data.map_err(|error| io::Error::other(root_cause(&error))))
}

/// What a decoder makes of a reader; `call` is named when it breaks.
pub(super) fn decoded<D>(
    reader: impl AsyncRead + Send + Unpin + 'static,
    decoder: D,
    call: String,
) -> Stream<D::Item>
where
    D: Decoder<Error = io::Error> + Send + Unpin + 'static,
    D::Item: Send + 'static,
{
    FramedRead::new(reader, decoder)
        .map_err(move |error| EngineError::Broken {
            context: call.clone(),
            reason: root_cause(&error),
        })
        .boxed()
}
