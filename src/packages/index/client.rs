//! Asks indexes about projects: each once, several at a time, and until a deadline.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG,
    HeaderValue, IF_NONE_MATCH,
};
use hyper::{HeaderMap, Method, StatusCode, Uri};
use tokio::sync::{OnceCell, Semaphore};

use super::super::Settings;
use super::cache::{Cache, Kept};
use super::netrc;
use super::page::{self, decoded};
use crate::packages::python::metadata::requires;
use crate::packages::python::releases::{Release, releases};
use crate::remote::registry::Http;

/// How many requests are under way at a time.
const AT_ONCE: usize = 24;
/// Bytes of a page at most, and of what it is packed in.
const PAGE_LIMIT: usize = 64 * 1024 * 1024;
/// Bytes of the metadata of a release at most.
const METADATA_LIMIT: usize = 8 * 1024 * 1024;
/// How long an answer is good where the index does not say: as long as the public one says.
const FRESH: Duration = Duration::from_mins(10);
/// How long at most.
const FRESH_AT_MOST: Duration = Duration::from_hours(24);

/// What an index says of a project.
#[derive(Debug, Clone)]
pub(in crate::packages) enum Answer {
    /// Its releases, newest first.
    Releases(Arc<Vec<Release>>),
    /// There is no such project.
    NoProject,
    /// It could not be asked, or not understood: why.
    Unknown(String),
}

/// What a release needs: its requirements as they are written, or why they are not known.
pub(in crate::packages) type Needs = Result<Arc<Vec<String>>, String>;

/// All indexes.
pub(in crate::packages) struct Index {
    settings: Settings,
    cache: Option<Cache>,
    http: Http,
    netrc: OnceCell<Option<String>>,
    at_once: Semaphore,
    known: Mutex<HashMap<String, Arc<OnceCell<Answer>>>>,
    needs: Mutex<HashMap<String, Arc<OnceCell<Needs>>>>,
}

