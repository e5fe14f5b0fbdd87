//! Builds on a real engine, by the library: what reaches the builder, what comes back, and what is said of failures.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bireme::build::request::{
    Cache, Context, Dockerfile, NamedContext, Secret, SecretSource, SshForward,
};
use bireme::build::{
    BuildError, BuildEvent, BuildRequest, BuilderKind, BuiltImage, NoCredentials, build,
};
use bireme::engine::endpoint::{Address, Endpoint, Origin};
use bireme::engine::transport::Transport;
use serde_json::Value;

use crate::harness::{Stack, machine, platforms, registry};

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

    fn transport(&self) -> Transport {
        let address = Address::parse(&self.stack.engine().endpoint(), false);
        let address = address.expect("the harness has a valid endpoint");
        let endpoint = Endpoint::new("default".to_owned(), Origin::Default, address, None);
        Transport::new(&endpoint, hyper::HeaderMap::new()).expect("a socket needs no set-up")
    }

    async fn run(&self, request: &BuildRequest) -> Result<BuiltImage, BuildError> {
        self.events().clear();
        build(&self.transport(), request, Arc::new(NoCredentials), |event| {
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

#[test]
fn a_tree_arrives_as_it_is_but_for_what_is_ignored() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let shop = Workshop::new(
        "tree",
        &[
            (".dockerignore", "*.log\n!keep.log\nnode_modules\n"),
            ("a.log", "x"),
            ("keep.log", "x"),
            ("node_modules/dep/index.js", "x"),
            ("src/main.sh", "echo hi"),
            ("src/ünïcode", "x"),
        ],
    );
    let main = shop.path("src/main.sh");
    std::fs::set_permissions(&main, std::fs::Permissions::from_mode(0o4751)).unwrap();
    std::fs::hard_link(&main, shop.path("src/same.sh")).unwrap();
    symlink("src/main.sh", shop.path("link")).unwrap();
    std::fs::write(shop.path("big"), vec![7; 3_000_000]).unwrap();
    std::fs::create_dir(shop.path("empty")).unwrap();
    let log = shop.output(&shop.inline(
        "FROM busybox:stable\nCOPY . /x\n\
         RUN cd /x && find . | sort && stat -c '%n %a %u:%g %s %h' src/main.sh big && readlink link\n",
    ));
    assert_eq!(
        log,
        "\
.
./.dockerignore
./big
./empty
./keep.log
./link
./src
./src/main.sh
./src/same.sh
./src/ünïcode
src/main.sh 4751 0:0 7 2
big 644 0:0 3000000 1
src/main.sh
"
    );
}

#[test]
fn only_what_changed_is_sent_again() {
    let shop = Workshop::new("incremental", &[("small", "1")]);
    std::fs::write(shop.path("big"), vec![7; 2_000_000]).unwrap();
    let request = shop.inline("FROM busybox:stable\nCOPY . /x\nRUN cat /x/small\n");
    let sent = || {
        let events = shop.events();
        let sizes = events.iter().filter_map(|event| match event {
            BuildEvent::Progress { part, current, .. } if part == "transferring context:" => {
                Some(*current)
            }
            _ => None,
        });
        sizes.max().unwrap_or_default()
    };
    shop.output(&request);
    assert!(sent() > 2_000_000, "{}", sent());
    shop.stack.write("small", "2!");
    assert_eq!(shop.output(&request), "2!");
    assert!(sent() < 10_000, "{} bytes were sent for a change of two", sent());
}

#[test]
fn the_image_is_named_labelled_and_told() {
    let shop = Workshop::new("named", &[("Dockerfile", "FROM busybox:stable\nCMD [\"x\"]\n")]);
    let mut request = shop.request();
    let other = format!("{}-other:1", shop.tag());
    request.tags.insert(0, other.clone());
    request.labels.insert("mine".to_owned(), "a \"b\", c".to_owned());
    let built = run(shop.run(&request)).unwrap();
    for name in [&other, &shop.tag()] {
        let image = shop.inspect(name);
        assert_eq!(image["Id"], built.id.as_str());
        assert_eq!(image["Config"]["Labels"]["mine"], "a \"b\", c");
    }
    let events = shop.events().clone();
    let begun: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            BuildEvent::Started { step, .. } => Some(*step),
            _ => None,
        })
        .collect();
    assert!(begun.is_sorted() && begun[0].0 == 1, "{begun:?}");
    let ended = events.iter().filter(|event| matches!(event, BuildEvent::Completed { .. })).count();
    assert!(ended >= 3, "{events:#?}");
}

