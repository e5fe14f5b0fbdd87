//! A directory in the OCI image layout: blobs by digest, and an index of what they are.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, Take};
use tonic::Status;

use crate::build::inputs::hexadecimal;

/// The annotation under which an index names an image.
const NAME: &str = "org.opencontainers.image.ref.name";

/// A directory with blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::build) struct Layout(pub(in crate::build) PathBuf);

/// A part of a blob that is being read.
pub(super) struct Blob(Take<File>);

/// A blob that is being written.
pub(super) struct Ingest {
    path: PathBuf,
    file: File,
    hash: Sha256,
    offset: i64,
}

fn failed(error: &io::Error) -> Status {
    match error.kind() {
        io::ErrorKind::NotFound => Status::not_found(error.to_string()),
        _ => Status::internal(error.to_string()),
    }
}

impl Layout {
    /// The digest under which the index has an image: by this name, or the only one there is.
    pub(in crate::build) fn find(&self, name: &str) -> io::Result<String> {
        let index: Value = serde_json::from_slice(&std::fs::read(self.0.join("index.json"))?)?;
        let images = index["manifests"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named = images.iter().find(|image| image["annotations"][NAME] == name);
        let ((Some(image), _) | (None, [image])) = (named, images) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("no image {name}")));
        };
        let digest = image["digest"].as_str().filter(|digest| blob_name(digest).is_some());
        digest.map(str::to_owned).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Names an image in the index, in place of another of that name.
    pub(in crate::build) fn put(&self, name: &str, mut descriptor: Value) -> io::Result<()> {
        let path = self.0.join("index.json");
        let mut index: Value = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                json!({ "schemaVersion": 2, "manifests": [] })
            }
            Err(error) => return Err(error),
        };
        descriptor["annotations"][NAME] = json!(name);
        let images = index["manifests"].as_array_mut().ok_or(io::ErrorKind::InvalidData)?;
        images.retain(|image| image["annotations"][NAME] != name);
        images.push(descriptor);
        let version = json!({ "imageLayoutVersion": "1.0.0" });
        std::fs::write(self.0.join("oci-layout"), version.to_string())?;
        // In one step, so that a reader never sees half an index.
        let unfinished = self.0.join("index.json.new");
        std::fs::write(&unfinished, index.to_string())?;
        std::fs::rename(unfinished, path)
    }

    fn blob(&self, digest: &str) -> Result<PathBuf, Status> {
        let name = blob_name(digest)
            .ok_or_else(|| Status::invalid_argument(format!("invalid digest {digest:?}")))?;
        Ok(self.0.join("blobs").join("sha256").join(name))
    }

    pub(super) async fn size(&self, digest: &str) -> Result<u64, Status> {
        let metadata = fs::metadata(self.blob(digest)?).await;
        metadata.map(|metadata| metadata.len()).map_err(|error| failed(&error))
    }

    pub(super) async fn open(
        &self,
        digest: &str,
        start: u64,
        length: Option<u64>,
    ) -> Result<Blob, Status> {
        let mut file = File::open(self.blob(digest)?).await.map_err(|error| failed(&error))?;
        file.seek(SeekFrom::Start(start)).await.map_err(|error| failed(&error))?;
        Ok(Blob(file.take(length.unwrap_or(u64::MAX))))
    }

    /// Begins to write a blob, from its start.
    pub(super) async fn begin(&self, name: &str, expected: &str) -> Result<Ingest, Status> {
        if !expected.is_empty() && fs::metadata(self.blob(expected)?).await.is_ok() {
            return Err(Status::already_exists(format!("content {expected}")));
        }
        let path = self.unfinished(name);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).await.map_err(|error| failed(&error))?;
        }
        let file = File::create(&path).await.map_err(|error| failed(&error))?;
        Ok(Ingest { path, file, hash: Sha256::new(), offset: 0 })
    }

    /// Forgets what was written under a name. That there is nothing is no trouble.
    pub(super) async fn abort(&self, name: &str) {
        let _ = fs::remove_file(self.unfinished(name)).await;
    }

    /// Where a blob is until it is complete; its name may hold anything.
    fn unfinished(&self, name: &str) -> PathBuf {
        self.0.join("ingest").join(hexadecimal(&Sha256::digest(name)))
    }
}

