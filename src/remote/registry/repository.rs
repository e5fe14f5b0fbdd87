//! The part of the distribution API that a pull needs, with its two ways to prove who one is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE,
};
use hyper::{HeaderMap, Method, StatusCode, Uri};
use serde::Deserialize;

use super::super::error::Problem;
use super::http::{Answer, Failed, Http, is_loopback};
use super::reference::{Digest, OciReference};
use crate::engine::credentials::{Credential, Credentials};

/// Bytes of a manifest at most, which may hold files in itself.
const MANIFEST_LIMIT: usize = 8 * 1024 * 1024;
/// Bytes of a token at most.
const TOKEN_LIMIT: usize = 1024 * 1024;
/// What is asked for under a manifest's name.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// One repository of a registry.
pub(crate) struct Repository<'a> {
    http: Http,
    /// Host and port as credentials know them.
    host: String,
    /// `HOST/v2/NAME`, without the scheme.
    base: String,
    scheme: &'static str,
    /// Whether it may turn out to speak no TLS.
    may_be_plain: bool,
    /// Whether that is tried also where nobody answers.
    is_insecure: bool,
    name: String,
    credentials: &'a Credentials,
    authorization: Option<HeaderValue>,
}

impl<'a> Repository<'a> {
    /// The repository that a reference is in. Connects to nothing yet.
    pub(crate) fn new(reference: &OciReference, http: &Http, credentials: &'a Credentials) -> Self {
        let host = reference.registry.clone();
        let address = if host == "docker.io" { "registry-1.docker.io" } else { host.as_str() };
        Self {
            http: http.clone(),
            base: format!("{address}/v2/{}", reference.repository),
            scheme: "https",
            may_be_plain: is_loopback(bare(&host)),
            is_insecure: false,
            name: reference.repository.clone(),
            credentials,
            authorization: None,
            host,
        }
    }

    /// A manifest by tag or digest, and the digest that it has.
    pub(crate) async fn manifest(
        &mut self,
        version: &str,
        expected: Option<&Digest>,
    ) -> Result<(Bytes, Digest), Problem> {
        let answer = self.get(&format!("manifests/{version}"), MANIFEST_LIMIT).await?;
        if let Some(expected) = expected {
            expected.check(&answer.body)?;
            return Ok((answer.body, expected.clone()));
        }
        let said = answer.headers.get("docker-content-digest").and_then(|it| it.to_str().ok());
        let digest = match said {
            Some(text) => Digest::parse(text)?,
            None => Digest::of(&answer.body),
        };
        digest.check(&answer.body)?;
        Ok((answer.body, digest))
    }

    /// A blob, which must have these bytes and this size.
    pub(crate) async fn blob(&mut self, digest: &Digest, size: u64) -> Result<Vec<u8>, Problem> {
        let limit = usize::try_from(size).unwrap_or(usize::MAX);
        let answer = self.get(&format!("blobs/{digest}"), limit).await?;
        if answer.body.len() as u64 != size {
            let length = answer.body.len();
            return Err(Problem::new(format!("{digest} has {length} bytes instead of {size}")));
        }
        digest.check(&answer.body)?;
        Ok(answer.body.to_vec())
    }

    /// The bytes of a blob as they come. Who reads them checks what they are.
    pub(crate) async fn open_blob(&mut self, digest: &Digest) -> Result<Incoming, Problem> {
        // The way to it, and who we are, is found out without the bytes.
        let path = format!("blobs/{digest}");
        let there = self.ask(Method::HEAD, &path, 0).await?;
        if there.status != StatusCode::OK {
            return Err(self.refusal(&path, &there));
        }
        let uri = uri(&self.address(&path))?;
        let response = self.http.begin(Method::GET, &uri, self.proof(&uri)).await?;
        if response.status() != StatusCode::OK {
            let status = response.status();
            return Err(Problem::new(format!("the registry answers {status} for {digest}")));
        }
        Ok(response.into_body())
    }

