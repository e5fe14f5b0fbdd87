//! Builders that are not the engine's own: those that `docker buildx create` made. We read where buildx
//! keeps them, bring their BuildKit up as buildx does, and speak to it.
//!
//! [`store`], [`driver`], [`container`] and [`choice`] are pure; [`find`] reads files.

mod boot;
mod choice;
mod connection;
mod container;
mod dial;
mod driver;
mod find;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub use find::{FindError, find};
pub use store::{Instance, Node};
use tokio::sync::OnceCell;

use super::buildkit::{Channel, Daemon};
use super::error::BuildError;
use super::event::BuildEvent;
use super::request::BuildRequest;
use crate::engine::DockerEngine;
use crate::engine::endpoint::{Flags, Surroundings};
use crate::platform::Platform;
use connection::Connection;
use driver::Driver;

/// A builder of buildx at work for an engine. Builds side by side share its connections.
pub struct Nodes {
    instance: Instance,
    members: Vec<Member>,
    world: World,
    /// Whether the engine takes archives in the OCI image layout.
    takes_layouts: OnceCell<bool>,
    /// What was built, by service: other builds may take those images.
    finished: Mutex<BTreeMap<String, BuildRequest>>,
}

/// What reaching a node may take.
struct World {
    /// The engine in use, which gets the images.
    engine: DockerEngine,
    /// By which that engine was found.
    flags: Flags,
    machine: Arc<dyn Surroundings + Send + Sync>,
}

/// A node with the connection to it, once there is one.
struct Member {
    node: Node,
    driver: Driver,
    connection: tokio::sync::Mutex<Option<Connection>>,
}

/// A BuildKit that can be asked, and the steps that were told while it was brought up.
pub(super) struct Ready<'a> {
    pub(super) daemon: Daemon<'a>,
    pub(super) steps: u32,
}

impl Nodes {
    /// A builder that was found, for `engine`; `flags` are those that the engine was found by. Nothing
    /// is connected to yet.
    ///
    /// # Errors
    /// A driver that is not spoken here, or options that it does not have.
    pub fn new(
        instance: Instance,
        engine: DockerEngine,
        flags: Flags,
        machine: Arc<dyn Surroundings + Send + Sync>,
    ) -> Result<Self, BuildError> {
        let drivers = Driver::of_nodes(&instance).map_err(BuildError::Unsupported)?;
        let members = instance.nodes.iter().zip(drivers);
        let members = members.map(|(node, driver)| Member {
            node: node.clone(),
            driver,
            connection: tokio::sync::Mutex::default(),
        });
        Ok(Self {
            members: members.collect(),
            instance,
            world: World { engine, flags, machine },
            takes_layouts: OnceCell::new(),
            finished: Mutex::default(),
        })
    }

    /// What buildx keeps of it.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Whether it builds in the guest of the engine in use.
    pub fn are_here(&self) -> bool {
        let is_here = |member: &Member| {
            matches!(member.driver, Driver::Container(_))
                && matches!(self.world.settings_at(&member.node.endpoint), Ok(None))
        };
        self.members.iter().all(is_here)
    }

    /// The platform of the machine on which it builds what asks for none. `None` where it does not tell:
    /// nothing is started for the question.
    pub async fn own_platform(&self) -> Option<Platform> {
        let first = self.members.first()?;
        match first.driver {
            Driver::Container(_) => None,
            Driver::Remote(_) => Some(self.connect(first, &|_| {}).await.ok()?.0.own_platform()),
        }
    }

