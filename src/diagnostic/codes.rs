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
