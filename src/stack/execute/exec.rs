//! Commands run inside a container: hooks, and the tests of healthchecks.

use super::output::each_line;
use crate::compose::model::{Hook, Service};
use crate::engine::api::ExecCreate;
use crate::engine::{Engine, EngineError};
use crate::stack::progress::{Report, Subject};
use crate::stack::{StackError, StepError};

/// Runs hooks one after the other, outside of a plan. A container that has already ended has
/// nothing to be prepared.
pub(in crate::stack) async fn run_hooks<E: Engine>(
    engine: &E,
    container: &str,
    service: &Service,
    hooks: &[Hook],
    subject: &Subject,
    report: &dyn Report,
) -> Result<(), StackError> {
    for command in hooks {
        let mut tell = |line: &str| report.output(subject, line);
        let code = match hook(engine, container, command, service.tty, &mut tell).await {
            Err(error) if error.is_conflict() || error.is_not_found() => return Ok(()),
            code => code?,
        };
        if code != 0 && is_running(engine, container).await? {
            return Err(StackError::Step(Box::new(StepError {
                service: Some(service.name.clone()),
                step: "run post_start".to_owned(),
                message: format!("{} hook exited with status {code}", service.name),
                ..StepError::default()
            })));
        }
    }
    Ok(())
}

async fn is_running<E: Engine>(engine: &E, container: &str) -> Result<bool, EngineError> {
    Ok(engine.inspect_container(container).await?.is_some_and(|details| details.state.running))
}

/// Runs a hook and gives its exit code; `line` gets every line of its output.
///
/// # Errors
/// The engine's, of a container that does not run too.
pub async fn hook<E: Engine>(
    engine: &E,
    container: &str,
    hook: &Hook,
    tty: bool,
    line: &mut (dyn FnMut(&str) + Send),
) -> Result<i64, EngineError> {
    let body = ExecCreate {
        attach_stdout: true,
        attach_stderr: true,
        tty,
        env: hook
            .environment
            .iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{name}={value}"),
                None => name.clone(),
            })
            .collect(),
        cmd: hook.command.clone().unwrap_or_default(),
        privileged: hook.privileged,
        user: hook.user.clone(),
        working_dir: hook.working_dir.clone(),
        ..ExecCreate::default()
    };
    run(engine, container, &body, line).await
}

/// Runs a command as a container's own healthcheck would, and gives its exit code.
///
/// # Errors
/// The engine's, of a container that does not run too.
pub async fn test<E: Engine>(
    engine: &E,
    container: &str,
    command: Vec<String>,
) -> Result<i64, EngineError> {
    let body = ExecCreate {
        attach_stdout: true,
        attach_stderr: true,
        cmd: command,
        ..ExecCreate::default()
    };
    run(engine, container, &body, &mut |_| {}).await
}

async fn run<E: Engine>(
    engine: &E,
    container: &str,
    body: &ExecCreate,
    line: &mut (dyn FnMut(&str) + Send),
) -> Result<i64, EngineError> {
    let exec = engine.create_exec(container, body).await?;
    let mut attached = engine.start_exec(&exec, body.tty).await?;
    each_line(&mut attached.output, line).await?;
    // Its output has ended, so it has; an engine that does not know the code yet has lost it.
    Ok(engine.inspect_exec(&exec).await?.exit_code.unwrap_or(-1))
}
