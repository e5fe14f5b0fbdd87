//! Calls of installers of other languages, and of those that install compilers.

use super::super::files::absolute;
use super::super::{LockFile, NodeLock, State, Walk, What};
use super::Call;

/// Lock files of Node, in the order in which a tool looks for them.
const NODE: [(&str, NodeLock, &str); 4] = [
    ("npm-shrinkwrap.json", NodeLock::Npm, "npm"),
    ("package-lock.json", NodeLock::Npm, "npm"),
    ("yarn.lock", NodeLock::Yarn, "yarn"),
    ("pnpm-lock.yaml", NodeLock::Pnpm, "pnpm"),
];

/// Packages of distributions with a C compiler.
const COMPILERS: [&str; 8] =
    ["gcc", "g++", "build-essential", "build-base", "clang", "gcc-c++", "alpine-sdk", "cc"];

/// `npm ci`, `yarn`, `pnpm install`.
pub(super) fn node(walk: &mut Walk<'_>, program: &str, call: &Call<'_>, state: &State) {
    let program = if program == "yarnpkg" { "yarn" } else { program };
    let mut words = call.words.iter().map(|it| it.text.as_str()).filter(|it| !it.starts_with('-'));
    let installs = match (program, words.next()) {
        ("yarn", None) | ("pnpm", Some("fetch")) => true,
        (_, Some("install" | "i" | "ci" | "clean-install")) => words.next().is_none(),
        _ => false,
    };
    let is_global = call.words.iter().any(|it| matches!(it.text.as_str(), "-g" | "--global"));
    if !installs || is_global {
        return;
    }
    for (name, kind, whose) in NODE {
        if whose != program {
            continue;
        }
        if let Some(file) = walk.read(&absolute(call.directory, name), state) {
            let lock = LockFile { file: walk.name(&file).to_owned(), text: file.text };
            return walk.install(What::NodeLock(lock, kind), state);
        }
    }
    let message =
        format!("there is no lock file of {program} in the build context where this runs");
    walk.note(message, walk.place(call.line));
}

/// `bundle install`.
pub(super) fn bundle(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    let verb = call.words.iter().map(|it| it.text.as_str()).find(|it| !it.starts_with('-'));
    if !matches!(verb, None | Some("install")) {
        return;
    }
    let gemfile = call.variables.get("BUNDLE_GEMFILE").map_or("Gemfile", String::as_str);
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
