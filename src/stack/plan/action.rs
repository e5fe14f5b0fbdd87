//! What a step does.

use std::sync::Arc;
use std::time::Duration;

use crate::compose::model::Hook;
use crate::engine::api::{Commit, EndpointSettings, NetworkCreate, VolumeCreate};
use crate::stack::copy::{CopyIn, CopyOut};
use crate::stack::desired::{Blueprint, InjectedFile, PreStart};
use crate::stack::programs::models::Models;
use crate::stack::programs::provider::{Call, Verb};
use crate::stack::progress::Subject;

/// A container that a step acts on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerRef {
    /// Its final name.
    pub name: String,
    /// Its id; `None` for one that an earlier step of the plan creates.
    pub id: Option<String>,
}

/// What it means that an image could not be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The run has failed.
    Fail,
    /// A warning: the image can be built.
    Build,
    /// It is told, and the run goes on.
    GoOn,
}

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// After a start.
    PostStart,
    /// Before a stop.
    PreStop,
}

/// What the containers of a service are waited to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitCondition {
    /// All healthy.
    Healthy,
    /// One ended, with 0.
    CompletedSuccessfully,
    /// All healthy, or running where there is no healthcheck.
    RunningOrHealthy,
}

/// The longest time that a wait may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitLimit {
    /// For what a service depends on.
    Dependency(Duration),
    /// For the whole application, by `--wait`.
    Application(Duration),
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Pulls the image of a service.
    PullImage {
        /// The service.
        service: String,
        /// Others that run the same image; the progress tells of each.
        others: Vec<String>,
        /// Reference.
        image: String,
        /// Platform asked for.
        platform: Option<String>,
        /// What a failure means.
        on_failure: OnFailure,
    },
    /// Pushes an image to its registry.
    PushImage {
        /// Reference.
        image: String,
        /// Whether a failure is told and let pass.
        optional: bool,
    },
    /// Builds the image of a service.
    BuildImage {
        /// The service.
        service: String,
        /// Name that the image gets.
        image: String,
        /// Whether it is left out when the same run pulled the image.
        unless_pulled: bool,
    },
    /// Calls the provider of a service.
    CallProvider {
        /// The call.
        call: Box<Call>,
    },
    /// Makes the models ready that services use.
    PrepareModels {
        /// The models.
        models: Box<Models>,
    },
    /// Removes an image.
    RemoveImage {
        /// Reference.
        image: String,
    },
    /// Creates a network.
    CreateNetwork {
        /// Body.
        body: NetworkCreate,
    },
    /// Removes a network.
    RemoveNetwork {
        /// Name.
        name: String,
        /// Id.
        id: String,
        /// Whether one that is still used is left, with a warning.
        leave_used: bool,
    },
    /// Attaches a container to a network.
    ConnectNetwork {
        /// Name of the network.
        network: String,
        /// The container.
        container: ContainerRef,
        /// How it joins.
        endpoint: Box<EndpointSettings>,
    },
    /// Detaches a container from a network.
    DisconnectNetwork {
        /// Name of the network.
        network: String,
        /// Id of the network.
        id: String,
        /// The container.
        container: ContainerRef,
    },
    /// Creates a volume.
    CreateVolume {
        /// Body.
        body: VolumeCreate,
    },
    /// Removes a volume.
    RemoveVolume {
        /// Name.
        name: String,
        /// Whether one that is still used is left, with a warning.
        leave_used: bool,
    },
    /// Creates a container.
    CreateContainer {
        /// The name it is created under.
        name: String,
        /// What it is made from.
        blueprint: Arc<Blueprint>,
        /// For each service that it refers to by id, the container meant.
        references: Vec<(String, ContainerRef)>,
    },
    /// Renames a container to its final name.
    RenameContainer {
        /// The container.
        container: ContainerRef,
        /// The name it gets.
        to: String,
    },
    /// Stops a container.
    StopContainer {
        /// The container.
        container: ContainerRef,
        /// Seconds; `None` for the container's own.
        timeout: Option<i64>,
    },
    /// Removes a container.
    RemoveContainer {
        /// The container.
        container: ContainerRef,
        /// Whether its anonymous volumes go too.
        volumes: bool,
        /// Whether it is killed if it runs.
        force: bool,
    },
    /// Sends a signal.
    KillContainer {
        /// The container.
        container: ContainerRef,
        /// The signal; `None` for `SIGKILL`.
        signal: Option<String>,
    },
    /// Restarts a container.
    RestartContainer {
        /// The container.
        container: ContainerRef,
        /// Seconds; `None` for the container's own.
        timeout: Option<i64>,
    },
    /// Pauses a container.
    PauseContainer {
        /// The container.
        container: ContainerRef,
    },
    /// Lets a paused container go on.
    UnpauseContainer {
        /// The container.
        container: ContainerRef,
    },
    /// Writes secrets and configs into a container.
    InjectFiles {
        /// The container.
        container: ContainerRef,
        /// The files.
        files: Vec<InjectedFile>,
    },
    /// Starts a container.
    StartContainer {
        /// The container.
        container: ContainerRef,
    },
    /// Runs a `pre_start` hook to its end, in a container of its own.
    RunPreStart {
        /// The hook.
        hook: Box<PreStart>,
        /// The replica whose mounts it shares.
        replica: ContainerRef,
        /// For each service that it refers to by id, the container meant.
        references: Vec<(String, ContainerRef)>,
    },
    /// Runs a command inside a container.
    RunHook {
        /// The container.
        container: ContainerRef,
        /// The command.
        hook: Box<Hook>,
        /// When.
        kind: HookKind,
        /// Whether it gets a terminal.
        tty: bool,
    },
    /// Makes an image of a container.
    CommitContainer {
        /// The container.
        container: ContainerRef,
        /// How.
        commit: Box<Commit>,
    },
    /// Copies files of this machine into a container.
    CopyInto {
        /// The container.
        container: ContainerRef,
        /// Which, and where to.
        copy: Arc<CopyIn>,
    },
    /// Copies files of a container onto this machine.
    CopyOutOf {
        /// The container.
        container: ContainerRef,
        /// Which, and where to.
        copy: Arc<CopyOut>,
    },
    /// Waits for the containers of a service.
    WaitFor {
        /// The service.
        service: String,
        /// Its containers.
        containers: Vec<ContainerRef>,
        /// What they must become.
        condition: WaitCondition,
        /// Whether it is an error if they do not.
        required: bool,
        /// The longest time it may take.
        limit: Option<WaitLimit>,
        /// How many wait by this one step; the progress tells of each.
        waiters: usize,
    },
}

