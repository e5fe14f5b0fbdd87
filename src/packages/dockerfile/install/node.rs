//! Calls of npm, yarn and pnpm.

use super::super::files::absolute;
use super::super::variables::Variables;
use super::super::{LockFile, NodeLock, State, Walk, What};
use super::Call;
use super::arguments::Arguments;
use crate::packages::node::Selection;

/// A program, and what is to be known of its arguments.
struct Tool {
    name: &'static str,
    /// Its lock files, in the order in which it looks for them.
    locks: &'static [(&'static str, NodeLock)],
    /// Options that name the directory it works in.
    directory: &'static [&'static str],
    /// Other options with a value.
    with_value: &'static [&'static str],
}

const NPM: Tool = Tool {
    name: "npm",
    locks: &[("npm-shrinkwrap.json", NodeLock::Npm), ("package-lock.json", NodeLock::Npm)],
    directory: &["-C", "--prefix"],
    with_value: &[
        "-w",
        "--workspace",
        "--omit",
        "--include",
        "--only",
        "--also",
        "--cache",
        "--registry",
        "--reg",
        "--loglevel",
        "-L",
        "--location",
        "--logs-dir",
        "--logs-max",
        "--userconfig",
        "--globalconfig",
        "--install-strategy",
        "--audit-level",
        "--before",
        "--min-release-age",
        "--tag",
        "--scope",
        "--cpu",
        "--os",
        "--libc",
        "--ca",
        "--cafile",
        "--cert",
        "--key",
        "--proxy",
        "--https-proxy",
        "--noproxy",
        "--local-address",
        "--maxsockets",
        "--fetch-retries",
        "--fetch-retry-factor",
        "--fetch-retry-maxtimeout",
        "--fetch-retry-mintimeout",
        "--fetch-timeout",
        "--replace-registry-host",
        "--lockfile-version",
        "--node-options",
        "--nodedir",
        "--python",
        "--script-shell",
        "--user-agent",
        "--umask",
        "--tmp",
        "--otp",
        "--auth-type",
        "--cidr",
        "--depth",
        "--git",
        "--target",
        "--arch",
    ],
};

const YARN: Tool = Tool {
    name: "yarn",
    locks: &[("yarn.lock", NodeLock::Yarn)],
    directory: &["--cwd"],
    with_value: &[
        "--modules-folder",
        "--cache-folder",
        "--preferred-cache-folder",
        "--global-folder",
        "--link-folder",
        "--offline-cache-folder",
        "--mutex",
        "--registry",
        "--network-timeout",
        "--network-concurrency",
        "--proxy",
        "--https-proxy",
        "--use-yarnrc",
        "--otp",
        "--mode",
    ],
};

const PNPM: Tool = Tool {
    name: "pnpm",
    locks: &[("pnpm-lock.yaml", NodeLock::Pnpm)],
    directory: &["-C", "--dir", "--prefix"],
    with_value: &[
        "-F",
        "--filter",
        "--filter-prod",
        "--lockfile-dir",
        "--store-dir",
        "--virtual-store-dir",
        "--modules-dir",
        "--cache-dir",
        "--state-dir",
        "--global-dir",
        "--registry",
        "--reporter",
        "--loglevel",
        "--network-concurrency",
        "--child-concurrency",
        "--workspace-concurrency",
        "--package-import-method",
        "--hoist-pattern",
        "--public-hoist-pattern",
        "--node-linker",
        "--resolution-mode",
        "--use-node-version",
        "--node-version",
        "--cpu",
        "--os",
        "--libc",
        "--proxy",
        "--https-proxy",
        "--fetch-retries",
        "--fetch-retry-factor",
        "--fetch-retry-maxtimeout",
        "--fetch-retry-mintimeout",
        "--fetch-timeout",
    ],
};

