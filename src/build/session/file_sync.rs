//! Sends directories to the builder by the `fsutil` protocol: first the description of every file,
//! then the content of those that the builder does not have yet.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bollard::fsutil::types::packet::PacketType;
use bollard::fsutil::types::{Packet, Stat};
use bollard::moby::filesync::v1::file_sync_server;
use futures_util::stream::BoxStream;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use super::Trouble;
use crate::build::context::{Entry, EntryKind, Filter, Tree, WalkError, follow, walk};
use crate::build::error::BuildError;

/// Packets that may wait for the connection.
const QUEUE: usize = 64;
/// Bytes of a file in one packet.
const CHUNK: usize = 32 * 1024;

pub(super) struct FileSync {
    pub(super) trees: BTreeMap<String, Tree>,
    pub(super) trouble: Trouble,
}

#[tonic::async_trait]
impl file_sync_server::FileSync for FileSync {
    type DiffCopyStream = ReceiverStream<Result<Packet, Status>>;
    type TarStreamStream = BoxStream<'static, Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let (metadata, _, incoming) = request.into_parts();
        let name = values(&metadata, "dir-name").into_iter().next().unwrap_or_default();
        let Some(tree) = self.trees.get(&name).cloned() else {
            return Err(Status::not_found(format!("no access allowed to dir {name:?}")));
        };
        let wanted = Wanted {
            include: values(&metadata, "include-patterns"),
            exclude: values(&metadata, "exclude-patterns"),
            follow: values(&metadata, "followpaths"),
        };
        let (packets, outgoing) = mpsc::channel(QUEUE);
        tokio::spawn(send(tree, wanted, incoming, packets, self.trouble.clone()));
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }

    /// The protocol before `DiffCopy`; no engine of today asks for it.
    async fn tar_stream(
        &self,
        _: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::TarStreamStream>, Status> {
        Err(Status::unimplemented("tarstream is not offered"))
    }
}

/// What of a tree the builder asks for.
struct Wanted {
    include: Vec<String>,
    exclude: Vec<String>,
    follow: Vec<String>,
}

/// All values of a header, decoded where BuildKit had to encode them.
fn values(metadata: &MetadataMap, key: &str) -> Vec<String> {
    let encoded = metadata
        .get(format!("{key}-encoded"))
        .is_some_and(|value| matches!(value.to_str(), Ok("1" | "t" | "T" | "true" | "TRUE")));
    metadata
        .get_all(key)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .map(|value| if encoded { query_unescape(&value) } else { value })
        .collect()
}

/// Undoes the percent encoding of query strings.
fn query_unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    Some(byte) => {
                        bytes.push(byte);
                        rest = &tail[2..];
                    }
                    None => bytes.push(b'%'),
                }
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

type Packets = mpsc::Sender<Result<Packet, Status>>;
/// Regular files by the number of their description, until they are asked for.
type Offered = Arc<Mutex<HashMap<u32, Content>>>;

/// Where the bytes of a file are.
enum Content {
    File(PathBuf),
    Bytes(Vec<u8>),
}

