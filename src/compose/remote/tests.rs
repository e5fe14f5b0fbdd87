use std::path::PathBuf;

use super::{Access, Remote, Trust};
use crate::compose::assemble::{Selection, assemble};
use crate::compose::files::Memory;
use crate::compose::load::{Failure, LoadOptions, merged};
use crate::compose::model::Project;
use crate::compose::source::Request;

/// A project in `/srv` on a machine with `HOME` and `SECRET`, beside artifacts in `/far`.
#[derive(Default)]
struct Machine {
    files: Memory,
    request: Request,
    options: LoadOptions,
}

impl Machine {
    /// The user's own file and the one at `oci://far/app`.
    fn new(own: &str, far: &str) -> Self {
        let mut machine = Self::default();
        machine.files = machine
            .files
            .file("/srv/compose.yaml", own)
            .file("/far/app/compose.yaml", far)
            .copy("oci://far/app", "/far/app/compose.yaml");
        machine.request.current_directory = PathBuf::from("/srv");
        machine.request.project_name = Some("p".to_owned());
        for (name, value) in [("HOME", "/root"), ("SECRET", "hush")] {
            machine.request.environment.insert(name.to_owned(), value.to_owned());
        }
        machine.request.home = Some(PathBuf::from("/root"));
        machine.options.to_run = true;
        machine
    }

    /// A project that is the file at `oci://far/app`.
    fn far(far: &str) -> Self {
        let mut machine = Self::new("services: {}", far);
        machine.request.files = vec!["oci://far/app".to_owned()];
        machine
    }

    fn file(mut self, path: &str, content: &str) -> Self {
        self.files = self.files.file(path, content);
        self
    }

    fn load(&self) -> Result<Project, Failure> {
        let merged = merged(&self.request, &self.options, &self.files)?;
        let (project, _) = assemble(merged, &self.options, &Selection::default(), &self.files)?;
        Ok(project)
    }

