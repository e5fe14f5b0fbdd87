//! Directories in the OCI image layout that the builder reads and writes: local caches, and images
//! that lie in a directory.
//!
//! bollard has no stubs for this service, so the methods are told apart here by hand.

mod layout;
mod message;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::{Request, Response};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, NamedService};
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;
use tower::service_fn;

pub(in crate::build) use layout::Layout;
use message::{
    AbortRequest, Empty, Info, InfoRequest, InfoResponse, ReadRequest, ReadResponse, UpdateRequest,
    WriteAction, WriteRequest, WriteResponse,
};

/// The header in which the builder says which directory it means.
const STORE_KEY: &str = "buildkit-attachable-store-id";

/// Bytes of a blob in one message, and the largest message that is taken.
const CHUNK: usize = 1024 * 1024;
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// The directories of a build by the names under which the builder asks for them.
#[derive(Clone, Default)]
pub(super) struct Content {
    pub(super) layouts: Arc<BTreeMap<String, Layout>>,
}

impl NamedService for Content {
    const NAME: &'static str = "containerd.services.content.v1.Content";
}

impl Content {
    /// The methods that a builder may call.
    pub(super) const METHODS: [&'static str; 5] = ["Info", "Update", "Read", "Write", "Abort"];

    fn layout(&self, metadata: &MetadataMap) -> Result<Layout, Status> {
        let name =
            metadata.get(STORE_KEY).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let layout = self.layouts.get(name).cloned();
        layout.ok_or_else(|| Status::not_found(format!("unknown store {name}")))
    }

    async fn info(
        self,
        request: tonic::Request<InfoRequest>,
    ) -> Result<tonic::Response<InfoResponse>, Status> {
        let layout = self.layout(request.metadata())?;
        let digest = request.into_inner().digest;
        let size = i64::try_from(layout.size(&digest).await?).unwrap_or(i64::MAX);
        Ok(tonic::Response::new(InfoResponse { info: Some(Info { digest, size }) }))
    }

    /// Labels are all that could be updated, and a directory has none.
    fn update(request: tonic::Request<UpdateRequest>) -> tonic::Response<InfoResponse> {
        tonic::Response::new(InfoResponse { info: request.into_inner().info })
    }

    async fn read(
        self,
        request: tonic::Request<ReadRequest>,
    ) -> Result<tonic::Response<ReceiverStream<Result<ReadResponse, Status>>>, Status> {
        let layout = self.layout(request.metadata())?;
        let ReadRequest { digest, offset, size } = request.into_inner();
        let start = u64::try_from(offset).unwrap_or(0);
        let length = u64::try_from(size).ok().filter(|&size| size > 0);
        let mut blob = layout.open(&digest, start, length).await?;
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            let mut offset = offset.max(0);
            loop {
                let piece = blob.next(CHUNK).await;
                let ended = !matches!(&piece, Ok(data) if !data.is_empty());
                let piece = piece.map(|data| {
                    let response = ReadResponse { offset, data };
                    offset += i64::try_from(response.data.len()).unwrap_or(0);
                    response
                });
                let news = piece.is_err() || !ended;
                if news && sender.send(piece).await.is_err() || ended {
                    return;
                }
            }
        });
        Ok(tonic::Response::new(ReceiverStream::new(receiver)))
    }

    fn write(
        &self,
        request: tonic::Request<Streaming<WriteRequest>>,
    ) -> Result<tonic::Response<ReceiverStream<Result<WriteResponse, Status>>>, Status> {
        let layout = self.layout(request.metadata())?;
        let mut requests = request.into_inner();
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            let mut ingest = None;
            while let Some(request) = requests.next().await {
                let response = match request {
                    Ok(request) => take(&layout, &mut ingest, request).await,
                    Err(status) => Err(status),
                };
                let ended = response.is_err();
                if sender.send(response).await.is_err() || ended {
                    return;
                }
            }
        });
        Ok(tonic::Response::new(ReceiverStream::new(receiver)))
    }

    async fn abort(
        self,
        request: tonic::Request<AbortRequest>,
    ) -> Result<tonic::Response<Empty>, Status> {
        let layout = self.layout(request.metadata())?;
        layout.abort(&request.into_inner().r#ref).await;
        Ok(tonic::Response::new(Empty {}))
    }
}

/// Takes one message of a write.
async fn take(
    layout: &Layout,
    ingest: &mut Option<layout::Ingest>,
    request: WriteRequest,
) -> Result<WriteResponse, Status> {
    let action = request.action();
    if ingest.is_none() {
        *ingest = Some(layout.begin(&request.r#ref, &request.expected).await?);
    }
    let Some(write) = ingest.as_mut() else { return Err(Status::internal("no write")) };
    if action != WriteAction::Stat {
        write.take(request.offset, &request.data).await?;
    }
    let mut response = WriteResponse {
        action: request.action,
        offset: write.offset(),
        total: request.total,
        digest: String::new(),
    };
    if action == WriteAction::Commit
        && let Some(write) = ingest.take()
    {
        response.digest = write.commit(layout, request.total, &request.expected).await?;
    }
    Ok(response)
}

impl tower_service::Service<Request<Body>> for Content {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let content = self.clone();
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let respond = match method.as_str() {
                "Info" => {
                    let call = service_fn(move |request| content.clone().info(request));
                    Grpc::new(ProstCodec::default()).unary(call, request).await
                }
                "Update" => {
                    let call = service_fn(|request| ready(Ok(Self::update(request))));
                    Grpc::new(ProstCodec::default()).unary(call, request).await
                }
                "Read" => {
                    let call = service_fn(move |request| content.clone().read(request));
                    Grpc::new(ProstCodec::default()).server_streaming(call, request).await
                }
                "Write" => {
                    let call = service_fn(move |request| ready(content.write(request)));
                    Grpc::new(ProstCodec::default())
                        .max_decoding_message_size(LARGEST_MESSAGE)
                        .streaming(call, request)
                        .await
                }
                "Abort" => {
                    let call = service_fn(move |request| content.clone().abort(request));
                    Grpc::new(ProstCodec::default()).unary(call, request).await
                }
                _ => Status::unimplemented(method).into_http(),
            };
            Ok(respond)
        })
    }
}
