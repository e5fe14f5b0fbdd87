//! Whose files are that are brought into a container: its user's, by the container's own `/etc/passwd` and `/etc/group`. Newer
//! engines find that out when they are asked to; Docker 20.10 looks in the files of its own machine, where the user is
//! another one or none. So it is looked up here, as the engine does when it starts a container (`GetExecUser` of moby's
//! `user`), and numbers are sent.

use std::io::Read;
use std::path::Path;

use futures_util::StreamExt;

use super::SyncError;
use crate::engine::{Engine, EngineError};

/// Up to how many bytes of a list of users or groups are read.
const READ: usize = 4 << 20;

/// The ids of a user and a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Owner {
    /// The user's.
    pub(super) user: u32,
    /// The group's.
    pub(super) group: u32,
}

/// The user of a container.
///
/// # Errors
/// A name that is not listed there, and an engine that does not answer.
pub(super) async fn owner<E: Engine>(engine: &E, container: &str) -> Result<Owner, SyncError> {
    let details = engine.inspect_container(container).await?;
    let said = details.map(|details| details.config.user).unwrap_or_default();
    if said.is_empty() {
        return Ok(Owner::default());
    }
    let passwd = text(engine, container, "/etc/passwd").await?;
    let names_group = said.split_once(':').is_some_and(|(_, group)| !group.is_empty());
    let group =
        if names_group { text(engine, container, "/etc/group").await? } else { String::new() };
    found(&said, &passwd, &group).ok_or(SyncError::NoUser(said))
}

/// The text of a file in a container; nothing where there is none.
async fn text<E: Engine>(engine: &E, container: &str, path: &str) -> Result<String, SyncError> {
    let mut archive = match engine.download(container, Path::new(path)).await {
        Ok(archive) => archive.content,
        // Whether it is the container that is not there shows at the next call.
        Err(error) if error.is_not_found() => return Ok(String::new()),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::new();
    while let Some(piece) = archive.next().await {
        bytes.extend_from_slice(&piece?);
        if bytes.len() > READ {
            break;
        }
    }
    let broken = |error: std::io::Error| {
        SyncError::from(EngineError::Broken {
            context: format!("read {path} of a container"),
            reason: error.to_string(),
        })
    };
    first(&bytes).map_err(broken)
}

/// The content of the first file of an archive.
fn first(archive: &[u8]) -> std::io::Result<String> {
    let mut archive = tar::Archive::new(archive);
    let mut content = Vec::new();
    if let Some(entry) = archive.entries()?.next() {
        entry?.read_to_end(&mut content)?;
    }
    Ok(String::from_utf8_lossy(&content).into_owned())
}

/// Whom `USER` or `USER:GROUP` means by these lists. A number is taken for an id, also of nobody; `None` for a name of
/// nobody.
fn found(said: &str, passwd: &str, group: &str) -> Option<Owner> {
    let (user, its_group) = said.split_once(':').unwrap_or((said, ""));
    let mut owner = if user.is_empty() {
        Owner::default()
    } else {
        let number = user.parse().ok();
        // name:password:uid:gid:…
        let listed = lines(passwd).find(|fields| is_named(fields, user, number));
        match listed {
            Some(fields) => {
                Owner { user: fields.get(2)?.parse().ok()?, group: fields.get(3)?.parse().ok()? }
            }
            None => Owner { user: number?, group: 0 },
        }
    };
    if !its_group.is_empty() {
        let number = its_group.parse().ok();
        // name:password:gid:…
        let listed = lines(group).find(|fields| is_named(fields, its_group, number));
        owner.group = match listed {
            Some(fields) => fields.get(2)?.parse().ok()?,
            None => number?,
        };
    }
    Some(owner)
}

fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.trim().split(':').collect())
}

/// Whether an entry has a number, or a name where that is none.
fn is_named(fields: &[&str], name: &str, number: Option<u32>) -> bool {
    match number {
        Some(number) => fields.get(2).is_some_and(|field| field.parse() == Ok(number)),
        None => fields.first() == Some(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0::/:/bin/sh\n\napp:x:1234:4321::/:/bin/sh\n7:x:70:71::/:/bin/sh\n";
    const GROUP: &str = "root:x:0:\ngrp:x:2345:app\n";

    #[test]
    fn a_user_is_found_as_the_engine_finds_it() {
        for (said, expected) in [
            ("app", Some((1234, 4321))),
            ("app:grp", Some((1234, 2345))),
            ("app:", Some((1234, 4321))),
            ("app:99", Some((1234, 99))),
            ("1234", Some((1234, 4321))),
            ("1000:1000", Some((1000, 1000))),
            ("777", Some((777, 0))),
            ("7", Some((7, 0))),
            (":grp", Some((0, 2345))),
            ("nobody", None),
            ("app:nobody", None),
        ] {
            let found = found(said, PASSWD, GROUP).map(|owner| (owner.user, owner.group));
            assert_eq!(found, expected, "{said}");
        }
        assert_eq!(found("1000:50", "", "").map(|it| (it.user, it.group)), Some((1000, 50)));
    }
}