    /// The node that builds a request, up and connected.
    pub(super) async fn ready(
        &self,
        request: &BuildRequest,
        events: &(dyn Fn(BuildEvent) + Sync),
    ) -> Result<Ready<'_>, BuildError> {
        let member = self.member_for(request, events).await?;
        let (connection, steps) = self.connect(member, events).await?;
        Ok(Ready { daemon: self.daemon(member, connection.channel).await?, steps })
    }

    async fn daemon(&self, member: &Member, channel: Channel) -> Result<Daemon<'_>, BuildError> {
        let engine = self.world.engine.transport();
        let asked = || super::buildkit::keeps_indexes(engine);
        let takes_layouts = *self.takes_layouts.get_or_try_init(asked).await?;
        let driver = member.driver.name();
        Ok(Daemon { channel, driver, engine, takes_layouts })
    }

    /// The node for the platforms of a request.
    async fn member_for(
        &self,
        request: &BuildRequest,
        events: &(dyn Fn(BuildEvent) + Sync),
    ) -> Result<&Member, BuildError> {
        let none =
            || BuildError::Unsupported(format!("builder {:?} has no node", self.instance.name));
        let first = self.members.first().ok_or_else(none)?;
        if self.members.len() == 1 || request.platforms.is_empty() {
            return Ok(first);
        }
        let host = self.connect(first, events).await?.0.own_platform();
        let parse = |text: &String| {
            Platform::parse(text, &host).map_err(|error| BuildError::Input(error.to_string()))
        };
        let wanted = request.platforms.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let given: Vec<&[Platform]> =
            self.members.iter().map(|member| member.node.platforms.as_slice()).collect();
        let nodes = match choice::by_platforms(&wanted, &given) {
            Some(nodes) => nodes,
            None => choice::by_abilities(&wanted, &self.abilities(events).await?),
        };
        let chosen = nodes.first().and_then(|index| self.members.get(*index)).unwrap_or(first);
        let elsewhere = nodes.iter().filter_map(|index| self.members.get(*index));
        let elsewhere =
            elsewhere.zip(&wanted).find(|(member, _)| member.node.name != chosen.node.name);
        match (elsewhere, wanted.first()) {
            (Some((other, platform)), Some(own)) => Err(BuildError::Unsupported(format!(
                "builder {:?} builds {own} on its node {} and {platform} on its node {}: Bireme builds \
                 an image on one node, so name one platform, or hand `build --print` to `docker buildx bake`",
                self.instance.name, chosen.node.name, other.node.name
            ))),
            _ => Ok(chosen),
        }
    }

    /// What each node can build.
    async fn abilities(
        &self,
        events: &(dyn Fn(BuildEvent) + Sync),
    ) -> Result<Vec<Vec<Platform>>, BuildError> {
        let mut abilities = Vec::new();
        for member in &self.members {
            let (connection, _) = self.connect(member, events).await?;
            abilities.push([member.node.platforms.clone(), connection.platforms].concat());
        }
        Ok(abilities)
    }

    /// A node's connection, and how many steps were told until it was there. Whoever comes first brings
    /// the node up, and others wait for that.
    async fn connect(
        &self,
        member: &Member,
        events: &(dyn Fn(BuildEvent) + Sync),
    ) -> Result<(Connection, u32), BuildError> {
        let mut kept = member.connection.lock().await;
        if let Some(connection) = kept.as_ref().filter(|it| !it.channel.is_closed()) {
            return Ok((connection.clone(), 0));
        }
        let failed = |error: BuildError| match error {
            BuildError::Canceled => BuildError::Canceled,
            error => BuildError::Builder {
                builder: self.instance.name.clone(),
                node: member.node.name.clone(),
                reason: error.to_string(),
            },
        };
        let (duplex, steps) = self.world.dial(member, events).await.map_err(failed)?;
        let connection = Connection::open(duplex).await.map_err(failed)?;
        *kept = Some(connection.clone());
        Ok((connection, steps))
    }

    /// Notes that a service's image was built.
    pub(super) fn finish(&self, request: &BuildRequest) {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.insert(request.service.clone(), request.clone());
    }

    /// How a service's image was built in this run.
    pub(super) fn finished(&self, service: &str) -> Option<BuildRequest> {
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.get(service).cloned()
    }
}