    fn project(&self) -> Project {
        self.load().unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// What is asked for.
    fn asked(&self) -> Vec<String> {
        match self.load() {
            Ok(_) => Vec::new(),
            Err(failure) => {
                assert!(!failure.asked.is_empty(), "{failure}");
                failure.asked.iter().map(Access::describe).collect()
            }
        }
    }
}

#[test]
fn references_are_recognised_as_compose_does() {
    for (text, expected) in [
        ("oci://r/x", Some(Remote::Oci)),
        ("oci:r/x", None),
        ("https://h/x.git", Some(Remote::Git)),
        ("HTTPS://h/x.git#main:sub", Some(Remote::Git)),
        ("https://h/x", None),
        ("https://h/x.git/", None),
        ("https://h/x#a.git", None),
        ("git://h/x", Some(Remote::Git)),
        ("ssh://h/x", Some(Remote::Git)),
        ("me@h:x/y", Some(Remote::Git)),
        ("git@github.com:a/b.git#v1", Some(Remote::Git)),
        ("github.com/a/b", Some(Remote::Git)),
        ("file:///x.git", None),
        ("ext::sh -c x", None),
        ("./x@y:z", None),
        ("-@h:x", Some(Remote::Git)),
        ("a/b.yaml", None),
        ("", None),
    ] {
        assert_eq!(Remote::of(text), expected, "{text}");
    }
}

#[test]
fn what_came_with_a_file_is_its_own() {
    let machine = Machine::far(
        "services:\n  a:\n    image: x:${TAG:-1}\n    env_file: a.env\n    volumes: [./data:/data]\n    build: .\n    extends: {file: base/b.yaml, service: b}\n",
    )
    .file("/far/app/a.env", "A=1\nB=${A}")
    .file("/far/app/base/b.yaml", "services: {b: {volumes: [../up:/up]}}");
    let project = machine.project();
    let service = &project.services["a"];
    assert_eq!(service.image, "x:1");
    assert_eq!(service.environment["B"].as_deref(), Some("1"));
    let sources: Vec<_> = service.volumes.iter().map(|mount| mount.source.as_str()).collect();
    assert_eq!(sources, ["/far/app/up", "/far/app/data"]);
    assert_eq!(project.working_dir, PathBuf::from("/far/app"));
    assert_eq!(project.compose_files, [PathBuf::from("/far/app/compose.yaml")]);
}

#[test]
fn everything_of_this_machine_is_asked_for_at_once() {
    let machine = Machine::far(
        "include: [{path: /etc/c.yaml}, {path: own.yaml, env_file: /root/i.env}]
services:
  a:
    image: x:${SECRET}
    command: ${NONE:-$HOME} ${UNSET} ${COMPOSE_PROJECT_NAME}
    env_file: [/etc/passwd, ../b.env, own.env]
    label_file: ~/labels
    environment: [SECRET=1, HOME]
    volumes: [/var/run/docker.sock:/s, ~/.ssh:/k, ./d:/d, v:/v]
    devices: [/dev/sda]
    build: {context: /home, dockerfile: ../../x, args: [SECRET, OTHER], ssh: [default]}
    use_api_socket: true
  b: {extends: {file: ../../etc/b.yaml, service: b}}
secrets: {s: {file: /etc/shadow}, e: {environment: SECRET}, n: {environment: NONE}}
configs: {c: {file: ./own}}
volumes: {v: {driver_opts: {type: none, o: bind, device: /}}}
",
    )
    .file("/root/i.env", "A=1")
    .file("/far/app/own.yaml", "services: {}");
    let asked = machine.asked();
    assert_eq!(
        asked,
        [
            "read the variable HOME (environment)",
            "read the variable SECRET (environment)",
            "read the Compose file /etc/b.yaml",
            "read the Compose file /etc/c.yaml",
            "read the env file /root/i.env",
            "read the env file /etc/passwd",
            "read the env file /far/b.env",
            "read the label file /root/labels",
            "mount /var/run/docker.sock",
            "mount /root/.ssh",
            "use the device /dev/sda",
            "build with /home",
            "build with /x",
            "use the keys of your ssh agent in a build",
            "use the engine's socket and your credentials for registries",
            "make a secret of /etc/shadow",
            "mount /",
        ]
    );
}

#[test]
fn what_is_named_for_containers_and_builds_is_asked_for_where_it_is_used() {
    let far = "services:
  a:
    image: x
    env_file: [/etc/passwd, ../b.env, own.env]
    label_file: ~/labels
    environment: [SECRET=1, HOME]
    volumes: [/var/run/docker.sock:/s, ~/.ssh:/k, ./d:/d, v:/v]
    devices: [/dev/sda]
    build: {context: /home, dockerfile: ../../x, args: [SECRET, OTHER], ssh: [default], additional_contexts: {l: 'oci-layout:///l', u: 'https://u/x.git', d: ./d}, cache_from: ['type=local,src=/cache', 'type=registry,ref=r/x']}
    use_api_socket: true
  b: {environment: {HOME: , PATH: x}, build: {context: ., ssh: [key=/k]}, provider: {type: tool}}
secrets: {s: {file: /etc/shadow}, e: {environment: SECRET}, n: {environment: NONE}}
configs: {c: {file: ./own}}
volumes: {v: {driver_opts: {type: none, o: bind, device: /}}}
";
    let read = [
        "read the env file /etc/passwd",
        "read the env file /far/b.env",
        "read the label file /root/labels",
        "read the variable HOME (environment)",
        "read the variable SECRET (environment)",
    ];
    let used = [
        "mount /var/run/docker.sock",
        "mount /root/.ssh",
        "use the device /dev/sda",
        "build with /home",
        "build with /x",
        "build with /l",
        "use the keys of your ssh agent in a build",
        "build with /cache",
        "use the engine's socket and your credentials for registries",
        "build with /k",
        "run the program tool",
        "make a secret of /etc/shadow",
        "mount /",
    ];
    let mut machine = Machine::far(far);
    let sorted = |list: &[&str]| {
        let mut list: Vec<String> = list.iter().map(|&it| it.to_owned()).collect();
        list.sort();
        list
    };
    let asked = |machine: &Machine| {
        let mut asked = machine.asked();
        asked.sort();
        asked
    };
    assert_eq!(asked(&machine), sorted(&[&read[..], &used[..]].concat()));
    machine.options.to_run = false;
    assert_eq!(asked(&machine), sorted(&read));
}

#[test]
fn a_local_file_needs_nobodys_yes() {
    let machine = Machine::new(
        "include: [oci://far/app]\nservices: {mine: {image: '${SECRET}', env_file: /etc/own.env, environment: [HOME], volumes: ['~:/h']}}",
        "services: {theirs: {image: x}}",
    )
    .file("/etc/own.env", "A=$SECRET");
    assert_eq!(machine.asked(), [""; 0]);
    assert_eq!(machine.project().services.len(), 2);
}

#[test]
fn an_override_from_here_stays_from_here() {
    let mut machine =
        Machine::far("services: {a: {image: x, environment: [HOME=1], volumes: ['./d:/d']}}").file(
            "/srv/own.yaml",
            "services: {a: {image: '${SECRET}', environment: [HOME], volumes: ['/etc:/d']}}",
        );
    machine.request.files.push("own.yaml".to_owned());
    assert_eq!(machine.asked(), [""; 0]);
    machine.request.files.reverse();
    assert_eq!(machine.asked(), [""; 0], "whatever comes first");
}

#[test]
fn what_a_local_file_gives_is_given() {
    let own = "include: [{path: oci://far/app, project_directory: ./here, env_file: own.env}]";
    let far =
        "services: {a: {image: '${TAG}-${ENV}', env_file: a.env, volumes: ['./d:/d', '../e:/e']}}";
    let machine = Machine::new(own, far)
        .file("/srv/own.env", "TAG=1")
        .file("/srv/.env", "ENV=2")
        .file("/srv/here/a.env", "A=1");
    assert_eq!(machine.asked(), ["read the variable ENV (env file)", "mount /srv/e"]);
}

#[test]
fn an_env_file_of_its_own_may_use_only_its_own() {
    let machine = Machine::new(
        "include: [oci://far/app]",
        "services: {a: {image: 'x:${TAG}-${COPY}', env_file: a.env}}",
    )
    .file("/far/app/.env", "TAG=1\nCOPY=$SECRET\n")
    .file("/far/app/a.env", "A=$HOME\n");
    assert_eq!(
        machine.asked(),
        ["read the variable SECRET (environment)"],
        "those of services are read later"
    );
    let mut agreed = machine;
    agreed.request.trust.grant(&agreed.load().unwrap_err().asked);
    assert_eq!(agreed.asked(), ["read the variable HOME (environment)"]);
    agreed.request.trust.grant(&agreed.load().unwrap_err().asked);
    assert_eq!(agreed.project().services["a"].image, "x:1-hush");
}

#[test]
fn flags_for_a_file_from_afar_are_meant_for_it() {
    let mut machine = Machine::far("services: {a: {image: 'x:${TAG}', environment: [OTHER]}}")
        .file("/srv/own.env", "TAG=1\nOTHER=2\n")
        .file("/srv/.env", "TAG=1\n");
    assert_eq!(machine.asked(), ["read the variable TAG (env file)"]);
    machine.request.env_files = vec![PathBuf::from("own.env")];
    assert_eq!(machine.asked(), [""; 0]);
    assert_eq!(machine.project().services["a"].environment["OTHER"].as_deref(), Some("2"));
}

#[test]
fn no_reference_is_followed_that_may_hold_a_variable_of_this_machine() {
    let far = "include: ['oci://evil/${SECRET}']\nservices: {a: {image: x}}";
    // The artifact does not exist: were it asked for, that would be the error.
    let machine = Machine::far(far);
    assert_eq!(machine.asked(), ["read the variable SECRET (environment)"]);
    let mut agreed = machine;
    agreed.request.trust = Trust::parse("oci://far/app");
    let failure = agreed.load().unwrap_err();
    assert!(failure.to_string().ends_with("oci://evil/hush"), "{failure}");
}

#[test]
fn relative_paths_that_stay_relative_are_those_of_this_machine() {
    let mut machine = Machine::far("services: {a: {image: x, env_file: secret.env}}")
        .file("/srv/secret.env", "A=1");
    machine.options.no_path_resolution = true;
    assert_eq!(machine.asked(), ["read the env file /srv/secret.env"]);
}

#[test]
fn links_do_not_lead_out() {
    let mut machine =
        Machine::far("services: {a: {image: x, env_file: link/a.env, volumes: ['./link:/l']}}");
    machine.files = machine.files.file("/etc/a.env", "A=1").link("/far/app/link", "/etc");
    assert_eq!(machine.asked(), ["read the env file /etc/a.env", "mount /etc"]);
}

#[test]
fn a_yes_is_to_one_thing_one_reference_or_all() {
    let far = "services: {a: {image: '${SECRET}', volumes: ['/etc:/e']}}";
    let machine = |trust| {
        let mut machine = Machine::far(far);
        machine.request.trust = trust;
        machine.asked().len()
    };
    assert_eq!(machine(Trust::default()), 2);
    for (setting, left) in
        [("1", 0), ("oci://far/app", 0), ("oci://x, oci://far/app", 0), ("oci://far", 2), ("0", 2)]
    {
        assert_eq!(machine(Trust::parse(setting)), left, "{setting}");
    }
    let mut trust = Trust::default();
    trust.grant(&Machine::far(far).load().unwrap_err().asked[..1]);
    assert_eq!(machine(trust), 1);
}

#[test]
fn references_that_lead_to_nothing_are_errors_with_a_place() {
    for own in
        ["include: [oci://none]", "services: {a: {extends: {file: 'git://h/x', service: b}}}"]
    {
        let failure = Machine::new(own, "").load().unwrap_err();
        assert_eq!(failure.diagnostics.len(), 1);
        let diagnostic = &failure.diagnostics[0];
        assert!(diagnostic.message.starts_with("remote Compose files cannot be fetched here"));
        assert_eq!(diagnostic.labels.len(), 1);
    }
}
