//! Each warning on a project that deserves it, and silence on those that look alike.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::compose::assemble::{Selection, assemble};
use crate::compose::files::{FileKind, Files, Memory};
use crate::compose::load::{LoadOptions, merged};
use crate::compose::loaded::Loaded;
use crate::compose::source::Request;

fn advised(compose: &str) -> Loaded {
    Loaded::from(compose).options(LoadOptions { advice: true, ..LoadOptions::default() })
}

/// The warnings: code and message, each place as `line:text`, the edit behind an arrow.
fn told(loaded: &Loaded) -> Vec<String> {
    let (project, warnings) = loaded.load().unwrap_or_else(|failure| panic!("{failure}"));
    let text = |span: crate::diagnostic::Span| {
        let file = project.sources.file(span.file).unwrap();
        file.text[span.range()].trim().to_owned()
    };
    let line = |span| project.sources.position(span).unwrap().line;
    warnings
        .iter()
        .map(|warning| {
            let places: Vec<String> = warning
                .labels
                .iter()
                .map(|label| format!("{}:{}", line(label.span), text(label.span)))
                .collect();
            let edits = warning.edits.iter().map(|edit| {
                format!(" -> {}:{}={}", line(edit.span), text(edit.span), edit.replacement)
            });
            format!(
                "{} {} @ {}{}",
                warning.code,
                warning.message,
                places.join(" "),
                edits.collect::<String>()
            )
        })
        .collect()
}

fn silent(compose: &str) {
    assert_eq!(told(&advised(compose)), Vec::<String>::new(), "{compose}");
}

#[test]
fn what_no_service_uses() {
    let compose = "
services:
  web: {image: x, networks: [front], build: {context: ., secrets: [token]}, secrets: [key]}
  debug: {image: x, profiles: [debug], volumes: ['kept:/kept'], configs: [note]}
networks:
  default: {driver: bridge}
  front:
  back:
volumes:
  kept:
  lost: # of old
    driver: local
  there: {external: true}
  anchored: &options {}
  other: *options
secrets: {token: {file: ./x}, key: {file: ./x}, spare: {file: ./x}}
configs: {note: {content: x}, left: {content: x}}
";
    assert_eq!(
        told(&advised(compose)),
        [
            "BIR0501 networks.back: no service uses this network @ 8:back -> 8:back:=",
            "BIR0501 volumes.anchored: no service uses this volume @ 14:anchored",
            "BIR0501 volumes.lost: no service uses this volume @ 11:lost -> 11:lost: # of old\n    driver: local=",
            "BIR0501 volumes.other: no service uses this volume @ 15:other",
            "BIR0501 secrets.spare: no service uses this secret @ 16:spare",
            "BIR0501 configs.left: no service uses this config @ 17:left",
        ]
    );
}

#[test]
fn what_the_services_that_were_not_asked_for_use_is_used() {
    let selection = Selection { services: vec!["a".to_owned()], ..Selection::default() };
    let compose =
        "services: {a: {image: x}, b: {image: x, volumes: ['kept:/v']}}\nvolumes: {kept: }\n";
    assert_eq!(told(&advised(compose).selection(selection)), Vec::<String>::new());
}

#[test]
fn ports_of_the_host_that_several_want() {
    let compose = "
services:
  a: {image: x, ports: ['80:80', '127.0.0.1:53:53/udp']}
  b:
    image: x
    ports: [{target: 8080, published: '80', host_ip: 0.0.0.0}, '53:53/udp']
  c: {image: x, ports: ['127.0.0.1:80:1', '80:2']}
  d: {image: x, ports: ['9000:1', '9000:2']}
";
    assert_eq!(
        told(&advised(compose)),
        [
            "BIR0502 port 80/tcp of the host is published by services a, b and c @ \
             6:{target: 8080, published: '80', host_ip: 0.0.0.0} 7:'127.0.0.1:80:1' 7:'80:2' 3:'80:80'",
            "BIR0502 services.d: port 9000/tcp of the host is published twice @ 8:'9000:2' 8:'9000:1'",
            "BIR0502 port 53/udp of the host is published by services a and b @ \
             6:'53:53/udp' 3:'127.0.0.1:53:53/udp'",
        ]
    );
}

#[test]
fn ports_that_can_be_had_side_by_side() {
    silent(
        "
services:
  a: {image: x, ports: ['127.0.0.1:80:80', '53:53/tcp', '3000-3010:80', '80', '0:81']}
  b: {image: x, ports: ['127.0.0.2:80:80', '53:53/udp', '3000-3010:80', '80', '0:81']}
  c: {image: x, ports: ['[::1]:80:80']}
  none: {image: x, ports: ['53:53'], scale: 0}
  host: {image: x, ports: ['53:53'], network_mode: host}
  other: {image: x, ports: ['53:53'], profiles: [other]}
",
    );
    // The second begins when the first has ended.
    silent(
        "
services:
  first: {image: x, ports: ['80:80']}
  between: {image: x, depends_on: {first: {condition: service_completed_successfully}}}
  second: {image: x, ports: ['80:80'], depends_on: [between]}
",
    );
}

