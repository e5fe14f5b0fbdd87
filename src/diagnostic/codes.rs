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
    YAML_SYNTAX = "BIR0001", Error;
    /// A mapping has the same key twice.
    YAML_DUPLICATE_KEY = "BIR0002", Error;
    /// A mapping's key is a number, a boolean, null, a list or a mapping.
    YAML_NON_STRING_KEY = "BIR0003", Error;
    /// An alias names an anchor that does not stand before it.
    YAML_UNKNOWN_ANCHOR = "BIR0004", Error;
    /// An alias stands within the node that it names.
    YAML_ALIAS_CYCLE = "BIR0005", Error;
    /// The value of `<<` is not a mapping or a list of mappings.
    YAML_MERGE_VALUE = "BIR0006", Error;
    /// A tag such as `!!int` does not fit the text after it.
    YAML_TAG_MISMATCH = "BIR0007", Error;
    /// Collections are nested too deeply.
    YAML_TOO_DEEP = "BIR0008", Error;
    /// The document has too many nodes once its aliases are written out.
    YAML_TOO_LARGE = "BIR0009", Error;

    // Files and discovery

    /// No Compose file was given or found.
    FILE_NONE = "BIR0090", Error;
    /// A file cannot be read.
    FILE_UNREADABLE = "BIR0091", Error;
    /// A file is not text in UTF-8, or holds control characters.
    FILE_NOT_TEXT = "BIR0092", Error;
    /// A directory has several files that Compose looks for by name.
    FILE_SEVERAL = "BIR0093", Warning;
    /// An environment file that was asked for does not exist.
    ENV_FILE_MISSING = "BIR0094", Error;
    /// A project name has characters that it may not have, or none at all.
    PROJECT_NAME_INVALID = "BIR0095", Error;
    /// The project is named for a symbolic link and not for the directory behind it.
    PROJECT_NAME_FROM_LINK = "BIR0096", Warning;
    /// A variable that steers Compose has a value that it cannot have.
    SETTING_INVALID = "BIR0097", Error;

    // Interpolation

    /// A `$` starts something that is no variable.
    INTERPOLATION_FORMAT = "BIR0101", Error;
    /// A variable that must have a value (`${V:?}`) has none.
    INTERPOLATION_REQUIRED = "BIR0102", Error;
    /// A variable without a default is not set.
    INTERPOLATION_UNSET = "BIR0103", Warning;
    /// A text stands where a number or a boolean belongs.
    INTERPOLATION_CAST = "BIR0104", Error;
    /// A boolean is written as YAML 1.1 had it (`yes`, `off`).
    INTERPOLATION_BOOLEAN = "BIR0105", Warning;

    // Environment files

    /// An environment file has a line that is no `KEY=value`.
    DOTENV_SYNTAX = "BIR0150", Error;
    /// A value in an environment file uses variables wrongly, or misses a required one.
    DOTENV_INTERPOLATION = "BIR0151", Error;
    /// A value in an environment file uses a variable that is not set.
    DOTENV_UNSET = "BIR0152", Warning;

    // The schema

    /// A mapping has a key that the format does not know.
    SCHEMA_UNKNOWN_ATTRIBUTE = "BIR0201", Error;
    /// A service, network or the like has a name that it cannot have.
    SCHEMA_BAD_NAME = "BIR0202", Error;
    /// A mapping lacks a key that it must have.
    SCHEMA_MISSING_ATTRIBUTE = "BIR0203", Error;
    /// A value is of a type that its attribute does not take.
    SCHEMA_WRONG_TYPE = "BIR0204", Error;
    /// A word is not among those that its attribute takes.
    SCHEMA_UNKNOWN_WORD = "BIR0205", Error;
    /// A text does not look as its attribute asks for.
    SCHEMA_PATTERN = "BIR0206", Error;
    /// A number is too small or too great.
    SCHEMA_OUT_OF_RANGE = "BIR0207", Error;
    /// A list has an item twice that it may have once.
    SCHEMA_REPEATED_ITEM = "BIR0208", Error;
    /// A volume that is managed elsewhere is configured here.
    EXTERNAL_CONFLICT = "BIR0211", Error;
    /// A config or secret has two sources of its content.
    CONTENT_CONFLICT = "BIR0212", Error;
    /// A config or secret has no source of its content.
    CONTENT_MISSING = "BIR0213", Error;
    /// The address of a port is no IP address.
    PORT_ADDRESS = "BIR0214", Error;
    /// A watch rule has an empty path.
    WATCH_PATH_BLANK = "BIR0215", Error;
    /// A device request has both a count and ids.
    DEVICE_COUNT_AND_IDS = "BIR0216", Error;
    /// A port, mount or device does not say where it goes in the container.
    TARGET_MISSING = "BIR0217", Error;
    /// A bind mount does not say what is mounted.
    BIND_WITHOUT_SOURCE = "BIR0218", Error;

    // Merging, and references between files

    /// A value would be merged with one of another kind.
    MERGE_CANNOT_OVERRIDE = "BIR0301", Error;
    /// `services`, or one of them, is not a mapping.
    SERVICES_NOT_A_MAPPING = "BIR0310", Error;
    /// `extends` does not name a service.
    EXTENDS_SERVICE_REQUIRED = "BIR0311", Error;
    /// `extends` names a service that is not there.
    EXTENDS_NOT_FOUND = "BIR0312", Error;
    /// Services extend each other in a circle.
    EXTENDS_CYCLE = "BIR0313", Error;
    /// `include` is not a list.
    INCLUDE_NOT_A_LIST = "BIR0320", Error;
    /// An item of `include` is neither a path nor a mapping.
    INCLUDE_BAD_ITEM = "BIR0321", Error;
    /// Files include each other in a circle.
    INCLUDE_CYCLE = "BIR0322", Error;
    /// An included file defines differently what the including one defines.
    INCLUDE_CONFLICT = "BIR0323", Error;
    /// The environment file of an inclusion is not there.
    INCLUDE_ENV_FILE = "BIR0324", Error;
    /// A file is not on this machine.
    REMOTE_FILE = "BIR0331", Error;
    /// A document is not a mapping.
    DOCUMENT_NOT_A_MAPPING = "BIR0332", Error;
    /// A file has the obsolete `version`.
    OBSOLETE_VERSION = "BIR0333", Warning;
    /// The files of a project say nothing.
    FILE_EMPTY = "BIR0334", Error;

    // Short syntax

    /// A short form cannot be taken apart.
    SHORT_SYNTAX = "BIR0350", Error;
    /// A resource has the deprecated `external: {name: …}`.
    EXTERNAL_NAME = "BIR0351", Warning;
    /// A resource has two different names.
    EXTERNAL_NAME_CONFLICT = "BIR0352", Error;

    // Values

    /// A value cannot become what its attribute holds (`mem_limit: 1x`).
    DECODE_VALUE = "BIR0401", Error;
    /// A value has another type than its attribute.
    DECODE_TYPE = "BIR0402", Error;
    /// A command string ends within a quote, or has a parenthesis where none may stand.
    DECODE_COMMAND = "BIR0403", Error;

    // Files that services name

    /// A file of variables or labels that a service names cannot be read.
    VARIABLES_UNREADABLE = "BIR0410", Error;
    /// An environment file is in a format that does not exist.
    ENV_FILE_FORMAT = "BIR0411", Error;

    // Consistency

    /// A service has no image and no way to get one.
    SERVICE_WITHOUT_IMAGE = "BIR0450", Error;
    /// Attributes stand side by side of which only one may.
    EXCLUSIVE_ATTRIBUTES = "BIR0451", Error;
    /// A service refers to a network, volume, config, secret or model that is not defined.
    UNDEFINED_RESOURCE = "BIR0452", Error;
    /// A service refers to a service that is not defined or not enabled.
    UNDEFINED_SERVICE = "BIR0453", Error;
    /// An additional build context is a service that is not built.
    CONTEXT_NOT_BUILT = "BIR0454", Error;
    /// A build's platforms lack the platform that the service runs on.
    PLATFORM_NOT_BUILT = "BIR0455", Error;
    /// A health test starts with something else than `CMD`, `CMD-SHELL` or `NONE`.
    HEALTH_TEST = "BIR0456", Error;
    /// A limit is written twice, with different values.
    DISTINCT_VALUES = "BIR0457", Error;
    /// A number of replicas is negative.
    NEGATIVE_REPLICAS = "BIR0458", Error;
    /// Several replicas would have the same container name.
    REPLICAS_SHARE_NAME = "BIR0459", Error;
    /// A watch rule copies files and does not say where to.
    WATCH_WITHOUT_TARGET = "BIR0460", Error;
    /// Two mounts have the same path.
    MOUNTED_TWICE = "BIR0461", Error;
    /// A secret has no content.
    SECRET_WITHOUT_CONTENT = "BIR0462", Error;
    /// Services wait for each other in a circle.
    DEPENDENCY_CYCLE = "BIR0463", Error;
    /// Two services have the same container name.
    CONTAINER_NAME_TWICE = "BIR0464", Error;
    /// A service was asked for that the project does not have.
    NO_SUCH_SERVICE = "BIR0465", Error;
    /// An image whose digest is asked for has a name that no registry can know.
    IMAGE_NAME = "BIR0466", Error;

    // What loads and is probably not meant

    /// No service uses a network, volume, secret, config or model.
    UNUSED_RESOURCE = "BIR0501", Warning;
    /// Two containers would take the same port of the host.
    PORT_PUBLISHED_TWICE = "BIR0502", Warning;
    /// Several containers of one service would take the same port of the host.
    PORT_OF_REPLICAS = "BIR0503", Warning;
    /// A directory that is mounted does not exist and would be made by the engine.
    BIND_MISSING = "BIR0504", Warning;
    /// A file that is mounted does not exist, and the engine would make a directory in its place.
    BIND_FILE_MISSING = "BIR0505", Warning;
    /// What is mounted does not exist, and the engine may not make it.
    BIND_REFUSED = "BIR0506", Warning;
    /// The digits of a file mode look octal and are read as decimal.
    MODE_DECIMAL = "BIR0507", Warning;
    /// A service waits for the health of one that has its healthcheck switched off.
    HEALTH_NEVER_KNOWN = "BIR0508", Warning;
    /// A list sets the same key twice.
    KEY_SET_TWICE = "BIR0509", Warning;
    /// Quotes are part of the value of a variable.
    QUOTES_IN_VALUE = "BIR0510", Warning;

    // What an engine cannot carry out

    /// Bireme cannot carry out a key of a service yet.
    UNSUPPORTED_KEY = "BIR0701", Error;
    /// More than one container would have a fixed name.
    FIXED_NAME_SCALED = "BIR0702", Error;
    /// A security option is neither `key=value` nor known.
    SECURITY_OPTION = "BIR0704", Error;
    /// The file of a seccomp profile cannot be read.
    SECCOMP_UNREADABLE = "BIR0705", Error;
    /// The file of a seccomp profile is not JSON.
    SECCOMP_NOT_JSON = "BIR0706", Error;
    /// The engine is too old to mount images.
    IMAGE_MOUNT_UNSUPPORTED = "BIR0710", Error;
    /// A secret or config is external or has a driver.
    FILE_OBJECT_UNSUPPORTED = "BIR0711", Error;
    /// The variable that holds a secret or config is not set.
    FILE_OBJECT_UNSET = "BIR0712", Error;
    /// A secret or config cannot be written into a read-only container.
    FILE_OBJECT_READ_ONLY = "BIR0713", Error;
    /// The engine is too old for several MAC addresses.
    SEVERAL_MAC_ADDRESSES = "BIR0714", Error;
    /// The MAC address of a service is not that of its first network.
    MAC_ADDRESS_MISMATCH = "BIR0715", Error;
    /// The engine is too old to name interfaces.
    INTERFACE_NAME_UNSUPPORTED = "BIR0716", Error;
    /// The engine is too old for `start_interval`.
    START_INTERVAL_UNSUPPORTED = "BIR0717", Error;
    /// `start_interval` stands without `start_period`.
    START_INTERVAL_ALONE = "BIR0718", Error;
    /// An external network is missing, or there are several of its name.
    EXTERNAL_NETWORK = "BIR0720", Error;
    /// An external volume is missing.
    EXTERNAL_VOLUME = "BIR0721", Error;

    // What a builder cannot carry out

    /// The platform of a service is not among those that its image is built for.
    BUILD_PLATFORM = "BIR0801", Error;
    /// The platform in `DOCKER_DEFAULT_PLATFORM` is not among those that an image is built for.
    BUILD_DEFAULT_PLATFORM = "BIR0802", Error;
    /// A cache of a build is not written as the builder takes it.
    BUILD_CACHE = "BIR0803", Error;
    /// A build asks for a network that BuildKit does not have.
    BUILD_NETWORK = "BIR0804", Error;
    /// A build forwards the ssh agent, and none runs.
    BUILD_SSH_AGENT = "BIR0805", Error;
}
