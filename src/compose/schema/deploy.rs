//! The `deploy` section of a service (Compose Deploy Specification), and `gpus`.

use super::forms::{
    INTEGER_OR_STRING, LIST_OR_MAPPING, NUMBER_OR_STRING, STRING, STRINGS, UNIQUE_STRINGS,
};
use super::shape::{Object, Shape};

pub(super) const DEPLOY: Shape = Shape::Object(
    &Object::new(&[
        ("endpoint_mode", STRING),
        ("labels", LIST_OR_MAPPING),
        ("mode", STRING),
        (
            "placement",
            Shape::Object(&Object::new(&[
                ("constraints", STRINGS),
                ("max_replicas_per_node", INTEGER_OR_STRING),
                (
                    "preferences",
                    Shape::List {
                        items: &Shape::Object(&Object::new(&[("spread", STRING)])),
                        unique: false,
                    },
                ),
            ])),
        ),
        ("replicas", INTEGER_OR_STRING),
        (
            "resources",
            Shape::Object(&Object::new(&[
                (
                    "limits",
                    Shape::Object(&Object::new(&[
                        ("cpus", NUMBER_OR_STRING),
                        ("memory", STRING),
                        ("pids", INTEGER_OR_STRING),
                    ])),
                ),
                (
                    "reservations",
                    Shape::Object(&Object::new(&[
                        ("cpus", NUMBER_OR_STRING),
                        (
                            "devices",
                            Shape::List {
                                items: &Shape::Object(&DEVICE_REQUEST.required(&["capabilities"])),
                                unique: false,
                            },
                        ),
                        ("generic_resources", GENERIC_RESOURCES),
                        ("memory", STRING),
                    ])),
                ),
            ])),
        ),
        (
            "restart_policy",
            Shape::Object(&Object::new(&[
                ("condition", STRING),
                ("delay", STRING),
                ("max_attempts", INTEGER_OR_STRING),
                ("window", STRING),
            ])),
        ),
        ("rollback_config", UPDATE_CONFIG),
        ("update_config", UPDATE_CONFIG),
    ])
    .nullable(),
);

const UPDATE_CONFIG: Shape = Shape::Object(&Object::new(&[
    ("delay", STRING),
    ("failure_action", STRING),
    ("max_failure_ratio", NUMBER_OR_STRING),
    ("monitor", STRING),
    ("order", Shape::Word(&["start-first", "stop-first"])),
    ("parallelism", INTEGER_OR_STRING),
]));

const GENERIC_RESOURCES: Shape = Shape::List {
    items: &Shape::Object(&Object::new(&[(
        "discrete_resource_spec",
        Shape::Object(&Object::new(&[("kind", STRING), ("value", NUMBER_OR_STRING)])),
    )])),
    unique: false,
};

const DEVICE_REQUEST: Object = Object::new(&[
    ("capabilities", UNIQUE_STRINGS),
    ("count", INTEGER_OR_STRING),
    ("device_ids", UNIQUE_STRINGS),
    ("driver", STRING),
    ("options", LIST_OR_MAPPING),
]);

pub(super) const GPUS: Shape = Shape::Either(&[
    Shape::Word(&["all"]),
    Shape::List { items: &Shape::Object(&DEVICE_REQUEST.open()), unique: false },
]);
