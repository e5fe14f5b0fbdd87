//! One solve after another by one builder: opens the connections, answers the builder, follows the
//! status.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bollard::moby::buildkit::v1::control_client::ControlClient;
use bollard::moby::buildkit::v1::{ListWorkersRequest, SolveRequest, SolveResponse, StatusRequest};
use futures_util::future::BoxFuture;
use hyper::{Method, Uri};
use serde::Deserialize;
use tokio_stream::StreamExt;
use tonic::Status;

use super::caches::Caches;
use super::channel::Channel;
use super::output::Output;
use super::place::Place;
use super::receive::{Received, receive};
use super::status::Progress;
use super::{bridge, failure, solve};
use crate::build::error::BuildError;
use crate::build::event::BuildEvent;
use crate::build::inputs::Inputs;
use crate::build::request::BuildRequest;
use crate::build::session::{CredentialSource, Session, new_id};

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
    place: &'a Place<'a>,
    credentials: Arc<dyn CredentialSource>,
    pub(super) events: &'a (dyn Fn(BuildEvent) + Sync),
    progress: Progress,
}

impl<'a> Solver<'a> {
    /// A solver that has solved nothing yet.
    pub(super) fn new(
        place: &'a Place<'a>,
        credentials: Arc<dyn CredentialSource>,
        events: &'a (dyn Fn(BuildEvent) + Sync),
    ) -> Self {
        Self { place, credentials, events, progress: Progress::default() }
    }

    /// Has the builder solve a request with these inputs.
    pub(super) async fn solve(
        &mut self,
        request: &BuildRequest,
        inputs: &Inputs,
        output: &Output,
    ) -> Result<SolveResponse, BuildError> {
        let caches = Caches::open(request, self.events);
        let response =
            self.with_session(request, inputs, &caches, output, |asked| Box::pin(run(asked)));
        let response = response.await?;
        caches.note(response.exporter_response.get("cache.manifest"))?;
        Ok(response)
    }

    /// Has the frontend look at a Dockerfile, and gives what it says of it, by name.
    pub(super) async fn check(
        &mut self,
        request: &BuildRequest,
        inputs: &Inputs,
    ) -> Result<HashMap<String, Vec<u8>>, BuildError> {
        let none = Caches::default();
        let output = match self.place {
            Place::Engine(_) => Output::Engine,
            Place::Daemon(_) => Output::Nowhere,
        };
        self.with_session(request, inputs, &none, &output, |asked| Box::pin(lint(asked))).await
    }

    /// Serves a session while the builder works on something that names it.
    async fn with_session<T>(
        &mut self,
        request: &BuildRequest,
        inputs: &Inputs,
        caches: &Caches,
        output: &Output,
        work: for<'w> fn(Asked<'w>) -> BoxFuture<'w, Result<T, Status>>,
    ) -> Result<T, BuildError> {
        let mut layouts = caches.layouts.clone();
        layouts.extend(inputs.layouts.clone());
        let mut session = Session::new(request, inputs, layouts, Arc::clone(&self.credentials))?;
        let archives = output.receiver().map(|_| session.take_archives());
        let trouble = session.trouble();
        let session_id = session.id.clone();
        // The session must be known to the builder before the solve names it.
        let connection = self.place.session(&session).await?;
        let mut serving = pin!(session.serve(connection));
        let channel = self.place.channel().await?;
        let mut control = control(channel.clone());
        let gateway = host_gateway(&mut control, self.place, request).await?;

        let mut solve = solve::request(request, inputs, gateway.as_deref(), output);
        solve::use_caches(&mut solve, caches);
        (solve.r#ref, solve.session) = (new_id(), session_id);
        self.progress.recorded = request.records.then(|| request.service.clone());
        let (progress, events) = (&mut self.progress, self.events);
        let received = Received::default();
        let result = tokio::select! {
            result = work(Asked { channel, control, solve, progress, events }) => result,
            () = &mut serving => Err(Status::unavailable("the builder closed the session")),
            () = receive(output.receiver(), archives, &received, &trouble) => {
                Err(Status::internal("archives are taken until the end"))
            }
        };
        if let Some((name, duration)) = received.told() {
            self.progress.add(name, duration, self.events);
        }
        result.map_err(|status| {
            // What went wrong here explains more than the builder's view of it.
            let explain = || failure::explain(&status, &request.service, &self.progress);
            trouble.take().unwrap_or_else(explain)
        })
    }
}

/// The builder's calls, over a connection.
pub(super) fn control(channel: Channel) -> ControlClient<Channel> {
    let client = ControlClient::with_origin(channel, Uri::from_static("http://localhost"));
    client.max_decoding_message_size(LARGEST_MESSAGE)
}

/// What the builder is asked, and over which connection.
struct Asked<'a> {
    channel: Channel,
    control: ControlClient<Channel>,
    solve: SolveRequest,
    progress: &'a mut Progress,
    events: &'a (dyn Fn(BuildEvent) + Sync),
}

/// Asks the frontend to check instead of to build.
async fn lint(asked: Asked<'_>) -> Result<HashMap<String, Vec<u8>>, Status> {
    let (solve, frontend, options) = solve::question(asked.solve, "frontend.lint");
    let reference = solve.r#ref.clone();
    let answer = bridge::ask(asked.channel.clone(), &reference, frontend, options);
    // The answer ends the solve.
    let (answer, solved) = tokio::join!(answer, run(Asked { solve, ..asked }));
    let answer = answer?;
    solved?;
    Ok(answer)
}

/// Solves, and tells the status meanwhile.
async fn run(asked: Asked<'_>) -> Result<SolveResponse, Status> {
    let Asked { mut control, solve, progress, events, .. } = asked;
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
    place: &Place<'_>,
    request: &BuildRequest,
) -> Result<Option<String>, BuildError> {
    if !request.extra_hosts.iter().any(|(_, address)| address == HOST_GATEWAY) {
        return Ok(None);
    }
    let transport = match place {
        Place::Engine(transport) => transport,
        // The words are buildx's.
        Place::Daemon(daemon) => {
            return Err(BuildError::Unsupported(format!(
                "unable to derive the IP value for host-gateway: host-gateway is not supported by \
                 the {} driver",
                daemon.driver
            )));
        }
    };
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
