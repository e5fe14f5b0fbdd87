//! HTTP to registries and what they redirect to: TLS with the machine's authorities, proxies of the
//! environment, limits on time and size.

mod connector;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, HeaderValue, LOCATION, PROXY_AUTHORIZATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;

use super::super::error::Problem;
pub(crate) use connector::is_loopback;
use connector::{Connector, is_tls, proxies, proxy_for};

/// How long one request may take, its answer included.
const REQUEST: Duration = Duration::from_secs(90);
/// How long the bytes of one layer may be on their way.
const TRANSFER: Duration = Duration::from_hours(2);
/// Redirections that are followed.
const REDIRECTIONS: usize = 5;
/// Bytes of what a registry says of an upload.
const ERROR: usize = 1024 * 1024;
const AGENT: &str = concat!("bireme/", env!("CARGO_PKG_VERSION"));

/// An answer whose body has come.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// How many seconds to wait before asking again, where it says so in seconds.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
    }

    /// A header as a text; empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The other side speaks no TLS.
    NoTls(String),
    /// There is no way to the other side, or no answer comes back.
    Unreached(Problem),
    /// The other side does not know the user, or not as one who may read this.
    Denied(Problem),
    /// Too much was asked; how many seconds to wait, where that is said.
    RateLimited(Problem, Option<u64>),
    /// Anything else.
    Other(Problem),
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::NoTls(reason) => Self::new(reason).help(
                "registries must speak TLS, unless they are on this machine or named with `--insecure-registry`",
            ),
            Failed::Unreached(problem)
            | Failed::Denied(problem)
            | Failed::RateLimited(problem, _)
            | Failed::Other(problem) => problem,
        }
    }
}

/// A client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<Connector, BoxBody<Bytes, hyper::Error>>,
    proxies: Arc<Matcher>,
}

impl Http {
    /// A client that uses the proxies of these variables. The machine's certificates are read when
    /// they are first needed.
    pub(crate) fn new(variables: &BTreeMap<String, String>) -> Self {
        let proxies = Arc::new(proxies(variables));
        let connector = Connector::new(Arc::clone(&proxies));
        Self { client: Client::builder(TokioExecutor::new()).build(connector), proxies }
    }

    /// Sends a request, follows redirections, and reads the answer, which may have `limit` bytes.
    /// Credentials go to the first host alone.
    pub(crate) async fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
        limit: usize,
    ) -> Result<Answer, Failed> {
        let work = async { read(self.open(&method, uri, headers, body).await?, limit).await };
        in_time(REQUEST, &method, uri, work).await
    }

    /// Likewise, up to the beginning of the answer, whose body is the caller's to read.
    pub(crate) async fn begin(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
    ) -> Result<Response<Incoming>, Failed> {
        let work = self.open(&method, uri, headers, Bytes::new());
        in_time(REQUEST, &method, uri, work).await
    }

    /// Sends what comes in on another connection, without holding more than a piece of it. Follows no
    /// redirection: there is nothing left to send again.
    pub(crate) async fn pour(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Incoming,
    ) -> Result<Answer, Failed> {
        let request = self.request(&method, uri, &headers, body.boxed())?;
        let work = async {
            let response = self.client.request(request).await;
            read(response.map_err(|error| failed(&method, uri, &error))?, ERROR).await
        };
        in_time(TRANSFER, &method, uri, work).await
    }

    async fn open(
        &self,
        method: &Method,
        uri: &Uri,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Incoming>, Failed> {
        let mut uri = uri.clone();
        let mut followed = 0;
        loop {
            let whole = Full::new(body.clone()).map_err(|never| match never {}).boxed();
            let request = self.request(method, &uri, &headers, whole)?;
            let response = self.client.request(request).await;
            let response = response.map_err(|error| failed(method, &uri, &error))?;
            let location =
                response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
            let Some(location) = location else { return Ok(response) };
            let next = location.to_str().ok().and_then(|location| redirected(&uri, location));
            let Some(next) = next.filter(|_| followed < REDIRECTIONS) else {
                let reason =
                    format!("{method} {uri}: is redirected to somewhere that is not followed");
                return Err(Failed::Other(Problem::new(reason)));
            };
            if next.authority() != uri.authority() {
                headers.remove(AUTHORIZATION);
            }
            uri = next;
            followed += 1;
        }
    }

    fn request<B>(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: B,
    ) -> Result<Request<B>, Failed> {
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .body(body)
            .map_err(|error| Failed::Other(Problem::new(format!("{method} {uri}: {error}"))))?;
        request.headers_mut().clone_from(headers);
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        // With TLS the proxy is told when it is asked for a way through.
        if !is_tls(uri)
            && let Some(proxy) = proxy_for(&self.proxies, uri)
            && let Some(login) = proxy.basic_auth()
        {
            request.headers_mut().insert(PROXY_AUTHORIZATION, login.clone());
        }
        Ok(request)
    }
}

