//! Builds on a real engine, by the library: what reaches the builder, what comes back, and what is said of failures.

mod caches;
mod inputs;
mod outcomes;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use bireme::build::request::{Context, Dockerfile};
use bireme::build::{
    BuildError, BuildEvent, BuildRequest, Builder, BuiltImage, NoCredentials, build,
};
use bireme::engine::endpoint::{Address, Endpoint, Origin};
use bireme::engine::transport::Transport;
use serde_json::Value;

use crate::harness::Stack;

/// A folder to build from, and everything that a build of it told.
struct Workshop {
    stack: Stack,
    events: Mutex<Vec<BuildEvent>>,
}

impl Workshop {
    /// A folder with these files.
    fn new(label: &str, files: &[(&str, &str)]) -> Self {
        let stack = Stack::new(&format!("build-{label}"));
        for (path, text) in files {
            stack.write(path, text);
        }
        Self { stack, events: Mutex::default() }
    }

    fn events(&self) -> MutexGuard<'_, Vec<BuildEvent>> {
        self.events.lock().expect("nobody panics with the events in hand")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.stack.folder().join(path)
    }

    /// A request for the folder's image, labelled so that it is removed after the test, and uncached: a step that is
    /// not run writes nothing.
    fn request(&self) -> BuildRequest {
        let label = ("com.docker.compose.project".to_owned(), self.stack.project().to_owned());
        BuildRequest {
            service: "web".to_owned(),
            context: Context::Directory(self.stack.folder()),
            tags: vec![self.tag()],
            labels: [label].into(),
            no_cache: true,
            ..BuildRequest::default()
        }
    }

    /// The same with this Dockerfile instead of one in the folder.
    fn inline(&self, dockerfile: &str) -> BuildRequest {
        BuildRequest { dockerfile: Dockerfile::Inline(dockerfile.to_owned()), ..self.request() }
    }

    fn tag(&self) -> String {
        self.stack.project().to_owned()
    }

    /// The engine itself.
    fn builder(&self) -> Builder {
        let address = Address::parse(&self.stack.engine().endpoint(), false);
        let address = address.expect("the harness has a valid endpoint");
        let endpoint = Endpoint::new("default".to_owned(), Origin::Default, address, None);
        let transport = Transport::new(&endpoint, hyper::HeaderMap::new());
        Builder::Engine(transport.expect("a socket needs no set-up"))
    }

    async fn run(&self, request: &BuildRequest) -> Result<BuiltImage, BuildError> {
        self.events().clear();
        build(&self.builder(), request, Arc::new(NoCredentials), |event| {
            self.events().push(event);
        })
        .await
    }

    /// Everything that the steps wrote.
    fn log(&self) -> String {
        let events = self.events();
        let bytes = events.iter().filter_map(|event| match event {
            BuildEvent::Log { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>().concat()).into_owned()
    }

    /// The names of the steps.
    fn steps(&self) -> Vec<String> {
        let events = self.events();
        let names = events.iter().filter_map(|event| match event {
            BuildEvent::Started { name, .. } => Some(name.clone()),
            _ => None,
        });
        names.collect()
    }

    /// Builds and gives what the steps wrote.
    #[track_caller]
    fn output(&self, request: &BuildRequest) -> String {
        if let Err(error) = run(self.run(request)) {
            panic!("{error}: {error:?}\n{}", self.log());
        }
        self.log()
    }

    fn inspect(&self, image: &str) -> Value {
        self.stack.engine().get(&format!("/images/{image}/json"))
    }
}

/// Runs a build to its end, on several threads as the program does.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(future)
}

/// What an engine without that store must not be asked.
fn is_refused(shop: &Workshop, request: &BuildRequest, what: &str) {
    let error = run(shop.run(request)).expect_err("the build is refused").to_string();
    let words = format!("{what} is not supported for the docker driver");
    assert!(error.starts_with(&words), "{error}");
}