/// Describes the tree, answers requests for contents, and ends when the builder says so.
async fn send(
    tree: Tree,
    wanted: Wanted,
    mut incoming: Streaming<Packet>,
    packets: Packets,
    trouble: Trouble,
) {
    let offered = Offered::default();
    let describing = {
        let (offered, packets, trouble) = (offered.clone(), packets.clone(), trouble.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = describe(&tree, &wanted, &offered, &packets) {
                fail(&packets, error, &trouble);
            }
        })
    };
    let (requests, requested) = mpsc::unbounded_channel();
    let reading = {
        let (packets, trouble) = (packets.clone(), trouble.clone());
        tokio::task::spawn_blocking(move || read_requested(requested, &offered, &packets, &trouble))
    };
    while let Some(Ok(packet)) = incoming.next().await {
        match packet.r#type() {
            PacketType::PacketReq => {
                // The reader is gone only after a failure, which it has reported.
                let _ = requests.send(packet.id);
            }
            PacketType::PacketFin => {
                // The connection may be gone: then nobody waits for this.
                let _ = packets.send(Ok(bare(PacketType::PacketFin, 0))).await;
                break;
            }
            PacketType::PacketErr => break,
            PacketType::PacketStat | PacketType::PacketData => {}
        }
    }
    drop(requests);
    drop(packets);
    // Both end once nobody takes their packets; a panic in them is a bug and not hidden.
    let (described, read) = tokio::join!(describing, reading);
    for joined in [described, read] {
        if let Err(error) = joined
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

/// Sends the description of every wanted file, then an empty one.
fn describe(
    tree: &Tree,
    wanted: &Wanted,
    offered: &Offered,
    packets: &Packets,
) -> Result<(), BuildError> {
    let mut number = 0u32;
    let mut offer = |entry: Entry, content: Option<Content>| {
        if let Some(content) = content {
            offered.lock().unwrap_or_else(PoisonError::into_inner).insert(number, content);
        }
        number += 1;
        let packet = Packet { stat: Some(stat(entry)), ..bare(PacketType::PacketStat, 0) };
        match packets.blocking_send(Ok(packet)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    let filter = |include: &[String]| {
        Filter::new(include, &wanted.exclude)
            .map_err(|source| BuildError::Ignore { file: ".dockerignore".to_owned(), source })
    };
    match tree {
        Tree::Directory(root) => {
            let mut include = wanted.include.clone();
            include.extend(follow(root, &wanted.follow));
            walk(root, &filter(&include)?, |entry| {
                let content = matches!(entry.kind, EntryKind::File)
                    .then(|| Content::File(root.join(&entry.path)));
                offer(entry, content)
            })?;
        }
        Tree::Files(files) => {
            for (name, content) in files {
                let entry = Entry {
                    path: name.clone(),
                    kind: EntryKind::File,
                    permissions: 0o644,
                    size: content.len() as u64,
                    modified: stamp(content),
                    attributes: BTreeMap::new(),
                };
                if offer(entry, Some(Content::Bytes(content.clone()))).is_break() {
                    break;
                }
            }
        }
    }
    // Nobody to tell means nobody who waits.
    let _ = packets.blocking_send(Ok(bare(PacketType::PacketStat, 0)));
    Ok(())
}

/// A time that differs with the content: builders take a file of the same size and time for the
/// one that they have already.
fn stamp(content: &[u8]) -> i64 {
    let digest = Sha256::digest(content);
    let (head, _) = digest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    // Positive, and within the years that file systems know.
    i64::from_be_bytes(*head) & (i64::MAX >> 2)
}

fn stat(entry: Entry) -> Stat {
    let mode = entry.go_mode();
    let (linkname, devmajor, devminor) = match entry.kind {
        EntryKind::SymbolicLink(target) | EntryKind::HardLink(target) => (target, 0, 0),
        EntryKind::Device { major, minor, .. } => {
            (String::new(), i64::from(major), i64::from(minor))
        }
        EntryKind::File | EntryKind::Directory | EntryKind::Pipe => (String::new(), 0, 0),
    };
    Stat {
        path: entry.path,
        mode,
        // Files belong to root in every image, whoever builds.
        uid: 0,
        gid: 0,
        size: i64::try_from(entry.size).unwrap_or(i64::MAX),
        mod_time: entry.modified,
        linkname,
        devmajor,
        devminor,
        xattrs: entry.attributes.into_iter().collect(),
    }
}

/// Sends the contents that are asked for, in that order, each ended by an empty packet.
fn read_requested(
    mut requested: mpsc::UnboundedReceiver<u32>,
    offered: &Offered,
    packets: &Packets,
    trouble: &Trouble,
) {
    while let Some(number) = requested.blocking_recv() {
        let content = offered.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        let sent = match content {
            None => Ok(ControlFlow::Continue(())),
            Some(Content::Bytes(bytes)) => Ok(send_reader(number, &mut &bytes[..], packets)),
            Some(Content::File(path)) => open(&path)
                .and_then(|mut file| match file.as_mut() {
                    Some(file) => try_send_reader(number, file, packets),
                    None => Ok(ControlFlow::Continue(())),
                })
                .map_err(|source| WalkError { path, source }),
        };
        match sent {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => return,
            Err(error) => return fail(packets, error.into(), trouble),
        }
        if packets.blocking_send(Ok(bare(PacketType::PacketData, number))).is_err() {
            return;
        }
    }
}

/// Opens a file. What is gone by now, and a socket, counts as empty.
fn open(path: &PathBuf) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let file = std::fs::symlink_metadata(path)?.is_file();
            if file { Err(error) } else { Ok(None) }
        }
    }
}

fn send_reader(number: u32, reader: &mut &[u8], packets: &Packets) -> ControlFlow<()> {
    // Reading from memory cannot fail.
    try_send_reader(number, reader, packets).unwrap_or(ControlFlow::Break(()))
}

fn try_send_reader(
    number: u32,
    reader: &mut impl Read,
    packets: &Packets,
) -> io::Result<ControlFlow<()>> {
    loop {
        let mut data = vec![0; CHUNK];
        let length = match reader.read(&mut data) {
            Ok(0) => return Ok(ControlFlow::Continue(())),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        data.truncate(length);
        let packet = Packet { data, ..bare(PacketType::PacketData, number) };
        if packets.blocking_send(Ok(packet)).is_err() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

/// Keeps the error for ourselves and tells the builder.
fn fail(packets: &Packets, error: BuildError, trouble: &Trouble) {
    let data = error.to_string().into_bytes();
    trouble.report(error);
    // Nobody to tell means that the build has ended already.
    let _ = packets.blocking_send(Ok(Packet { data, ..bare(PacketType::PacketErr, 0) }));
}

fn bare(kind: PacketType, id: u32) -> Packet {
    Packet { r#type: kind.into(), stat: None, id, data: Vec::new() }
}

#[cfg(test)]
mod tests {
    use tonic::metadata::{MetadataMap, MetadataValue};

    use super::values;

    #[test]
    fn reads_patterns_plain_and_encoded() {
        let mut metadata = MetadataMap::new();
        metadata.append("exclude-patterns", MetadataValue::from_static("100%"));
        metadata.append("exclude-patterns", MetadataValue::from_static("a+b"));
        assert_eq!(values(&metadata, "exclude-patterns"), ["100%", "a+b"]);
        metadata.append("followpaths", MetadataValue::from_static("caf%C3%A9+x%2Fy"));
        metadata.append("followpaths-encoded", MetadataValue::from_static("1"));
        assert_eq!(values(&metadata, "followpaths"), ["café x/y"]);
        assert_eq!(values(&metadata, "include-patterns"), [] as [&str; 0]);
    }
}
