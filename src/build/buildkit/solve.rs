//! A build request in BuildKit's terms: a solve with the Dockerfile frontend. Pure.

use std::collections::HashMap;

use bollard::moby::buildkit::v1::{CacheOptions, CacheOptionsEntry, SolveRequest};

use super::caches::Caches;
use super::output::Output;
use crate::build::inputs::Inputs;
use crate::build::request::{BuildRequest, Cache};

/// The solve of a request, without the names of solve and session and without caches;
/// `host_gateway` is the address that stands for the engine.
pub(super) fn request(
    request: &BuildRequest,
    inputs: &Inputs,
    host_gateway: Option<&str>,
    output: &Output,
) -> SolveRequest {
    let exporter = output.exporter(request).unwrap_or_default();
    let mut entitlements = request.entitlements.clone();
    if request.network == "host" {
        entitlements.push("network.host".to_owned());
    }
    SolveRequest {
        frontend: "dockerfile.v0".to_owned(),
        frontend_attrs: frontend_attributes(request, inputs, host_gateway, output),
        // Both forms of the exporter: engines before 25 know the first only.
        exporter_deprecated: exporter.r#type.clone(),
        exporter_attrs_deprecated: exporter.attrs.clone(),
        exporters: if exporter.r#type.is_empty() { Vec::new() } else { vec![exporter] },
        entitlements,
        ..SolveRequest::default()
    }
}

/// A solve that waits for the answer of its frontend to a question, with the frontend and the
/// options of the question.
pub(super) fn question(
    solve: SolveRequest,
    question: &str,
) -> (SolveRequest, String, HashMap<String, String>) {
    let mut options = solve.frontend_attrs;
    options.insert("requestid".to_owned(), question.to_owned());
    let abilities = options.entry("frontend.caps".to_owned()).or_default();
    if !abilities.is_empty() {
        abilities.push(',');
    }
    abilities.push_str("moby.buildkit.frontend.subrequests");
    let open = SolveRequest {
        r#ref: solve.r#ref,
        session: solve.session,
        entitlements: solve.entitlements,
        ..SolveRequest::default()
    };
    (open, solve.frontend, options)
}

/// Whether base images should be pulled, but one of them is in the engine's store only: the builder
/// knows one rule for all.
pub(super) fn pull_is_impossible(request: &BuildRequest) -> bool {
    request.pull && request.needs().next().is_some()
}

/// Adds the caches of a solve.
pub(super) fn use_caches(solve: &mut SolveRequest, caches: &Caches) {
    solve.cache = Some(CacheOptions {
        exports: caches.exports.iter().map(cache_entry).collect(),
        imports: caches.imports.iter().map(cache_entry).collect(),
        ..CacheOptions::default()
    });
    if !caches.imports.is_empty() {
        // Frontends that run as an image take the caches from here.
        let imports = cache_imports(&caches.imports);
        solve.frontend_attrs.insert("cache-imports".to_owned(), imports);
    }
}

fn cache_entry(cache: &Cache) -> CacheOptionsEntry {
    CacheOptionsEntry {
        r#type: cache.kind.clone(),
        attrs: cache.attributes.clone().into_iter().collect(),
    }
}

fn frontend_attributes(
    request: &BuildRequest,
    inputs: &Inputs,
    host_gateway: Option<&str>,
    output: &Output,
) -> HashMap<String, String> {
    let mut attributes = HashMap::new();
    let mut set = |key: &str, value: String| attributes.insert(key.to_owned(), value);
    set("filename", inputs.dockerfile.clone());
    if let Some(url) = &inputs.remote {
        set("context", url.clone());
    }
    if inputs.own_dockerfile {
        set("dockerfilekey", "dockerfile".to_owned());
    }
    if !request.target.is_empty() {
        set("target", request.target.clone());
    }
    for (name, value) in &request.args {
        set(&format!("build-arg:{name}"), value.clone());
    }
    for (name, value) in &request.labels {
        set(&format!("label:{name}"), value.clone());
    }
    if !request.platforms.is_empty() {
        set("platform", request.platforms.join(","));
    }
    if matches!(output, Output::Engine) {
        // `local` is what the engine's own builder does anyway; newer ones want it said.
        let pull = request.pull && !pull_is_impossible(request);
        set("image-resolve-mode", if pull { "pull" } else { "local" }.to_owned());
    } else if request.pull {
        set("image-resolve-mode", "pull".to_owned());
    }
    if request.no_cache {
        set("no-cache", String::new());
    } else if !request.no_cache_filter.is_empty() {
        set("no-cache", request.no_cache_filter.join(","));
    }
    if matches!(request.network.as_str(), "host" | "none") {
        set("force-network-mode", request.network.clone());
    }
    if !request.extra_hosts.is_empty() {
        let hosts = request.extra_hosts.iter().map(|(name, address)| {
            let address = host_gateway.filter(|_| address == "host-gateway").unwrap_or(address);
            format!("{name}={address}")
        });
        set("add-hosts", hosts.collect::<Vec<_>>().join(","));
    }
    if request.shm_size > 0 {
        set("shm-size", request.shm_size.to_string());
    }
    if !request.ulimits.is_empty() {
        let limits =
            request.ulimits.iter().map(|(name, soft, hard)| format!("{name}={soft}:{hard}"));
        set("ulimit", limits.collect::<Vec<_>>().join(","));
    }
    if !inputs.named_contexts.is_empty() {
        set("frontend.caps", "moby.buildkit.frontend.contexts+forward".to_owned());
        for (name, value) in &inputs.named_contexts {
            set(&format!("context:{name}"), value.clone());
        }
    }
    for (kind, options) in &request.attestations {
        set(&format!("attest:{kind}"), options.clone());
    }
    attributes
}

fn cache_imports(caches: &[Cache]) -> String {
    let list: Vec<serde_json::Value> = caches
        .iter()
        .map(|cache| serde_json::json!({ "Type": cache.kind, "Attrs": cache.attributes }))
        .collect();
    serde_json::Value::Array(list).to_string()
}
