//! Secrets and configs: those in files are mounted, the others are written into the container
//! before it starts.

use std::path::Path;

use super::{Setting, StackError};
use crate::compose::model::{FileObject, FileReference, Service};
use crate::diagnostic::codes;
use crate::engine::api::{MountBindOptions, MountSpec};

/// A file that is written into a container before each start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InjectedFile {
    /// Absolute path in the container.
    pub path: String,
    /// Content.
    pub content: String,
    /// Permission bits.
    pub mode: u32,
    /// Owner and group, when one of them is given.
    pub owner: Option<(u64, u64)>,
}

/// The two kinds, which differ in where they appear and in their words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    Config,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Config => "config",
        }
    }

    /// The path that a reference gets; only what is absolute stays.
    fn target(self, reference: &FileReference) -> String {
        let directory = match self {
            Self::Secret => "/run/secrets/",
            Self::Config => "/",
        };
        let target =
            if reference.target.is_empty() { &reference.source } else { &reference.target };
        if target.starts_with('/') { target.clone() } else { format!("{directory}{target}") }
    }
}

/// Secrets and configs of a service with their definitions, secrets first.
fn granted<'a>(
    setting: &Setting<'a>,
    service: &'a Service,
) -> impl Iterator<Item = (Kind, String, &'a FileReference, &'a FileObject)> {
    let project = setting.project;
    let of = move |kind: Kind| {
        let (references, definitions) = match kind {
            Kind::Secret => (&service.secrets, &project.secrets),
            Kind::Config => (&service.configs, &project.configs),
        };
        references.iter().enumerate().filter_map(move |(index, reference)| {
            let path = format!("services.{}.{}s[{index}]", service.name, kind.name());
            Some((kind, path, reference, definitions.get(&reference.source)?))
        })
    };
    of(Kind::Secret).chain(of(Kind::Config))
}

/// Mounts of the secrets and configs that are files.
pub(super) fn mounts(
    setting: &Setting<'_>,
    service: &Service,
    warnings: &mut Vec<String>,
) -> Result<Vec<MountSpec>, StackError> {
    let mut mounts = Vec::new();
    for (kind, path, reference, definition) in granted(setting, service) {
        check(setting, kind, &path, definition)?;
        if !definition.environment.is_empty() || !definition.content.is_empty() {
            continue;
        }
        if !reference.uid.is_empty() || !reference.gid.is_empty() || reference.mode.is_some() {
            let name = match kind {
                Kind::Secret => "secrets",
                Kind::Config => "config",
            };
            warn(
                warnings,
                format!("{name} `uid`, `gid` and `mode` are not supported, they will be ignored"),
            );
        }
        if setting.files.kind(Path::new(&definition.file)).is_none() {
            warn(warnings, format!("{} file {} does not exist", kind.name(), definition.name));
        }
        mounts.push(MountSpec {
            r#type: "bind".into(),
            source: definition.file.clone(),
            target: kind.target(reference),
            read_only: true,
            bind_options: (kind == Kind::Secret).then(MountBindOptions::default),
            ..MountSpec::default()
        });
    }
    Ok(mounts)
}

fn check(
    setting: &Setting<'_>,
    kind: Kind,
    path: &str,
    definition: &FileObject,
) -> Result<(), StackError> {
    let name = kind.name();
    let message = if definition.external {
        format!("unsupported external {name} {}", definition.name)
    } else if !definition.driver.is_empty() {
        format!("Docker Compose does not support {name}s.*.driver")
    } else if !definition.template_driver.is_empty() {
        format!("Docker Compose does not support {name}s.*.template_driver")
    } else {
        return Ok(());
    };
    Err(setting.problem(codes::FILE_OBJECT_UNSUPPORTED, path, message))
}

/// Files that are written into each container of the service before it starts.
///
/// # Errors
/// A variable that is not set; a read-only root file system, which cannot be written to.
pub fn injected_files(
    setting: &Setting<'_>,
    service: &Service,
) -> Result<Vec<InjectedFile>, StackError> {
    let mut files = Vec::new();
    for (kind, path, reference, definition) in granted(setting, service) {
        let name = kind.name();
        let content = match definition.environment.as_str() {
            // Written, or captured where the file that has it was included with its own variables.
            _ if !definition.content.is_empty() => &definition.content,
            "" => continue,
            variable => setting.project.environment.get(variable).ok_or_else(|| {
                setting.problem(
                    codes::FILE_OBJECT_UNSET,
                    &path,
                    format!(
                        "environment variable {variable:?} required by {name} {:?} is not set",
                        definition.name
                    ),
                )
            })?,
        };
        if content.is_empty() {
            continue;
        }
        if service.read_only {
            return Err(setting.problem(
                codes::FILE_OBJECT_READ_ONLY,
                &path,
                format!(
                    "cannot create {name} {:?} in read-only service {}: `file` is the sole \
                     supported option",
                    definition.name, service.name
                ),
            ));
        }
        let id = |text: &str| text.parse().unwrap_or(0);
        let owned = !reference.uid.is_empty() || !reference.gid.is_empty();
        files.push(InjectedFile {
            path: kind.target(reference),
            content: content.clone(),
            mode: reference.mode.map_or(0o444, |mode| mode.0),
            owner: owned.then(|| (id(&reference.uid), id(&reference.gid))),
        });
    }
    Ok(files)
}

fn warn(warnings: &mut Vec<String>, text: String) {
    if !warnings.contains(&text) {
        warnings.push(text);
    }
}
