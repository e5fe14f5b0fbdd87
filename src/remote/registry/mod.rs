//! Registries: names in them, HTTP to them, and the part of the distribution API that reads.

mod http;
mod reference;
mod repository;

pub(crate) use http::{Answer, Failed, Http, is_loopback};
pub(crate) use reference::{Digest, OciReference};
pub(crate) use repository::{Repository, told, uri};