impl ContainerRef {
    /// One that exists.
    pub fn existing(id: &str, name: &str) -> Self {
        Self { name: name.to_owned(), id: Some(id.to_owned()) }
    }

    /// One that an earlier step of the plan creates.
    pub fn created(name: &str) -> Self {
        Self { name: name.to_owned(), id: None }
    }
}

impl Action {
    /// What it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::PullImage { service, .. } => Subject::Pull(service.clone()),
            Self::PushImage { image, .. } => Subject::Push(image.clone()),
            Self::RemoveImage { image } => Subject::Image(image.clone()),
            Self::BuildImage { service, .. } => Subject::Build(service.clone()),
            Self::CallProvider { call } => Subject::Service(call.service.clone()),
            Self::PrepareModels { models } => {
                let names: Vec<&str> = models.models.keys().map(String::as_str).collect();
                Subject::Model(names.join(", "))
            }
            Self::CreateNetwork { body } => Subject::Network(body.name.clone()),
            Self::RemoveNetwork { name, .. } => Subject::Network(name.clone()),
            Self::CreateVolume { body } => Subject::Volume(body.name.clone()),
            Self::RemoveVolume { name, .. } => Subject::Volume(name.clone()),
            Self::CreateContainer { blueprint, .. } => Subject::Container(blueprint.name.clone()),
            Self::RunPreStart { hook, .. } => Subject::Container(hook.blueprint.name.clone()),
            Self::WaitFor { service, .. } => Subject::Service(service.clone()),
            Self::CommitContainer { container, .. }
            | Self::CopyInto { container, .. }
            | Self::CopyOutOf { container, .. } => Subject::Files(container.name.clone()),
            Self::ConnectNetwork { container, .. }
            | Self::DisconnectNetwork { container, .. }
            | Self::RenameContainer { container, .. }
            | Self::StopContainer { container, .. }
            | Self::RemoveContainer { container, .. }
            | Self::KillContainer { container, .. }
            | Self::RestartContainer { container, .. }
            | Self::PauseContainer { container }
            | Self::UnpauseContainer { container }
            | Self::InjectFiles { container, .. }
            | Self::StartContainer { container }
            | Self::RunHook { container, .. } => Subject::Container(container.name.clone()),
        }
    }

    /// All that its progress tells of: [`Self::subject`] first.
    pub fn subjects(&self) -> Vec<Subject> {
        let mut subjects = vec![self.subject()];
        if let Self::PullImage { others, .. } = self {
            subjects.extend(others.iter().cloned().map(Subject::Pull));
        }
        subjects
    }

    /// The words of its progress, when it begins and when it has ended; `None` for what is not told.
    pub fn words(&self) -> (Option<&'static str>, Option<&'static str>) {
        let (begins, ends) = match self {
            // Docker Compose tells only of the end.
            Self::PauseContainer { .. } => return (None, Some("Paused")),
            Self::UnpauseContainer { .. } => return (None, Some("Unpaused")),
            // How these end depends on what the engine says.
            Self::CommitContainer { .. } => return (Some("Committing"), None),
            Self::PullImage { .. } => return (Some("Pulling"), None),
            Self::PushImage { .. } => ("Pushing", "Pushed"),
            Self::CopyInto { .. } | Self::CopyOutOf { .. } => ("Copying", "Copied"),
            Self::BuildImage { .. } => ("Building", "Built"),
            Self::CreateNetwork { .. }
            | Self::CreateVolume { .. }
            | Self::CreateContainer { .. } => ("Creating", "Created"),
            Self::RemoveImage { .. }
            | Self::RemoveNetwork { .. }
            | Self::RemoveVolume { .. }
            | Self::RemoveContainer { .. } => ("Removing", "Removed"),
            Self::StopContainer { .. } => ("Stopping", "Stopped"),
            Self::KillContainer { .. } => ("Killing", "Killed"),
            Self::RestartContainer { .. } => ("Restarting", "Started"),
            Self::StartContainer { .. } => ("Starting", "Started"),
            // A provider without the verb is not called, and each model is told by itself.
            Self::CallProvider { .. }
            | Self::PrepareModels { .. }
            | Self::ConnectNetwork { .. }
            | Self::DisconnectNetwork { .. }
            | Self::RenameContainer { .. }
            | Self::InjectFiles { .. }
            | Self::RunPreStart { .. }
            | Self::RunHook { .. }
            | Self::WaitFor { .. } => return (None, None),
        };
        (Some(begins), Some(ends))
    }

    /// What is told beside the words; empty for nothing.
    pub fn details(&self) -> String {
        match self {
            Self::BuildImage { image, .. } => image.clone(),
            Self::CommitContainer { container, .. } => format!("Commit {}", container.name),
            Self::CopyInto { container, copy } => {
                format!("copy {} to {}:{}", copy.shown, container.name, copy.path)
            }
            Self::CopyOutOf { container, copy } => {
                format!("copy {}:{} to {}", container.name, copy.path, copy.shown)
            }
            _ => String::new(),
        }
    }

    /// Verb and kind of thing, as a plan shows them.
    pub fn title(&self) -> &'static str {
        match self {
            Self::PullImage { .. } => "pull image",
            Self::PushImage { .. } => "push image",
            Self::BuildImage { .. } => "build image",
            Self::CallProvider { call } => match call.verb {
                Verb::Up => "call provider to create",
                Verb::Down => "call provider to remove",
                Verb::Stop => "call provider to stop",
            },
            Self::PrepareModels { .. } => "prepare models",
            Self::RemoveImage { .. } => "remove image",
            Self::CreateNetwork { .. } => "create network",
            Self::RemoveNetwork { .. } => "remove network",
            Self::ConnectNetwork { .. } => "connect container",
            Self::DisconnectNetwork { .. } => "disconnect container",
            Self::CreateVolume { .. } => "create volume",
            Self::RemoveVolume { .. } => "remove volume",
            Self::CreateContainer { .. } => "create container",
            Self::RenameContainer { .. } => "rename container",
            Self::StopContainer { .. } => "stop container",
            Self::RemoveContainer { .. } => "remove container",
            Self::KillContainer { .. } => "kill container",
            Self::RestartContainer { .. } => "restart container",
            Self::PauseContainer { .. } => "pause container",
            Self::UnpauseContainer { .. } => "unpause container",
            Self::InjectFiles { .. } => "write files into container",
            Self::StartContainer { .. } => "start container",
            Self::RunPreStart { .. } => "run pre_start in container",
            Self::RunHook { kind: HookKind::PostStart, .. } => "run post_start in container",
            Self::RunHook { kind: HookKind::PreStop, .. } => "run pre_stop in container",
            Self::CommitContainer { .. } => "commit container",
            Self::CopyInto { .. } => "copy into container",
            Self::CopyOutOf { .. } => "copy out of container",
            Self::WaitFor { condition: WaitCondition::Healthy, .. } => "wait until healthy",
            Self::WaitFor { condition: WaitCondition::CompletedSuccessfully, .. } => {
                "wait until completed"
            }
            Self::WaitFor { condition: WaitCondition::RunningOrHealthy, .. } => "wait until ready",
        }
    }

    /// What it does, in words: `create container shop-web-1`.
    pub fn sentence(&self) -> String {
        let name = self.subject_name();
        match self {
            Self::WaitFor { condition: WaitCondition::Healthy, .. } => {
                format!("wait until {name} is healthy")
            }
            Self::WaitFor { condition: WaitCondition::CompletedSuccessfully, .. } => {
                format!("wait until {name} has completed")
            }
            Self::WaitFor { condition: WaitCondition::RunningOrHealthy, .. } => {
                format!("wait until {name} is ready")
            }
            _ => format!("{} {name}", self.title()),
        }
    }

    /// The name of its subject as a plan shows it.
    pub fn subject_name(&self) -> String {
        match self {
            Self::BuildImage { image, .. } | Self::PullImage { image, platform: None, .. } => {
                image.clone()
            }
            Self::CreateContainer { name, .. } => name.clone(),
            Self::RemoveContainer { container, .. } | Self::StopContainer { container, .. } => {
                container.name.clone()
            }
            Self::ConnectNetwork { network, container, .. }
            | Self::DisconnectNetwork { network, container, .. } => {
                format!("{} ({network})", container.name)
            }
            Self::CommitContainer { container, commit } if commit.reference.is_empty() => {
                container.name.clone()
            }
            Self::CommitContainer { container, commit } => {
                format!("{} to {}", container.name, commit.reference)
            }
            Self::CopyInto { container, copy } => {
                format!("{} to {}:{}", copy.shown, container.name, copy.path)
            }
            Self::CopyOutOf { container, copy } => {
                format!("{}:{} to {}", container.name, copy.path, copy.shown)
            }
            Self::PullImage { image, platform: Some(platform), .. } => {
                format!("{image} ({platform})")
            }
            _ => match self.subject() {
                Subject::Container(name)
                | Subject::Files(name)
                | Subject::Network(name)
                | Subject::Volume(name)
                | Subject::Image(name)
                | Subject::Pull(name)
                | Subject::Push(name)
                | Subject::Build(name)
                | Subject::Service(name)
                | Subject::Model(name) => name,
            },
        }
    }
}
