//! Containers: lists, inspection, creation, waiting.

use std::sync::Arc;

use hyper::Method;
use serde::Deserialize;

use super::DockerEngine;
use super::calls::{filters, id};
use crate::engine::api::{
    ApiVersion, ContainerCreate, ContainerDetails, ContainerFilter, ContainerSummary,
    CreatedContainer, WaitCondition,
};
use crate::engine::transport::Query;
use crate::engine::{EngineError, Result};

/// ContainerCreate takes a platform.
const TAKES_PLATFORM: ApiVersion = ApiVersion::new(1, 41);

/// Answer of ContainerWait.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Waited {
    status_code: i64,
    error: Option<WaitError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WaitError {
    #[serde(default)]
    message: String,
}

impl DockerEngine {
    /// ContainerList.
    pub(super) async fn containers(
        &self,
        filter: &ContainerFilter,
    ) -> Result<Vec<Arc<ContainerSummary>>> {
        let wanted = filters(&[
            ("label", &filter.labels),
            ("status", &filter.status),
            ("name", &filter.names),
            ("id", &filter.ids),
        ]);
        let path = Query::new("/containers/json")
            .with_flag("all", filter.all)
            .with_some("filters", wanted.as_deref());
        self.read(&path.build()).await
    }

    /// ContainerInspect.
    pub(super) async fn container(&self, container: &str) -> Result<Option<ContainerDetails>> {
        let path = format!("/containers/{}/json", id(container));
        match self.read(&path).await {
            Ok(details) => Ok(Some(details)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// ContainerCreate.
    pub(super) async fn create(
        &self,
        name: &str,
        platform: Option<&str>,
        body: &ContainerCreate,
    ) -> Result<CreatedContainer> {
        let platform = platform.filter(|platform| !platform.is_empty());
        if platform.is_some() && self.api() < TAKES_PLATFORM {
            return Err(EngineError::Configuration(format!(
                "the engine cannot be asked for a platform: it speaks version {} of the Engine API, \
                 and {TAKES_PLATFORM} is needed (Docker Engine 20.10 or later)",
                self.api()
            )));
        }
        let path = Query::new("/containers/create")
            .with_some("name", Some(name).filter(|name| !name.is_empty()))
            .with_some("platform", platform);
        self.transport().request_json(Method::POST, &path.build(), Some(body)).await
    }

    /// ContainerWait.
    pub(super) async fn wait(&self, container: &str, condition: WaitCondition) -> Result<i64> {
        let condition = match condition {
            WaitCondition::NotRunning => "not-running",
            WaitCondition::NextExit => "next-exit",
            WaitCondition::Removed => "removed",
        };
        let path = Query::new(format!("/containers/{}/wait", id(container)));
        let path = path.with("condition", condition).build();
        let waited: Waited =
            self.transport().request_json(Method::POST, &path, None::<&()>).await?;
        match waited.error {
            Some(error) if !error.message.is_empty() => Err(EngineError::Failed(error.message)),
            _ => Ok(waited.status_code),
        }
    }
}