    /// Uploads `size` bytes that come in to where the registry said.
    pub(crate) async fn pour(
        &self,
        place: &str,
        content: Incoming,
        size: u64,
    ) -> Result<(), Problem> {
        let uri = uri(&self.address(place))?;
        let mut headers = self.proof(&uri);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
        let put = self.http.pour(Method::PUT, &uri, headers, content).await?;
        if put.status == StatusCode::CREATED { Ok(()) } else { Err(self.refusal(place, &put)) }
    }

    /// What proves who we are, where a request goes to the registry itself.
    fn proof(&self, uri: &Uri) -> HeaderMap {
        let own = self.base.split('/').next();
        let goes_there = uri.authority().map(hyper::http::uri::Authority::as_str) == own;
        let authorization = self.authorization.iter().filter(|_| goes_there);
        authorization.map(|value| (AUTHORIZATION, value.clone())).collect()
    }

    async fn get(&mut self, path: &str, limit: usize) -> Result<Answer, Problem> {
        let answer = self.ask(Method::GET, path, limit).await?;
        if answer.status == StatusCode::OK {
            return Ok(answer);
        }
        Err(self.refusal(path, &answer))
    }

    /// A request for a path in the repository, after proof of who we are where that is wanted. The
    /// answer may have any status; its body at most `limit` bytes.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        limit: usize,
    ) -> Result<Answer, Failed> {
        let answer = self.attempt(&method, path, limit).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.authorize(&answer.headers).await?;
        self.attempt(&method, path, limit).await
    }

    async fn attempt(
        &mut self,
        method: &Method,
        path: &str,
        limit: usize,
    ) -> Result<Answer, Failed> {
        // An error has a body too.
        let limit = limit.max(TOKEN_LIMIT);
        match self.request(method, path, limit).await {
            Err(Failed::NoTls(_)) if self.falls_back() => self.request(method, path, limit).await,
            // Behind another port there may be what speaks no TLS.
            Err(Failed::Unreached(_)) if self.is_insecure && self.falls_back() => {
                self.request(method, path, limit).await
            }
            outcome => outcome,
        }
    }

    /// Speaks to it without TLS.
    pub(crate) fn without_tls(&mut self) {
        self.scheme = "http";
    }

    /// Tries without TLS where it does not work with it: the user trusts the way to it.
    pub(crate) fn insecure(&mut self) {
        self.may_be_plain = true;
        self.is_insecure = true;
    }

    /// Looks for the same repository in a mirror, `HOST[/PATH]`.
    pub(crate) fn in_mirror(&mut self, address: &str, is_plain: bool) {
        let address = address.trim_end_matches('/');
        address.split('/').next().unwrap_or_default().clone_into(&mut self.host);
        self.base = format!("{address}/v2/{}", self.name);
        self.scheme = if is_plain { "http" } else { "https" };
        self.may_be_plain = is_plain || is_loopback(bare(&self.host));
    }

    /// Whether it may be spoken to without TLS, which is done from now on.
    pub(crate) fn falls_back(&mut self) -> bool {
        let falls_back = self.may_be_plain && self.scheme == "https";
        if falls_back {
            self.without_tls();
        }
        falls_back
    }

    /// The address of a path in the repository, or of what the registry said.
    pub(crate) fn address(&self, path: &str) -> String {
        let host = self.base.split('/').next().unwrap_or_default();
        match path {
            whole if whole.contains("://") => whole.to_owned(),
            absolute if absolute.starts_with('/') => format!("{}://{host}{absolute}", self.scheme),
            relative => format!("{}://{}/{relative}", self.scheme, self.base),
        }
    }

    /// One request, with what proves who we are where it goes to the registry itself.
    pub(crate) async fn attempt_with(
        &self,
        method: &Method,
        uri: &Uri,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failed> {
        headers.extend(self.proof(uri));
        self.http.send(method.clone(), uri, headers, body, TOKEN_LIMIT).await
    }

    async fn request(&self, method: &Method, path: &str, limit: usize) -> Result<Answer, Failed> {
        let uri = uri(&format!("{}://{}/{path}", self.scheme, self.base))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(MANIFESTS));
        if path.starts_with("blobs/") {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        self.http.send(method.clone(), &uri, headers, Bytes::new(), limit).await
    }

    /// Does what a registry asks for that wants to know who comes.
    pub(crate) async fn authorize(&mut self, headers: &HeaderMap) -> Result<(), Failed> {
        let credential = self.credentials.lookup(&self.host).await;
        let challenges: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| Challenge::parse(value.to_str().ok()?))
            .collect();
        let token = credential.as_ref().map_or("", |it| it.registry_token.as_str());
        if !token.is_empty() {
            self.authorization = Some(secret(&format!("Bearer {token}"))?);
            return Ok(());
        }
        if let Some(bearer) = challenges.iter().find(|it| it.scheme == "bearer") {
            let token = self.token(bearer, credential.as_ref()).await?;
            self.authorization = Some(secret(&format!("Bearer {token}"))?);
            return Ok(());
        }
        let basic = challenges.iter().any(|it| it.scheme == "basic");
        match credential {
            Some(credential) if basic => {
                self.authorization = Some(basic_authorization(&credential)?);
                Ok(())
            }
            _ => Err(Failed::Denied(self.not_allowed("the registry wants to know who you are"))),
        }
    }

    /// A token from the registry's authorisation server.
    async fn token(
        &self,
        challenge: &Challenge,
        credential: Option<&Credential>,
    ) -> Result<String, Failed> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Token {
            token: String,
            access_token: String,
        }
        let realm = uri(&challenge.realm)?;
        let is_plain = realm.scheme_str() == Some("http");
        if realm.scheme_str() != Some("https") && !(is_plain && self.scheme == "http") {
            let reason = format!("the registry sends credentials to {realm}, which speaks no TLS");
            return Err(Problem::new(reason).into());
        }
        let scope = if challenge.scope.is_empty() {
            format!("repository:{}:pull", self.name)
        } else {
            challenge.scope.clone()
        };
        let mut headers = HeaderMap::new();
        let identity = credential.map_or("", |it| it.identity_token.as_str());
        let answer = if identity.is_empty() {
            if let Some(credential) = credential {
                headers.insert(AUTHORIZATION, basic_authorization(credential)?);
            }
            let separator = if challenge.realm.contains('?') { '&' } else { '?' };
            let query = form(&[("service", &challenge.service), ("scope", &scope)]);
            let uri = uri(&format!("{}{separator}{query}", challenge.realm))?;
            self.http.send(Method::GET, &uri, headers, Bytes::new(), TOKEN_LIMIT).await?
        } else {
            let form = form(&[
                ("grant_type", "refresh_token"),
                ("service", &challenge.service),
                ("client_id", "bireme"),
                ("scope", &scope),
                ("refresh_token", identity),
            ]);
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, kind);
            self.http.send(Method::POST, &realm, headers, Bytes::from(form), TOKEN_LIMIT).await?
        };
        let status = answer.status;
        if !status.is_success() {
            let reason = format!("{realm} gives no token: {status}");
            return Err(match status {
                StatusCode::TOO_MANY_REQUESTS => {
                    Failed::RateLimited(Problem::new(reason), answer.retry_after())
                }
                status if status.is_server_error() => Failed::Unreached(Problem::new(reason)),
                _ => Failed::Denied(self.not_allowed(&reason)),
            });
        }
        let token: Token = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = if token.token.is_empty() { token.access_token } else { token.token };
        if token.is_empty() {
            return Err(Problem::new(format!("{realm} answers without a token")).into());
        }
        Ok(token)
    }

    fn not_allowed(&self, reason: &str) -> Problem {
        let host = &self.host;
        Problem::new(format!("access denied: {reason}"))
            .help(format!("log in with `docker login {host}`; or is the name misspelt?"))
    }

    pub(crate) fn refusal(&self, path: &str, answer: &Answer) -> Problem {
        let told = told(&answer.body).map(|text| format!(": {text}")).unwrap_or_default();
        let status = answer.status;
        match status {
            StatusCode::NOT_FOUND if path.starts_with("manifests/") => {
                Problem::new(format!("not found{told}"))
                    .help("check name and tag; a private artifact may need `docker login`")
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                self.not_allowed(&format!("{status}{told}"))
            }
            StatusCode::TOO_MANY_REQUESTS => Problem::new(format!("{status}{told}"))
                .help("the registry wants fewer requests; wait, or log in"),
            _ => Problem::new(format!("the registry answers {status}{told}")),
        }
    }
}

