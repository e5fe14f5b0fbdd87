//! The mending: what takes the platform of services out of the files of a project.
//!
//! Pins are taken out where they are written, if that is a file of the user's and nobody else has the pin
//! from there; else they are taken back by the service itself, or by an override file. Every edit is tried out by
//! loading the project with it: what comes out must be the same but for the platforms of these services, or the next
//! way is tried, and at last the service is refused with a reason.

mod argument;
mod bench;
mod dockerfile;
mod owner;
mod pin;
mod same;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use argument::NewValue;
use bench::Bench;
pub use dockerfile::{Edited, with_platform};
pub use owner::is_others;

use crate::compose::files::Files;
use crate::compose::load::{Failure, LoadOptions, merged};
use crate::compose::source::Request;
use crate::platform::Platform;

/// What would mend services.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mending {
    /// The files to write, by path.
    pub changes: Vec<Change>,
    /// Services to which no file gives a foreign platform after that.
    pub mended: Vec<String>,
    /// Services to which none did.
    pub unpinned: Vec<String>,
    /// Services that cannot be mended, and why.
    pub refused: Vec<Refusal>,
    /// A file among the changes that Compose does not find by itself, since the files of the project
    /// were named: it must be named, too, as the last one.
    pub to_name: Option<PathBuf>,
    /// All files that are to be named then, in their order.
    pub named: Vec<String>,
}

/// A file before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is; absolute.
    pub path: PathBuf,
    /// Its text; `None` if there is no such file.
    pub before: Option<String>,
    /// What is to be written.
    pub after: String,
}

/// Why a service stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The service.
    pub service: String,
    /// One sentence, no trailing period.
    pub reason: String,
}

/// What is to be mended.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Services that are to have no foreign platform.
    pub unpinned: Vec<String>,
    /// Build arguments that are to have another value.
    pub arguments: Vec<NewValue>,
}

/// What mends the files of a project; the platforms and arguments of other services stay.
///
/// `native` is the platform that services would have instead; where a file asks for it, that stays. Fails if the project
/// does not load.
pub fn mend(
    request: &Request,
    files: &dyn Files,
    wanted: &Wanted,
    native: &Platform,
) -> Result<Mending, Failure> {
    let loaded = merged(request, &LoadOptions::default(), files)?.valid()?;
    let Wanted { unpinned: services, arguments } = wanted;
    let mut bench = Bench::new(request.clone(), files, loaded, services, native);
    let mut mending = Mending::default();
    for service in services {
        if !bench.is_pinned(service) {
            // One that shares its pin with a service before it is mended with that.
            let known = bench.was_pinned(service);
            let list = if known { &mut mending.mended } else { &mut mending.unpinned };
            list.push(service.clone());
            continue;
        }
        mending.enter(service, bench.mend(service));
    }
    for argument in arguments {
        mending.enter(&argument.service, bench.set_argument(argument, arguments));
    }
    (mending.changes, mending.to_name, mending.named) = bench.finish();
    Ok(mending)
}

impl Mending {
    fn enter(&mut self, service: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.mended.push(service.to_owned()),
            Err(reason) => self.refused.push(Refusal { service: service.to_owned(), reason }),
        }
    }
}
