//! Takes what the builder sends: an image as an archive, piece by piece.

use std::io;

use bollard::moby::filesync::v1::{BytesMessage, file_send_server};
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::StreamExt;
use tonic::{Request, Response, Status, Streaming};

/// Pieces that may wait for who takes them.
const QUEUE: usize = 16;

/// An archive on its way.
pub(in crate::build) struct Arriving {
    /// Its bytes. One that breaks off ends with an error.
    pub(in crate::build) pieces: mpsc::Receiver<io::Result<Bytes>>,
    /// Told when it has got where it should.
    pub(in crate::build) done: oneshot::Sender<Result<(), Status>>,
}

/// The service that the builder calls.
pub(super) struct FileSend {
    /// Where archives go; without it none is taken.
    pub(super) archives: Option<mpsc::Sender<Arriving>>,
}

#[tonic::async_trait]
impl file_send_server::FileSend for FileSend {
    type DiffCopyStream = tokio_stream::Empty<Result<BytesMessage, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let gone = || Status::unavailable("nobody takes an archive");
        let (sender, pieces) = mpsc::channel(QUEUE);
        let (done, outcome) = oneshot::channel();
        let archives = self.archives.as_ref().ok_or_else(gone)?;
        archives.send(Arriving { pieces, done }).await.map_err(|_| gone())?;
        let mut incoming = request.into_inner();
        while let Some(message) = incoming.next().await {
            let piece = match message {
                Ok(message) => Ok(Bytes::from(message.data)),
                Err(status) => Err(io::Error::other(status.message().to_owned())),
            };
            let broken = piece.is_err();
            // Who does not take it any more says why by `outcome`.
            if sender.send(piece).await.is_err() || broken {
                break;
            }
        }
        drop(sender);
        outcome.await.map_err(|_| gone())??;
        Ok(Response::new(tokio_stream::empty()))
    }
}
