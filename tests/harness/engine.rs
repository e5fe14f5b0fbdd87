//! Looks at an engine, and cleans it, by its HTTP API over the Unix socket; no code of Bireme is involved.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

/// The engine under test.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    socket: String,
}

/// A container as the engine tells it: the whole answer to an inspection, and short ways to what tests ask most.
#[derive(Debug, Clone)]
pub(crate) struct Container(pub(crate) Value);

impl Engine {
    /// The engine that `BIREME_TEST_HOST` names.
    pub(crate) fn from_environment() -> Self {
        Self::at(&super::setting("BIREME_TEST_HOST"))
    }

    /// The engine at an endpoint, which must be `unix://…`.
    pub(crate) fn at(endpoint: &str) -> Self {
        let socket = endpoint.strip_prefix("unix://");
        let socket = socket
            .unwrap_or_else(|| panic!("BIREME_TEST_HOST is `{endpoint}`; tests need unix://PATH"));
        Self { socket: socket.to_owned() }
    }

    /// As `DOCKER_HOST` takes it.
    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.socket)
    }

    /// One call. Gives the status and the body: its JSON, or a string of all of it where it is not one JSON value.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let answer = self.exchange(method, path, body).unwrap_or_else(|error| {
            panic!("the engine at {} does not answer `{method} {path}`: {error}", self.endpoint())
        });
        let (head, body) =
            answer.split_once("\r\n\r\n").expect("an HTTP answer has a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = serde_json::from_str(body).unwrap_or_else(|_| Value::from(body));
        (status.expect("an HTTP answer begins with its status"), body)
    }

    /// HTTP 1.0, so that the answer is simply everything up to the end of the connection.
    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<String> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = UnixStream::connect(&self.socket)?;
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// A GET that must succeed.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, None);
        assert!(status == 200, "`GET {path}` gave {status}: {body}");
        body
    }

    /// Whether it keeps images in containerd, the index of each with them, as it tells.
    pub(crate) fn has_containerd_store(&self) -> bool {
        self.get("/info")["DriverStatus"].to_string().contains("io.containerd.snapshotter")
    }

    /// All containers of a project, stopped ones too, by name.
    #[track_caller]
    pub(crate) fn containers(&self, project: &str) -> Vec<Container> {
        let path = format!("/containers/json?all=1&filters={}", of_project(project));
        loop {
            let found = self.list(&path).iter().map(|row| self.inspect(text(&row["Id"]))).collect();
            let Some::<Vec<_>>(mut found) = found else {
                // One has gone since they were listed.
                continue;
            };
            found.sort_by(|a, b| a.name().cmp(b.name()));
            return found;
        }
    }

    /// A container, unless it has gone.
    #[track_caller]
    fn inspect(&self, id: &str) -> Option<Container> {
        let (status, body) = self.call("GET", &format!("/containers/{id}/json"), None);
        assert!(matches!(status, 200 | 404), "container {id}: {status}: {body}");
        (status == 200).then_some(Container(body))
    }

    /// All networks of a project, as the engine lists them.
    pub(crate) fn networks(&self, project: &str) -> Vec<Value> {
        self.list(&format!("/networks?filters={}", of_project(project)))
    }

    /// All named volumes of a project, as the engine lists them.
    pub(crate) fn volumes(&self, project: &str) -> Vec<Value> {
        self.list(&format!("/volumes?filters={}", of_project(project)))
    }

    /// All images that were built for a project, as the engine lists them.
    pub(crate) fn images(&self, project: &str) -> Vec<Value> {
        self.list(&format!("/images/json?filters={}", of_project(project)))
    }

    /// An array, whether bare or as the volumes' list has it; `null` is an empty one.
    fn list(&self, path: &str) -> Vec<Value> {
        let (status, mut body) = self.call("GET", path, None);
        assert!(status == 200, "`GET {path}` gave {status}: {body}");
        if let Some(volumes) = body.get_mut("Volumes") {
            body = volumes.take();
        }
        body.as_array().cloned().unwrap_or_default()
    }

    /// Removes everything of a project: containers with their anonymous volumes, networks, volumes, built images.
    ///
    /// Never panics, as it runs while a failed test unwinds; says on standard error what it could not remove.
    #[expect(clippy::print_stderr, reason = "a destructor has no other way to say it")]
    pub(crate) fn remove_project(&self, project: &str) {
        let labelled = of_project(project);
        // What lost its labels still has the project in its name.
        let named = encode(&json!({ "name": [project] }));
        let lists = [&labelled, &named].into_iter().flat_map(|filters| {
            [
                (
                    format!("/containers/json?all=1&filters={filters}"),
                    "Id",
                    "/containers/{}?force=1&v=1",
                ),
                (format!("/networks?filters={filters}"), "Id", "/networks/{}"),
                (format!("/volumes?filters={filters}"), "Name", "/volumes/{}?force=1"),
            ]
        });
        let images = format!("/images/json?filters={labelled}");
        for (list, key, path) in lists.chain([(images, "Id", "/images/{}?force=1")]) {
            if let Err(problem) = self.remove_all(&list, key, path) {
                eprintln!("could not clean up after {project}: {problem}");
            }
        }
    }

    /// Lists, and deletes each item by its key.
    fn remove_all(&self, list: &str, key: &str, path: &str) -> Result<(), String> {
        let answer = self.exchange("GET", list, None).map_err(|error| error.to_string())?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        let listed: Value = serde_json::from_str(body).unwrap_or_default();
        let items =
            listed.get("Volumes").unwrap_or(&listed).as_array().cloned().unwrap_or_default();
        for item in items {
            let path = path.replace("{}", text(&item[key]));
            let answer = self.exchange("DELETE", &path, None).map_err(|error| error.to_string())?;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            if !status.starts_with('2') && status != "404" {
                return Err(format!("`DELETE {path}` gave {answer}"));
            }
            // An anonymous volume that a replacement took over has its name there, and stays.
            for name in anonymous_volumes(&item) {
                self.exchange("DELETE", &format!("/volumes/{name}"), None)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}

/// The volumes of a listed container whose names an engine has made up.
fn anonymous_volumes(container: &Value) -> Vec<&str> {
    let mounts = container["Mounts"].as_array().map_or(&[][..], Vec::as_slice);
    let names = mounts.iter().map(|mount| text(&mount["Name"]));
    names.filter(|it| it.len() == 64 && it.bytes().all(|byte| byte.is_ascii_hexdigit())).collect()
}

impl Container {
    /// Without the slash that the engine puts before it.
    pub(crate) fn name(&self) -> &str {
        text(&self.0["Name"]).trim_start_matches('/')
    }

    /// The engine's identifier, 64 hexadecimal digits.
    pub(crate) fn id(&self) -> &str {
        text(&self.0["Id"])
    }

    /// `created`, `running`, `exited` …
    pub(crate) fn state(&self) -> &str {
        text(&self.0["State"]["Status"])
    }

    /// `starting`, `healthy`, `unhealthy`, or nothing without a healthcheck.
    pub(crate) fn health(&self) -> Option<&str> {
        self.0["State"]["Health"]["Status"].as_str()
    }

    /// The exit code of the last run.
    pub(crate) fn exit_code(&self) -> i64 {
        self.0["State"]["ExitCode"].as_i64().unwrap_or_default()
    }

    /// A label's value.
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.0["Config"]["Labels"][name].as_str()
    }

    /// The service that it is a replica of.
    pub(crate) fn service(&self) -> &str {
        self.label("com.docker.compose.service").unwrap_or_default()
    }
}

fn of_project(project: &str) -> String {
    encode(&json!({ "label": [format!("com.docker.compose.project={project}")] }))
}

fn encode(value: &Value) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in value.to_string().bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
    }
    encoded
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