#[test]
fn arguments_target_and_hosts_reach_the_dockerfile() {
    let shop = Workshop::new("arguments", &[]);
    let mut request = shop.inline(
        "FROM busybox:stable AS one\nARG WHO=nobody\nRUN echo \"hello $WHO\" && grep db.local /etc/hosts\n\
         FROM one AS two\nRUN exit 1\n",
    );
    request.args = [("WHO".to_owned(), "world, \"q\"".to_owned())].into();
    request.target = "one".to_owned();
    request.extra_hosts = vec![("db.local".to_owned(), "10.1.2.3".to_owned())];
    request.shm_size = 32 << 20;
    request.ulimits = vec![("nofile".to_owned(), 123, 456)];
    assert_eq!(shop.output(&request), "hello world, \"q\"\n10.1.2.3\tdb.local\n");
}

#[test]
fn secrets_are_mounted_and_leave_nothing_behind() {
    let shop =
        Workshop::new("secrets", &[("token.txt", "from a file"), (".dockerignore", "*.txt")]);
    let mut request = shop.inline(
        "# syntax is the engine's own\nFROM busybox:stable\n\
         RUN --mount=type=secret,id=file --mount=type=secret,id=env,target=/tmp/env \
         cat /run/secrets/file && echo && cat /tmp/env\n",
    );
    request.secrets = vec![
        Secret { id: "file".into(), source: SecretSource::File(shop.path("token.txt")) },
        Secret { id: "env".into(), source: SecretSource::Value(b"from a variable".to_vec()) },
    ];
    assert_eq!(shop.output(&request), "from a file\nfrom a variable");

    request.secrets[0].source = SecretSource::File(shop.path("missing"));
    let error = run(shop.run(&request)).unwrap_err().to_string();
    assert!(error.starts_with("cannot read secret `file` from"), "{error}");
}

/// Sends messages (hexadecimal, without their lengths) to the agent by its own protocol, as the image has no ssh, and
/// prints the answers.
fn ask_agent(messages: &str) -> String {
    format!(
        "FROM debian:bookworm-slim\nRUN --mount=type=ssh,id=deploy perl -MSocket -e ' \\\n\
         socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ENV{{SSH_AUTH_SOCK}})) or die $!; \\\n\
         for (qw({messages})) {{ my $m = pack(\"H*\", $_); syswrite S, pack(\"N\", length $m) . $m; \\\n\
         sysread S, my $n, 4; sysread S, my $a, unpack(\"N\", $n); print unpack(\"H*\", $a), \"\\n\" }}'\n"
    )
}

#[test]
fn an_ssh_agent_is_forwarded() {
    use std::io::{Read as _, Write as _};
    let shop = Workshop::new("ssh", &[]);
    let socket = shop.path("agent.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let agent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut question = [0; 5];
        stream.read_exact(&mut question).unwrap();
        // An answer without keys.
        stream.write_all(&[0, 0, 0, 5, 12, 0, 0, 0, 0]).unwrap();
        question
    });
    // The second message would remove all keys.
    let mut request = shop.inline(&ask_agent("0b 13"));
    request.ssh = vec![SshForward { id: "deploy".to_owned(), paths: vec![socket] }];
    assert_eq!(shop.output(&request), "0c00000000\n05\n");
    assert_eq!(agent.join().unwrap(), [0, 0, 0, 1, 11]);
}

