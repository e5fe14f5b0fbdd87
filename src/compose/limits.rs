//! How much one load may read, hold and work out.
//!
//! A Compose file of a few lines can ask for more than any machine has: aliases of aliases, files
//! that include each other twice, a device that never ends. What goes beyond one of these numbers
//! is refused with its place. All are far above what projects are known to need; together they
//! keep a load within seconds and some hundred megabytes. `docs/limits.md` lists them for users.

/// The most bytes of one file. A Compose file of a million lines has about thirty million.
pub const FILE_BYTES: u64 = 64 << 20;

/// The most bytes of all files of one load, each counted as often as it is read.
pub const LOAD_BYTES: usize = 256 << 20;

/// Levels of collections within each other in one text.
pub const DEPTH: usize = 256;

/// Documents of one text.
pub const DOCUMENTS: usize = 10_000;

/// Values of one text, aliases written out. They take some hundred bytes each.
pub const NODES: usize = 3_000_000;

/// Values that aliases bring into one text. Many uses of one anchor are ordinary in
/// Compose files, so it is the outcome that is limited and not the number of aliases.
pub const COPIED_NODES: usize = 1_000_000;

/// Bytes of text that aliases bring into one text, or that are kept for them.
pub const COPIED_BYTES: usize = 64 << 20;

/// Values of all texts of one load, each text counted as often as it is used.
pub const LOAD_NODES: usize = 6_000_000;

/// Mistakes of one text after which it is not read further: nobody mends more at once.
pub const MISTAKES: usize = 200;

/// Projects that are included in one load. Files that include each other twice double it with
/// each level.
pub const INCLUSIONS: usize = 5_000;

/// Projects that include each other in a chain.
pub const INCLUSION_DEPTH: usize = 100;

/// Services that extend each other in a chain.
pub const EXTENDS_DEPTH: usize = 50;

/// Values that services of one load take over from those that they extend.
pub const EXTENDED_NODES: usize = 3_000_000;

/// Variables nested in each other's operands (`${A:-${B:-…}}`).
pub const VARIABLE_DEPTH: usize = 64;

/// Bytes that variables bring into the values of one document, or of one environment file.
pub const SUBSTITUTED_BYTES: usize = 64 << 20;

/// Variables of one environment file, and those that all services of a project have from files.
pub const VARIABLES: usize = 2_000_000;

/// Ports of all services of a project, ranges written out; there are 65,535 of a protocol.
pub const PORTS: usize = 100_000;

/// Values that the documents of one load are laid over, those of the model so far counted anew
/// for each document: every document is checked together with all before it.
pub const LAID_OVER_NODES: usize = 30_000_000;

/// The longest name, in bytes, that is compared with others to guess what was meant. Comparing
/// costs the product of the two lengths.
pub const COMPARED_NAME: usize = 100;
