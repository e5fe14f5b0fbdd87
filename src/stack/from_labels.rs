//! A project known only by its name, rebuilt from the labels of what runs.

use super::StackError;
use crate::compose::model::Project;
use crate::engine::Engine;

/// The project as far as labels tell: services with image, scale and dependencies; networks and
/// volumes. Empty when nothing has the project's label.
///
/// # Errors
/// An engine that does not answer.
pub async fn project<E: Engine>(name: &str, engine: &E) -> Result<Project, StackError> {
    let _ = (name, engine);
    todo!()
}
