//! What a build section and the flags become.

use std::path::PathBuf;

use crate::build::request::{
    BuildOptions, BuildRequest, BuilderKind, Context, Dockerfile, NamedContext, SecretSource,
    build_cycle,
};
use crate::compose::model::{Build, FileObject, FileReference, Project, Service, Ulimit};
use crate::compose::yaml::{Node, Value};
use crate::diagnostic::{SourceMap, Span};

fn project(environment: &[(&str, &str)]) -> Project {
    let mut sources = SourceMap::default();
    let file = sources.add("compose.yaml", "");
    let base = Service { name: "base".into(), build: Some(Box::default()), ..Service::default() };
    Project {
        name: "shop".into(),
        working_dir: "/p".into(),
        compose_files: Vec::new(),
        env_files: Vec::new(),
        inclusions: std::collections::BTreeMap::new(),
        environment: environment.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        profiles: Vec::new(),
        services: [("base".to_owned(), base)].into_iter().collect(),
        disabled_services: indexmap::IndexMap::default(),
        networks: [].into(),
        volumes: [].into(),
        secrets: [].into(),
        configs: [].into(),
        models: [].into(),
        extensions: [].into(),
        tree: Node::new(Value::Null, Span::new(file, 0, 0)),
        sources,
    }
}

fn service(build: Build) -> Service {
    let build = Build { context: "/p".into(), ..build };
    Service { name: "web".into(), build: Some(Box::new(build)), ..Service::default() }
}