/// Gives up work that takes longer than `limit`.
async fn in_time<T>(
    limit: Duration,
    method: &Method,
    uri: &Uri,
    work: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        let reason = format!("{method} {uri}: no answer within {seconds} seconds");
        Err(Failed::Unreached(Problem::new(reason).help("is the host reachable from here?")))
    })
}

async fn read(response: Response<Incoming>, limit: usize) -> Result<Answer, Failed> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, limit).collect().await.map_err(|error| {
        let reason = if error.is::<LengthLimitError>() {
            format!("the answer is larger than {limit} bytes")
        } else {
            format!("the answer broke off: {error}")
        };
        Failed::Other(Problem::new(reason))
    })?;
    Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
}

/// Where a redirection leads: never from TLS to a place without.
fn redirected(from: &Uri, location: &str) -> Option<Uri> {
    let to: Uri = if location.starts_with('/') && !location.starts_with("//") {
        let authority = from.authority()?.as_str();
        format!("{}://{authority}{location}", from.scheme_str()?).parse().ok()?
    } else {
        location.parse().ok()?
    };
    match (from.scheme_str()?, to.scheme_str()?) {
        ("http", "http") | (_, "https") => Some(to),
        _ => None,
    }
}

fn failed(method: &Method, uri: &Uri, error: &hyper_util::client::legacy::Error) -> Failed {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    let mut no_tls = false;
    loop {
        if let Some(error) = cause.downcast_ref::<io::Error>()
            && let Some(inner) = error.get_ref()
        {
            no_tls |= matches!(
                inner.downcast_ref::<rustls::Error>(),
                Some(rustls::Error::InvalidMessage(_))
            );
        }
        match cause.source() {
            Some(source) => cause = source,
            None => break,
        }
    }
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or_default().to_lowercase();
    let reason = format!("{method} {uri}: {text}");
    if no_tls {
        return Failed::NoTls(reason);
    }
    let help = if text.contains("certificate") {
        "the registry's authority must be one that this machine trusts; `SSL_CERT_FILE` names others"
    } else if text.contains("lookup") || text.contains("resolve") || text.contains("not known") {
        "check the name of the host"
    } else {
        "is the registry reachable from here?"
    };
    Failed::Unreached(Problem::new(reason).help(help))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn redirections_never_leave_tls() {
        for (from, location, expected) in [
            ("https://r/v2/a", "https://cdn/x?y", Some("https://cdn/x?y")),
            ("https://r/v2/a", "/b", Some("https://r/b")),
            ("https://r/v2/a", "http://cdn/x", None),
            ("http://r/v2/a", "http://cdn/x", Some("http://cdn/x")),
            ("http://r/v2/a", "https://cdn/x", Some("https://cdn/x")),
            ("https://r/v2/a", "file:///etc/passwd", None),
            ("https://r/v2/a", "//cdn/x", None),
        ] {
            let from: Uri = from.parse().unwrap();
            let to = redirected(&from, location).map(|uri| uri.to_string());
            assert_eq!(to.as_deref(), expected, "{location}");
        }
    }

    #[tokio::test]
    async fn a_proxy_is_given_whole_addresses_and_its_login() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
            String::from_utf8(head).unwrap().to_lowercase()
        });
        let variables = |no: &str| {
            let proxy = format!("http://me:secret@{address}");
            [("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", no)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        };
        let get = async |no: &str| {
            let uri: Uri = "http://index.invalid/simple/a/".parse().unwrap();
            let http = Http::new(&variables(no));
            http.send(Method::GET, &uri, HeaderMap::new(), Bytes::new(), 9).await
        };
        assert!(get("index.invalid").await.is_err(), "nobody has that name");
        assert_eq!(get("").await.unwrap().body, "ok");
        let heard = heard.await.unwrap();
        assert!(heard.starts_with("get http://index.invalid/simple/a/ http/1.1"), "{heard}");
        assert!(heard.contains("proxy-authorization: basic bwu6c2vjcmv0"), "{heard}");
    }
}
