//! Which indexes are the user's: what pip is told by its variables and its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::Settings;

/// Where the user's packages come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::packages) struct Configuration {
    /// The index, where the user has named one. What an installer would ask otherwise is its own
    /// business: a stranger's index is not asked about what somebody installs.
    pub(in crate::packages) url: Option<String>,
    /// Others beside it.
    pub(in crate::packages) extra: Vec<String>,
}

impl Configuration {
    /// Reads pip's variables and files, the later in this order before the earlier: of the machine, of
    /// the user, `PIP_CONFIG_FILE`, and variables.
    pub(in crate::packages) fn load(
        settings: &Settings,
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Self {
        let mut found = Self::default();
        for path in files(settings) {
            if let Some(text) = read(&path) {
                found.apply(&text);
            }
        }
        let variable = |name: &str| settings.variables.get(name).filter(|it| !it.is_empty());
        if let Some(url) = variable("PIP_INDEX_URL") {
            found.url = Some(url.clone());
        } else if found.url.is_none() {
            let of_uv = ["UV_DEFAULT_INDEX", "UV_INDEX_URL"].into_iter().find_map(variable);
            found.url = of_uv.map(|url| without_name(url).to_owned());
        }
        if let Some(extra) = variable("PIP_EXTRA_INDEX_URL") {
            found.extra = extra.split_whitespace().map(str::to_owned).collect();
        }
        found
    }

    /// Takes up what a file says in `[global]` and, before that, `[install]`.
    fn apply(&mut self, text: &str) {
        let values = sections(text);
        for section in ["global", "install"] {
            let value = |key: &str| values.get(&(section.to_owned(), key.to_owned()));
            if let Some(url) = value("index-url") {
                self.url = Some(url.trim().to_owned());
            }
            if let Some(extra) = value("extra-index-url") {
                self.extra = extra.split_whitespace().map(str::to_owned).collect();
            }
        }
    }
}

/// The URL of an index that uv may call by a name: `NAME=URL`.
fn without_name(url: &str) -> &str {
    match url.split_once('=') {
        Some((name, url)) if !name.contains([':', '/']) => url,
        _ => url,
    }
}

/// The files that pip reads, the ones that count less first.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let variable =
        |name: &str| settings.variables.get(name).filter(|it| !it.is_empty()).map(String::as_str);
    let named = variable("PIP_CONFIG_FILE");
    // `PIP_CONFIG_FILE=/dev/null` turns all of them off.
    if named == Some("/dev/null") {
        return Vec::new();
    }
    let mut found = Vec::new();
    if cfg!(target_os = "macos") {
        found.push(PathBuf::from("/Library/Application Support/pip/pip.conf"));
    }
    for directory in variable("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg").split(':') {
        found.push(Path::new(directory).join("pip/pip.conf"));
    }
    found.push(PathBuf::from("/etc/pip.conf"));
    if let Some(home) = &settings.home {
        found.push(home.join(".pip/pip.conf"));
        if cfg!(target_os = "macos") {
            found.push(home.join("Library/Application Support/pip/pip.conf"));
        }
        let configuration =
            variable("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
        found.push(configuration.join("pip/pip.conf"));
    }
    if let Some(environment) = variable("VIRTUAL_ENV") {
        found.push(Path::new(environment).join("pip.conf"));
    }
    found.extend(named.map(PathBuf::from));
    found
}

/// Keys with their values by section: the form of Python's `configparser`. A line that is indented goes
/// on with the value before it.
fn sections(text: &str) -> BTreeMap<(String, String), String> {
    let mut found: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut section = String::new();
    let mut last: Option<(String, String)> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t'])
            && let Some(value) = last.as_ref().and_then(|key| found.get_mut(key))
        {
            value.push('\n');
            value.push_str(trimmed);
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = name.trim().to_lowercase();
            last = None;
        } else if let Some(at) = trimmed.find(['=', ':']) {
            let (key, value) = trimmed.split_at(at);
            let key = key.trim().to_lowercase().replace('_', "-");
            let key = (section.clone(), key);
            found.insert(key.clone(), value.get(1..).unwrap_or_default().trim().to_owned());
            last = Some(key);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Configuration {
        let variables =
            variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { variables, home: Some(PathBuf::from("/home/me")) };
        Configuration::load(&settings, &|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn the_nearest_word_counts() {
        let shown = |variables: &[(&str, &str)], files: &[(&str, &str)]| {
            let found = load(variables, files);
            format!("{} {}", found.url.unwrap_or_default(), found.extra.join(" "))
        };
        let machine = ("/etc/pip.conf", "[global]\nindex-url = https://machine/simple\n");
        let user = (
            "/home/me/.config/pip/pip.conf",
            "# mine\n[global]\nindex_url: https://user/simple\nextra-index-url =\n  https://a/s\n  https://b/s\n",
        );
        let named =
            ("/x.conf", "[install]\nindex-url=https://named\n[global]\nindex-url=https://no\n");
        assert_eq!(shown(&[], &[]), " ");
        assert_eq!(shown(&[], &[machine]), "https://machine/simple ");
        assert_eq!(shown(&[], &[machine, user]), "https://user/simple https://a/s https://b/s");
        let file = ("PIP_CONFIG_FILE", "/x.conf");
        assert_eq!(shown(&[file], &[machine, named]), "https://named ");
        assert_eq!(
            shown(
                &[file, ("PIP_INDEX_URL", "https://v"), ("PIP_EXTRA_INDEX_URL", "c d")],
                &[named, user]
            ),
            "https://v c d"
        );
        assert_eq!(shown(&[("PIP_CONFIG_FILE", "/dev/null")], &[user]), " ");
        // uv's word where pip has none.
        let uv = ("UV_DEFAULT_INDEX", "mine=https://uv/simple?a=b");
        assert_eq!(shown(&[uv], &[]), "https://uv/simple?a=b ");
        assert_eq!(shown(&[uv], &[machine]), "https://machine/simple ");
        assert_eq!(shown(&[uv, ("PIP_INDEX_URL", "https://v/?a=b")], &[]), "https://v/?a=b ");
    }
}
