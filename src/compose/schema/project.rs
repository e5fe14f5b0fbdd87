//! The top level of a Compose file, and what services share: networks, volumes, secrets, configs
//! and models.

use super::forms::{
    BOOLEAN_OR_STRING, DRIVER_OPTIONS, INTEGER, LIST_OR_MAPPING, STRING, STRING_OR_LIST, STRINGS,
};
use super::service::SERVICE;
use super::shape::{Keys, Map, Object, Shape, Types};

pub(super) const PROJECT: Object = Object::new(&[
    ("configs", named(&CONFIGS)),
    (
        "include",
        Shape::List {
            items: &Shape::Either(&[
                STRING,
                Shape::Object(&Object::new(&[
                    ("env_file", STRING_OR_LIST),
                    ("path", STRING_OR_LIST),
                    ("project_directory", STRING),
                ])),
            ]),
            unique: false,
        },
    ),
    ("models", named(&MODELS)),
    ("name", STRING),
    ("networks", named(&NETWORKS)),
    ("secrets", named(&SECRETS)),
    ("services", named(&SERVICES)),
    ("version", STRING),
    ("volumes", named(&VOLUMES)),
]);

const fn named(map: &'static Map) -> Shape {
    Shape::Map(map)
}

const SERVICES: Map = Map { keys: Keys::Name, values: Shape::Object(&SERVICE), open: false };

const CONFIGS: Map = Map {
    keys: Keys::Name,
    values: Shape::Object(&Object::new(&[
        ("content", STRING),
        ("environment", STRING),
        ("external", OPEN_EXTERNAL),
        ("file", STRING),
        ("labels", LIST_OR_MAPPING),
        ("name", STRING),
        ("template_driver", STRING),
    ])),
    open: false,
};

const SECRETS: Map = Map {
    keys: Keys::Name,
    values: Shape::Object(&Object::new(&[
        ("driver", STRING),
        ("driver_opts", DRIVER_OPTIONS),
        ("environment", STRING),
        ("external", OPEN_EXTERNAL),
        ("file", STRING),
        ("labels", LIST_OR_MAPPING),
        ("name", STRING),
        ("template_driver", STRING),
    ])),
    open: false,
};

const VOLUMES: Map = Map {
    keys: Keys::Name,
    values: Shape::Object(
        &Object::new(&[
            ("driver", STRING),
            ("driver_opts", DRIVER_OPTIONS),
            ("external", EXTERNAL),
            ("labels", LIST_OR_MAPPING),
            ("name", STRING),
        ])
        .nullable(),
    ),
    open: false,
};

const NETWORKS: Map = Map {
    keys: Keys::Name,
    values: Shape::Object(
        &Object::new(&[
            ("attachable", BOOLEAN_OR_STRING),
            ("driver", STRING),
            ("driver_opts", DRIVER_OPTIONS),
            ("enable_ipv4", BOOLEAN_OR_STRING),
            ("enable_ipv6", BOOLEAN_OR_STRING),
            ("external", EXTERNAL),
            ("internal", BOOLEAN_OR_STRING),
            ("ipam", Shape::Object(&IPAM)),
            ("labels", LIST_OR_MAPPING),
            ("name", STRING),
        ])
        .nullable(),
    ),
    open: true,
};

const IPAM: Object = Object::new(&[
    (
        "config",
        Shape::List {
            items: &Shape::Object(&Object::new(&[
                ("aux_addresses", TEXTS),
                ("gateway", STRING),
                ("ip_range", STRING),
                ("subnet", STRING),
            ])),
            unique: false,
        },
    ),
    ("driver", STRING),
    ("options", TEXTS),
]);

/// Text under keys of the user's choice.
const TEXTS: Shape = Shape::Map(&Map { keys: Keys::NotEmpty, values: STRING, open: false });

const MODELS: Map = Map {
    keys: Keys::Name,
    values: Shape::Object(
        &Object::new(&[
            ("context_size", INTEGER),
            ("model", STRING),
            ("name", STRING),
            ("runtime_flags", STRINGS),
        ])
        .required(&["model"]),
    ),
    open: true,
};

/// Whether the resource is managed elsewhere; the mapping form is deprecated.
const EXTERNAL: Shape = Shape::Object(&EXTERNAL_OBJECT);

/// The same of configs and secrets, whose mapping Docker Compose looks at less closely.
const OPEN_EXTERNAL: Shape = Shape::Object(&EXTERNAL_OBJECT.open());

const EXTERNAL_OBJECT: Object =
    Object::new(&[("name", STRING)]).or(Types::BOOLEAN.or(Types::STRING));
