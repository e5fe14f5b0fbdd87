//! A session inside a gRPC call (BuildKit, `Control.Session`): a daemon of its own has no other way for it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bollard::moby::buildkit::v1::BytesMessage;
use bollard::moby::buildkit::v1::control_client::ControlClient;
use bytes::Bytes;
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::io::StreamReader;
use tokio_util::sync::PollSender;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

use super::Session;
use crate::build::buildkit::Channel;
use crate::engine::Duplex;

/// Messages that may wait for the connection.
const QUEUE: usize = 16;
/// Bytes in one message.
const LARGEST: usize = 32 * 1024;

impl Session {
    /// Opens the session's connection as a call.
    pub(in crate::build) async fn tunnel(
        &self,
        control: &mut ControlClient<Channel>,
    ) -> Result<Box<dyn Duplex>, Status> {
        let headers = self.headers().map_err(|error| Status::internal(error.to_string()))?;
        let (sender, messages) = mpsc::channel(QUEUE);
        let mut request = Request::new(ReceiverStream::new(messages));
        *request.metadata_mut() = MetadataMap::from_headers(headers);
        let incoming = control.session(request).await?.into_inner();
        let incoming = incoming.map(|message| match message {
            Ok(message) => Ok(Bytes::from(message.data)),
            Err(status) => Err(io::Error::other(status.message().to_owned())),
        });
        let writer = Writer(PollSender::new(sender));
        Ok(Box::new(tokio::io::join(StreamReader::new(incoming), writer)))
    }
}

/// Puts what is written into messages.
struct Writer(PollSender<BytesMessage>);

impl AsyncWrite for Writer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let closed = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        ready!(self.0.poll_reserve(context)).map_err(closed)?;
        let piece = bytes.get(..LARGEST).unwrap_or(bytes);
        self.0.send_item(BytesMessage { data: piece.to_vec() }).map_err(closed)?;
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.close();
        Poll::Ready(Ok(()))
    }
}
