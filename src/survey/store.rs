//! What the engine's own store has, each image looked at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::engine::api::ImageDetails;
use crate::engine::{DockerEngine, Engine};

/// A look at an image, once it was taken.
type Look = OnceCell<Option<Arc<ImageDetails>>>;

/// The images of an engine.
pub struct Store<'a> {
    engine: &'a DockerEngine,
    known: Mutex<HashMap<String, Arc<Look>>>,
}

impl<'a> Store<'a> {
    /// Looks at nothing yet.
    pub fn new(engine: &'a DockerEngine) -> Self {
        Self { engine, known: Mutex::default() }
    }

    /// An image by name or id. What the engine cannot tell counts as not there.
    pub async fn image(&self, reference: &str) -> Option<Arc<ImageDetails>> {
        let cell = {
            // A panic elsewhere cannot leave this map half written.
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(reference.to_owned()).or_default())
        };
        let look = async || self.engine.inspect_image(reference, None).await.ok().flatten();
        cell.get_or_init(look).await.clone()
    }

    /// An image by id, which may be known under its name.
    pub async fn image_of_id(&self, id: &str) -> Option<Arc<ImageDetails>> {
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let mut images = known.values().filter_map(|cell| cell.get()?.as_ref());
            images.find(|image| image.id == id).cloned()
        };
        match known {
            Some(image) => Some(image),
            None => self.image(id).await,
        }
    }
}