#[test]
fn replicas_cannot_share_a_port() {
    let compose = "
services:
  a: {image: x, ports: ['80:80', '81:81'], deploy: {replicas: 3}}
  b: {image: x, ports: ['90-92:80', '81'], scale: 3}
";
    assert_eq!(
        told(&advised(compose)),
        ["BIR0503 services.a: 3 containers cannot all have port 80 of the host @ 3:'80:80' 3:3"]
    );
}

#[test]
fn services_of_one_origin_publish_at_one_place() {
    let compose = "
services:
  a: {image: x, ports: ['80:80']}
  b: {extends: a}
";
    assert_eq!(
        told(&advised(compose)),
        ["BIR0502 port 80/tcp of the host is published by services a and b @ 3:'80:80'"]
    );
}

#[test]
fn sources_of_binds_that_do_not_exist() {
    let compose = "
services:
  a:
    image: x
    volumes:
      - ./there:/there
      - ./site.conf:/etc/nginx/conf.d/site.conf:ro
      - ./conf.d:/etc/conf.d
      - ./data:/data
      - /srv/elsewhere:/elsewhere
      - named:/named
      - {type: bind, source: ../certs, target: /certs}
      - {type: bind, source: ./made, target: /made, bind: {create_host_path: true}}
  b: {image: x, volumes: ['./data:/again']}
volumes: {named: }
";
    let loaded = advised(compose).file("there/file", "");
    assert_eq!(
        told(&loaded),
        [
            "BIR0506 bind source /srv/certs does not exist: the engine would refuse to mount it @ 12:../certs",
            "BIR0505 bind source site.conf does not exist: the engine would make a directory in its \
             place @ 7:./site.conf:/etc/nginx/conf.d/site.conf:ro",
            "BIR0504 bind sources conf.d, data and made do not exist: the engine would make empty \
             directories @ 8:./conf.d:/etc/conf.d 9:./data:/data 13:./made",
        ]
    );
    let elsewhere = loaded.variable("DOCKER_HOST", "ssh://server");
    assert_eq!(told(&elsewhere), Vec::<String>::new(), "the engine has other files");
}

#[test]
fn own_settings_that_are_not_known() {
    let project =
        |settings: &str| format!("services:\n  web:\n    image: a\n    x-bireme: {settings}\n");
    for (settings, expected) in [
        (
            "{emulation: acepted}",
            "BIR0511 services.web.x-bireme.emulation: \"acepted\" means nothing @ 4:acepted -> 4:acepted=accepted",
        ),
        (
            "{emulations: accepted}",
            "BIR0511 services.web.x-bireme: there is no setting \"emulations\" @ 4:emulations -> 4:emulations=emulation",
        ),
        (
            "{emulation: true}",
            "BIR0511 services.web.x-bireme.emulation: this means nothing @ 4:true",
        ),
        ("{emulation: }", "BIR0511 services.web.x-bireme.emulation: nothing means nothing @ 4:"),
        ("accepted", "BIR0511 services.web.x-bireme: settings are a mapping @ 4:accepted"),
        (
            "{replay: 'false'}",
            "BIR0511 services.web.x-bireme.replay: the string \"false\" means nothing @ 4:'false' -> 4:'false'=false",
        ),
        ("{replay: no}", "BIR0511 services.web.x-bireme.replay: \"no\" means nothing @ 4:no"),
        ("{replay: 0}", "BIR0511 services.web.x-bireme.replay: this means nothing @ 4:0"),
    ] {
        assert_eq!(told(&advised(&project(settings))), [expected], "{settings}");
    }
    for settings in ["{emulation: accepted}", "{replay: false}", "{replay: true}", "{}", ""] {
        silent(&project(settings));
    }
}

