//! Asks the engine, and through it the registries, for the digests of images.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::runtime::Signals;
use crate::compose::digests::{Known, Wanted};
use crate::engine::{DockerEngine, EngineError};

/// The digests of images, asked for all at once. Asks nobody if there is nothing to ask.
pub(super) fn ask(wanted: &Wanted, context: &Context) -> Result<Known> {
    let mut known = Known::new();
    if wanted.is_empty() {
        return Ok(known);
    }
    context.with_engine(Signals::Drop, async |engine, _| {
        let engine: &DockerEngine = &Arc::clone(&engine);
        let answers = wanted.keys().map(|image| engine.digest(image));
        let mut refusals = String::new();
        for ((image, services), answer) in wanted.iter().zip(join_all(answers).await) {
            match answer {
                Ok(digest) => {
                    known.insert(image.clone(), digest);
                }
                Err(error) => refuse(&mut refusals, image, services, &error),
            }
        }
        if refusals.is_empty() { Ok(()) } else { Err(Failure::new(refusals.trim_end())) }
    })?;
    Ok(known)
}

/// A line for an image that nobody knows. The middle is what scripts look for.
fn refuse(refusals: &mut String, image: &str, services: &[String], error: &EngineError) {
    let words = match services {
        [service] => format!("service {service}"),
        services => format!("services {}", services.join(", ")),
    };
    let spoke = matches!(
        error,
        EngineError::NotFound(_) | EngineError::Conflict(_) | EngineError::Refused { .. }
    );
    let daemon = if spoke { "Error response from daemon: " } else { "" };
    // Writing to a string cannot fail.
    let _ = writeln!(refusals, "{words}: failed to resolve digest for {image}: {daemon}{error}");
}