/// The file name of a blob: what follows `sha256:`, if it is a digest at all.
fn blob_name(digest: &str) -> Option<&str> {
    let name = digest.strip_prefix("sha256:")?;
    let valid = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then_some(name)
}

impl Blob {
    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self, most: usize) -> Result<Vec<u8>, Status> {
        let mut data = Vec::with_capacity(most);
        let mut piece = (&mut self.0).take(most as u64);
        piece.read_to_end(&mut data).await.map_err(|error| failed(&error))?;
        Ok(data)
    }
}

impl Ingest {
    pub(super) fn offset(&self) -> i64 {
        self.offset
    }

    /// Takes bytes at the present end, or at the start again.
    pub(super) async fn take(&mut self, offset: i64, data: &[u8]) -> Result<(), Status> {
        if offset == 0 && self.offset > 0 && !data.is_empty() {
            self.file.set_len(0).await.map_err(|error| failed(&error))?;
            self.file.rewind().await.map_err(|error| failed(&error))?;
            (self.hash, self.offset) = (Sha256::new(), 0);
        }
        if offset != self.offset && !data.is_empty() {
            return Err(Status::out_of_range(format!("write at {offset} of {}", self.offset)));
        }
        self.file.write_all(data).await.map_err(|error| failed(&error))?;
        self.hash.update(data);
        self.offset += i64::try_from(data.len()).unwrap_or(0);
        Ok(())
    }

    /// Checks the whole and keeps it; its digest.
    pub(super) async fn commit(
        mut self,
        layout: &Layout,
        total: i64,
        expected: &str,
    ) -> Result<String, Status> {
        let digest = format!("sha256:{}", hexadecimal(&self.hash.finalize()));
        if total > 0 && total != self.offset {
            let words = format!("{} bytes instead of {total}", self.offset);
            return Err(Status::failed_precondition(words));
        }
        if !expected.is_empty() && expected != digest {
            return Err(Status::failed_precondition(format!("{digest} instead of {expected}")));
        }
        let blob = layout.blob(&digest)?;
        finish(&mut self.file, &self.path, &blob).await.map_err(|error| failed(&error))?;
        Ok(digest)
    }
}

async fn finish(file: &mut File, from: &Path, to: &Path) -> io::Result<()> {
    file.flush().await?;
    if let Some(directory) = to.parent() {
        fs::create_dir_all(directory).await?;
    }
    fs::rename(from, to).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Layout;

    #[tokio::test]
    async fn a_blob_is_written_checked_and_read() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout(root.path().to_owned());
        let digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let mut ingest = layout.begin("../x", digest).await.unwrap();
        ingest.take(0, b"wrong").await.unwrap();
        ingest.take(0, b"hel").await.unwrap();
        assert!(ingest.take(7, b"?").await.is_err(), "nothing is left out");
        ingest.take(3, b"lo").await.unwrap();
        assert_eq!(ingest.commit(&layout, 5, digest).await.unwrap(), digest);
        assert_eq!(layout.size(digest).await.unwrap(), 5);
        let mut blob = layout.open(digest, 1, Some(3)).await.unwrap();
        assert_eq!(blob.next(2).await.unwrap(), b"el");
        assert_eq!(blob.next(2).await.unwrap(), b"l");
        assert_eq!(blob.next(2).await.unwrap(), b"");
        assert!(layout.begin("y", digest).await.is_err(), "it is there already");
        let other = layout.begin("z", "").await.unwrap();
        assert!(other.commit(&layout, 0, digest).await.is_err(), "another content");
        assert!(layout.size("sha256:../../etc/passwd").await.is_err());
    }

    #[test]
    fn the_index_names_images() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout(root.path().to_owned());
        assert!(layout.find("latest").is_err());
        let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
        layout.put("latest", json!({ "digest": digest("a"), "size": 1 })).unwrap();
        assert_eq!(layout.find("latest").unwrap(), digest("a"));
        assert_eq!(layout.find("other").unwrap(), digest("a"), "the only one");
        layout.put("other", json!({ "digest": digest("b"), "size": 1 })).unwrap();
        layout.put("latest", json!({ "digest": digest("c"), "size": 1 })).unwrap();
        assert_eq!(layout.find("latest").unwrap(), digest("c"));
        assert_eq!(layout.find("other").unwrap(), digest("b"));
        assert!(layout.find("third").is_err());
    }
}