/// What a registry says of an error.
pub(crate) fn told(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Error>,
    }
    #[derive(Deserialize)]
    struct Error {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let errors: Errors = serde_json::from_slice(body).ok()?;
    let first = errors.errors.into_iter().next()?;
    let text = if first.message.is_empty() { first.code } else { first.message };
    let clean: String = text.chars().filter(|it| !it.is_control()).take(200).collect();
    Some(clean).filter(|text| !text.is_empty())
}

/// One way that a registry offers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge {
    scheme: String,
    realm: String,
    service: String,
    scope: String,
}

impl Challenge {
    /// `Bearer realm="…",service="…",scope="…"`.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, mut rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let mut challenge = Self { scheme: scheme.to_ascii_lowercase(), ..Self::default() };
        while let Some((name, after)) = rest.split_once('=') {
            let (value, next) = match after.trim_start().strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_once(',').unwrap_or((after, "")),
            };
            let name = name.trim_matches([',', ' ']).to_ascii_lowercase();
            match name.as_str() {
                "realm" => value.clone_into(&mut challenge.realm),
                "service" => value.clone_into(&mut challenge.service),
                "scope" => value.clone_into(&mut challenge.scope),
                _ => {}
            }
            rest = next;
        }
        (challenge.scheme != "bearer" || !challenge.realm.is_empty()).then_some(challenge)
    }
}