fn owned(pairs: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

#[track_caller]
fn request(project: &Project, service: &Service, options: &BuildOptions) -> BuildRequest {
    BuildRequest::new(project, service, options).unwrap()
}

#[test]
fn the_image_has_the_files_tags_and_then_its_own_name() {
    let mut service = service(Build { tags: vec!["a".into(), "b".into()], ..Build::default() });
    let named = |service: &Service| request(&project(&[]), service, &BuildOptions::default()).tags;
    assert_eq!(named(&service), ["a", "b", "shop-web"]);
    service.image = "registry/web:1".into();
    assert_eq!(named(&service), ["a", "b", "registry/web:1"]);
    let options = BuildOptions { push: true, ..BuildOptions::default() };
    assert!(request(&project(&[]), &service, &options).push);
    service.image = String::new();
    assert!(!request(&project(&[]), &service, &options).push, "only what has a name of its own");
}

#[test]
fn arguments_come_from_the_file_then_flags_then_environment_then_proxies() {
    let project = project(&[("FROM_ENV", "e"), ("FLAG_ENV", "f")]);
    let service = service(Build {
        args: [
            ("A", Some("file")),
            ("B", Some("file")),
            ("FROM_ENV", None),
            ("UNSET", None),
            ("no_proxy", Some("file")),
        ]
        .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
        .into(),
        ..Build::default()
    });
    let options = BuildOptions {
        args: [("B".to_owned(), Some("flag".to_owned())), ("FLAG_ENV".to_owned(), None)].into(),
        proxies: owned(&[("no_proxy", "config"), ("http_proxy", "config")]),
        ..BuildOptions::default()
    };
    assert_eq!(
        request(&project, &service, &options).args,
        owned(&[
            ("A", "file"),
            ("B", "flag"),
            ("FLAG_ENV", "f"),
            ("FROM_ENV", "e"),
            ("http_proxy", "config"),
            ("no_proxy", "file"),
        ])
    );
}

#[test]
fn labels_say_whose_image_it_is() {
    let service = service(Build { labels: owned(&[("mine", "1")]), ..Build::default() });
    let mut options = BuildOptions { version: "2.40.3".into(), ..BuildOptions::default() };
    assert_eq!(
        request(&project(&[]), &service, &options).labels,
        owned(&[
            ("com.docker.compose.project", "shop"),
            ("com.docker.compose.service", "web"),
            ("com.docker.compose.version", "2.40.3"),
            ("mine", "1"),
        ])
    );
    options.builder = BuilderKind::Classic;
    assert_eq!(
        request(&project(&[]), &service, &options).labels,
        owned(&[("com.docker.compose.image.builder", "classic"), ("mine", "1")])
    );
}

#[test]
fn platforms_follow_the_command() {
    const NOT_ITS_OWN: &str = "service \"web\" build configuration does not support platform: c";
    const NOT_THE_DEFAULT: &str =
        "service \"web\" build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: c";
    // build.platforms, service.platform, DOCKER_DEFAULT_PLATFORM; to run here, to keep.
    let cases = [
        ("", "", "", "", ""),
        ("", "linux/arm64", "", "linux/arm64", "linux/arm64"),
        ("", "", "linux/arm64", "linux/arm64", "linux/arm64"),
        ("", "linux/amd64", "linux/arm64", "linux/amd64", "linux/arm64"),
        ("a,b", "", "", "", "a,b"),
        ("a", "", "", "a", "a"),
        ("a,b", "b", "", "b", "a,b"),
        ("a,b", "c", "", NOT_ITS_OWN, NOT_ITS_OWN),
        ("a", "", "c", NOT_THE_DEFAULT, NOT_THE_DEFAULT),
    ];
    for (platforms, platform, default, here, kept) in cases {
        let project = project(&[("DOCKER_DEFAULT_PLATFORM", default)]);
        let platforms =
            platforms.split(',').filter(|text| !text.is_empty()).map(str::to_owned).collect();
        let mut service = service(Build { platforms, ..Build::default() });
        service.platform = platform.into();
        let options = BuildOptions { single_platform: true, ..BuildOptions::default() };
        let platforms = |options: &BuildOptions| {
            BuildRequest::new(&project, &service, options)
                .map_or_else(|problem| problem.message, |request| request.platforms.join(","))
        };
        assert_eq!(platforms(&options), here);
        assert_eq!(platforms(&BuildOptions::default()), kept);
    }
}

#[test]
fn contexts_are_directories_or_what_the_builder_fetches() {
    let service = |context: &str| {
        let build = Build { context: context.into(), ..Build::default() };
        Service { name: "web".into(), build: Some(Box::new(build)), ..Service::default() }
    };
    let context =
        |text: &str| request(&project(&[]), &service(text), &BuildOptions::default()).context;
    assert_eq!(context("/p/app"), Context::Directory("/p/app".into()));
    for url in ["https://github.com/a/b.git#main:dir", "git@host:a/b.git", "github.com/a/b"] {
        assert_eq!(context(url), Context::Remote(url.to_owned()));
    }
}

#[test]
fn named_contexts_and_what_must_be_built_before() {
    let service = service(Build {
        additional_contexts: owned(&[
            ("lib", "/p/lib"),
            ("alpine", "docker-image://alpine:3"),
            ("repo", "https://example.com/r.git"),
            ("base", "service:base"),
        ]),
        ..Build::default()
    });
    let request = request(&project(&[]), &service, &BuildOptions::default());
    assert_eq!(request.named_contexts["lib"], NamedContext::Directory("/p/lib".into()));
    assert_eq!(
        request.named_contexts["base"],
        NamedContext::Service { service: "base".into(), image: "shop-base".into() }
    );
    for name in ["alpine", "repo"] {
        assert!(matches!(request.named_contexts[name], NamedContext::Reference(_)));
    }
    assert_eq!(request.needs().collect::<Vec<_>>(), ["base"]);
}

#[test]
fn builds_that_need_each_other_are_found() {
    let mut project = project(&[]);
    let mut add = |name: &str, needs: &[&str]| {
        let contexts = needs.iter().map(|needed| (needed.to_string(), format!("service:{needed}")));
        let build = Build { additional_contexts: contexts.collect(), ..Build::default() };
        let service =
            Service { name: name.into(), build: Some(Box::new(build)), ..Service::default() };
        project.services.insert(name.to_owned(), service);
    };
    add("web", &["base", "lib"]);
    add("lib", &["base"]);
    add("a", &["b"]);
    add("b", &["c", "base"]);
    add("c", &["b"]);
    assert_eq!(build_cycle(&project, "web"), None);
    assert_eq!(build_cycle(&project, "a").unwrap(), ["b", "c", "b"]);
}

#[test]
fn dockerfiles() {
    let dockerfile =
        |build: Build| request(&project(&[]), &service(build), &BuildOptions::default()).dockerfile;
    assert_eq!(dockerfile(Build::default()), Dockerfile::File("Dockerfile".into()));
    let named = Build { dockerfile: "web.Dockerfile".into(), ..Build::default() };
    assert_eq!(dockerfile(named), Dockerfile::File("web.Dockerfile".into()));
    let inline = Build { dockerfile_inline: "FROM scratch".into(), ..Build::default() };
    assert_eq!(dockerfile(inline), Dockerfile::Inline("FROM scratch".into()));
}

#[test]
fn secrets_come_from_files_and_the_environment() {
    let mut project = project(&[("TOKEN", "t0p")]);
    let object = |file: &str, environment: &str| FileObject {
        file: file.into(),
        environment: environment.into(),
        ..FileObject::default()
    };
    project.secrets = [
        ("token".to_owned(), object("", "TOKEN")),
        ("key".to_owned(), object("/p/key", "")),
        ("unset".to_owned(), object("", "NOT_THERE")),
    ]
    .into();
    let reference = |source: &str, target: &str| FileReference {
        source: source.into(),
        target: target.into(),
        ..FileReference::default()
    };
    let service = service(Build {
        secrets: vec![reference("token", ""), reference("key", "id"), reference("unset", "")],
        ..Build::default()
    });
    let secrets = request(&project, &service, &BuildOptions::default()).secrets;
    let found: Vec<_> =
        secrets.iter().map(|secret| (secret.id.as_str(), secret.source.clone())).collect();
    assert_eq!(
        found,
        [
            ("token", SecretSource::Value(b"t0p".to_vec())),
            ("id", SecretSource::File("/p/key".into())),
            ("unset", SecretSource::Value(Vec::new())),
        ]
    );
    assert!(!format!("{secrets:?}").contains("t0p"), "no value is shown");
}

#[test]
fn ssh_without_a_path_is_the_users_agent() {
    let service = service(Build {
        ssh: owned(&[("default", ""), ("deploy", "/p/key")]).into_iter().collect(),
        ..Build::default()
    });
    let options = BuildOptions::default();
    let with_agent = project(&[("SSH_AUTH_SOCK", "/run/agent")]);
    let ssh = request(&with_agent, &service, &options).ssh;
    let ids: Vec<_> = ssh.iter().map(|forward| (forward.id.as_str(), &forward.paths)).collect();
    assert_eq!(
        ids,
        [("default", &vec![PathBuf::from("/run/agent")]), ("deploy", &vec!["/p/key".into()])]
    );
    let problem = BuildRequest::new(&project(&[]), &service, &options).unwrap_err();
    assert!(problem.message.contains("make sure SSH_AUTH_SOCK is set"));
}

#[test]
fn the_rest_is_carried_over() {
    let service = service(Build {
        no_cache: true,
        privileged: true,
        entitlements: vec!["network.host".into()],
        network: "none".into(),
        provenance: "mode=max".into(),
        sbom: "false".into(),
        extra_hosts: [("h".to_owned(), vec!["10.0.0.1".to_owned(), "::1".to_owned()])].into(),
        ulimits: [
            ("nofile".to_owned(), Ulimit::Single(5)),
            ("nproc".to_owned(), Ulimit::Range { soft: 1, hard: 2 }),
        ]
        .into(),
        ..Build::default()
    });
    let options = BuildOptions { pull: true, ..BuildOptions::default() };
    let request = request(&project(&[]), &service, &options);
    assert!(request.no_cache && request.pull && request.privileged);
    assert_eq!(request.entitlements, ["network.host", "security.insecure"]);
    assert_eq!(request.attestations, owned(&[("provenance", "mode=max")]));
    assert_eq!(request.extra_hosts.len(), 2);
    assert_eq!(request.ulimits, [("nofile".to_owned(), 5, 5), ("nproc".to_owned(), 1, 2)]);
}

#[test]
fn provenance_by_default_gives_way_to_what_is_said_of_it() {
    let options = BuildOptions { attest_by_default: true, ..BuildOptions::default() };
    let attestations = |file: &str, flag: Option<&str>| {
        let service = service(Build { provenance: file.into(), ..Build::default() });
        let options = BuildOptions { provenance: flag.map(str::to_owned), ..options.clone() };
        request(&project(&[]), &service, &options).attestations
    };
    let default = owned(&[("provenance", "mode=min,inline-only=true")]);
    assert_eq!(attestations("", None), default);
    assert_eq!(attestations("false", None), owned(&[]));
    assert_eq!(attestations("", Some("false")), owned(&[]));
    assert_eq!(attestations("mode=max", None), owned(&[("provenance", "mode=max")]));
    assert_eq!(attestations("", Some("true")), owned(&[("provenance", "")]));
}

#[test]
fn a_network_that_buildkit_does_not_have_is_refused() {
    let service = service(Build { network: "shop_default".into(), ..Build::default() });
    let mut options = BuildOptions::default();
    let problem = BuildRequest::new(&project(&[]), &service, &options).unwrap_err();
    assert_eq!(problem.message, "network mode \"shop_default\" not supported by buildkit");
    options.builder = BuilderKind::Classic;
    assert_eq!(request(&project(&[]), &service, &options).network, "shop_default");
}
