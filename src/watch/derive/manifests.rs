//! Files that say which packages are installed, and directories that tools fill.

/// Manifests and lock files whose change needs a build.
const MANIFESTS: [&str; 44] = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-prod.txt",
    "requirements.in",
    "requirements.lock",
    "constraints.txt",
    "pyproject.toml",
    "poetry.lock",
    "pdm.lock",
    "uv.lock",
    "pylock.toml",
    "Pipfile",
    "Pipfile.lock",
    "setup.py",
    "setup.cfg",
    "environment.yml",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    ".yarnrc.yml",
    ".npmrc",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
    "Gemfile",
    "Gemfile.lock",
    "go.mod",
    "go.sum",
    "Cargo.toml",
    "Cargo.lock",
    "composer.json",
    "composer.lock",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "gradle.properties",
    "mix.exs",
    "mix.lock",
    "packages.lock.json",
];

/// The names of manifests, for a directory whose files nobody has listed.
pub(super) fn names() -> &'static [&'static str] {
    &MANIFESTS
}

/// Whether a file of that name says which packages are installed.
pub(super) fn is_manifest(name: &str) -> bool {
    MANIFESTS.contains(&name)
        || (name.starts_with("requirements") && [".txt", ".in"].iter().any(|it| name.ends_with(it)))
        || [".csproj", ".fsproj", ".sln"].iter().any(|it| name.ends_with(it))
}

/// What is never source, wherever it is; see also [`crate::watch::rule`] for what no rule takes. Directories among that
/// are here too: rules that are written say so to other tools (Docker Compose brings `.git`). A container may write logs
/// and databases beside its source.
const ALWAYS: [&str; 11] = [
    "**/.hg",
    "**/.svn",
    "**/.git",
    "**/.idea",
    "**/.DS_Store",
    "**/.vscode",
    "**/.github",
    "**/*.log",
    "**/*.sqlite*",
    "**/*.db",
    "**/*.db-*",
];

/// What tools put beside the source of a language, by a manifest that shows that it is there.
const MADE: [(&[&str], &[&str]); 9] = [
    (
        &["package.json"],
        &[
            "**/node_modules",
            "**/.next",
            "**/.nuxt",
            "**/.svelte-kit",
            "**/.turbo",
            "**/.cache",
            "**/.parcel-cache",
            "**/dist",
            "**/coverage",
        ],
    ),
    (
        &["requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py", "uv.lock"],
        &[
            "**/__pycache__",
            "**/*.pyc",
            "**/.venv",
            "**/venv",
            "**/.pytest_cache",
            "**/.mypy_cache",
            "**/.ruff_cache",
            "**/.tox",
            "**/*.egg-info",
        ],
    ),
    (&["Gemfile"], &["log", "tmp", "vendor/bundle", ".bundle"]),
    (&["composer.json"], &["vendor", "var/cache", "storage/logs"]),
    (&["Cargo.toml"], &["target"]),
    (&["pom.xml"], &["**/target"]),
    (&["build.gradle", "build.gradle.kts"], &["**/build", "**/.gradle"]),
    (&["mix.exs"], &["_build", "deps"]),
    (&["go.mod"], &["tmp"]),
];

/// What is left out below a directory, as patterns. `has` tells whether a manifest of a name is there
/// or where the build begins.
pub(super) fn ignored(has: impl Fn(&str) -> bool) -> Vec<String> {
    let made = MADE.iter().filter(|(signs, _)| signs.iter().any(|sign| has(sign)));
    let mut patterns: Vec<&str> =
        ALWAYS.iter().chain(made.flat_map(|(_, patterns)| patterns.iter())).copied().collect();
    // Most source trees have one of these before they have a manifest that says so.
    for pattern in ["**/node_modules", "**/__pycache__", "**/.venv"] {
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_known_by_name() {
        for name in ["requirements-test.txt", "Gemfile.lock", "Shop.csproj", "go.sum"] {
            assert!(is_manifest(name), "{name}");
        }
        assert!(!is_manifest("app.py") && !is_manifest("requirements.md"));
    }

    #[test]
    fn tools_fill_directories_of_their_language() {
        let python = ignored(|name| name == "pyproject.toml");
        assert!(python.contains(&"**/*.pyc".to_owned()) && !python.contains(&"vendor".to_owned()));
        let php = ignored(|name| name == "composer.json");
        assert!(php.contains(&"**/.git".to_owned()) && php.contains(&"**/.idea".to_owned()));
        assert!(php.contains(&"vendor".to_owned()) && php.contains(&"**/*.log".to_owned()));
    }
}