fn basic_authorization(credential: &Credential) -> Result<HeaderValue, Problem> {
    let pair = format!("{}:{}", credential.username, credential.password);
    secret(&format!("Basic {}", STANDARD.encode(pair)))
}

fn secret(text: &str) -> Result<HeaderValue, Problem> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Problem::new("credentials or token hold characters that cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn uri(text: &str) -> Result<Uri, Problem> {
    text.parse().map_err(|error| Problem::new(format!("{text}: {error}")))
}

/// Names and values as in a URL.
fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut encoded, format_args!("%{byte:02X}"));
            }
            encoded
        })
    };
    let fields: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    fields.join("&")
}

/// A host without its port.
fn bare(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((bare, port)) if !port.ends_with(']') => bare,
        _ => host,
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_understood() {
        let bearer = |realm: &str, service: &str, scope: &str| {
            Some(Challenge {
                scheme: "bearer".to_owned(),
                realm: realm.to_owned(),
                service: service.to_owned(),
                scope: scope.to_owned(),
            })
        };
        for (text, expected) in [
            (
                r#"Bearer realm="https://a/t",service="r",scope="repository:x:pull,push""#,
                bearer("https://a/t", "r", "repository:x:pull,push"),
            ),
            ("bearer realm=https://a/t, service=r", bearer("https://a/t", "r", "")),
            (r#"Bearer service="r""#, None),
            (r#"Bearer realm="https"#, None),
            (
                r#"Basic realm="x""#,
                Some(Challenge {
                    scheme: "basic".to_owned(),
                    realm: "x".to_owned(),
                    ..Challenge::default()
                }),
            ),
        ] {
            assert_eq!(Challenge::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn forms_are_encoded() {
        let form = form(&[("scope", "repository:a/b:pull"), ("service", ""), ("x", "a b&c=ä")]);
        assert_eq!(form, "scope=repository%3Aa%2Fb%3Apull&x=a%20b%26c%3D%C3%A4");
    }
}