#[test]
fn a_dockerfile_may_lie_outside_the_context() {
    let shop = Workshop::new(
        "outside",
        &[("app/file", "x"), ("docker/web", "FROM busybox:stable\nCOPY file /\nRUN cat /file\n")],
    );
    let mut request = shop.request();
    request.context = Context::Directory(shop.path("app"));
    request.dockerfile = Dockerfile::File("../docker/web".to_owned());
    assert_eq!(shop.output(&request), "x");
    request.dockerfile = Dockerfile::File("nothing".to_owned());
    let error = run(shop.run(&request)).unwrap_err().to_string();
    assert!(error.contains("failed to read dockerfile: open "), "{error}");
    request.context = Context::Directory(shop.path("gone"));
    let error = run(shop.run(&request)).unwrap_err().to_string();
    assert!(error.starts_with("unable to prepare context: path "), "{error}");
}

#[test]
fn a_dockerfiles_own_ignore_file_wins() {
    let shop = Workshop::new(
        "own-ignore",
        &[
            (".dockerignore", "b"),
            ("a", ""),
            ("b", ""),
            ("web.Dockerfile", "FROM busybox:stable\nCOPY . /x\nRUN ls /x\n"),
            ("web.Dockerfile.dockerignore", "a\nweb.*\n"),
        ],
    );
    let mut request = shop.request();
    request.dockerfile = Dockerfile::File("web.Dockerfile".to_owned());
    assert_eq!(shop.output(&request), "b\n");
}

#[test]
fn an_image_of_the_other_platform_is_built_under_emulation() {
    let shop = Workshop::new("foreign", &[]);
    let foreign = platforms().1;
    let mut request = shop.inline("FROM busybox:stable\nRUN uname -m\n");
    request.platforms = vec![foreign.to_owned()];
    assert_eq!(shop.output(&request).trim(), machine(foreign));
    let architecture = foreign.trim_start_matches("linux/");
    assert_eq!(shop.inspect(&shop.tag())["Architecture"], architecture);
}

#[test]
fn a_failing_step_is_explained() {
    let shop = Workshop::new("failing", &[]);
    let request = shop.inline(
        "FROM busybox:stable\n\n# the step\nRUN echo one \\\n && echo two >&2 \\\n && exit 3\nRUN true\n",
    );
    let error = run(shop.run(&request)).unwrap_err();
    let BuildError::Failed(failure) = error else { panic!("{error:?}") };
    assert!(failure.message.starts_with("failed to solve: "), "{failure:?}");
    assert!(failure.message.contains("exit code: 3"), "{failure:?}");
    assert!(failure.step.contains("RUN echo one"), "{failure:?}");
    assert_eq!(failure.exit_code, Some(3));
    let mut log = failure.log;
    // The two streams may overtake each other.
    log.sort();
    assert_eq!(log, ["one", "two"]);
    let place = failure.place.expect("the place is known");
    assert_eq!((place.first, place.last), (4, 6));
    let events = shop.events();
    assert!(events.iter().any(|event| matches!(event, BuildEvent::Failed { .. })), "{events:#?}");
}

#[test]
fn a_mistake_in_the_dockerfile_is_placed() {
    let shop = Workshop::new("mistake", &[("Dockerfile", "FROM busybox:stable\nRUNN x\n")]);
    let error = run(shop.run(&shop.request())).unwrap_err();
    let BuildError::Failed(failure) = error else { panic!("{error:?}") };
    assert!(failure.message.contains("unknown instruction: RUNN"), "{failure:?}");
    assert_eq!(failure.place.map(|place| (place.first, place.last)), Some((2, 2)));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    // Root reads everything; a directory that is gone while it is read is not to be made at will.
    let shop = Workshop::new("unreadable", &[("file", "x")]);
    let name = std::ffi::OsStr::new("not-utf8-\u{fffd}").to_owned();
    let mut bytes = name.into_encoded_bytes();
    bytes.truncate(9);
    bytes.push(0xff);
    let name = <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes);
    std::fs::write(shop.stack.folder().join(name), "x").unwrap();
    let request = shop.inline("FROM busybox:stable\nCOPY . /x\n");
    let error = run(shop.run(&request)).unwrap_err().to_string();
    assert!(error.starts_with("cannot read `"), "{error}");
    assert!(error.ends_with("the name is not valid UTF-8"), "{error}");
}

