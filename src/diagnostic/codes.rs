//! The codes of all diagnostics: one table, from which the constants, [`ALL`], the rules of a SARIF
//! report and the sections of `docs/diagnostics.md` come or are checked.
//!
//! An entry is a comment, a name, a code and the severity that the code has as a rule. The first
//! paragraph of the comment is one sentence that says what is wrong; the others explain it: why
//! it matters, what Compose does, what to do.
//!
//! By range: YAML from 1, files and discovery from 90, interpolation from 101, environment files
//! from 150, schema from 201, merging and references between files from 301, short syntax from
//! 350, values from 401, consistency from 450, what loads and is probably not meant from 501, what
//! an engine cannot carry out from 701, what a builder cannot from 801. A code is never given a second meaning.

use super::Severity;
use super::code::{Code, Entry};

macro_rules! codes {
    ($($(#[doc = $comment:literal])+ $name:ident = $id:literal, $severity:ident;)+) => {
        $(
            $(#[doc = $comment])+
            pub const $name: Code = Code::of(&Entry {
                id: $id,
                constant: stringify!($name),
                severity: Severity::$severity,
                comment: &[$($comment),+],
            });
        )+

        /// Every code, in the order of their numbers.
        pub const ALL: &[Code] = &[$($name),+];
    };
}

codes! {
    // YAML

    /// The text is not YAML.
    ///
    /// Nothing can be said of the rest of such a file. Most often it is an indentation, a quote or
    /// bracket without its partner, or a `: ` inside a plain text.
    YAML_SYNTAX = "BIR0001", Error;
    /// A mapping has the same key twice.
    ///
    /// YAML would have to drop one of the two values. Both places are shown: remove one, or write
    /// their values together.
    YAML_DUPLICATE_KEY = "BIR0002", Error;
    /// A mapping's key is a number, a boolean, null, a list or a mapping.
    ///
    /// Every key of a Compose file is a text. Quote a key that YAML reads as something else.
    YAML_NON_STRING_KEY = "BIR0003", Error;
    /// An alias names an anchor that does not stand before it.
    ///
    /// An anchor (`&name`) must stand before the aliases (`*name`) that use it, in the same
    /// document.
    YAML_UNKNOWN_ANCHOR = "BIR0004", Error;
    /// An alias stands within the node that it names.
    ///
    /// The value would have to contain itself.
    YAML_ALIAS_CYCLE = "BIR0005", Error;
    /// The value of `<<` is not a mapping or a list of mappings.
    ///
    /// `<<` takes over the entries of a mapping, mostly by an alias. A text or a list of texts has
    /// none.
    YAML_MERGE_VALUE = "BIR0006", Error;
    /// A tag such as `!!int` does not fit the text after it.
    ///
    /// A tag says what the text after it is to be read as. It is seldom needed; without it YAML
    /// decides by the text.
    YAML_TAG_MISMATCH = "BIR0007", Error;
    /// Collections are nested too deeply.
    ///
    /// Lists and mappings may be nested 256 deep, which no project needs; beyond that a file is an
    /// attack or an accident.
    YAML_TOO_DEEP = "BIR0008", Error;
    /// A text, or all texts of a project together, hold more than can be loaded.
    ///
    /// Each use of an alias stands for a copy of its anchor, so a few lines of aliases of aliases
    /// can stand for more than a machine can hold. The limits are far beyond any real project;
    /// `docs/limits.md` lists them.
    YAML_TOO_LARGE = "BIR0009", Error;

    // Files and discovery

    /// No Compose file was given or found.
    ///
    /// Looked for are `compose.yaml`, `compose.yml`, `docker-compose.yml` and
    /// `docker-compose.yaml`, in the current directory and above it. Other names are given with
    /// `-f` or `COMPOSE_FILE`.
    FILE_NONE = "BIR0090", Error;
    /// A file cannot be read.
    ///
    /// It does not exist, is a directory, or may not be read by this user. Relative names of `-f`
    /// are based on the current directory.
    FILE_UNREADABLE = "BIR0091", Error;
    /// A file is not text in UTF-8, or holds control characters.
    ///
    /// Save the file as UTF-8. UTF-16 with a byte order mark is understood too.
    FILE_NOT_TEXT = "BIR0092", Error;
    /// A directory has several files that Compose looks for by name.
    ///
    /// One of them is taken and the others are not read. Remove them, or say with `-f` which ones
    /// you mean.
    FILE_SEVERAL = "BIR0093", Warning;
    /// An environment file that was asked for does not exist.
    ///
    /// A file named by `--env-file` or `COMPOSE_ENV_FILES` must exist; only the `.env` beside the
    /// Compose file may be missing.
    ENV_FILE_MISSING = "BIR0094", Error;
    /// A project name has characters that it may not have, or none at all.
    ///
    /// A name has lower case letters, digits, `-` and `_`, and begins with a letter or a digit,
    /// since the names of containers, networks and volumes begin with it.
    PROJECT_NAME_INVALID = "BIR0095", Error;
    /// The project is named for a symbolic link and not for the directory behind it.
    ///
    /// Docker Compose does so, and so another name comes out when the project is reached by
    /// another way. A `name:` in the file is the same everywhere.
    PROJECT_NAME_FROM_LINK = "BIR0096", Warning;
    /// A variable that steers Compose has a value that it cannot have.
    ///
    /// `COMPOSE_DISABLE_ENV_FILE`, for one, takes `true` or `false`.
    SETTING_INVALID = "BIR0097", Error;

    // Interpolation

    /// A `$` starts something that is no variable.
    ///
    /// A variable is `$NAME`, `${NAME}` or one of the forms with a default. For the character
    /// itself write `$$`.
    INTERPOLATION_FORMAT = "BIR0101", Error;
    /// A variable that must have a value (`${V:?}`) has none.
    ///
    /// The text behind `:?` or `?` says what for. Set the variable in the shell, in `.env`, or in
    /// a file given with `--env-file`.
    INTERPOLATION_REQUIRED = "BIR0102", Error;
    /// A variable without a default is not set.
    ///
    /// The text becomes empty in its place. Set the variable, or say that it may be missing with a
    /// default: `${NAME:-}`.
    INTERPOLATION_UNSET = "BIR0103", Warning;
    /// A text stands where a number or a boolean belongs.
    ///
    /// What comes out of variables is a text, and becomes a number or a boolean where the
    /// attribute is one. Set the variable to such a value.
    INTERPOLATION_CAST = "BIR0104", Error;
    /// A boolean is written as YAML 1.1 had it (`yes`, `off`).
    ///
    /// `y`, `yes`, `on`, `n`, `no` and `off` are taken for booleans only where they come out of a
    /// variable. Write `true` or `false`.
    INTERPOLATION_BOOLEAN = "BIR0105", Warning;
    /// Variables are nested too deeply, or bring more text than can be loaded.
    ///
    /// A default may hold variables with defaults of their own, 64 deep. Values that are made of
    /// each other double with every line; all together may bring 64 MiB.
    INTERPOLATION_TOO_LARGE = "BIR0106", Error;

    // Environment files

    /// An environment file has a line that is no `KEY=value`.
    ///
    /// A line is empty, a comment, or a variable: `KEY=value`, with `export` before it if you
    /// like. A value with a quote at its beginning needs one at its end.
    DOTENV_SYNTAX = "BIR0150", Error;
    /// A value in an environment file uses variables wrongly, or misses a required one.
    ///
    /// Values without quotes or in double quotes may use variables, as in a Compose file. In
    /// single quotes nothing is substituted.
    DOTENV_INTERPOLATION = "BIR0151", Error;
    /// A value in an environment file uses a variable that is not set.
    ///
    /// The text becomes empty in its place. Passwords with a `$` are a common cause: put them in
    /// single quotes.
    DOTENV_UNSET = "BIR0152", Warning;

    // The schema

    /// A mapping has a key that the format does not know.
    ///
    /// Often a misspelt name, or one at the wrong depth: the nearest known name is shown. What is
    /// your own begins with `x-`.
    SCHEMA_UNKNOWN_ATTRIBUTE = "BIR0201", Error;
    /// A service, network or the like has a name that it cannot have.
    ///
    /// Names have letters, digits, `.`, `_` and `-`.
    SCHEMA_BAD_NAME = "BIR0202", Error;
    /// A mapping lacks a key that it must have.
    ///
    /// Some attributes say nothing alone: a dependency in the long syntax needs its `condition`, a
    /// watch rule its `path`.
    SCHEMA_MISSING_ATTRIBUTE = "BIR0203", Error;
    /// A value is of a type that its attribute does not take.
    ///
    /// The message names what the attribute takes and what was found. A frequent case is `- KEY:
    /// value` in a list, which is a mapping: write `- KEY=value`, or leave out the `-`.
    SCHEMA_WRONG_TYPE = "BIR0204", Error;
    /// A word is not among those that its attribute takes.
    ///
    /// The message lists the words.
    SCHEMA_UNKNOWN_WORD = "BIR0205", Error;
    /// A text does not look as its attribute asks for.
    ///
    /// The help says how it has to look.
    SCHEMA_PATTERN = "BIR0206", Error;
    /// A number is too small or too great.
    ///
    /// The message names the limit.
    SCHEMA_OUT_OF_RANGE = "BIR0207", Error;
    /// A list has an item twice that it may have once.
    ///
    /// Remove one of the two.
    SCHEMA_REPEATED_ITEM = "BIR0208", Error;
    /// A volume that is managed elsewhere is configured here.
    ///
    /// `external: true` says that the volume exists already and is not created, so there is
    /// nothing to configure but its `name`.
    EXTERNAL_CONFLICT = "BIR0211", Error;
    /// A config or secret has two sources of its content.
    ///
    /// Content comes from one of `file`, `environment` and, for a config, `content`.
    CONTENT_CONFLICT = "BIR0212", Error;
    /// A config or secret has no source of its content.
    ///
    /// Content comes from one of `file`, `environment` and, for a config, `content`; only what is
    /// `external` has none here.
    CONTENT_MISSING = "BIR0213", Error;
    /// The address of a port is no IP address.
    ///
    /// Ports are published at an address of the host, not at a name. IPv6 addresses are written in
    /// brackets in the short syntax.
    PORT_ADDRESS = "BIR0214", Error;
    /// A watch rule has an empty path.
    ///
    /// `path` is what is watched, relative to the project.
    WATCH_PATH_BLANK = "BIR0215", Error;
    /// A device request has both a count and ids.
    ///
    /// Either so many devices, whichever they are, or these.
    DEVICE_COUNT_AND_IDS = "BIR0216", Error;
    /// A port, mount or device does not say where it goes in the container.
    ///
    /// In the long syntax `target` is the port or the path inside the container.
    TARGET_MISSING = "BIR0217", Error;
    /// A bind mount does not say what is mounted.
    ///
    /// `source` is the path on the host.
    BIND_WITHOUT_SOURCE = "BIR0218", Error;

    // Merging, and references between files

    /// A value would be merged with one of another kind.
    ///
    /// When files are laid over each other, a mapping goes onto a mapping and a list onto a list.
    /// To put something else in its place, tag it `!override`.
    MERGE_CANNOT_OVERRIDE = "BIR0301", Error;
    /// A value of a wrong kind is left out, since another file has one of the right kind.
    ///
    /// Attributes that may be written as a list or as a mapping are brought into one form to be laid over each other. What
    /// is neither has nothing to add: Docker Compose drops it without a word. In a single file it would be an error.
    MERGE_LEFT_OUT = "BIR0302", Warning;
    /// `services`, or one of them, is not a mapping.
    ///
    /// Below `services` are the names of services, and below each its attributes.
    SERVICES_NOT_A_MAPPING = "BIR0310", Error;
    /// `extends` does not name a service.
    ///
    /// It takes the name of a service, or a mapping with `service` and, for one of another file,
    /// `file`.
    EXTENDS_SERVICE_REQUIRED = "BIR0311", Error;
    /// `extends` names a service that is not there.
    ///
    /// The service is looked for in the file that `file` names, or else in this one.
    EXTENDS_NOT_FOUND = "BIR0312", Error;
    /// Services extend each other in a circle.
    ///
    /// One of them has to stand on its own.
    EXTENDS_CYCLE = "BIR0313", Error;
    /// Services extend each other in a chain that is too long, or take over too much.
    ///
    /// Each service in a chain takes over all that those before it have.
    EXTENDS_TOO_MUCH = "BIR0314", Error;
    /// `include` is not a list.
    ///
    /// Each item is the path of a Compose file, or a mapping with `path`.
    INCLUDE_NOT_A_LIST = "BIR0320", Error;
    /// An item of `include` is neither a path nor a mapping.
    ///
    /// A path, or a mapping with `path`, and where needed `project_directory` and `env_file`.
    INCLUDE_BAD_ITEM = "BIR0321", Error;
    /// Files include each other in a circle.
    ///
    /// The chain of files is shown, with the lines that include.
    INCLUDE_CYCLE = "BIR0322", Error;
    /// An included file defines differently what the including one defines.
    ///
    /// An included file is a project of its own whose parts are added, not overridden. To change
    /// one, list an override beside it under the `path` of that item.
    INCLUDE_CONFLICT = "BIR0323", Error;
    /// The environment file of an inclusion is not there.
    ///
    /// `env_file` of an inclusion is relative to that inclusion's project directory.
    INCLUDE_ENV_FILE = "BIR0324", Error;
    /// More files are included than can be loaded.
    ///
    /// A file counts each time that it is included, also through others: files that include each
    /// other twice double the work with every level.
    INCLUDE_TOO_MANY = "BIR0325", Error;
    /// A file that is not on this machine cannot be fetched.
    ///
    /// It is in an OCI artifact (`oci://…`) or a Git repository. The message says why: no such host,
    /// no such artifact, repository or directory, not allowed in, something else than a project,
    /// too large.
    REMOTE_FILE = "BIR0331", Error;
    /// A document is not a mapping.
    ///
    /// A Compose file is a mapping: `services:` and the like.
    DOCUMENT_NOT_A_MAPPING = "BIR0332", Error;
    /// A file has the obsolete `version`.
    ///
    /// Every version of the format is read alike and the attribute has no effect. Remove the line.
    OBSOLETE_VERSION = "BIR0333", Warning;
    /// The files of a project say nothing.
    ///
    /// A project needs at least one service, under `services`.
    FILE_EMPTY = "BIR0334", Error;
    /// A file from elsewhere needs something of this machine, and nobody has said yes.
    ///
    /// Files of OCI artifacts and Git repositories read no variables and no files of this machine,
    /// and get no paths of it, unless the user agrees: on a terminal when asked, elsewhere with
    /// `BIREME_TRUST_REMOTE` or `--yes`. See `docs/remote.md`.
    REMOTE_ACCESS = "BIR0335", Error;

    // Short syntax

    /// A short form cannot be taken apart.
    ///
    /// A text such as `host:container:mode` has parts that cannot be told apart, or one that is no
    /// port, path or mode. The long syntax names each part.
    SHORT_SYNTAX = "BIR0350", Error;
    /// A resource has the deprecated `external: {name: …}`.
    ///
    /// Write `external: true`, and `name` beside it.
    EXTERNAL_NAME = "BIR0351", Warning;
    /// A resource has two different names.
    ///
    /// `name` and the deprecated `external.name` contradict each other.
    EXTERNAL_NAME_CONFLICT = "BIR0352", Error;

    // Values

    /// A value cannot become what its attribute holds (`mem_limit: 1x`).
    ///
    /// Sizes are such as `512m`, durations such as `1m30s`, counts are whole numbers.
    DECODE_VALUE = "BIR0401", Error;
    /// A value has another type than its attribute.
    ///
    /// The schema admits several types here that the attribute then cannot take; the message names
    /// the one that it needs.
    DECODE_TYPE = "BIR0402", Error;
    /// A command string ends within a quote, or has a parenthesis where none may stand.
    ///
    /// A command that is one text is split into words as a shell does. Close the quote, or write
    /// the command as a list.
    DECODE_COMMAND = "BIR0403", Error;

    // Files that services name

    /// A file of variables or labels that a service names cannot be read.
    ///
    /// Paths of `env_file` and `label_file` are relative to the project's directory. For a file
    /// that may be missing write `required: false` beside its `path`.
    VARIABLES_UNREADABLE = "BIR0410", Error;
    /// An environment file is in a format that does not exist.
    ///
    /// The only `format` is `raw`, which takes values as they are, without quotes and variables.
    /// Leave it out for the usual one.
    ENV_FILE_FORMAT = "BIR0411", Error;

    // Consistency

    /// A service has no image and no way to get one.
    ///
    /// A service needs `image` with what to run, or `build` with how to make it.
    SERVICE_WITHOUT_IMAGE = "BIR0450", Error;
    /// Attributes stand side by side of which only one may.
    ///
    /// They say different things about the same; keep one.
    EXCLUSIVE_ATTRIBUTES = "BIR0451", Error;
    /// A service refers to a network, volume, config, secret or model that is not defined.
    ///
    /// Define it in the section of its kind at the top level. A service has no access to what only
    /// another project defines, unless it is `external` here.
    UNDEFINED_RESOURCE = "BIR0452", Error;
    /// A service refers to a service that is not defined or not enabled.
    ///
    /// It is misspelt, or belongs to a profile that is not active.
    UNDEFINED_SERVICE = "BIR0453", Error;
    /// An additional build context is a service that is not built.
    ///
    /// `service:name` stands for the image that is built for another service, so that one needs
    /// `build`.
    CONTEXT_NOT_BUILT = "BIR0454", Error;
    /// A build's platforms lack the platform that the service runs on.
    ///
    /// The image would be built for other platforms than the one it is to run on.
    PLATFORM_NOT_BUILT = "BIR0455", Error;
    /// A health test starts with something else than `CMD`, `CMD-SHELL` or `NONE`.
    ///
    /// The first item of a list says how the others are run: `CMD` as they are, `CMD-SHELL` by a
    /// shell, `NONE` not at all. A single text is run by a shell.
    HEALTH_TEST = "BIR0456", Error;
    /// A limit is written twice, with different values.
    ///
    /// The attribute of the service and the one below `deploy` mean the same limit. Keep one.
    DISTINCT_VALUES = "BIR0457", Error;
    /// A number of replicas is negative.
    ///
    /// A service has no containers, or some: write 0 or more.
    NEGATIVE_REPLICAS = "BIR0458", Error;
    /// Several replicas would have the same container name.
    ///
    /// A container's name is unique on an engine. Without `container_name` replicas are numbered.
    REPLICAS_SHARE_NAME = "BIR0459", Error;
    /// A watch rule copies files and does not say where to.
    ///
    /// `sync` and its kin copy what changed into the container; `target` is the path there.
    WATCH_WITHOUT_TARGET = "BIR0460", Error;
    /// Two mounts have the same path.
    ///
    /// Only one of them could be seen.
    MOUNTED_TWICE = "BIR0461", Error;
    /// A secret has no content.
    ///
    /// What a secret holds comes from `file` or `environment`. An empty one names neither. Unlike
    /// that of a config, content cannot stand in the Compose file, where everybody would read it.
    SECRET_WITHOUT_CONTENT = "BIR0462", Error;
    /// Services wait for each other in a circle.
    ///
    /// None of them could start first. Links, shared namespaces and `volumes_from` are
    /// dependencies too. Every line of the circle is shown.
    DEPENDENCY_CYCLE = "BIR0463", Error;
    /// Two services have the same container name.
    ///
    /// A container's name is unique on an engine.
    CONTAINER_NAME_TWICE = "BIR0464", Error;
    /// A service was asked for that the project does not have.
    ///
    /// It is misspelt, or defined in a file that was not read (`-f`).
    NO_SUCH_SERVICE = "BIR0465", Error;
    /// An image whose digest is asked for has a name that no registry can know.
    ///
    /// Names are in lower case: `[host[:port]/]path[:tag][@digest]`. The name is looked at only
    /// when images are to be pinned; otherwise the engine is the one to refuse it.
    IMAGE_NAME = "BIR0466", Error;

    // What loads and is probably not meant

    /// No service uses a network, volume, secret, config or model.
    ///
    /// It is not created, so the line has no effect: perhaps a service was to use it, or one that
    /// did is gone. What a service of an inactive profile uses is used, and nothing is said of
    /// what is `external` or of the network `default`.
    UNUSED_RESOURCE = "BIR0501", Warning;
    /// Two containers would take the same port of the host.
    ///
    /// The second container would not start: the port is already allocated. Ranges, other
    /// protocols, other addresses, and services of which one runs only after the other has ended
    /// are no conflict.
    PORT_PUBLISHED_TWICE = "BIR0502", Warning;
    /// Several containers of one service would take the same port of the host.
    ///
    /// The first has it, the others would not start. Publish a range with room for all, or the
    /// port of the container alone, which gives each one that is free.
    PORT_OF_REPLICAS = "BIR0503", Warning;
    /// A directory that is mounted does not exist and would be made by the engine.
    ///
    /// The engine makes it when the container is created, empty and owned by root, which a program
    /// that runs as another user cannot write to. Only sources that are relative to the project
    /// are looked for, since other paths may be those of another machine.
    BIND_MISSING = "BIR0504", Warning;
    /// A file that is mounted does not exist, and the engine would make a directory in its place.
    ///
    /// A container that finds a directory where it expects a file mostly fails, with a message
    /// that does not say why; and the directory stays. Create the file first.
    BIND_FILE_MISSING = "BIR0505", Warning;
    /// What is mounted does not exist, and the engine may not make it.
    ///
    /// The long syntax makes no directory unless it says `create_host_path: true`, and the engine
    /// then refuses to create the container.
    BIND_REFUSED = "BIR0506", Warning;
    /// The digits of a file mode look octal and are read as decimal.
    ///
    /// `mode: 440` is the number four hundred and forty, which makes a mode of `0670`. Begin it
    /// with a zero, or quote it.
    MODE_DECIMAL = "BIR0507", Warning;
    /// A service waits for the health of one that has its healthcheck switched off.
    ///
    /// Without a healthcheck a container is never healthy, so `up` would fail. Wait for
    /// `service_started`, or give it a healthcheck. Nothing is said of a service without a
    /// `healthcheck` of its own, since its image may have one.
    HEALTH_NEVER_KNOWN = "BIR0508", Warning;
    /// A list sets the same key twice.
    ///
    /// The last one wins and the first has no effect.
    KEY_SET_TWICE = "BIR0509", Warning;
    /// Quotes are part of the value of a variable.
    ///
    /// In a list YAML takes off quotes only where they enclose the whole item. The program in the
    /// container sees the quotes.
    QUOTES_IN_VALUE = "BIR0510", Warning;
    /// A setting in `x-bireme` is not known.
    ///
    /// It has no effect. `emulation: accepted` says that the service may run emulated, and verdicts
    /// on platforms are silent about it. `replay: false` leaves out its mounts where changes of files are replayed.
    OWN_SETTING = "BIR0511", Warning;

    // What an engine cannot carry out

    /// More than one container would have a fixed name.
    ///
    /// A container's name is unique on an engine. Without `container_name` replicas are numbered.
    FIXED_NAME_SCALED = "BIR0702", Error;
    /// A security option is neither `key=value` nor known.
    ///
    /// An option is such as `no-new-privileges`, `label=…`, `apparmor=…` or `seccomp=…`.
    SECURITY_OPTION = "BIR0704", Error;
    /// The file of a seccomp profile cannot be read.
    ///
    /// The path is relative to the project's directory, and the file is read here and sent to the
    /// engine.
    SECCOMP_UNREADABLE = "BIR0705", Error;
    /// The file of a seccomp profile is not JSON.
    ///
    /// The engine takes profiles as JSON.
    SECCOMP_NOT_JSON = "BIR0706", Error;
    /// The engine is too old to mount images.
    ///
    /// Docker Engine 28 (API 1.48) can. On an older one copy what you need into a volume.
    IMAGE_MOUNT_UNSUPPORTED = "BIR0710", Error;
    /// A secret or config is external or has a driver.
    ///
    /// External secrets and configs, and drivers for them, are those of a swarm. Outside one the
    /// content comes from `file` or `environment`.
    FILE_OBJECT_UNSUPPORTED = "BIR0711", Error;
    /// The variable that holds a secret or config is not set.
    ///
    /// Set it in the shell or in `.env`; an empty value is a value.
    FILE_OBJECT_UNSET = "BIR0712", Error;
    /// A secret or config cannot be written into a read-only container.
    ///
    /// Content from `environment` or `content` is written into the container before it starts,
    /// which its read-only file system forbids. A `file` is mounted instead.
    FILE_OBJECT_READ_ONLY = "BIR0713", Error;
    /// The engine is too old for several MAC addresses.
    ///
    /// Docker Engine 25 (API 1.44) takes an address for each network. An older one knows only that
    /// of the first.
    SEVERAL_MAC_ADDRESSES = "BIR0714", Error;
    /// The MAC address of a service is not that of its first network.
    ///
    /// Both would be the address of the same interface.
    MAC_ADDRESS_MISMATCH = "BIR0715", Error;
    /// The engine is too old to name interfaces.
    ///
    /// Docker Engine 28.1 (API 1.49) can.
    INTERFACE_NAME_UNSUPPORTED = "BIR0716", Error;
    /// The engine is too old for `start_interval`.
    ///
    /// Docker Engine 25 (API 1.44) has it.
    START_INTERVAL_UNSUPPORTED = "BIR0717", Error;
    /// `start_interval` stands without `start_period`.
    ///
    /// `start_interval` is the time between probes within the start period, and so needs one.
    START_INTERVAL_ALONE = "BIR0718", Error;
    /// The engine is too old to make what is mounted below a bind read-only.
    ///
    /// Docker Engine 25 (API 1.44) can, with `recursive: readonly`. An older one would leave it writable, so nothing is
    /// started.
    READ_ONLY_SUBMOUNTS_UNSUPPORTED = "BIR0719", Error;
    /// An external network is missing, or there are several of its name.
    ///
    /// `external: true` says that somebody else creates it. Create it first (`docker network
    /// create`), or leave out `external` to have it created with the project. Of several with one
    /// name, the file has to give the id of the one that is meant.
    EXTERNAL_NETWORK = "BIR0720", Error;
    /// An external volume is missing.
    ///
    /// `external: true` says that somebody else creates it. Create it first (`docker volume
    /// create`), or leave out `external` to have it created with the project.
    EXTERNAL_VOLUME = "BIR0721", Error;

    // What a builder cannot carry out

    /// The platform of a service is not among those that its image is built for.
    ///
    /// Add the platform to `build.platforms`, or leave out `platform`. A file that says both is
    /// refused with BIR0455 when it is loaded, so this code is seen only where that check was left
    /// out.
    BUILD_PLATFORM = "BIR0801", Error;
    /// The platform in `DOCKER_DEFAULT_PLATFORM` is not among those that an image is built for.
    ///
    /// The variable stands for the `platform` of every service that has none. Add it to
    /// `build.platforms`, or unset the variable.
    BUILD_DEFAULT_PLATFORM = "BIR0802", Error;
    /// A cache of a build is not written as the builder takes it.
    ///
    /// A cache is the name of an image, or pairs: `type=registry,ref=name`.
    BUILD_CACHE = "BIR0803", Error;
    /// A build asks for a network that BuildKit does not have.
    ///
    /// It has `default`, `host` and `none`. The classic builder (`DOCKER_BUILDKIT=0`) joins any
    /// network.
    BUILD_NETWORK = "BIR0804", Error;
    /// A build forwards the ssh agent, and none runs.
    ///
    /// `default` is the agent that `SSH_AUTH_SOCK` leads to. Start one, or name a key: `id=path`.
    BUILD_SSH_AGENT = "BIR0805", Error;
}