#[test]
fn modes_that_were_meant_octal() {
    let compose = "
services:
  a:
    image: x
    secrets:
      - {source: s, target: a, mode: 440}
      - {source: s, target: b, mode: 0440}
      - {source: s, target: c, mode: '440'}
      - {source: s, target: d, mode: 0o440}
      - {source: s, target: e, mode: 288}
      - {source: s, target: f, mode: 420}
      - {source: s, target: g, mode: \"${MODE:-440}\"}
    volumes: [{type: tmpfs, target: /t, tmpfs: {mode: 1777}}]
  b: {extends: a}
secrets: {s: {environment: X}}
";
    assert_eq!(
        told(&advised(compose)),
        [
            "BIR0507 services.a.secrets[0].mode: 440 is a decimal number, which makes the mode 0670 @ \
             6:440 -> 6:440=0440",
            "BIR0507 services.a.volumes[0].tmpfs.mode: 1777 is a decimal number, which makes the mode \
             03361 @ 13:1777 -> 13:1777=01777",
        ]
    );
}

#[test]
fn health_that_never_comes() {
    let compose = "
services:
  a: {image: x, depends_on: {b: {condition: service_healthy}, c: {condition: service_healthy}, d: {condition: service_healthy}}}
  b: {image: x, healthcheck: {disable: true}}
  c: {image: x, healthcheck: {test: [NONE]}}
  d: {image: x}
  e: {image: x, depends_on: [b]}
";
    assert_eq!(
        told(&advised(compose)),
        [
            "BIR0508 services.a.depends_on.b: service b is never healthy, since it has no healthcheck @ \
             3:service_healthy 4:true",
            "BIR0508 services.a.depends_on.c: service c is never healthy, since it has no healthcheck @ \
             3:service_healthy 5:[NONE]",
        ]
    );
}

#[test]
fn what_lists_of_variables_hide() {
    let compose = "
services:
  a:
    image: x
    environment:
      - TLS=\"true\"
      - SITE='http://x'
      - 'WHOLE=quoted'
      - JSON={\"a\":1}
      - WORDS=\"a\" \"b\"
      - SIZE=1
      - SAME=1
      - SIZE=2
      - SAME=1
      - FROM_SHELL
      - FROM_SHELL
    labels: [one=1, one=2]
";
    assert_eq!(
        told(&advised(compose)),
        [
            "BIR0509 services.a.environment: SIZE is set twice @ 13:SIZE=2 11:SIZE=1",
            "BIR0510 services.a.environment: the quotes are part of the value of TLS @ 6:\"true\" -> \
             6:\"true\"=true",
            "BIR0510 services.a.environment: the quotes are part of the value of SITE @ 7:'http://x'",
            "BIR0509 services.a.labels: one is set twice @ 17:one=2 17:one=1",
        ]
    );
}

#[test]
fn an_obsolete_version_can_be_taken_out() {
    let line = |compose: &str| told(&advised(compose)).pop().unwrap();
    let block = line("version: '3.8' # old\nservices: {a: {image: x}}\n");
    assert!(block.ends_with("@ 1:version -> 1:version: '3.8' # old="), "{block}");
    let flow = line("{version: '3.8', services: {a: {image: x}}}\n");
    assert!(flow.ends_with("@ 1:version"), "no line of its own: {flow}");
}

#[test]
fn a_comment_silences_one_place() {
    silent("services: {a: {image: x}}\nvolumes:\n  # bireme: ignore BIR0501\n  v:\n");
    let compose = "
services:
  a:
    image: x
    volumes:
      - ./one:/one # bireme: ignore BIR0504
      - ./two:/two
";
    let warnings = told(&advised(compose));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].ends_with("@ 7:./two:/two"), "{warnings:?}");
}

#[test]
fn advice_is_for_those_who_ask() {
    let loaded = Loaded::from("services: {a: {image: x}}\nvolumes: {v: }\n");
    assert_eq!(told(&loaded), Vec::<String>::new());
}

/// Files that remember which paths were looked at.
struct Watched(Memory, Mutex<Vec<PathBuf>>);

impl Files for Watched {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.read(path)
    }
    fn kind(&self, path: &Path) -> Option<FileKind> {
        self.1.lock().unwrap().push(path.to_owned());
        self.0.kind(path)
    }
    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.0.canonical(path)
    }
    fn stdin(&self) -> io::Result<Vec<u8>> {
        self.0.stdin()
    }
}

#[test]
fn only_sources_of_binds_are_looked_for_and_each_once() {
    let compose = "
services:
  a: {image: x, volumes: ['./data:/data', 'named:/named', '/anonymous'], tmpfs: /t}
  b: {image: x, volumes: ['./data:/data'], secrets: [s], build: ./b}
volumes: {named: }
secrets: {s: {file: ./s}}
";
    let files = Watched(Memory::default().file("/p/compose.yaml", compose), Mutex::new(Vec::new()));
    let request = Request { current_directory: PathBuf::from("/p"), ..Request::default() };
    let looked = |advice| {
        files.1.lock().unwrap().clear();
        let options = LoadOptions { advice, ..LoadOptions::default() };
        let merged = merged(&request, &options, &files).unwrap();
        assemble(merged, &options, &Selection::default(), &files).unwrap();
        files.1.lock().unwrap().clone()
    };
    let (without, with) = (looked(false), looked(true));
    assert_eq!(with[..without.len()], without);
    assert_eq!(with[without.len()..], [PathBuf::from("/p/data")]);
}
