//! A build request as the query of `POST /build`. Pure.

use std::fmt::Write as _;

use crate::build::request::BuildRequest;

/// The query without its `?`.
pub(super) fn query(request: &BuildRequest, dockerfile: &str, remote: Option<&str>) -> String {
    let mut query = Query::default();
    query.add("version", "1");
    query.add("dockerfile", dockerfile);
    if let Some(url) = remote {
        query.add("remote", url);
    }
    for tag in &request.tags {
        query.add("t", tag);
    }
    query.add("rm", "1");
    query.add("forcerm", "1");
    query.flag("nocache", request.no_cache);
    query.flag("pull", request.pull);
    query.json("buildargs", &request.args, request.args.is_empty());
    query.json("labels", &request.labels, request.labels.is_empty());
    let caches: Vec<&str> = request
        .cache_from
        .iter()
        .filter_map(|cache| cache.attributes.get("ref").map(String::as_str))
        .collect();
    query.json("cachefrom", &caches, caches.is_empty());
    query.text("target", &request.target);
    query.text("networkmode", &request.network);
    for (name, address) in &request.extra_hosts {
        query.add("extrahosts", &format!("{name}:{address}"));
    }
    if request.shm_size > 0 {
        query.add("shmsize", &request.shm_size.to_string());
    }
    let limits: Vec<serde_json::Value> = request
        .ulimits
        .iter()
        .map(|(name, soft, hard)| serde_json::json!({ "Name": name, "Soft": soft, "Hard": hard }))
        .collect();
    query.json("ulimits", &limits, limits.is_empty());
    if request.memory > 0 {
        query.add("memory", &request.memory.to_string());
    }
    query.text("cgroupparent", &request.cgroup_parent);
    query.text("isolation", &request.isolation);
    if let [platform] = request.platforms.as_slice() {
        query.add("platform", platform);
    }
    query.0
}

#[derive(Default)]
struct Query(String);

impl Query {
    fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
    }

    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.add(name, "1");
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.add(name, value);
        }
    }

    fn json(&mut self, name: &str, value: &impl serde::Serialize, empty: bool) {
        if !empty && let Ok(json) = serde_json::to_string(value) {
            self.add(name, &json);
        }
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
            "version=1&dockerfile=Dockerfile&rm=1&forcerm=1"
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
            "version=1&dockerfile=d%2FD&remote=https%3A%2F%2Fx%2Fy.git%23main&t=a%3A1&t=b&rm=1\
             &forcerm=1&nocache=1&pull=1&buildargs=%7B%22K%22%3A%22v%201%22%7D&target=t\
             &networkmode=host&extrahosts=h%3A%3A%3A1&shmsize=64\
             &ulimits=%5B%7B%22Name%22%3A%22nofile%22%2C%22Soft%22%3A1%2C%22Hard%22%3A2%7D%5D\
             &platform=linux%2Farm64"
        );
    }
}
