//! A build request as the query of `POST /build`. Pure.

use crate::build::request::BuildRequest;
use crate::engine::transport::Query;

/// The path and query of the call that builds a request.
pub(super) fn query(request: &BuildRequest, dockerfile: &str, remote: Option<&str>) -> String {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let number = |number: i64| (number > 0).then(|| number.to_string());
    let mut query = Query::new("/build")
        .with("version", "1")
        .with("dockerfile", dockerfile)
        .with_some("remote", remote);
    for tag in &request.tags {
        query = query.with("t", tag);
    }
    query = query
        .with("rm", "1")
        .with("forcerm", "1")
        .with_flag("nocache", request.no_cache)
        .with_flag("pull", request.pull);
    query = json(query, "buildargs", &request.args, request.args.is_empty());
    query = json(query, "labels", &request.labels, request.labels.is_empty());
    let caches: Vec<&str> = request
        .cache_from
        .iter()
        .filter_map(|cache| cache.attributes.get("ref").map(String::as_str))
        .collect();
    query = json(query, "cachefrom", &caches, caches.is_empty());
    query = query
        .with_some("target", some(&request.target).as_deref())
        .with_some("networkmode", some(&request.network).as_deref());
    for (name, address) in &request.extra_hosts {
        query = query.with("extrahosts", &format!("{name}:{address}"));
    }
    let limits: Vec<serde_json::Value> = request
        .ulimits
        .iter()
        .map(|(name, soft, hard)| serde_json::json!({ "Name": name, "Soft": soft, "Hard": hard }))
        .collect();
    query = query.with_some("shmsize", number(request.shm_size).as_deref());
    json(query, "ulimits", &limits, limits.is_empty())
        .with_some("memory", number(request.memory).as_deref())
        .with_some("isolation", some(&request.isolation).as_deref())
        .with_some("platform", request.platforms.first().map(String::as_str))
        .build()
}

/// Adds a value as JSON.
fn json(query: Query, name: &str, value: &impl serde::Serialize, empty: bool) -> Query {
    match serde_json::to_string(value) {
        Ok(text) if !empty => query.with(name, &text),
        // Maps and lists of text can always be written.
        _ => query,
    }
}

#[cfg(test)]
mod tests {
    use super::query;
    use crate::build::request::BuildRequest;

    #[test]
    fn says_what_is_asked_for_and_nothing_else() {
        assert_eq!(
            query(&BuildRequest::default(), "Dockerfile", None),
            "/build?version=1&dockerfile=Dockerfile&rm=1&forcerm=1"
        );
        let request = BuildRequest {
            tags: vec!["a:1".into(), "b".into()],
            args: [("K".to_owned(), "v 1".to_owned())].into(),
            no_cache: true,
            pull: true,
            target: "t".into(),
            network: "host".into(),
            extra_hosts: vec![("h".into(), "::1".into())],
            shm_size: 64,
            ulimits: vec![("nofile".into(), 1, 2)],
            platforms: vec!["linux/arm64".into()],
            ..BuildRequest::default()
        };
        assert_eq!(
            query(&request, "d/D", Some("https://x/y.git#main")),
            "/build?version=1&dockerfile=d%2FD&remote=https%3A%2F%2Fx%2Fy.git%23main&t=a%3A1&t=b&rm=1\
             &forcerm=1&nocache=1&pull=1&buildargs=%7B%22K%22%3A%22v%201%22%7D&target=t\
             &networkmode=host&extrahosts=h%3A%3A%3A1&shmsize=64\
             &ulimits=%5B%7B%22Name%22%3A%22nofile%22%2C%22Soft%22%3A1%2C%22Hard%22%3A2%7D%5D\
             &platform=linux%2Farm64"
        );
    }
}
