//! `security_opt`: profiles come in as text, and `systempaths=unconfined` becomes fields of its own.

use std::path::Path;

use super::{Setting, StackError};
use crate::compose::model::Service;
use crate::diagnostic::codes;
use crate::engine::api::HostConfig;

/// Fills in the security options of `host`.
pub(super) fn apply(
    setting: &Setting<'_>,
    service: &Service,
    host: &mut HostConfig,
) -> Result<(), StackError> {
    for (index, option) in service.security_opt.iter().enumerate() {
        let path = format!("services.{}.security_opt[{index}]", service.name);
        if option == "systempaths=unconfined" {
            host.masked_paths = Some(Vec::new());
            host.readonly_paths = Some(Vec::new());
            continue;
        }
        let pair = option.split_once('=').or_else(|| option.split_once(':'));
        match pair {
            None if option != "no-new-privileges" => {
                return Err(setting.problem(
                    codes::SECURITY_OPTION,
                    &path,
                    format!("Invalid security-opt: {option:?}"),
                ));
            }
            Some(("seccomp", profile)) if profile != "unconfined" && profile != "builtin" => {
                host.security_opt.push(format!("seccomp={}", seccomp(setting, &path, profile)?));
            }
            _ => host.security_opt.push(option.clone()),
        }
    }
    Ok(())
}

/// The profile in a file, as compact JSON.
fn seccomp(setting: &Setting<'_>, path: &str, profile: &str) -> Result<String, StackError> {
    let file = setting.project.working_dir.join(Path::new(profile));
    let text = setting.files.read(&file).map_err(|reason| {
        setting.problem(
            codes::SECCOMP_UNREADABLE,
            path,
            format!("opening seccomp profile ({profile}) failed: {reason}"),
        )
    })?;
    serde_json::from_slice::<serde_json::Value>(&text).map(|value| value.to_string()).map_err(
        |reason| {
            setting.problem(
                codes::SECCOMP_NOT_JSON,
                path,
                format!("compacting json for seccomp profile ({profile}) failed: {reason}"),
            )
        },
    )
}
