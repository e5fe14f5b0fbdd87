//! The attributes of a service (Compose Specification, Services).

use super::build::{BUILD, DEVELOP};
use super::deploy::{DEPLOY, GPUS};
use super::forms::{
    BOOLEAN, BOOLEAN_OR_STRING, COMMAND, CONTAINER_NAME, DRIVER_OPTIONS, EXTRA_HOSTS,
    FILE_REFERENCES, INTEGER_OR_STRING, LIST_OR_MAPPING, NUMBER, NUMBER_OR_STRING, PULL_POLICY,
    STRING, STRING_OR_LIST, STRING_OR_NULL, STRINGS, ULIMITS, UNIQUE_STRINGS,
};
use super::shape::{Keys, Map, Object, Shape, Types};

pub(super) const SERVICE: Object = Object::new(&[
    ("annotations", LIST_OR_MAPPING),
    ("attach", BOOLEAN_OR_STRING),
    ("blkio_config", Shape::Object(&BLKIO_CONFIG)),
    ("build", BUILD),
    ("cap_add", UNIQUE_STRINGS),
    ("cap_drop", UNIQUE_STRINGS),
    ("cgroup", Shape::Word(&["host", "private"])),
    ("cgroup_parent", STRING),
    ("command", COMMAND),
    ("configs", FILE_REFERENCES),
    ("container_name", CONTAINER_NAME),
    ("cpu_count", Shape::Bounded { minimum: Some(0), maximum: None }),
    ("cpu_percent", Shape::Bounded { minimum: Some(0), maximum: Some(100) }),
    ("cpu_period", NUMBER_OR_STRING),
    ("cpu_quota", NUMBER_OR_STRING),
    ("cpu_rt_period", NUMBER_OR_STRING),
    ("cpu_rt_runtime", NUMBER_OR_STRING),
    ("cpu_shares", NUMBER_OR_STRING),
    ("cpus", NUMBER_OR_STRING),
    ("cpuset", STRING),
    (
        "credential_spec",
        Shape::Object(&Object::new(&[("config", STRING), ("file", STRING), ("registry", STRING)])),
    ),
    ("depends_on", DEPENDS_ON),
    ("deploy", DEPLOY),
    ("develop", DEVELOP),
    ("device_cgroup_rules", UNIQUE_STRINGS),
    ("devices", DEVICES),
    ("dns", STRING_OR_LIST),
    ("dns_opt", UNIQUE_STRINGS),
    ("dns_search", STRING_OR_LIST),
    ("domainname", STRING),
    ("entrypoint", COMMAND),
    ("env_file", ENV_FILE),
    ("environment", LIST_OR_MAPPING),
    ("expose", Shape::List { items: &NUMBER_OR_STRING, unique: true }),
    ("extends", EXTENDS),
    ("external_links", UNIQUE_STRINGS),
    ("extra_hosts", EXTRA_HOSTS),
    ("gpus", GPUS),
    ("group_add", Shape::List { items: &NUMBER_OR_STRING, unique: true }),
    ("healthcheck", Shape::Object(&HEALTHCHECK)),
    ("hostname", STRING),
    ("image", STRING),
    ("init", BOOLEAN_OR_STRING),
    ("ipc", STRING),
    ("isolation", STRING),
    ("label_file", Shape::Either(&[STRING, STRINGS])),
    ("labels", LIST_OR_MAPPING),
    ("links", UNIQUE_STRINGS),
    ("logging", Shape::Object(&LOGGING)),
    ("mac_address", STRING),
    ("mem_limit", NUMBER_OR_STRING),
    ("mem_reservation", INTEGER_OR_STRING),
    ("mem_swappiness", INTEGER_OR_STRING),
    ("memswap_limit", NUMBER_OR_STRING),
    ("models", MODELS),
    ("network_mode", STRING),
    ("networks", NETWORKS),
    ("oom_kill_disable", BOOLEAN_OR_STRING),
    ("oom_score_adj", Shape::Bounded { minimum: Some(-1000), maximum: Some(1000) }),
    ("pid", STRING_OR_NULL),
    ("pids_limit", NUMBER_OR_STRING),
    ("platform", STRING),
    ("ports", PORTS),
    ("post_start", Shape::List { items: &HOOK, unique: false }),
    ("pre_start", Shape::List { items: &PRE_START_HOOK, unique: false }),
    ("pre_stop", Shape::List { items: &HOOK, unique: false }),
    ("privileged", BOOLEAN_OR_STRING),
    ("profiles", UNIQUE_STRINGS),
    ("provider", Shape::Object(&PROVIDER)),
    ("pull_policy", PULL_POLICY),
    ("pull_refresh_after", STRING),
    ("read_only", BOOLEAN_OR_STRING),
    ("restart", STRING),
    ("runtime", STRING),
    ("scale", INTEGER_OR_STRING),
    ("secrets", FILE_REFERENCES),
    ("security_opt", UNIQUE_STRINGS),
    ("shm_size", NUMBER_OR_STRING),
    ("stdin_open", BOOLEAN_OR_STRING),
    ("stop_grace_period", STRING),
    ("stop_signal", STRING),
    ("storage_opt", Shape::Object(&Object::new(&[]).open())),
    ("sysctls", LIST_OR_MAPPING),
    ("tmpfs", STRING_OR_LIST),
    ("tty", BOOLEAN_OR_STRING),
    ("ulimits", ULIMITS),
    ("use_api_socket", BOOLEAN),
    ("user", STRING),
    ("userns_mode", STRING),
    ("uts", STRING),
    ("volumes", VOLUMES),
    ("volumes_from", UNIQUE_STRINGS),
    ("working_dir", STRING),
]);

