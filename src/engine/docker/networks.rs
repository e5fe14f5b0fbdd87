//! Networks: looking them up by name.

use serde::Serialize;

use super::DockerEngine;
use super::calls::{filters, id};
use crate::engine::Result;
use crate::engine::api::{EndpointSettings, NetworkDetails};
use crate::engine::transport::Query;

/// Body of NetworkConnect.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Connection<'a> {
    pub(super) container: &'a str,
    pub(super) endpoint_config: &'a EndpointSettings,
}

impl DockerEngine {
    /// NetworkList.
    pub(super) async fn networks(&self, filter: (&str, &[String])) -> Result<Vec<NetworkDetails>> {
        let path = Query::new("/networks").with_some("filters", filters(&[filter]).as_deref());
        self.read(&path.build()).await
    }

    /// Networks of exactly this name, or the one of this id.
    pub(super) async fn networks_named(&self, name: &str) -> Result<Vec<NetworkDetails>> {
        // The engine's filter finds the name anywhere in a name.
        let mut found = self.networks(("name", &[name.to_owned()])).await?;
        found.retain(|network| network.name == name);
        if found.is_empty() && is_id(name) {
            let by_id = self.network(name).await?;
            found.extend(by_id.filter(|network| network.id == name));
        }
        Ok(found)
    }

    /// NetworkInspect.
    pub(super) async fn network(&self, network: &str) -> Result<Option<NetworkDetails>> {
        let path = format!("/networks/{}", id(network));
        match self.read(&path).await {
            Ok(network) => Ok(Some(network)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a name can be a full id.
fn is_id(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
