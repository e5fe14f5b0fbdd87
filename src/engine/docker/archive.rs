//! Files of containers as tar archives, and images made of containers. Archives are never held as
//! a whole: they are sent and received piece by piece.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Response};
use serde::Deserialize;

use super::DockerEngine;
use super::calls::id;
use crate::engine::api::{Commit, PathStat, Unpack};
use crate::engine::reference::ImageReference;
use crate::engine::transport::error::root_cause;
use crate::engine::transport::{Body, Query, empty};
use crate::engine::{Archive, EngineError, Result, Stream};

/// Header that tells what is at a path: JSON in base 64.
const PATH_STAT: &str = "x-docker-container-path-stat";

/// Answer of ImageCommit.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Committed {
    id: String,
}

impl DockerEngine {
    /// ContainerArchiveInfo. Behind a file there is nothing, though engines call that a failure.
    pub(super) async fn stat(&self, container: &str, path: &Path) -> Result<Option<PathStat>> {
        let url = archive_path(container, path).build();
        let ask =
            async |method| self.transport().request(method, &url, HeaderMap::new(), empty()).await;
        let mut answer = ask(Method::HEAD).await;
        if matches!(answer, Err(EngineError::Refused { .. })) {
            // The answer to HEAD has no words; that to the same question with GET has.
            answer = ask(Method::GET).await;
        }
        match answer {
            Ok(response) => path_stat(&response).map(Some),
            Err(error) if error.is_not_found() || is_behind_file(&error, path) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// ContainerArchive.
    pub(super) async fn archive(&self, container: &str, path: &Path) -> Result<Archive> {
        let url = archive_path(container, path).build();
        let response =
            self.transport().request(Method::GET, &url, HeaderMap::new(), empty()).await?;
        let stat = path_stat(&response)?;
        Ok(Archive { stat, content: content(response, format!("files of {container}")) })
    }

    /// PutContainerArchive.
    pub(super) async fn put_archive(
        &self,
        container: &str,
        path: &str,
        options: Unpack,
        tar: Body,
    ) -> Result<()> {
        let mut url = archive_path(container, Path::new(path));
        if !options.overwrite {
            url = url.with("noOverwriteDirNonDir", "true");
        }
        if options.copy_uid_gid {
            url = url.with("copyUIDGID", "true");
        }
        let url = url.build();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
        let response = self.transport().request(Method::PUT, &url, headers, tar).await?;
        // Read to its end, so that the connection can serve again.
        self.transport().collect(&url, response).await.map(drop)
    }

    /// ContainerExport.
    pub(super) async fn file_system(&self, container: &str) -> Result<Stream<Bytes>> {
        let url = format!("/containers/{}/export", id(container));
        let response =
            self.transport().request(Method::GET, &url, HeaderMap::new(), empty()).await?;
        Ok(content(response, format!("file system of {container}")))
    }

    /// ImageCommit.
    pub(super) async fn make_image(&self, container: &str, commit: &Commit) -> Result<String> {
        let reference = ImageReference::parse(&commit.reference);
        let mut url = Query::new("/commit").with("container", container);
        if !commit.reference.is_empty() {
            url = url.with("repo", reference.name).with("tag", reference.version());
        }
        for change in &commit.changes {
            url = url.with("changes", change);
        }
        let url = url
            .with("author", &commit.author)
            .with("comment", &commit.comment)
            .with("pause", if commit.pause { "1" } else { "0" })
            .build();
        let committed: Committed =
            self.transport().request_json(Method::POST, &url, Some(&serde_json::json!({}))).await?;
        Ok(committed.id)
    }
}

fn archive_path(container: &str, path: &Path) -> Query {
    let path = path.as_os_str().as_encoded_bytes();
    Query::new(format!("/containers/{}/archive", id(container))).with("path", path)
}

/// Whether a path leads behind a file. A link that leads there says so too, but of where it leads.
fn is_behind_file(error: &EngineError, path: &Path) -> bool {
    let text = error.to_string();
    let Some(failed) = text.strip_suffix(": not a directory") else { return false };
    // The first part that is behind it is what fails.
    let mut parts = path.ancestors().filter(|part| part.file_name().is_some());
    parts.any(|part| failed.ends_with(&*part.to_string_lossy()))
}

fn path_stat(response: &Response<Incoming>) -> Result<PathStat> {
    let broken = |reason: String| EngineError::Broken {
        context: format!("answer without a valid {PATH_STAT}"),
        reason,
    };
    let header = response.headers().get(PATH_STAT).map_or(&[][..], HeaderValue::as_bytes);
    let text = STANDARD.decode(header).map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))
}

fn content(response: Response<Incoming>, call: String) -> Stream<Bytes> {
    response
        .into_body()
        .into_data_stream()
        .map_err(move |error| EngineError::Broken {
            context: call.clone(),
            reason: root_cause(&error),
        })
        .boxed()
}
