//! Secrets and configs written into a container before it starts.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tar::{Builder, EntryType, Header};

use crate::engine::api::Unpack;
use crate::engine::transport::full;
use crate::engine::{Engine, EngineError};
use crate::stack::desired::InjectedFile;

/// Writes files into a container; those with an owner and those without go separately, because the
/// engine keeps or drops owners for a whole archive.
pub(in crate::stack) async fn inject<E: Engine>(
    engine: &E,
    container: &str,
    files: &[InjectedFile],
) -> Result<(), EngineError> {
    for owned in [false, true] {
        let files: Vec<&InjectedFile> =
            files.iter().filter(|file| file.owner.is_some() == owned).collect();
        if files.is_empty() {
            continue;
        }
        // A program may go by the time to see that a file is a new one.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let archive = archive(&files, now).map_err(|reason| EngineError::Broken {
            context: "pack secrets and configs".into(),
            reason: reason.to_string(),
        })?;
        let unpack = Unpack { copy_uid_gid: owned, ..Unpack::default() };
        engine.upload(container, "/", unpack, full(archive)).await?;
    }
    Ok(())
}

/// The files as an archive that is unpacked at the root; `now` is when they were made, in seconds.
fn archive(files: &[&InjectedFile], now: u64) -> std::io::Result<Bytes> {
    let mut archive = Builder::new(Vec::new());
    for file in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(file.mode);
        header.set_size(file.content.len() as u64);
        header.set_mtime(now);
        if let Some((user, group)) = file.owner {
            header.set_uid(user);
            header.set_gid(group);
        }
        let path = file.path.trim_start_matches('/');
        archive.append_data(&mut header, path, file.content.as_bytes())?;
    }
    Ok(archive.into_inner()?.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn archive_carries_mode_owner_and_content() {
        let file = InjectedFile {
            path: "/run/secrets/password".into(),
            content: "s3cret".into(),
            mode: 0o440,
            owner: Some((1000, 50)),
        };
        let bytes = archive(&[&file], 1_800_000_000).expect("in memory");
        let mut archive = tar::Archive::new(&bytes[..]);
        let mut entry = archive.entries().expect("entries").next().expect("one").expect("readable");
        assert_eq!(entry.path().expect("a path").to_str(), Some("run/secrets/password"));
        assert_eq!(entry.header().mode().ok(), Some(0o440));
        assert_eq!(entry.header().mtime().ok(), Some(1_800_000_000));
        assert_eq!((entry.header().uid().ok(), entry.header().gid().ok()), (Some(1000), Some(50)));
        let mut content = String::new();
        entry.read_to_string(&mut content).expect("readable");
        assert_eq!(content, "s3cret");
    }
}
