use std::path::PathBuf;

use super::{Args, Refusal, answer};
use crate::cli::failure::Failure;
use crate::compose::digests::Wanted;
use crate::compose::files::Memory;
use crate::compose::source::Request;

const SHOP: &str = r#"
name: shop
services:
  web:
    build: ./web
    depends_on: [db]
    environment: {PRICE: 5$$, LEVEL: "${LEVEL:-low}", ZONE: }
    volumes: ["./data:/data", "${CACHE:-cache}:/cache"]
  db: {image: "postgres:${VERSION?which}", env_file: db.env}
  debug: {image: busybox, profiles: [debug, later]}
volumes: {cache: , spare: }
x-note: {kept: true}
"#;

fn text(flags: &[&str]) -> Result<String, String> {
    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        args: Args,
    }
    let words = std::iter::once("config").chain(flags.iter().copied());
    let Program { args } = clap::Parser::try_parse_from(words).expect("the flags exist");
    let files = Memory::default()
        .file("/srv/shop/compose.yaml", SHOP)
        .file("/srv/shop/db.env", "PASSWORD=$VERSION!\n");
    let request = Request {
        current_directory: PathBuf::from("/srv/shop"),
        environment: [("VERSION", "17"), ("ZONE", "eu")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..Request::default()
    };
    let digests = |wanted: &Wanted| {
        let digest = |image: &String| (image.clone(), format!("sha256:{:064}", image.len()));
        Ok(wanted.keys().map(digest).collect())
    };
    match answer(&args, &request, false, &files, &digests) {
        Ok(answer) => match answer.failure {
            Some(Failure::Message { message, .. }) => Err(answer.text + &message),
            Some(failure) => Err(format!("{failure:?}")),
            None => Ok(answer.text),
        },
        Err(Refusal::Files(failure)) => Err(failure.to_string()),
        Err(Refusal::Request(Failure::Message { message, .. })) => Err(message),
        Err(Refusal::Request(failure)) => Err(format!("{failure:?}")),
    }
}

#[test]
fn the_project_in_yaml() {
    assert_eq!(
        text(&[]).unwrap(),
        r"name: shop
services:
  db:
    environment:
      PASSWORD: 17!
    image: postgres:17
    networks:
      default: null
  web:
    build:
      context: /srv/shop/web
      dockerfile: Dockerfile
    depends_on:
      db:
        condition: service_started
        required: true
    environment:
      LEVEL: low
      PRICE: 5$$
      ZONE: eu
    networks:
      default: null
    volumes:
      - type: bind
        source: /srv/shop/data
        target: /data
        bind:
          create_host_path: true
      - type: volume
        source: cache
        target: /cache
        volume: {}
networks:
  default:
    name: shop_default
volumes:
  cache:
    name: shop_cache
x-note:
  kept: true
"
    );
}

#[test]
fn the_project_in_json() {
    let json = text(&["--format", "json", "db"]).unwrap();
    assert_eq!(
        json,
        r#"{
  "name": "shop",
  "networks": {
    "default": {
      "name": "shop_default",
      "ipam": {}
    }
  },
  "services": {
    "db": {
      "command": null,
      "entrypoint": null,
      "environment": {
        "PASSWORD": "17!"
      },
      "image": "postgres:17",
      "networks": {
        "default": null
      }
    }
  },
  "x-note": {
    "kept": true
  }
}"#
    );
}

#[test]
fn lists() {
    for (flags, expected) in [
        (&["--services"][..], "db\nweb\n"),
        (&["--services", "db"], "db\nweb\n"),
        (&["--volumes"], "cache\n"),
        (&["--networks"], "default\n"),
        (&["--models"], ""),
        (&["--profiles"], "debug\nlater\n"),
        (&["--images"], "shop-web\npostgres:17\n"),
        (&["--images", "debug"], "busybox\n"),
        (&["--environment"], "COMPOSE_PROJECT_NAME=shop\nPWD=/srv/shop\nVERSION=17\nZONE=eu\n"),
        // Variables of environment files are not part of this hash, the files' paths are.
        (
            &["--hash", "db"],
            "db bcdac0844a30a4817d8e04cecd9b1843aed7fcbdb67de0c9afddd42c798966da\n",
        ),
        (&["--services", "--no-interpolate"], "web\ndb\ndebug\n"),
        (
            &["--images", "--no-interpolate", "--no-consistency"],
            "shop-web\npostgres:${VERSION?which}\n",
        ),
        (&["--hash", ""], text(&[]).unwrap().as_str()),
    ] {
        assert_eq!(text(flags).as_deref(), Ok(expected), "{flags:?}");
    }
}

#[test]
fn variables_come_as_a_table() {
    assert_eq!(
        text(&["--variables"]).unwrap(),
        "NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE\n\
         LEVEL               false               low                 \n\
         CACHE               false               cache               \n\
         VERSION             true                                    \n"
    );
    let json = text(&["--variables", "--format", "json"]).unwrap();
    assert!(
        json.starts_with("{\n    \"CACHE\": {\n        \"Name\": \"CACHE\",\n        \"DefaultValue\": \"cache\","),
        "{json}"
    );
    let yaml = text(&["--variables", "--format", "yaml"]).unwrap();
    assert!(yaml.contains("LEVEL:\n    name: LEVEL\n    defaultvalue: low\n"), "{yaml}");
}

#[test]
fn variables_may_stay_as_they_are_written() {
    let yaml = text(&["--no-interpolate", "--no-normalize", "--no-path-resolution"]).unwrap();
    for line in [
        "      LEVEL: ${LEVEL:-low}\n",
        "      PRICE: 5$$\n",
        "      ZONE: null\n",
        "    image: postgres:${VERSION?which}\n",
        "      - source: ${CACHE:-cache}\n        target: /cache\n",
        "      context: ./web\n",
        "      - path: db.env\n        required: true\n",
    ] {
        assert!(yaml.contains(line), "{line}{yaml}");
    }
    assert!(!yaml.contains("default"), "{yaml}");
}

#[test]
fn images_may_be_pinned() {
    let pinned = |length: usize| format!("sha256:{length:064}");
    let postgres = format!("docker.io/library/postgres:17@{}", pinned(29));
    assert_eq!(
        text(&["--lock-image-digests"]).unwrap(),
        format!("services:\n  db:\n    image: {postgres}\n  web: {{}}\n")
    );
    let yaml = text(&["--resolve-image-digests", "db"]).unwrap();
    assert!(yaml.contains(&format!("\n    image: {postgres}\n    networks:\n")), "{yaml}");
    assert_eq!(
        text(&["--lock-image-digests", "--no-interpolate"]).unwrap_err(),
        "service \"db\": invalid reference format"
    );
    // Other questions ask no registry.
    assert_eq!(text(&["--lock-image-digests", "--images", "db"]).unwrap(), "postgres:17\n");
}

#[test]
fn refusals() {
    for (flags, expected) in [
        (&["--format", "xml"][..], "unsupported format \"xml\""),
        (
            &["--variables", "--format", "xml"],
            "format value \"xml\" could not be parsed: parsing failed",
        ),
        (&["nosuch"], "no such service: nosuch"),
        (&["--hash", "nosuch"], "no such service: nosuch: not found"),
        (&["--hash", "debug"], "no such service: debug: disabled"),
    ] {
        assert_eq!(text(flags).unwrap_err(), expected, "{flags:?}");
    }
}
