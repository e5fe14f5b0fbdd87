//! One file laid over another, attribute by attribute, as Docker Compose 2.40.3 does it.

use super::{load, service};

/// Attributes of service `a` in two files, and the value of the first attribute afterwards.
#[test]
fn attributes() {
    for (base, over, path, merged) in [
        ("image: one", "image: two", "image", "\"two\""),
        ("stop_signal: A", "stop_signal: null", "stop_signal", "\"A\""),
        ("command: [a, b]", "command: c", "command", "\"c\""),
        ("command: [a, b]", "command:", "command", "null"),
        ("entrypoint: x y", "image: z", "entrypoint", "\"x y\""),
        (
            "environment: {A: '1', B: '2'}",
            "environment: [B=3, C]",
            "environment",
            r#"["A=1","B=3","C"]"#,
        ),
        (
            "environment: {A: 1.50, B: yes, C: true, D: 1e10, E: }",
            "environment: []",
            "environment",
            r#"["A=1.5","B=yes","C=true","D=1e+10","E"]"#,
        ),
        ("labels: [l=1, k=2]", "labels: {k: '3', m: '4'}", "labels", r#"["l=1","k=3","m=4"]"#),
        ("expose: ['1']", "expose: ['1', '2']", "expose", r#"["1","2"]"#),
        ("dns: 1.1.1.1", "dns: [8.8.8.8]", "dns", r#"["1.1.1.1","8.8.8.8"]"#),
        ("dns: ''", "dns: [8.8.8.8, '']", "dns", r#"["8.8.8.8"]"#),
        ("dns_search: [s1]", "dns_search: s2", "dns_search", r#"["s1","s2"]"#),
        ("tmpfs: /t", "tmpfs: [/t, /u]", "tmpfs", r#"["/t","/u"]"#),
        ("tmpfs: '/t:size=1m'", "tmpfs: '/t:size=2m'", "tmpfs", r#"["/t:size=2m"]"#),
        (
            "depends_on: [b]",
            "depends_on: {b: {condition: service_healthy}}",
            "depends_on",
            r#"{b:{condition:"service_healthy",required:true}}"#,
        ),
        (
            "networks: [n1]",
            "networks: {n2: {aliases: [q]}}",
            "networks",
            r#"{n1:null,n2:{aliases:["q"]}}"#,
        ),
        ("networks: {n1: {aliases: [q]}}", "networks: [n1]", "networks", r#"{n1:{aliases:["q"]}}"#),
        (
            "secrets: [s1]",
            "secrets: [{source: s2, target: s1}, s2]",
            "secrets",
            r#"[{source:"s1",target:"/run/secrets/s1"},{source:"s2",target:"s1"},{source:"s2",target:"/run/secrets/s2"}]"#,
        ),
        (
            "configs: [{source: c1, target: /c}]",
            "configs: [{source: c1, target: /d}]",
            "configs",
            r#"[{source:"c1",target:"/c"},{source:"c1",target:"/d"}]"#,
        ),
        (
            "devices: ['/dev/null:/dev/a']",
            "devices: ['/dev/zero:/dev/a']",
            "devices",
            r#"[{source:"/dev/zero",target:"/dev/a",permissions:"rwm"}]"#,
        ),
        ("cap_add: [A]", "cap_add: [B, A]", "cap_add", r#"["A","B"]"#),
        (
            "extra_hosts: ['h:1.1.1.1']",
            "extra_hosts: {h: 2.2.2.2}",
            "extra_hosts",
            r#"["h:1.1.1.1","h=2.2.2.2"]"#,
        ),
        (
            "healthcheck: {test: [CMD, a], interval: 5s}",
            "healthcheck: {test: b, retries: 2}",
            "healthcheck",
            r#"{test:"b",interval:"5s",retries:2}"#,
        ),
        (
            "logging: {driver: x, options: {max-size: 1m}}",
            "logging: {options: {max-file: '3'}}",
            "logging",
            r#"{driver:"x",options:{max-size:"1m",max-file:"3"}}"#,
        ),
        (
            "logging: {driver: x, options: {a: b}}",
            "logging: {driver: y}",
            "logging",
            r#"{driver:"y"}"#,
        ),
        (
            "ulimits: {nofile: 10, nproc: {soft: 1, hard: 2}}",
            "ulimits: {nofile: {soft: 3, hard: 4}, nproc: 7}",
            "ulimits",
            "{nofile:{soft:3,hard:4},nproc:7}",
        ),
        ("sysctls: [a=1]", "sysctls: {a: 2, b: 3}", "sysctls", r#"["a=2","b=3"]"#),
        (
            "build: {args: [X=1, Y=2], tags: [t1], cache_from: [c1]}",
            "build: {args: {Y: '3'}, tags: [t2], cache_from: [c2], target: tt}",
            "build",
            r#"{args:["X=1","Y=3"],tags:["t1","t2"],cache_from:["c1","c2"],target:"tt",context:"/p"}"#,
        ),
        ("build: ./x", "build: {target: t}", "build", r#"{context:"/p/x",target:"t"}"#),
        ("profiles: [p1]", "profiles: [p2]", "profiles", r#"["p1","p2"]"#),
        (
            "deploy: {resources: {limits: {cpus: '1', memory: 1g}}, labels: {d: '1'}}",
            "deploy: {resources: {limits: {memory: 2g}}, labels: [d=2]}",
            "deploy",
            r#"{resources:{limits:{cpus:"1",memory:"2g"}},labels:["d=2"]}"#,
        ),
        (
            "env_file: a.env",
            "env_file: [{path: b.env, required: false}]",
            "env_file",
            r#"[{path:"/p/a.env",required:true},{path:"/p/b.env",required:false}]"#,
        ),
        (
            "develop: {watch: [{path: ., action: rebuild}]}",
            "develop: {watch: [{path: ., action: restart, ignore: x}]}",
            "develop.watch",
            r#"[{path:"/p",action:"rebuild"},{path:"/p",action:"restart",ignore:["x"]}]"#,
        ),
        ("x-foo: {a: 1}", "x-foo: {b: 2}", "x-foo", "{a:1,b:2}"),
        (
            "volumes: ['./x:/x', 'vol:/v', /anon]",
            "volumes: ['./y:/x:ro', 'vol:/v2', {type: tmpfs, target: /anon}]",
            "volumes",
            r#"[{type:"bind",source:"/p/y",target:"/x",read_only:true,bind:{create_host_path:true}},{type:"volume",source:"vol",target:"/v",volume:{}},{type:"tmpfs",target:"/anon"},{type:"volume",source:"vol",target:"/v2",volume:{}}]"#,
        ),
    ] {
        assert_eq!(service(&[base, over]).at(&format!("services.a.{path}")), merged, "{base}");
    }
}

#[test]
fn ports_are_one_by_address_port_target_and_protocol() {
    let outcome = service(&[
        "ports: ['80:80', '81:81', '127.0.0.1:90:90']",
        "ports: ['80:80', '82:81', '127.0.0.1:90:90/udp']",
    ]);
    let published: Vec<String> = (0..5)
        .map(|index| {
            let at = |key: &str| outcome.at(&format!("services.a.ports[{index}].{key}"));
            format!("{}:{}/{}", at("published"), at("target"), at("protocol")).replace('"', "")
        })
        .collect();
    assert_eq!(published, ["80:80/tcp", "81:81/tcp", "90:90/tcp", "82:81/tcp", "90:90/udp"]);
    assert_eq!(outcome.at("services.a.ports[5]"), "nothing");
}

#[test]
fn resources() {
    let base = "networks:\n  n:\n    labels: [a=1]\n    ipam:\n      config: [{subnet: 10.1.0.0/16}]\nvolumes: {v: {labels: {a: 1}}}\n";
    let over = "networks:\n  n:\n    labels: {a: 2}\n    ipam:\n      config: [{subnet: 10.1.0.0/16, gateway: 10.1.0.1}, {subnet: 10.2.0.0/16}]\nvolumes: {v: {labels: [b=2]}}\n";
    let outcome = load(&[("a.yaml", base), ("b.yaml", over)]);
    assert_eq!(
        outcome.at("networks.n.ipam.config"),
        r#"[{subnet:"10.1.0.0/16",gateway:"10.1.0.1"},{subnet:"10.2.0.0/16"}]"#
    );
    assert_eq!(outcome.at("networks.n.labels"), r#"["a=2"]"#);
    assert_eq!(outcome.at("volumes.v.labels"), r#"["a=1","b=2"]"#);
}

#[test]
fn another_kind_is_refused() {
    for (base, over, message) in [
        ("ports: ['80']", "ports: {a: 1}", "cannot override services.a.ports"),
        ("cap_add: [a]", "cap_add: b", "cannot override services.a.cap_add"),
        ("healthcheck: {test: a}", "healthcheck: 5", "cannot override services.a.healthcheck"),
    ] {
        let outcome = service(&[base, over]);
        assert_eq!(outcome.messages(), [message]);
        let [label, context] = outcome.diagnostics[0].labels.as_slice() else {
            panic!("two places expected");
        };
        assert_eq!(outcome.sources.name(label.span.file).to_str(), Some("/p/b.yaml"));
        assert_eq!(outcome.sources.name(context.span.file).to_str(), Some("/p/a.yaml"));
    }
}

#[test]
fn what_is_neither_list_nor_mapping_says_nothing_beside_one() {
    for (base, over, path, merged) in [
        ("networks: [n1]", "networks: n1", "networks", "{n1:null}"),
        ("depends_on: [b]", "depends_on: 5", "depends_on.b.required", "true"),
        ("environment: {A: b}", "environment: 5", "environment", r#"["A=b"]"#),
        ("extra_hosts: [a=::1]", "extra_hosts: 5", "extra_hosts", r#"["a=::1"]"#),
        ("build: ./x", "build: [a]", "build", r#"{context:"/p/x"}"#),
    ] {
        let outcome = service(&[base, over]);
        let name = path.split('.').next().unwrap();
        let message = format!("a value of services.a.{name} says nothing");
        assert_eq!(outcome.messages(), [message], "{base}");
        assert_eq!(outcome.at(&format!("services.a.{path}")), merged, "{base}");
    }
}

#[test]
fn documents_of_one_file_merge_in_order() {
    let text = "services: {a: {image: x, command: [a]}}\n---\nservices: {a: {image: y}}\n";
    let outcome = load(&[("a.yaml", text)]);
    assert_eq!(outcome.at("services.a"), r#"{image:"y",command:["a"]}"#);
}

#[test]
fn each_value_keeps_the_place_that_won() {
    let outcome = load(&[
        (
            "a.yaml",
            "services:\n  a:\n    image: x\n    environment: {A: '1', B: '2'}\n    tty: true\n",
        ),
        ("b.yaml", "services:\n  a:\n    image: y\n    environment: [B=3]\n"),
    ]);
    for (path, origin) in [
        ("services.a.image", "/p/b.yaml:3:12"),
        ("services.a.tty", "/p/a.yaml:5:10"),
        ("services.a.environment[0]", "/p/a.yaml:4:19"),
        ("services.a.environment[1]", "/p/b.yaml:4:19"),
        ("services.a.environment.A", "/p/a.yaml:4:19"),
        ("services.a.environment.B", "/p/b.yaml:4:19"),
    ] {
        assert_eq!(outcome.origin(path), origin, "{path}");
    }
}