/// `npm ci`, `yarn`, `pnpm install`.
pub(super) fn node(walk: &mut Walk<'_>, program: &str, call: &Call<'_>, state: &State) {
    let tool = match program {
        "yarn" | "yarnpkg" => YARN,
        "pnpm" => PNPM,
        _ => NPM,
    };
    let arguments = Arguments::new(call.words, &[tool.directory, tool.with_value].concat());
    if !installs(&tool, &arguments) {
        return;
    }
    let directory = arguments.value(tool.directory).unwrap_or_default();
    let directory = absolute(call.directory, directory);
    let beside = arguments.value(&["--lockfile-dir"]).unwrap_or_default();
    let of_locks = absolute(&directory, beside);
    for (name, kind) in tool.locks {
        if let Some(file) = walk.read(&absolute(&of_locks, name), state) {
            let lock = LockFile { file: walk.name(&file).to_owned(), text: file.text };
            let selection = Selection {
                development: !leaves_out_development(&tool, &arguments, call.variables),
                manifest: walk.read(&absolute(&directory, "package.json"), state).map(|it| it.text),
            };
            return walk.install(What::NodeLock(lock, *kind, selection), state);
        }
    }
    let name = tool.name;
    let message = format!("there is no lock file of {name} in the build context where this runs");
    walk.note(message, walk.place(call.line));
}

/// Whether all that the project needs is installed, and there.
fn installs(tool: &Tool, arguments: &Arguments<'_>) -> bool {
    let is_global = arguments.has(&["-g", "--global"])
        || arguments.value(&["-L", "--location"]) == Some("global");
    let only_tells = arguments.has(&["-v", "--version", "-h", "--help"]);
    let installs = match (tool.name, arguments.verb()) {
        ("yarn", "") => !only_tells,
        ("pnpm", "fetch") => true,
        (_, "install" | "i" | "ci" | "clean-install") => arguments.words.len() == 1,
        _ => false,
    };
    installs && !is_global
}

/// Whether what is for development alone does not come.
fn leaves_out_development(tool: &Tool, arguments: &Arguments<'_>, variables: &Variables) -> bool {
    let is_production = variables.get("NODE_ENV").is_some_and(|it| it == "production");
    let switched = |names| {
        let set = || configured(variables, "production").map(|it| it != "false");
        arguments.switch(names).or_else(set)
    };
    match tool.name {
        "npm" => npm_omits_development(arguments, variables, is_production),
        "yarn" => {
            let own = variables.get("YARN_PRODUCTION").map(|it| it != "false");
            switched(&["--production", "--prod"]).or(own).unwrap_or(is_production)
        }
        _ => switched(&["-P", "--prod", "--production"]).unwrap_or(is_production),
    }
}

/// npm's rules: what is included goes before what is omitted, and `NODE_ENV` counts where nothing is
/// said to be omitted.
fn npm_omits_development(
    arguments: &Arguments<'_>,
    variables: &Variables,
    is_production: bool,
) -> bool {
    let list = |option: &str| {
        let given = arguments.values(&[&format!("--{option}")]);
        if given.is_empty() { configured(variables, option).into_iter().collect() } else { given }
    };
    let single = |option: &str| list(option).last().copied();
    let set = || configured(variables, "production").map(|it| it != "false");
    let production = arguments.switch(&["--production", "--prod"]).or_else(set);
    let omitted = list("omit");
    let is_only = matches!(single("only"), Some("prod" | "production"));
    let omits = is_only
        || production == Some(true)
        || omitted.contains(&"dev")
        || (omitted.is_empty() && is_production);
    let includes = list("include").contains(&"dev")
        || (!is_only && production == Some(false))
        || single("also").is_some_and(|it| it.starts_with("dev"))
        || arguments.switch(&["--dev"]) == Some(true);
    omits && !includes
}

/// An option by its variable, which npm takes in small letters, too.
fn configured<'v>(variables: &'v Variables, option: &str) -> Option<&'v str> {
    let name = format!("npm_config_{option}");
    let value = variables.get(&name.to_ascii_uppercase()).or_else(|| variables.get(&name));
    value.map(String::as_str).filter(|value| !value.is_empty())
}