const BLKIO_CONFIG: Object = Object::new(&[
    ("device_read_bps", THROTTLES),
    ("device_read_iops", THROTTLES),
    ("device_write_bps", THROTTLES),
    ("device_write_iops", THROTTLES),
    ("weight", INTEGER_OR_STRING),
    (
        "weight_device",
        Shape::List {
            items: &Shape::Object(
                &Object::new(&[("path", STRING), ("weight", INTEGER_OR_STRING)]).closed(),
            ),
            unique: false,
        },
    ),
])
.closed();

const THROTTLES: Shape = Shape::List {
    items: &Shape::Object(&Object::new(&[("path", STRING), ("rate", INTEGER_OR_STRING)]).closed()),
    unique: false,
};

const DEPENDS_ON: Shape = Shape::Either(&[
    UNIQUE_STRINGS,
    Shape::Map(&Map {
        keys: Keys::Name,
        values: Shape::Object(
            &Object::new(&[
                (
                    "condition",
                    Shape::Word(&[
                        "service_started",
                        "service_healthy",
                        "service_completed_successfully",
                    ]),
                ),
                ("required", BOOLEAN),
                ("restart", BOOLEAN_OR_STRING),
            ])
            .required(&["condition"]),
        ),
        open: false,
    }),
]);

const DEVICES: Shape = Shape::List {
    items: &Shape::Either(&[
        STRING,
        Shape::Object(
            &Object::new(&[("permissions", STRING), ("source", STRING), ("target", STRING)])
                .required(&["source"]),
        ),
    ]),
    unique: false,
};

const ENV_FILE: Shape = Shape::Either(&[
    STRING,
    Shape::List {
        items: &Shape::Either(&[
            STRING,
            Shape::Object(
                &Object::new(&[
                    ("format", STRING),
                    ("path", STRING),
                    ("required", BOOLEAN_OR_STRING),
                ])
                .required(&["path"])
                .closed(),
            ),
        ]),
        unique: false,
    },
]);

const EXTENDS: Shape = Shape::Either(&[
    STRING,
    Shape::Object(&Object::new(&[("file", STRING), ("service", STRING)]).required(&["service"])),
]);

const HEALTHCHECK: Object = Object::new(&[
    ("disable", BOOLEAN_OR_STRING),
    ("interval", STRING),
    ("retries", NUMBER_OR_STRING),
    ("start_interval", STRING),
    ("start_period", STRING),
    ("test", Shape::Either(&[STRING, STRINGS])),
    ("timeout", STRING),
]);

