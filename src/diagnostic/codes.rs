//! The codes of all diagnostics, by range: YAML from 1, files and discovery from 90,
//! interpolation from 101, environment files from 150, schema from 201, merging and references
//! between files from 301, short syntax from 350, what an engine cannot carry out from 701. A code
//! is never given a second meaning.

use super::Code;

/// The text is not YAML.
pub const YAML_SYNTAX: Code = Code("BIR0001");
/// A mapping has the same key twice.
pub const YAML_DUPLICATE_KEY: Code = Code("BIR0002");
/// A mapping's key is a number, a boolean, null, a list or a mapping.
pub const YAML_NON_STRING_KEY: Code = Code("BIR0003");
/// An alias names an anchor that does not stand before it.
pub const YAML_UNKNOWN_ANCHOR: Code = Code("BIR0004");
/// An alias stands within the node that it names.
pub const YAML_ALIAS_CYCLE: Code = Code("BIR0005");
/// The value of `<<` is not a mapping or a list of mappings.
pub const YAML_MERGE_VALUE: Code = Code("BIR0006");
/// A tag such as `!!int` does not fit the text after it.
pub const YAML_TAG_MISMATCH: Code = Code("BIR0007");
/// Collections are nested too deeply.
pub const YAML_TOO_DEEP: Code = Code("BIR0008");
/// The document has too many nodes once its aliases are written out.
pub const YAML_TOO_LARGE: Code = Code("BIR0009");

/// A `$` starts something that is no variable.
pub const INTERPOLATION_FORMAT: Code = Code("BIR0101");
/// A variable that must have a value (`${V:?}`) has none.
pub const INTERPOLATION_REQUIRED: Code = Code("BIR0102");
/// A variable without a default is not set.
pub const INTERPOLATION_UNSET: Code = Code("BIR0103");
/// A text stands where a number or a boolean belongs.
pub const INTERPOLATION_CAST: Code = Code("BIR0104");
/// A boolean is written as YAML 1.1 had it (`yes`, `off`).
pub const INTERPOLATION_BOOLEAN: Code = Code("BIR0105");

/// An environment file has a line that is no `KEY=value`.
pub const DOTENV_SYNTAX: Code = Code("BIR0150");
/// A value in an environment file uses variables wrongly, or misses a required one.
pub const DOTENV_INTERPOLATION: Code = Code("BIR0151");
/// A value in an environment file uses a variable that is not set.
pub const DOTENV_UNSET: Code = Code("BIR0152");

/// No Compose file was given or found.
pub const FILE_NONE: Code = Code("BIR0090");
/// A file cannot be read.
pub const FILE_UNREADABLE: Code = Code("BIR0091");
/// A file is not text in UTF-8, or holds control characters.
pub const FILE_NOT_TEXT: Code = Code("BIR0092");
/// A directory has several files that Compose looks for by name.
pub const FILE_SEVERAL: Code = Code("BIR0093");
/// An environment file that was asked for does not exist.
pub const ENV_FILE_MISSING: Code = Code("BIR0094");
/// A project name has characters that it may not have, or none at all.
pub const PROJECT_NAME_INVALID: Code = Code("BIR0095");
/// The project is named for a symbolic link and not for the directory behind it.
pub const PROJECT_NAME_FROM_LINK: Code = Code("BIR0096");
/// A variable that steers Compose has a value that it cannot have.
pub const SETTING_INVALID: Code = Code("BIR0097");
/// A mapping has a key that the format does not know.
pub const SCHEMA_UNKNOWN_ATTRIBUTE: Code = Code("BIR0201");
/// A service, network or the like has a name that it cannot have.
pub const SCHEMA_BAD_NAME: Code = Code("BIR0202");
/// A mapping lacks a key that it must have.
pub const SCHEMA_MISSING_ATTRIBUTE: Code = Code("BIR0203");
/// A value is of a type that its attribute does not take.
pub const SCHEMA_WRONG_TYPE: Code = Code("BIR0204");
/// A word is not among those that its attribute takes.
pub const SCHEMA_UNKNOWN_WORD: Code = Code("BIR0205");
/// A text does not look as its attribute asks for.
pub const SCHEMA_PATTERN: Code = Code("BIR0206");
/// A number is too small or too great.
pub const SCHEMA_OUT_OF_RANGE: Code = Code("BIR0207");
/// A list has an item twice that it may have once.
pub const SCHEMA_REPEATED_ITEM: Code = Code("BIR0208");
/// A volume that is managed elsewhere is configured here.
pub const EXTERNAL_CONFLICT: Code = Code("BIR0211");
/// A config or secret has two sources of its content.
pub const CONTENT_CONFLICT: Code = Code("BIR0212");
/// A config or secret has no source of its content.
pub const CONTENT_MISSING: Code = Code("BIR0213");
/// The address of a port is no IP address.
pub const PORT_ADDRESS: Code = Code("BIR0214");
/// A watch rule has an empty path.
pub const WATCH_PATH_BLANK: Code = Code("BIR0215");
/// A device request has both a count and ids.
pub const DEVICE_COUNT_AND_IDS: Code = Code("BIR0216");
/// A port, mount or device does not say where it goes in the container.
pub const TARGET_MISSING: Code = Code("BIR0217");
/// A bind mount does not say what is mounted.
pub const BIND_WITHOUT_SOURCE: Code = Code("BIR0218");

