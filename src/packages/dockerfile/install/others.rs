//! Calls of installers of other languages, and of those that install compilers.

use super::super::files::absolute;
use super::super::{LockFile, State, Walk, What};
use super::Call;
use super::arguments::Arguments;

/// Options of Bundler with a value.
const OF_BUNDLER: [&str; 13] = [
    "--gemfile",
    "-j",
    "--jobs",
    "--retry",
    "-r",
    "--path",
    "--with",
    "--without",
    "--shebang",
    "--trust-policy",
    "-P",
    "--target-rbconfig",
    "--cache-path",
];

/// Packages of distributions with a C compiler.
const COMPILERS: [&str; 8] =
    ["gcc", "g++", "build-essential", "build-base", "clang", "gcc-c++", "alpine-sdk", "cc"];

/// `bundle install`, also `bundle _2.5.0_ install`.
pub(super) fn bundle(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    let is_version = |it: &str| it.len() > 2 && it.starts_with('_') && it.ends_with('_');
    let words = match call.words.split_first() {
        Some((first, rest)) if is_version(&first.text) => rest,
        _ => call.words,
    };
    let arguments = Arguments::new(words, &OF_BUNDLER);
    if !matches!(arguments.verb(), "" | "install") {
        return;
    }
    let gemfile = arguments.value(&["--gemfile"]);
    let gemfile = gemfile.or_else(|| call.variables.get("BUNDLE_GEMFILE").map(String::as_str));
    let gemfile = gemfile.unwrap_or("Gemfile");
    let path = absolute(call.directory, &format!("{gemfile}.lock"));
    if let Some(file) = walk.read(&path, state) {
        let lock = LockFile { file: walk.name(&file).to_owned(), text: file.text };
        walk.install(What::RubyLock(lock), state);
    } else {
        let message = format!("there is no `{gemfile}.lock` in the build context where this runs");
        walk.note(message, walk.place(call.line));
    }
}

/// Conda's packages come from channels, which are not looked at.
pub(super) fn conda(walk: &mut Walk<'_>, call: &Call<'_>) {
    let verb = call.words.iter().map(|it| it.text.as_str()).find(|it| !it.starts_with('-'));
    if matches!(verb, Some("install" | "create" | "env" | "update")) {
        walk.note("packages of conda are not looked at", walk.place(call.line));
    }
}

/// Whether a package manager installs a C compiler.
pub(super) fn installs_compiler(call: &Call<'_>) -> bool {
    let names = |name: &str| {
        let name = name.split('=').next().unwrap_or_default();
        COMPILERS.contains(&name) || name.starts_with("gcc-") || name.starts_with("g++-")
    };
    call.words.iter().any(|word| names(&word.text))
}
