//! Sources of bind mounts that do not exist.
//!
//! Only what a file names relative to its project is looked for: that belongs to the project and
//! should be where its files are. An absolute path may be one of the machine that the project
//! will run on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{enumerate, written};
use crate::compose::files::Files;
use crate::compose::model::{Mount, Project};
use crate::diagnostic::{Diagnostic, Span, codes};

/// What becomes of a mount whose source does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The engine refuses to create the container.
    Refused,
    /// The engine makes a directory where a file was meant.
    DirectoryForFile,
    /// The engine makes an empty directory that belongs to root.
    Directory,
}

/// A source that is missing: its path as shown, and where it is named.
type Missing = (String, Option<Span>);

pub(super) fn check(project: &Project, files: &dyn Files) -> Vec<Diagnostic> {
    if engine_is_elsewhere(project) {
        return Vec::new();
    }
    let mut known = BTreeMap::new();
    let mut told = BTreeSet::new();
    let mut missing: BTreeMap<Fate, Vec<Missing>> = BTreeMap::new();
    for (name, service) in &project.services {
        for (index, mount) in service.volumes.iter().enumerate() {
            if mount.r#type != "bind" {
                continue;
            }
            let path = format!("services.{name}.volumes[{index}]");
            let place = project.origin(&format!("{path}.source"));
            let source = Path::new(&mount.source);
            if !belongs_to_project(project, source, place) {
                continue;
            }
            let exists =
                *known.entry(source.to_owned()).or_insert_with(|| files.kind(source).is_some());
            if !exists && told.insert((fate(mount), source)) {
                let shown = source.strip_prefix(&project.working_dir).unwrap_or(source);
                let missing = missing.entry(fate(mount)).or_default();
                missing.push((shown.display().to_string(), place));
            }
        }
    }
    missing.into_iter().map(|(fate, sources)| warning(fate, &sources)).collect()
}

/// Whether the variables say that the engine runs on another machine, where other files are.
fn engine_is_elsewhere(project: &Project) -> bool {
    let host = project.environment.get("DOCKER_HOST").map_or("", String::as_str);
    host.starts_with("ssh:") || host.starts_with("tcp:")
}

fn belongs_to_project(project: &Project, source: &Path, place: Option<Span>) -> bool {
    source.starts_with(&project.working_dir)
        || place
            .and_then(|place| written(&project.sources, place))
            .is_some_and(|text| text.trim_start_matches(['"', '\'']).starts_with('.'))
}

fn fate(mount: &Mount) -> Fate {
    let creates = mount.bind.as_ref().and_then(|bind| bind.create_host_path).unwrap_or(false);
    if !creates {
        Fate::Refused
    } else if is_named_as_file(&mount.source) && is_named_as_file(&mount.target) {
        Fate::DirectoryForFile
    } else {
        Fate::Directory
    }
}

/// Whether a name is one that files have and directories do not.
fn is_named_as_file(path: &str) -> bool {
    const EXTENSIONS: [&str; 49] = [
        "acl",
        "bash",
        "cer",
        "cert",
        "cfg",
        "cnf",
        "conf",
        "config",
        "crt",
        "css",
        "csv",
        "db",
        "env",
        "go",
        "html",
        "ini",
        "js",
        "json",
        "jsonc",
        "key",
        "log",
        "lua",
        "md",
        "mjs",
        "pem",
        "php",
        "pl",
        "properties",
        "pub",
        "py",
        "rb",
        "rules",
        "service",
        "sh",
        "sock",
        "sql",
        "sqlite",
        "template",
        "tmpl",
        "toml",
        "ts",
        "tsx",
        "txt",
        "vcl",
        "xml",
        "yaml",
        "yml",
        "zip",
        "zsh",
    ];
    const NAMES: [&str; 14] = [
        "Caddyfile",
        "Corefile",
        "Dockerfile",
        "Gemfile",
        "Makefile",
        "Procfile",
        "crontab",
        "group",
        "hosts",
        "krb5.keytab",
        "my.cnf",
        "passwd",
        "resolv.conf",
        "shadow",
    ];
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    NAMES.contains(&name)
        || extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// One warning for all sources of one fate: there may be many, and what to do is the same.
fn warning(fate: Fate, sources: &[Missing]) -> Diagnostic {
    let one = sources.len() == 1;
    let (code, becomes, help) = match fate {
        Fate::Refused => (
            codes::BIND_REFUSED,
            if one { "refuse to mount it" } else { "refuse to mount them" },
            "create what is missing, or allow the engine to: `create_host_path: true`",
        ),
        Fate::DirectoryForFile => (
            codes::BIND_FILE_MISSING,
            if one { "make a directory in its place" } else { "make directories in their place" },
            "create the file first: a program that expects a file fails on a directory",
        ),
        Fate::Directory => (
            codes::BIND_MISSING,
            if one { "make an empty directory" } else { "make empty directories" },
            "create the directory first: one that the engine makes belongs to root",
        ),
    };
    let names: Vec<&str> = sources.iter().map(|(shown, _)| shown.as_str()).collect();
    let names = enumerate(&names);
    let message = if one {
        format!("bind source {names} does not exist: the engine would {becomes}")
    } else {
        format!("bind sources {names} do not exist: the engine would {becomes}")
    };
    let warning = Diagnostic::warning(code, message).help(help);
    sources.iter().fold(warning, |warning, (_, place)| warning.at(*place, ""))
}