/// A value would be merged with one of another kind.
pub const MERGE_CANNOT_OVERRIDE: Code = Code("BIR0301");
/// `services`, or one of them, is not a mapping.
pub const SERVICES_NOT_A_MAPPING: Code = Code("BIR0310");
/// `extends` does not name a service.
pub const EXTENDS_SERVICE_REQUIRED: Code = Code("BIR0311");
/// `extends` names a service that is not there.
pub const EXTENDS_NOT_FOUND: Code = Code("BIR0312");
/// Services extend each other in a circle.
pub const EXTENDS_CYCLE: Code = Code("BIR0313");
/// `include` is not a list.
pub const INCLUDE_NOT_A_LIST: Code = Code("BIR0320");
/// An item of `include` is neither a path nor a mapping.
pub const INCLUDE_BAD_ITEM: Code = Code("BIR0321");
/// Files include each other in a circle.
pub const INCLUDE_CYCLE: Code = Code("BIR0322");
/// An included file defines differently what the including one defines.
pub const INCLUDE_CONFLICT: Code = Code("BIR0323");
/// The environment file of an inclusion is not there.
pub const INCLUDE_ENV_FILE: Code = Code("BIR0324");
/// The files of a project say nothing.
pub const FILE_EMPTY: Code = Code("BIR0334");
/// A file is not on this machine.
pub const REMOTE_FILE: Code = Code("BIR0331");
/// A document is not a mapping.
pub const DOCUMENT_NOT_A_MAPPING: Code = Code("BIR0332");
/// A file has the obsolete `version`.
pub const OBSOLETE_VERSION: Code = Code("BIR0333");
/// A short form cannot be taken apart.
pub const SHORT_SYNTAX: Code = Code("BIR0350");
/// A resource has the deprecated `external: {name: …}`.
pub const EXTERNAL_NAME: Code = Code("BIR0351");
/// A resource has two different names.
pub const EXTERNAL_NAME_CONFLICT: Code = Code("BIR0352");
/// A value cannot become what its attribute holds (`mem_limit: 1x`).
pub const DECODE_VALUE: Code = Code("BIR0401");
/// A value has another type than its attribute.
pub const DECODE_TYPE: Code = Code("BIR0402");
/// A command string ends within a quote, or has a parenthesis where none may stand.
pub const DECODE_COMMAND: Code = Code("BIR0403");

/// A file of variables or labels that a service names cannot be read.
pub const VARIABLES_UNREADABLE: Code = Code("BIR0410");
/// An environment file is in a format that does not exist.
pub const ENV_FILE_FORMAT: Code = Code("BIR0411");

