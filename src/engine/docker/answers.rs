//! What an engine was asked already, for a look at a state that nobody changes meanwhile.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Method;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use super::DockerEngine;
use crate::engine::{EngineError, Result};

/// An answer as it was understood.
type Answer = Arc<dyn Any + Send + Sync>;

/// Answers by path. Who asks what somebody else is asking right now waits for the same answer.
#[derive(Default)]
pub(super) struct Answers(Mutex<HashMap<String, Arc<OnceCell<Answer>>>>);

impl Answers {
    fn to(&self, path: &str) -> Arc<OnceCell<Answer>> {
        // A panic elsewhere cannot leave this map half written.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.to_owned()).or_default())
    }
}

impl DockerEngine {
    /// The same engine, asked for each list and each inspection once, for as long as this handle
    /// and its clones live: several who look at a project before anything is done share their
    /// questions. Whoever changes something, or waits for a change, needs an engine that does not
    /// remember.
    #[must_use]
    pub fn remembering(&self) -> Self {
        Self { answers: Some(Arc::default()), ..self.clone() }
    }

    /// The same, remembering also what the one that was `presumed` was asked, if this is the one: an
    /// answer in a version that nobody chose is none.
    pub fn remembering_with(&self, presumed: &Self) -> Option<Self> {
        let answers = presumed.answers.clone().filter(|_| self.met.newest)?;
        Some(Self { answers: Some(answers), ..self.clone() })
    }

    /// Reads JSON.
    pub(super) async fn read<T>(&self, path: &str) -> Result<T>
    where
        T: DeserializeOwned + Clone + Send + Sync + 'static,
    {
        let ask = async || self.transport().request_json(Method::GET, path, None::<&()>).await;
        let Some(answers) = &self.answers else { return ask().await };
        let understood = async || Ok::<Answer, EngineError>(Arc::new(ask().await?));
        let answer = answers.to(path);
        let remembered = answer.get_or_try_init(understood).await?;
        match remembered.downcast_ref::<T>() {
            Some(answer) => Ok(answer.clone()),
            // It was asked for in another form.
            None => ask().await,
        }
    }
}