#[test]
fn a_build_that_is_dropped_ends_in_the_engine_too() {
    let shop = Workshop::new("dropped", &[]);
    // A mark of its own makes the step new to the cache, and findable among the machine's processes.
    let mark = format!("31{:05}", std::process::id());
    let request = shop.inline(&format!("FROM busybox:stable\nRUN echo begun && sleep {mark}\n"));
    let sleeping = || {
        let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        processes
            .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
            .any(|line| line == format!("sleep\0{mark}\0").as_bytes())
    };
    run(async {
        let begun = tokio::sync::Notify::new();
        let transport = shop.transport();
        let building = build(&transport, &request, Arc::new(NoCredentials), |event| {
            if matches!(event, BuildEvent::Log { .. }) {
                begun.notify_one();
            }
        });
        tokio::select! {
            result = building => panic!("the build ended by itself: {result:?}"),
            () = begun.notified() => {}
        }
    });
    assert!(
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            !sleeping()
        }),
        "the step still runs ten seconds after its build was dropped"
    );
}

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

/// Whether the engine keeps images in containerd, as it tells.
fn has_containerd_store(shop: &Workshop) -> bool {
    shop.stack.engine().get("/info")["DriverStatus"]
        .to_string()
        .contains("io.containerd.snapshotter")
}