/// A service has no image and no way to get one.
pub const SERVICE_WITHOUT_IMAGE: Code = Code("BIR0450");
/// Attributes stand side by side of which only one may.
pub const EXCLUSIVE_ATTRIBUTES: Code = Code("BIR0451");
/// A service refers to a network, volume, config, secret or model that is not defined.
pub const UNDEFINED_RESOURCE: Code = Code("BIR0452");
/// A service refers to a service that is not defined or not enabled.
pub const UNDEFINED_SERVICE: Code = Code("BIR0453");
/// An additional build context is a service that is not built.
pub const CONTEXT_NOT_BUILT: Code = Code("BIR0454");
/// A build's platforms lack the platform that the service runs on.
pub const PLATFORM_NOT_BUILT: Code = Code("BIR0455");
/// A health test starts with something else than `CMD`, `CMD-SHELL` or `NONE`.
pub const HEALTH_TEST: Code = Code("BIR0456");
/// A limit is written twice, with different values.
pub const DISTINCT_VALUES: Code = Code("BIR0457");
/// A number of replicas is negative.
pub const NEGATIVE_REPLICAS: Code = Code("BIR0458");
/// Several replicas would have the same container name.
pub const REPLICAS_SHARE_NAME: Code = Code("BIR0459");
/// A watch rule copies files and does not say where to.
pub const WATCH_WITHOUT_TARGET: Code = Code("BIR0460");
/// Two mounts have the same path.
pub const MOUNTED_TWICE: Code = Code("BIR0461");
/// A secret has no content.
pub const SECRET_WITHOUT_CONTENT: Code = Code("BIR0462");
/// Services wait for each other in a circle.
pub const DEPENDENCY_CYCLE: Code = Code("BIR0463");
/// Two services have the same container name.
pub const CONTAINER_NAME_TWICE: Code = Code("BIR0464");
/// A service was asked for that the project does not have.
pub const NO_SUCH_SERVICE: Code = Code("BIR0465");

/// Bireme cannot carry out a key of a service yet.
pub const UNSUPPORTED_KEY: Code = Code("BIR0701");
/// More than one container would have a fixed name.
pub const FIXED_NAME_SCALED: Code = Code("BIR0702");
/// A security option is neither `key=value` nor known.
pub const SECURITY_OPTION: Code = Code("BIR0704");
/// The file of a seccomp profile cannot be read.
pub const SECCOMP_UNREADABLE: Code = Code("BIR0705");
/// The file of a seccomp profile is not JSON.
pub const SECCOMP_NOT_JSON: Code = Code("BIR0706");
/// The engine is too old to mount images.
pub const IMAGE_MOUNT_UNSUPPORTED: Code = Code("BIR0710");
/// A secret or config is external or has a driver.
pub const FILE_OBJECT_UNSUPPORTED: Code = Code("BIR0711");
/// The variable that holds a secret or config is not set.
pub const FILE_OBJECT_UNSET: Code = Code("BIR0712");
/// A secret or config cannot be written into a read-only container.
pub const FILE_OBJECT_READ_ONLY: Code = Code("BIR0713");
/// The engine is too old for several MAC addresses.
pub const SEVERAL_MAC_ADDRESSES: Code = Code("BIR0714");
/// The MAC address of a service is not that of its first network.
pub const MAC_ADDRESS_MISMATCH: Code = Code("BIR0715");
/// The engine is too old to name interfaces.
pub const INTERFACE_NAME_UNSUPPORTED: Code = Code("BIR0716");
/// The engine is too old for `start_interval`.
pub const START_INTERVAL_UNSUPPORTED: Code = Code("BIR0717");
/// `start_interval` stands without `start_period`.
pub const START_INTERVAL_ALONE: Code = Code("BIR0718");
/// An external network is missing, or there are several of its name.
pub const EXTERNAL_NETWORK: Code = Code("BIR0720");
/// An external volume is missing.
pub const EXTERNAL_VOLUME: Code = Code("BIR0721");
