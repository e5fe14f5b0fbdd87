//! What containers do and use: calls of commands that only look.

use hyper::{HeaderMap, Method};

use super::DockerEngine;
use super::calls::id;
use super::json_stream::JsonDecoder;
use super::processes::{body_reader, decoded};
use crate::engine::api::{Processes, Usage};
use crate::engine::transport::{Query, empty};
use crate::engine::{Result, Stream};

impl DockerEngine {
    /// ContainerTop, with the engine's own choice of columns.
    pub async fn processes(&self, container: &str) -> Result<Processes> {
        let path = format!("/containers/{}/top", id(container));
        self.transport().request_json(Method::GET, &path, None::<&()>).await
    }

    /// ContainerStats: samples as they come, or, without `follow`, one that was measured over a
    /// second or so.
    pub async fn usage(&self, container: &str, follow: bool) -> Result<Stream<Usage>> {
        let path = Query::new(format!("/containers/{}/stats", id(container)))
            .with("stream", if follow { "1" } else { "0" })
            .build();
        let response =
            self.transport().request(Method::GET, &path, HeaderMap::new(), empty()).await?;
        let call = format!("usage of {container}");
        Ok(decoded(body_reader(response), JsonDecoder::default(), call))
    }
}
