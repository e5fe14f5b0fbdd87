//! The `build` and `develop` sections of a service (Compose Build and Develop Specifications).

use super::forms::{
    BOOLEAN, BOOLEAN_OR_STRING, EXTRA_HOSTS, FILE_REFERENCES, INTEGER_OR_STRING, LIST_OR_MAPPING,
    STRING, STRING_OR_LIST, STRINGS, ULIMITS,
};
use super::service::HOOK;
use super::shape::{Object, Shape};

pub(super) const BUILD: Shape = Shape::Either(&[
    STRING,
    Shape::Object(&Object::new(&[
        ("additional_contexts", LIST_OR_MAPPING),
        ("args", LIST_OR_MAPPING),
        ("cache_from", STRINGS),
        ("cache_to", STRINGS),
        ("context", STRING),
        ("dockerfile", STRING),
        ("dockerfile_inline", STRING),
        ("entitlements", STRINGS),
        ("extra_hosts", EXTRA_HOSTS),
        ("isolation", STRING),
        ("labels", LIST_OR_MAPPING),
        ("network", STRING),
        ("no_cache", BOOLEAN_OR_STRING),
        ("no_cache_filter", STRING_OR_LIST),
        ("platforms", STRINGS),
        ("privileged", BOOLEAN_OR_STRING),
        ("provenance", BOOLEAN_OR_STRING),
        ("pull", BOOLEAN_OR_STRING),
        ("sbom", BOOLEAN_OR_STRING),
        ("secrets", FILE_REFERENCES),
        ("shm_size", INTEGER_OR_STRING),
        ("ssh", LIST_OR_MAPPING),
        ("tags", STRINGS),
        ("target", STRING),
        ("ulimits", ULIMITS),
    ])),
]);

pub(super) const DEVELOP: Shape = Shape::Object(
    &Object::new(&[(
        "watch",
        Shape::List {
            items: &Shape::Object(
                &Object::new(&[
                    (
                        "action",
                        Shape::Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
                    ),
                    ("exec", HOOK),
                    ("ignore", STRING_OR_LIST),
                    ("include", STRING_OR_LIST),
                    ("initial_sync", BOOLEAN),
                    ("path", STRING),
                    ("target", STRING),
                ])
                .required(&["path", "action"]),
            ),
            unique: false,
        },
    )])
    .nullable(),
);
