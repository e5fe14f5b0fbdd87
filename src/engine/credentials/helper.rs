//! Credential helpers: `docker-credential-NAME get`, the registry on its standard input, JSON on its
//! standard output.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Credential;

/// What a helper prints where it has nothing, by the protocol's reference implementation.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// User name that marks the secret as an identity token.
const TOKEN_USER: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// The file name of a helper.
pub(super) fn program(suffix: &str) -> String {
    format!("docker-credential-{suffix}")
}

/// Asks the helper `suffix` for the credential kept under `key`.
///
/// # Errors
/// One sentence that says what the helper did.
pub(super) async fn get(suffix: &str, key: &str) -> Result<Option<Credential>, String> {
    let Some(answer) = ask(suffix, "get", key).await? else { return Ok(None) };
    let answer: Answer = serde_json::from_str(&answer)
        .map_err(|_| format!("{} gave no JSON for {key}", program(suffix)))?;
    Ok(Some(credential(answer, key)).filter(|credential| !credential.is_empty()))
}

/// The registries that the helper `suffix` keeps credentials for.
///
/// # Errors
/// One sentence that says what the helper did.
pub(super) async fn list(suffix: &str) -> Result<Vec<String>, String> {
    let Some(answer) = ask(suffix, "list", "").await? else { return Ok(Vec::new()) };
    let users: BTreeMap<String, String> = serde_json::from_str(&answer)
        .map_err(|_| format!("{} gave no list in JSON", program(suffix)))?;
    Ok(users.into_keys().collect())
}

/// What a helper prints in answer to a verb; `None` where it has nothing.
async fn ask(suffix: &str, verb: &str, input: &str) -> Result<Option<String>, String> {
    let program = program(suffix);
    let mut child = Command::new(&program)
        .arg(verb)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{program} cannot be run: {}", super::plain(&error)))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input may still answer.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let output = child
        .wait_with_output()
        .await
        .map_err(|error| format!("{program} failed: {}", super::plain(&error)))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        if stdout.trim() == NOT_FOUND {
            return Ok(None);
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let words = [stdout.trim(), stderr.trim()].into_iter().find(|words| !words.is_empty());
        let words = words.map_or_else(String::new, |words| format!(": {words}"));
        return Err(format!("{program} failed ({}){words}", output.status));
    }
    Ok(Some(stdout.into_owned()))
}

fn credential(answer: Answer, key: &str) -> Credential {
    let mut credential = Credential { server_address: key.to_owned(), ..Credential::default() };
    if answer.username == TOKEN_USER {
        credential.identity_token = answer.secret;
    } else {
        credential.username = answer.username;
        credential.password = answer.secret;
    }
    credential
}
