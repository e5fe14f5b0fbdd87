//! What reaches the builder: trees, Dockerfiles, contexts, arguments, secrets, agents.

use bireme::build::BuildEvent;
use bireme::build::request::{Context, Dockerfile, NamedContext, Secret, SecretSource, SshForward};

use super::{Workshop, is_refused, run};

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
    if !shop.stack.engine().has_containerd_store() {
        return is_refused(&shop, &request, "OCI layout context");
    }
    assert_eq!(shop.output(&request), "from a directory\n");
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
