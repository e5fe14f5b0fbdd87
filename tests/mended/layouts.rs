//! How a pin may be laid out. See `mended.rs` for the marks.

/// A project with pins in some places.
pub(super) struct Layout {
    /// What it is about.
    pub(super) what: &'static str,
    /// Its files.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// The files that are named; none where Compose finds them.
    pub(super) named: &'static [&'static str],
}

const fn of(what: &'static str, text: &'static [(&'static str, &'static str)]) -> Layout {
    Layout { what, files: text, named: &[] }
}

/// A project of one file with pins in some places.
macro_rules! one {
    ($what:expr, $text:expr) => {
        of($what, &[("compose.yaml", $text)])
    };
}

/// What an override file of ours begins with.
macro_rules! taken_back {
    ($services:expr) => {
        concat!(
            "[+# Takes back platforms that other files ask for (bireme platforms --fix).\nservices:\n",
            $services,
            "+]"
        )
    };
}

/// Layouts of YAML.
pub(super) const YAML: &[Layout] = &[
    one!(
        "first of a block",
        "\
services:
  db:
[-    KEY: VALUENOTE
-]    image: x
    # of web
  web: {image: y, platform: linux/amd64}
"
    ),
    one!(
        "amid a block, under a comment",
        "\
# a project
services:

  db:
    image: x   # why
    # about the pin
[-    KEY: VALUENOTE
-]
    restart: always
  web:
    image: y
    platform: linux/amd64 # needed
"
    ),
    one!(
        "last of a block",
        "\
services:
  web:
    image: y
  db:
    image: x
    command: |
      one

      two
[-    KEY: VALUENOTE
-]"
    ),
    one!(
        "last of a block before another",
        "\
services:
    db:
        image: x
[-        KEY: VALUENOTE
-]
    # the other one
    web:
        image: y
"
    ),
    one!(
        "far to the right of its colon",
        "\
services:
  db:
    image:    x
[-    KEY   :    VALUENOTE
-]    restart:  always
"
    ),
    one!(
        "two services of one file",
        "\
services:
  db:
[-    KEY: VALUENOTE
-]    image: x
  db2:
    image: x
[-    KEY: VALUENOTE
-]    volumes: [data:/data]
volumes: {data: }
"
    ),
    one!(
        "braces on one line, last",
        "\
services:
  db: {image: x[-, KEY: VALUE-]} #NOTE
  web: {image: y, platform: linux/amd64}
"
    ),
    one!(
        "braces on one line, first",
        "\
services:
  db: { [-KEY: VALUE, -]image: x }
"
    ),
    one!(
        "braces on one line, amid",
        "\
services:
  db: {image: x[-, KEY:   VALUE-], restart: always,}
"
    ),
    one!(
        "braces over lines",
        "\
services:
  db: {
    image: x, # one
[-    KEY: VALUE,NOTE
-]    restart: always
  }
"
    ),
    one!(
        "braces over lines, last",
        "\
services:
  db: {
    image: x, # one
[-    KEY: VALUENOTE
-]  }
"
    ),
    one!(
        "braces over lines, last with a comma",
        "\
services:
  db: {
    image: x,
[-    KEY: VALUE,NOTE
-]  }
"
    ),
    one!(
        "all in braces",
        "\
{services: {db: {image: x[-, KEY: VALUE-]}, web: {image: y, platform: linux/amd64}}}
"
    ),
    one!(
        "a merge key, shared by all who are mended",
        "\
x-common: &common
[-  KEY: VALUENOTE
-]  restart: always
services:
  db:
    <<: *common
    image: x
  db2:
    <<: *common
    image: y
"
    ),
    one!(
        "a merge key, of which one keeps the pin",
        "\
x-common: &common
  KEY: VALUENOTE
  restart: always
services:
  db:
    <<: *common
[+    platform: \"\"
+]    image: x
  web:
    <<: *common
    image: y
"
    ),
    one!(
        "a merge key behind, of which one keeps the pin",
        "\
x-common: &common
  KEY: VALUENOTE
services:
  db:
    image: x
    <<: *common # the common
[+    platform: \"\"
+]  web:
    image: y
    <<: *common
"
    ),
    one!(
        "a merge key in braces, of which one keeps the pin",
        "\
x-common: &common {KEY: VALUE, restart: always} #NOTE
services:
  db: {<<: *common[+, platform: \"\"+], image: x}
  web: {<<: *common, image: y}
"
    ),
    one!(
        "a merge key with several, one of which pins",
        "\
x-one: &one {restart: always}
x-two: &two
[-  KEY: VALUENOTE
-]  init: true
services:
  db:
    <<: [*one, *two]
    image: x
  web:
    <<: *one
    image: y
"
    ),
    one!(
        "a merge key with several, of which one keeps the pin",
        "\
x-one: &one {restart: always}
x-two: &two
  KEY: VALUENOTE
  init: true
services:
  db:
    <<: [*one, *two]
[+    platform: \"\"
+]    image: x
  web:
    <<: [*two, *one]
    image: y
"
    ),
    one!(
        "a merge key within a merge key",
        "\
x-inner: &inner
[-  KEY: VALUENOTE
-]  init: true
x-outer: &outer
  <<: *inner
  restart: always
services:
  db:
    <<: *outer
    image: x
  web:
    image: y
"
    ),
    one!(
        "a merge key within a merge key, of which one keeps the pin",
        "\
x-inner: &inner
  KEY: VALUENOTE
x-outer: &outer
  <<: *inner
  restart: always
services:
  db:
    <<: *outer
[+    platform: \"\"
+]    image: x
  web:
    <<: *inner
    image: y
"
    ),
    one!(
        "a service that another merges, which pins itself",
        "\
services:
  db: &db
    image: x
[-    KEY: VALUENOTE
-]    restart: always
  web:
    <<: *db
    platform: linux/amd64
"
    ),
    one!(
        "a service that merges another, which keeps the pin",
        "\
services:
  web: &web
    image: x
    KEY: VALUENOTE
  db:
    <<: *web
[+    platform: \"\"
+]    command: [a, b]
"
    ),
    of(
        "a service that another merges, which keeps the pin",
        &[
            (
                "compose.yaml",
                "\
services:
  db: &db
    image: x
    KEY: VALUENOTE
  web:
    <<: *db
    command: [a, b]
",
            ),
            ("compose.override.yaml", taken_back!("  db:\n    platform: !reset null\n")),
        ],
    ),
    one!(
        "an alias for all of a service",
        "\
x-app: &app
  image: x
  KEY: VALUENOTE
services:
  db: [+{<<: +]*app[+, platform: \"\"}+]
  web: *app
"
    ),
    one!(
        "an anchor on the value, used by another",
        "\
services:
  db:
    image: x
[-    KEY: &cpu VALUENOTE
-]  web:
    image: y
    platform: [-*cpu-][+&cpu VALUE+]
"
    ),
    one!(
        "an alias as the value",
        "\
x-cpu: &cpu linux/amd64
services:
  db:
    image: x
[-    KEY: *cpuNOTE
-]  web:
    image: y
    platform: *cpu
"
    ),
    one!(
        "a value in a merge key that another overrides",
        "\
x-common: &common {platform: linux/amd64}
services:
  db:
    <<: *common
[+    platform: \"\"
+]    image: x
[-    KEY: VALUENOTE
-]  web: {<<: *common, image: y}
"
    ),
    one!(
        "a folded value",
        "\
services:
  db:
    image: x
[-    KEY: >-NOTE
      linux/amd64
-]
    restart: always
"
    ),
    one!(
        "a value on the next line",
        "\
services:
  db:
    image: x
[-    KEY:NOTE
      VALUE
-]    # the next
    restart: always
"
    ),
    one!(
        "a key with a question mark",
        "\
services:
  db:
    image: x
[-    ? KEY
    : VALUENOTE
-]    restart: always
"
    ),
    one!(
        "a merge key whose mapping is written there",
        "\
services:
  db:
    <<: &common
[-      KEY: VALUENOTE
-]      restart: always
    image: x
  db2:
    <<: *common
    image: y
"
    ),
    one!(
        "a merge key whose mapping is written there, and another keeps the pin",
        "\
services:
  db:
    <<: &common
      KEY: VALUENOTE
      restart: always
[+    platform: \"\"
+]    image: x
  web:
    <<: *common
    image: y
"
    ),
    one!(
        "an anchor in a list of a service",
        "\
x-all:
  - &one
[-    KEY: VALUENOTE
-]    init: true
  - &two {restart: always}
services:
  db:
    <<: [*one, *two]
    image: x
"
    ),
    one!(
        "a merge key that brings the pin alone, shared with what keeps it",
        "\
x-cpu: &cpu {KEY: VALUE} #NOTE
services:
  db:
    <<: *cpu # the CPU of production
[+    platform: \"\"
+]    image: x
  web: {<<: *cpu, image: y}
"
    ),
    one!(
        "a merge key that brings the pin alone",
        "\
x-cpu: &cpu {[-KEY: VALUE-]}
services:
  db:
    <<: *cpu
    image: x
"
    ),
    one!(
        "a service of a profile keeps the pin",
        "\
x-common: &common
  KEY: VALUENOTE
services:
  db:
    <<: *common
[+    platform: \"\"
+]    image: x
  tools:
    <<: *common
    image: y
    profiles: [tools]
"
    ),
    one!(
        "several of whom some keep the pin",
        "\
x-common: &common
  KEY: VALUENOTE
services:
  db:
    <<: *common
[+    platform: \"\"
+]    image: x
  web:
    <<: *common
    image: y
  db2: {<<: *common[+, platform: \"\"+], image: z}
"
    ),
    one!(
        "comments on every side",
        "\
services:
  db: # of the shop
    # first
    image: x # second
    # third
[-    KEY: VALUENOTE
-]    # fourth

    # fifth
"
    ),
    one!(
        "tabs and blanks between",
        "\
services:
  db:
    image: x
  \t
[-    KEY: VALUENOTE
-]   \t
    restart: always
"
    ),
    one!(
        "several documents",
        "\
# one
services:
  web: {image: y, platform: linux/amd64}
---
services:
  db:
    image: x
[-    KEY: VALUENOTE
-]    restart: always
"
    ),
    one!(
        "several documents that pin the same",
        "\
services:
  db:
    image: x
[-    KEY: VALUENOTE
-]    init: true
---
services:
  db:
[-    KEY: VALUENOTE
-]    restart: always
...
"
    ),
    of(
        "an override file",
        &[
            ("compose.yaml", "services:\n  db: {image: x}\n  web: {image: y}\n"),
            (
                "compose.override.yaml",
                "\
services:
  db:
[-    KEY: VALUENOTE
-]    restart: always
",
            ),
        ],
    ),
    of(
        "an override file that says nothing else",
        &[
            ("compose.yaml", "services:\n  db: {image: x}\n  web: {image: y}\n"),
            (
                "compose.override.yaml",
                "\
services:
  db:[+ {}+]
[-    KEY: VALUENOTE
-]",
            ),
        ],
    ),
    of(
        "an override file that says nothing else of it",
        &[
            ("compose.yaml", "services:\n  db: {image: x}\n  web: {image: y}\n"),
            (
                "compose.override.yaml",
                "\
services:
[-  db:
    KEY: VALUENOTE
-]  web:
    restart: always
",
            ),
        ],
    ),
    of(
        "a file and the one over it",
        &[
            (
                "compose.yaml",
                "services:\n  db:\n    image: x\n[-    KEY: VALUENOTE\n-]    init: true\n",
            ),
            (
                "compose.override.yaml",
                "\
services:
  db: {[-KEY: VALUE, -]restart: always}
",
            ),
        ],
    ),
    of(
        "!override of a service",
        &[
            ("compose.yaml", "services:\n  db:\n    image: z\n    platform: linux/amd64\n"),
            (
                "compose.override.yaml",
                "\
services:
  db: !override
    image: x
[-    KEY: VALUENOTE
-]    restart: always
",
            ),
        ],
    ),
    of(
        "!override of the platform",
        &[
            (
                "compose.yaml",
                "services:\n  db:\n    image: x\n[-    KEY: VALUENOTE\n-]    init: true\n",
            ),
            (
                "compose.override.yaml",
                "\
services:
  db:
[-    platform: !override linux/amd64NOTE
-]    restart: always
",
            ),
        ],
    ),
    of(
        "!reset of another one's platform",
        &[
            (
                "compose.yaml",
                "\
x-common: &common {platform: linux/amd64}
services:
  db:
    image: x
[-    KEY: VALUENOTE
-]    init: true
  web: {<<: *common, image: y}
",
            ),
            ("compose.override.yaml", "services:\n  web:\n    platform: !reset null\n"),
        ],
    ),
    of(
        "an included file",
        &[
            ("compose.yaml", "include: [own/db.yaml]\nservices: {web: {image: y}}\n"),
            (
                "own/db.yaml",
                "\
services:
  db:
    image: x
[-    KEY: VALUENOTE
-]    volumes: ['./data:/data']
",
            ),
        ],
    ),
    of(
        "an included file with one over it",
        &[
            (
                "compose.yaml",
                "\
include:
  - path: [own/db.yaml, own/more.yaml]
services: {web: {image: y}}
",
            ),
            (
                "own/db.yaml",
                "services:\n  db:\n    image: x\n[-    KEY: VALUENOTE\n-]    init: true\n",
            ),
            ("own/more.yaml", "services:\n  db: {[-KEY: VALUE, -]restart: always}\n"),
        ],
    ),
    of(
        "an included file of somebody else",
        &[
            ("compose.yaml", "include: [vendor/db.yaml]\nservices: {web: {image: y}}\n"),
            ("vendor/db.yaml", "services:\n  db:\n    image: x\n    KEY: VALUENOTE\n"),
            ("compose.override.yaml", taken_back!("  db:\n    platform: !reset null\n")),
        ],
    ),
    of(
        "an extended file",
        &[
            (
                "compose.yaml",
                "\
services:
  db:
    extends: {file: own/base.yaml, service: base}
  web:
    image: y
",
            ),
            (
                "own/base.yaml",
                "\
services:
  base:
    image: x
[-    KEY: VALUENOTE
-]    restart: always
",
            ),
        ],
    ),
    of(
        "an extended file, which another service extends and keeps the pin",
        &[
            (
                "compose.yaml",
                "\
services:
  db:
    extends:
      file: own/base.yaml
      service: base
[+    platform: \"\"
+]    command: x
  web:
    extends: {file: own/base.yaml, service: base}
",
            ),
            ("own/base.yaml", "services:\n  base:\n    image: x\n    KEY: VALUENOTE\n"),
        ],
    ),
    one!(
        "an extended service of the same file that is mended, too",
        "\
services:
  db:
    image: x
[-    KEY: VALUENOTE
-]  db2:
    extends: db
    command: y
"
    ),
    one!(
        "an extended service of the same file that keeps the pin",
        "\
services:
  web:
    image: x
    KEY: VALUENOTE
  db:
    extends: {service: web}
[+    platform: \"\"
+]    command: y
"
    ),
    of(
        "a service that an extending one shares the pin of",
        &[
            (
                "compose.yaml",
                "\
services:
  db:
    image: x
    KEY: VALUENOTE
  web:
    extends: db
",
            ),
            ("compose.override.yaml", taken_back!("  db:\n    platform: !reset null\n")),
        ],
    ),
    of(
        "an extended service that is extended itself",
        &[
            ("compose.yaml", "services:\n  db:\n    extends: {file: own/a.yaml, service: a}\n"),
            (
                "own/a.yaml",
                "services:\n  a:\n    extends: {file: b.yaml, service: b}\n    init: true\n",
            ),
            (
                "own/b.yaml",
                "services:\n  b:\n    image: x\n[-    KEY: VALUENOTE\n-]    tty: true\n",
            ),
        ],
    ),
    Layout {
        what: "named files, and a pin of somebody else",
        files: &[
            ("a.yaml", "include: [vendor/db.yaml]\nservices: {web: {image: y}}\n"),
            ("b.yml", "services:\n  web:\n    restart: always\n"),
            ("vendor/db.yaml", "services:\n  db:\n    image: x\n    KEY: VALUENOTE\n"),
            ("a.native.yaml", taken_back!("  db:\n    platform: !reset null\n")),
        ],
        named: &["a.yaml", "b.yml"],
    },
];

/// Layouts of JSON.
pub(super) const JSON: &[Layout] = &[
    of("JSON on one line", &[("compose.yaml", "\
{\"services\":{\"db\":{\"image\":\"x\"[-,KEY:VALUE-],\"init\":true},\"web\":{\"image\":\"y\",\"platform\":\"linux/amd64\"}}}
")]),
    of("JSON on one line, first", &[("compose.yaml", "\
{\"services\": {\"db\": {[-KEY: VALUE, -]\"image\": \"x\"}}}
")]),
    of("JSON over lines", &[("compose.yaml", "\
{
\t\"services\": {
\t\t\"db\": {
\t\t\t\"image\": \"x\",
[-\t\t\tKEY: VALUE,
-]\t\t\t\"init\": true
\t\t}
\t}
}
")]),
    of("JSON over lines, last", &[("compose.yaml", "\
{
  \"services\": {
    \"db\": {
      \"image\": \"x\"[-,
      KEY: VALUE-]
    }
  }
}
")]),
    of("JSON over lines, first", &[("compose.yaml", "\
{
  \"services\": {
    \"db\": {
[-      KEY: VALUE,
-]      \"image\": \"x\"
    },
    \"web\": {\"image\": \"y\", \"platform\": \"linux/amd64\"}
  }
}
")]),
    of("an extended file of JSON", &[
        ("compose.yaml", "\
services:
  db:
    extends: {file: own/base.json, service: base}
"),
        ("own/base.json", "\
{
  \"services\": {
    \"base\": {
      \"image\": \"x\"[-,
      KEY: VALUE-]
    }
  }
}
"),
    ]),
    of("JSON whose pin another service extends", &[
        ("compose.yaml", "{\"services\": {\"db\": {\"extends\": {\"service\": \"web\"}[+, \"platform\": \"\"+]}, \"web\": {\"image\": \"x\", KEY: VALUE}}}\n"),
    ]),
];
