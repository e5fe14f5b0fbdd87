//! Questions to a frontend whose answer is a text and no image (BuildKit, `LLBBridge`): a Dockerfile
//! is checked that way.

use std::collections::HashMap;

use hyper::Uri;
use hyper::http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::metadata::MetadataValue;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::channel::Channel;

/// The header that says which solve a call belongs to.
const BUILD_ID: &str = "buildkit-controlapi-buildid";

/// `moby.buildkit.v1.frontend.SolveRequest`, as far as it is used here.
#[derive(Clone, PartialEq, prost::Message)]
struct SolveRequest {
    #[prost(string, tag = "2")]
    frontend: String,
    #[prost(map = "string, string", tag = "3")]
    options: HashMap<String, String>,
}

/// `moby.buildkit.v1.frontend.SolveResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct SolveResponse {
    #[prost(message, optional, tag = "3")]
    result: Option<Answer>,
}

/// `moby.buildkit.v1.frontend.Result`, without references to anything that was built.
#[derive(Clone, PartialEq, prost::Message)]
struct Answer {
    #[prost(map = "string, bytes", tag = "10")]
    metadata: HashMap<String, Vec<u8>>,
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
struct Failure {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// `moby.buildkit.v1.frontend.ReturnRequest`: what ends the solve.
#[derive(Clone, PartialEq, prost::Message)]
struct ReturnRequest {
    #[prost(message, optional, tag = "1")]
    result: Option<Answer>,
    #[prost(message, optional, tag = "2")]
    error: Option<Failure>,
}

/// `moby.buildkit.v1.frontend.ReturnResponse`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct ReturnResponse {}

/// Asks a frontend on behalf of a solve that has none of its own, and ends that solve. Gives what
/// the frontend answered, by name.
pub(super) async fn ask(
    channel: Channel,
    solve: &str,
    frontend: String,
    options: HashMap<String, String>,
) -> Result<HashMap<String, Vec<u8>>, Status> {
    let mut bridge = Bridge { grpc: Grpc::with_origin(channel, origin()), solve: solve.to_owned() };
    let asked: Result<SolveResponse, Status> =
        bridge.call("Solve", SolveRequest { frontend, options }).await;
    let told = match &asked {
        Ok(response) => ReturnRequest { result: response.result.clone(), error: None },
        Err(status) => ReturnRequest {
            result: None,
            error: Some(Failure {
                code: i32::from(status.code()),
                message: status.message().to_owned(),
            }),
        },
    };
    let ended: Result<ReturnResponse, Status> = bridge.call("Return", told).await;
    let response = asked?;
    ended?;
    Ok(response.result.unwrap_or_default().metadata)
}

fn origin() -> Uri {
    Uri::from_static("http://localhost")
}

struct Bridge {
    grpc: Grpc<Channel>,
    solve: String,
}

impl Bridge {
    async fn call<Q, A>(&mut self, method: &'static str, message: Q) -> Result<A, Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        let broken = |error: String| Status::internal(error);
        let path = format!("/moby.buildkit.v1.frontend.LLBBridge/{method}");
        let path = PathAndQuery::try_from(path).map_err(|error| broken(error.to_string()))?;
        let solve = MetadataValue::try_from(self.solve.as_str())
            .map_err(|error| broken(error.to_string()))?;
        let mut request = Request::new(message);
        request.metadata_mut().insert(BUILD_ID, solve);
        self.grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        Ok(self.grpc.unary(request, path, codec).await?.into_inner())
    }
}