const LOGGING: Object = Object::new(&[
    ("driver", STRING),
    (
        "options",
        Shape::Map(&Map {
            keys: Keys::NotEmpty,
            values: Shape::Scalar(Types::STRING.or(Types::NUMBER).or(Types::NULL)),
            open: true,
        }),
    ),
]);

const MODELS: Shape = Shape::Either(&[
    UNIQUE_STRINGS,
    Shape::Map(&Map {
        keys: Keys::Name,
        values: Shape::Object(
            &Object::new(&[("endpoint_var", STRING), ("model_var", STRING)]).nullable(),
        ),
        open: true,
    }),
]);

const NETWORKS: Shape = Shape::Either(&[
    UNIQUE_STRINGS,
    Shape::Map(&Map {
        keys: Keys::Name,
        values: Shape::Object(
            &Object::new(&[
                ("aliases", UNIQUE_STRINGS),
                ("driver_opts", DRIVER_OPTIONS),
                ("gw_priority", NUMBER),
                ("interface_name", STRING),
                ("ipv4_address", STRING),
                ("ipv6_address", STRING),
                ("link_local_ips", UNIQUE_STRINGS),
                ("mac_address", STRING),
                ("priority", NUMBER),
            ])
            .nullable(),
        ),
        open: false,
    }),
]);

const PORTS: Shape = Shape::List {
    items: &Shape::Either(&[
        NUMBER,
        STRING,
        Shape::Object(&Object::new(&[
            ("app_protocol", STRING),
            ("host_ip", STRING),
            ("mode", STRING),
            ("name", STRING),
            ("protocol", STRING),
            ("published", INTEGER_OR_STRING),
            ("target", INTEGER_OR_STRING),
        ])),
    ]),
    unique: true,
};

/// A command run in a running container.
pub(super) const HOOK: Shape = Shape::Object(
    &Object::new(&[
        ("command", COMMAND),
        ("environment", LIST_OR_MAPPING),
        ("privileged", BOOLEAN_OR_STRING),
        ("user", STRING),
        ("working_dir", STRING),
    ])
    .required(&["command"]),
);

const PRE_START_HOOK: Shape = Shape::Object(&Object::new(&[
    ("command", COMMAND),
    ("environment", LIST_OR_MAPPING),
    ("image", STRING),
    ("per_replica", BOOLEAN_OR_STRING),
    ("privileged", BOOLEAN_OR_STRING),
    ("user", STRING),
    ("working_dir", STRING),
]));

const PROVIDER: Object = Object::new(&[
    (
        "options",
        Shape::Map(&Map {
            keys: Keys::NotEmpty,
            values: Shape::Either(&[
                PROVIDER_OPTION,
                Shape::List { items: &PROVIDER_OPTION, unique: false },
            ]),
            open: true,
        }),
    ),
    ("type", STRING),
])
.required(&["type"]);

const PROVIDER_OPTION: Shape = Shape::Scalar(Types::STRING.or(Types::NUMBER).or(Types::BOOLEAN));

const VOLUMES: Shape =
    Shape::List { items: &Shape::Either(&[STRING, Shape::Object(&MOUNT)]), unique: true };

const MOUNT: Object = Object::new(&[
    (
        "bind",
        Shape::Object(&Object::new(&[
            ("create_host_path", BOOLEAN_OR_STRING),
            ("propagation", STRING),
            ("recursive", Shape::Word(&["enabled", "disabled", "writable", "readonly"])),
            ("selinux", Shape::Word(&["z", "Z"])),
        ])),
    ),
    ("consistency", STRING),
    ("image", Shape::Object(&Object::new(&[("subpath", STRING)]))),
    ("read_only", BOOLEAN_OR_STRING),
    ("source", STRING),
    ("target", STRING),
    (
        "tmpfs",
        Shape::Object(&Object::new(&[
            ("mode", NUMBER_OR_STRING),
            ("size", Shape::Bounded { minimum: Some(0), maximum: None }),
        ])),
    ),
    ("type", Shape::Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
    (
        "volume",
        Shape::Object(&Object::new(&[
            ("labels", LIST_OR_MAPPING),
            ("nocopy", BOOLEAN_OR_STRING),
            ("subpath", STRING),
        ])),
    ),
])
.required(&["type"]);
