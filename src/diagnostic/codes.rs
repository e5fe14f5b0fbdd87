//! The codes of all diagnostics, by range: YAML from 1, files and discovery from 90,
//! interpolation from 101, environment files from 150. A code is never given a second meaning.

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