impl Index {
    /// Connects to nothing yet.
    pub(in crate::packages) fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            cache: Cache::new(settings),
            http: Http::new(&settings.variables),
            netrc: OnceCell::new(),
            at_once: Semaphore::new(AT_ONCE),
            known: Mutex::default(),
            needs: Mutex::default(),
        }
    }

    /// What the index at `base` says of a project, by its normalized name.
    pub(in crate::packages) async fn project(&self, base: &str, name: &str) -> Answer {
        let url = format!("{}/{name}/", base.trim_end_matches('/'));
        let cell = cell(&self.known, &url);
        cell.get_or_init(|| self.look_up(&url, name)).await.clone()
    }

    /// What a release needs, by the address of its metadata.
    pub(in crate::packages) async fn needs(&self, url: &str) -> Needs {
        cell(&self.needs, url).get_or_init(|| self.look_up_needs(url)).await.clone()
    }

    async fn look_up_needs(&self, url: &str) -> Needs {
        let (cache, owned) = (self.cache.clone(), url.to_owned());
        let kept = tokio::task::spawn_blocking(move || cache?.read_needs(&owned)).await;
        if let Some(kept) = kept.ok().flatten() {
            return Ok(Arc::new(kept));
        }
        let _turn = self.at_once.acquire().await.map_err(|error| error.to_string())?;
        let (uri, mut headers) = self.request(url).await?;
        headers.remove(ACCEPT);
        let answer = self.http.send(Method::GET, &uri, headers, Bytes::new(), METADATA_LIMIT).await;
        let answer = answer.map_err(|failed| crate::remote::error::Problem::from(failed).reason)?;
        let host = uri.host().unwrap_or_default();
        if answer.status != StatusCode::OK {
            return Err(format!("{host} answers {} for its metadata", answer.status));
        }
        let packing = answer.headers.get(CONTENT_ENCODING).and_then(|it| it.to_str().ok());
        let packed = packing.is_some_and(|it| it.contains("gzip"));
        let (cache, owned, body) = (self.cache.clone(), url.to_owned(), answer.body);
        let read = move || {
            let body = if packed { unpacked(&body)? } else { body };
            let needs = requires(&String::from_utf8_lossy(&body))?;
            if let Some(cache) = cache {
                cache.write_needs(&owned, &needs);
            }
            Some(needs)
        };
        let needs = tokio::task::spawn_blocking(read).await.ok().flatten();
        needs.map(Arc::new).ok_or_else(|| format!("{host} gives metadata that is none"))
    }

    async fn look_up(&self, url: &str, name: &str) -> Answer {
        let cache = self.cache.clone();
        let owned = url.to_owned();
        // Reading and unpacking are work for other threads: the caller's may be the only one.
        let kept = tokio::task::spawn_blocking(move || cache?.read(&owned)).await.ok().flatten();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh()) {
            return answer(kept.releases.clone());
        }
        match self.ask(url, name, kept).await {
            Ok(releases) => answer(releases),
            Err(reason) => Answer::Unknown(reason),
        }
    }

    async fn ask(
        &self,
        url: &str,
        name: &str,
        kept: Option<Kept>,
    ) -> Result<Option<Vec<Release>>, String> {
        let _turn = self.at_once.acquire().await.map_err(|error| error.to_string())?;
        let (uri, mut headers) = self.request(url).await?;
        if let Some(etag) = kept.as_ref().and_then(|kept| HeaderValue::from_str(&kept.etag).ok())
            && !etag.is_empty()
        {
            headers.insert(IF_NONE_MATCH, etag);
        }
        let answer = self.http.send(Method::GET, &uri, headers, Bytes::new(), PAGE_LIMIT).await;
        let answer = answer.map_err(|failed| crate::remote::error::Problem::from(failed).reason)?;
        let header = |name| answer.headers.get(name).and_then(|it: &HeaderValue| it.to_str().ok());
        let etag = header(ETAG).unwrap_or_default().to_owned();
        let fresh_until = SystemTime::now() + freshness(header(CACHE_CONTROL).unwrap_or_default());
        let host = uri.host().unwrap_or_default();
        let keep = match (answer.status, kept) {
            (StatusCode::NOT_MODIFIED, Some(kept)) => Kept { fresh_until, ..kept },
            (StatusCode::NOT_FOUND, _) => Kept { releases: None, etag, fresh_until },
            (StatusCode::OK, _) => {
                let kind = header(CONTENT_TYPE).unwrap_or_default().to_owned();
                let packed = header(CONTENT_ENCODING).is_some_and(|it| it.contains("gzip"));
                let (name, address, body) = (name.to_owned(), url.to_owned(), answer.body);
                let read = move || {
                    let body = if packed { unpacked(&body)? } else { body };
                    Some(releases(&name, page::files(&address, &kind, &body)?))
                };
                let found = tokio::task::spawn_blocking(read).await.ok().flatten();
                let found = found.ok_or_else(|| format!("{host} does not answer as an index"))?;
                Kept { releases: Some(found), etag, fresh_until }
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                return Err(format!("{host} wants to know who asks"));
            }
            (status, _) => return Err(format!("{host} answers {status}")),
        };
        let found = keep.releases.clone();
        if let Some(cache) = self.cache.clone() {
            let url = url.to_owned();
            // That it failed is no matter: it would be asked for again.
            let _ = tokio::task::spawn_blocking(move || cache.write(&url, &keep)).await;
        }
        Ok(found)
    }

    /// The address without credentials, and headers with those in it or in `~/.netrc`.
    async fn request(&self, url: &str) -> Result<(Uri, HeaderMap), String> {
        let (scheme, rest) = url.split_once("://").ok_or("the index is no URL")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(login), host),
            None => (None, authority),
        };
        if !matches!(scheme, "http" | "https") || host.is_empty() {
            return Err("the index is not reached by HTTP".to_owned());
        }
        let uri: Uri = format!("{scheme}://{host}{path}")
            .parse()
            .map_err(|_| "the address of the index is none".to_owned())?;
        let login = if let Some(login) = login {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            Some((decoded(user), decoded(password)))
        } else {
            let netrc = self.netrc.get_or_init(|| self.read_netrc()).await;
            let host = uri.host().unwrap_or_default();
            netrc.as_ref().and_then(|text| netrc::login(text, host))
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(page::ACCEPT));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if let Some((user, password)) = login {
            let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
            if let Ok(mut value) = HeaderValue::from_str(&value) {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        Ok((uri, headers))
    }

    async fn read_netrc(&self) -> Option<String> {
        let named = self.settings.variables.get("NETRC").filter(|it| !it.is_empty());
        let path = match named {
            Some(path) => path.into(),
            None => self.settings.home.as_ref()?.join(".netrc"),
        };
        tokio::fs::read_to_string(path).await.ok()
    }
}

/// The place of an answer, which is asked for once.
fn cell<T>(known: &Mutex<HashMap<String, Arc<OnceCell<T>>>>, url: &str) -> Arc<OnceCell<T>> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(url.to_owned()).or_default())
}

fn answer(releases: Option<Vec<Release>>) -> Answer {
    releases.map_or(Answer::NoProject, |it| Answer::Releases(Arc::new(it)))
}

/// How long an answer is good (`Cache-Control: max-age=…`).
fn freshness(control: &str) -> Duration {
    let age = control.split(',').find_map(|it| it.trim().strip_prefix("max-age=")?.parse().ok());
    age.map_or(FRESH, Duration::from_secs).min(FRESH_AT_MOST)
}

/// What was packed by gzip, if it is not too large.
fn unpacked(body: &[u8]) -> Option<Bytes> {
    let mut unpacked = Vec::with_capacity(body.len().saturating_mul(8).min(PAGE_LIMIT));
    let limit = u64::try_from(PAGE_LIMIT).unwrap_or(u64::MAX);
    let size =
        flate2::read::GzDecoder::new(body).take(limit + 1).read_to_end(&mut unpacked).ok()?;
    (size <= PAGE_LIMIT).then(|| Bytes::from(unpacked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stay_fresh_as_long_as_they_say() {
        for (control, seconds) in [
            ("", 600),
            ("max-age=60, public", 60),
            ("public, max-age=0", 0),
            ("max-age=99999999", 24 * 60 * 60),
            ("max-age=x", 600),
        ] {
            assert_eq!(freshness(control), Duration::from_secs(seconds), "{control}");
        }
    }
}