/// What an engine without that store must not be asked.
fn is_refused(shop: &Workshop, request: &BuildRequest, what: &str) {
    let error = run(shop.run(request)).expect_err("the build is refused").to_string();
    let words = format!("{what} is not supported for the docker driver");
    assert!(error.starts_with(&words), "{error}");
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
    if !has_containerd_store(&shop) {
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

#[test]
fn several_platforms_make_one_image_where_the_engine_can_keep_it() {
    let shop = Workshop::new("platforms", &[]);
    let mut request = shop.inline("FROM busybox:stable\nRUN uname -m\n");
    let (native, foreign) = platforms();
    request.platforms = vec![native.to_owned(), foreign.to_owned()];
    if !has_containerd_store(&shop) {
        return is_refused(&shop, &request, "Multi-platform build");
    }
    let log = shop.output(&request);
    assert!(log.contains(machine(native)) && log.contains(machine(foreign)), "{log}");
}

#[test]
fn an_image_in_a_directory_is_a_context() {
    let shop = Workshop::new("layout", &[]);
    let mut request = shop.inline("FROM base\nRUN echo from a directory\n");
    let status = std::process::Command::new("sh")
        .args([
            "-c",
            "curl -sS --unix-socket \"$0\" http://engine/images/busybox:stable/get | tar -x",
        ])
        .arg(shop.stack.engine().endpoint().trim_start_matches("unix://"))
        .current_dir(shop.stack.folder())
        .status();
    assert!(status.unwrap().success());
    let context = format!("oci-layout://{}", shop.stack.folder().display());
    request.named_contexts = [("base".to_owned(), NamedContext::Reference(context))].into();
    if !has_containerd_store(&shop) {
        return is_refused(&shop, &request, "OCI layout context");
    }
    assert_eq!(shop.output(&request), "from a directory\n");
}

#[test]
fn an_image_is_pushed_where_asked() {
    let shop = Workshop::new("push", &[]);
    let mut request = shop.inline("FROM busybox:stable\nRUN echo pushed\n");
    request.tags = vec![format!("{}/{}:1", registry(), shop.tag())];
    request.push = true;
    shop.output(&request);
    assert_eq!(shop.steps().last(), Some(&format!("pushing {}", request.tags[0])));
    let pulled =
        shop.stack.engine().call("GET", &format!("/distribution/{}/json", request.tags[0]), None);
    assert_eq!(pulled.0, 200, "{pulled:?}");

    request.tags = vec!["127.0.0.1:1/nowhere:1".to_owned()];
    let error = run(shop.run(&request)).unwrap_err().to_string();
    assert!(error.starts_with("failed to push 127.0.0.1:1/nowhere:1: "), "{error}");
    shop.stack.engine().call("DELETE", "/images/127.0.0.1:1/nowhere:1", None);
}

#[test]
fn the_classic_builder_builds_too() {
    let shop = Workshop::new(
        "classic",
        &[
            (
                "Dockerfile",
                "FROM busybox:stable\nARG WHO\nCOPY . /x\nRUN echo hello $WHO && ls -A /x\n",
            ),
            (".dockerignore", "Dockerfile\n.dockerignore\nskipped\n"),
            ("skipped", "x"),
            ("kept", "x"),
        ],
    );
    let mut request = shop.request();
    request.builder = BuilderKind::Classic;
    request.args = [("WHO".to_owned(), "world".to_owned())].into();
    let built = run(shop.run(&request)).unwrap();
    let log = shop.log();
    assert!(log.contains("hello world\n"), "{log}");
    assert!(log.contains("kept\n") && !log.contains("skipped\n"), "{log}");
    assert_eq!(shop.inspect(&shop.tag())["Id"], built.id.as_str());

    let mut request = shop.inline("FROM busybox:stable\nRUN echo inline && exit 4\n");
    request.builder = BuilderKind::Classic;
    let error = run(shop.run(&request)).unwrap_err();
    let BuildError::Failed(failure) = error else { panic!("{error:?}") };
    assert!(failure.message.contains("returned a non-zero code: 4"), "{failure:?}");
    assert!(failure.log.iter().any(|line| line == "inline"), "{failure:?}");
    assert_eq!(failure.exit_code, Some(4));
    assert_eq!(failure.place.map(|place| (place.first, place.last)), Some((2, 2)));

    request.secrets = vec![Secret { id: "x".into(), source: SecretSource::Value(Vec::new()) }];
    assert_eq!(
        run(shop.run(&request)).unwrap_err().to_string(),
        "the classic builder doesn't support secrets, set DOCKER_BUILDKIT=1 to use BuildKit"
    );
}

#[test]
fn named_contexts_are_used() {
    let shop = Workshop::new(
        "contexts",
        &[
            ("app/x", ""),
            ("lib/file", "from the library"),
            ("lib/secret", "x"),
            ("lib/.dockerignore", "secret\n"),
            (
                "Dockerfile",
                "ARG BASE=base\nFROM ${BASE}\nCOPY --from=lib . /lib\nRUN cat /lib/file && test ! -e /lib/secret && ls -A\n",
            ),
            ("Dockerfile.dockerignore", "*\n"),
        ],
    );
    let mut first =
        shop.inline("FROM busybox:stable\nWORKDIR /work\nRUN touch made-by-another-service\n");
    first.tags = vec![format!("{}-first", shop.tag())];
    shop.output(&first);
    let mut request = shop.request();
    request.named_contexts = [
        ("lib".to_owned(), NamedContext::Directory(shop.path("lib"))),
        (
            "base".to_owned(),
            NamedContext::Service { service: "first".to_owned(), image: first.tags[0].clone() },
        ),
    ]
    .into();
    assert_eq!(shop.output(&request), "from the librarymade-by-another-service\n");
    // The same again is the same image: its containers need not be made anew.
    request.no_cache = false;
    let [first, second] = [(); 2].map(|()| run(shop.run(&request)).unwrap().id);
    assert_eq!(first, second);
    // The other service's image is nowhere to be pulled from.
    request.pull = true;
    shop.output(&request);
    let images = shop.stack.engine().get("/images/json").to_string();
    assert!(!images.contains("bireme-context-"), "nothing is left of how it was done");
}

#[test]
fn inline_dockerfiles_of_one_length_are_told_apart() {
    let shop = Workshop::new("inline", &[]);
    for word in ["one", "two"] {
        let request = shop.inline(&format!("FROM busybox:stable\nRUN echo {word}\n"));
        assert_eq!(shop.output(&request), format!("{word}\n"));
    }
}

#[test]
fn the_engine_itself_has_a_name() {
    let shop = Workshop::new("gateway", &[]);
    let mut request = shop.inline("FROM busybox:stable\nRUN grep engine.local /etc/hosts\n");
    request.extra_hosts = vec![("engine.local".to_owned(), "host-gateway".to_owned())];
    let log = shop.output(&request);
    let address = log.split_whitespace().next().unwrap_or_default();
    assert!(address.parse::<std::net::IpAddr>().is_ok(), "{log}");
}
