//! One solve after another on one engine: opens the connections, answers the builder, follows the
//! status.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bollard::moby::buildkit::v1::control_client::ControlClient;
use bollard::moby::buildkit::v1::{ListWorkersRequest, SolveRequest, SolveResponse, StatusRequest};
use hyper::{HeaderMap, Method, Uri};
use serde::Deserialize;
use tokio_stream::StreamExt;
use tonic::Status;

use super::caches::Caches;
use super::channel::Channel;
use super::status::Progress;
use super::{failure, solve};
use crate::build::error::BuildError;
use crate::build::event::BuildEvent;
use crate::build::inputs::Inputs;
use crate::build::request::BuildRequest;
use crate::build::session::{CredentialSource, Session, new_id};
use crate::engine::transport::{Transport, empty};

/// The largest message that we take from the builder; a status with much log is the biggest.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// How long the status may go on after the solve has ended. Engines end it themselves; this is for
/// those that forget.
const STATUS_GRACE: Duration = Duration::from_secs(5);

/// The address that stands for the engine itself in `extra_hosts`, and the label under which its
/// builder tells the real one.
const HOST_GATEWAY: &str = "host-gateway";
const HOST_GATEWAY_LABEL: &str = "org.mobyproject.buildkit.worker.moby.host-gateway-ip";

/// Solves, and tells of all solves as of one build.
pub(super) struct Solver<'a> {
    pub(super) transport: &'a Transport,
    credentials: Arc<dyn CredentialSource>,
    pub(super) events: &'a (dyn Fn(BuildEvent) + Sync),
    progress: Progress,
}

impl<'a> Solver<'a> {
    /// A solver that has solved nothing yet.
    pub(super) fn new(
        transport: &'a Transport,
        credentials: Arc<dyn CredentialSource>,
        events: &'a (dyn Fn(BuildEvent) + Sync),
    ) -> Self {
        Self { transport, credentials, events, progress: Progress::default() }
    }

    /// Has the builder solve a request with these inputs.
    pub(super) async fn solve(
        &mut self,
        request: &BuildRequest,
        inputs: &Inputs,
    ) -> Result<SolveResponse, BuildError> {
        let mut caches = Caches::open(request, self.events);
        let mut layouts = std::mem::take(&mut caches.layouts);
        layouts.extend(inputs.layouts.clone());
        let session = Session::new(request, inputs, layouts, Arc::clone(&self.credentials))?;
        let trouble = session.trouble();
        let session_id = session.id.clone();
        // The session must be known to the engine before the solve names it.
        let connection = session.connect(self.transport).await?;
        let mut serving = pin!(session.serve(connection));
        let mut control = self.control().await?;
        let gateway = host_gateway(&mut control, self.transport, request).await?;

        let mut solve = solve::request(request, inputs, gateway.as_deref());
        solve::use_caches(&mut solve, &caches);
        (solve.r#ref, solve.session) = (new_id(), session_id);
        let result = tokio::select! {
            result = run(control, solve, &mut self.progress, self.events) => result,
            () = &mut serving => Err(Status::unavailable("the engine closed the session")),
        };
        let response = result.map_err(|status| {
            // What went wrong here explains more than the builder's view of it.
            let explain = || failure::explain(&status, &request.service, &self.progress);
            trouble.take().unwrap_or_else(explain)
        })?;
        caches.note(response.exporter_response.get("cache.manifest"))?;
        Ok(response)
    }

    async fn control(&self) -> Result<ControlClient<Channel>, BuildError> {
        let upgraded =
            self.transport.upgrade(Method::POST, "/grpc", HeaderMap::new(), "h2c", empty()).await?;
        let channel = Channel::open(upgraded).await?;
        let client = ControlClient::with_origin(channel, Uri::from_static("http://localhost"));
        Ok(client.max_decoding_message_size(LARGEST_MESSAGE))
    }
}

/// Solves, and tells the status meanwhile.
async fn run(
    mut control: ControlClient<Channel>,
    solve: SolveRequest,
    progress: &mut Progress,
    events: &(dyn Fn(BuildEvent) + Sync),
) -> Result<SolveResponse, Status> {
    let mut follower = control.clone();
    let mut telling = pin!(follow(&mut follower, solve.r#ref.clone(), progress, events));
    let mut solving = pin!(control.solve(solve));
    let mut told = false;
    let result = loop {
        tokio::select! {
            result = &mut solving => break result,
            () = &mut telling, if !told => told = true,
        }
    };
    if !told {
        // Whether it ended in time or not, the solve has.
        let _ = tokio::time::timeout(STATUS_GRACE, telling).await;
    }
    result.map(tonic::Response::into_inner)
}

/// Tells what the builder says of a solve until it has said everything.
async fn follow(
    control: &mut ControlClient<Channel>,
    reference: String,
    progress: &mut Progress,
    events: &(dyn Fn(BuildEvent) + Sync),
) {
    // Without a status there is nothing to show, but the build goes on.
    let Ok(stream) = control.status(StatusRequest { r#ref: reference }).await else { return };
    let mut stream = stream.into_inner();
    while let Some(Ok(response)) = stream.next().await {
        progress.update(response, events);
    }
}

/// Where the engine is for its containers, unless it was told otherwise.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Bridge {
    #[serde(rename = "IPAM")]
    ipam: BridgeIpam,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct BridgeIpam {
    config: Vec<BridgePool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct BridgePool {
    gateway: String,
}

/// The address that `host-gateway` stands for, if the request uses it.
async fn host_gateway(
    control: &mut ControlClient<Channel>,
    transport: &Transport,
    request: &BuildRequest,
) -> Result<Option<String>, BuildError> {
    if !request.extra_hosts.iter().any(|(_, address)| address == HOST_GATEWAY) {
        return Ok(None);
    }
    let workers = control.list_workers(ListWorkersRequest { filter: Vec::new() }).await;
    let told = workers.ok().and_then(|workers| {
        let mut records = workers.into_inner().record.into_iter();
        records.find_map(|mut worker| worker.labels.remove(HOST_GATEWAY_LABEL))
    });
    if told.is_some() {
        return Ok(told);
    }
    // Engines before 23 do not tell it; there it is the default network's gateway.
    let bridge: Bridge =
        transport.request_json(Method::GET, "/networks/bridge", None::<&()>).await?;
    let gateway = bridge.ipam.config.into_iter().map(|pool| pool.gateway);
    gateway.into_iter().find(|address| !address.is_empty()).map(Some).ok_or_else(|| {
        BuildError::Unsupported("unable to derive the IP value for host-gateway".to_owned())
    })
}
