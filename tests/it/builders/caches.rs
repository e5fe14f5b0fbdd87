//! Caches that are written and read.

use std::collections::BTreeMap;

use bireme::build::BuildEvent;
use bireme::build::request::Cache;

use super::{Workshop, is_refused};
use crate::harness::registry;

#[test]
fn an_inline_cache_is_written_and_read() {
    let shop = Workshop::new("cache", &[]);
    let name = format!("{}/{}", registry(), shop.tag());
    let mut request = shop.inline("FROM busybox:stable\nRUN head -c 8 /dev/urandom | hexdump\n");
    request.tags = vec![name.clone()];
    request.no_cache = false;
    let inline = Cache { kind: "inline".to_owned(), attributes: BTreeMap::new() };
    request.cache_to = vec![inline];
    shop.output(&request);
    let first = shop.inspect(&name)["RootFS"]["Layers"].clone();
    let attributes = [("ref".to_owned(), name.clone())].into();
    request.cache_from = vec![Cache { kind: "registry".to_owned(), attributes }];
    shop.output(&request);
    let read = format!("importing cache manifest from {name}");
    assert!(shop.steps().contains(&read), "{:?}", shop.steps());
    assert_eq!(shop.inspect(&name)["RootFS"]["Layers"], first);
}

#[test]
fn a_cache_in_a_directory_is_written_and_read() {
    let shop = Workshop::new("local-cache", &[]);
    let directory = shop.path("cache").display().to_string();
    let cache = |key: &str| Cache {
        kind: "local".to_owned(),
        attributes: [(key.to_owned(), directory.clone())].into(),
    };
    let mut request = shop.inline("FROM busybox:stable\nRUN head -c 8 /dev/urandom | hexdump\n");
    request.cache_from = vec![cache("src")];
    shop.output(&request);
    let events = shop.events().clone();
    let told = |event: &BuildEvent| matches!(event, BuildEvent::Warning { message, .. } if message.starts_with("there is no cache in `"));
    assert!(events.iter().any(told), "{events:#?}");

    request.cache_to = vec![cache("dest")];
    if !shop.stack.engine().has_containerd_store() {
        return is_refused(&shop, &request, "Cache export");
    }
    request.cache_from.clear();
    shop.output(&request);
    let index = std::fs::read_to_string(shop.path("cache/index.json")).unwrap();
    assert!(index.contains("\"org.opencontainers.image.ref.name\":\"latest\""), "{index}");
    (request.cache_from, request.cache_to) = (vec![cache("src")], Vec::new());
    request.no_cache = false;
    shop.output(&request);
    assert!(
        shop.steps().iter().any(|step| step.starts_with("importing cache manifest from local:"))
    );
    let events = shop.events().clone();
    assert!(!events.iter().any(|event| matches!(event, BuildEvent::Failed { .. })), "{events:#?}");
}
