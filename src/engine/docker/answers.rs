//! What an engine was asked already, for a look at a state that nobody changes meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use super::DockerEngine;
use crate::engine::Result;
use crate::engine::transport::empty;

/// Answers by path. Who asks what somebody else is asking right now waits for the same answer.
#[derive(Default)]
pub(super) struct Answers(Mutex<HashMap<String, Arc<OnceCell<Bytes>>>>);

impl Answers {
    fn to(&self, path: &str) -> Arc<OnceCell<Bytes>> {
        // A panic elsewhere cannot leave this map half written.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.to_owned()).or_default())
    }
}

impl DockerEngine {
    /// The same engine, asked for each list and each inspection once, for as long as this handle
    /// lives: several who look at a project before anything is done share their questions. Whoever
    /// changes something, or waits for a change, needs an engine that does not remember.
    #[must_use]
    pub fn remembering(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), answers: Some(Arc::default()) }
    }

    /// Reads JSON.
    pub(super) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let Some(answers) = &self.answers else {
            return self.transport().request_json(Method::GET, path, None::<&()>).await;
        };
        let ask = async || {
            let response =
                self.transport().request(Method::GET, path, HeaderMap::new(), empty()).await?;
            self.transport().collect(path, response).await
        };
        let answer = answers.to(path);
        self.transport().understand(&format!("GET {path}"), answer.get_or_try_init(ask).await?)
    }
}
