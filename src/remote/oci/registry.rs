//! The part of the distribution API that a pull needs, with its two ways to prove who one is.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Method, StatusCode, Uri};
use serde::Deserialize;

use super::super::Settings;
use super::super::error::Problem;
use super::artifact::BLOB_LIMIT;
use super::http::{Answer, Failed, Http, is_loopback};
use super::reference::{Digest, OciReference};
use crate::engine::ClientConfig;
use crate::engine::credentials::{Credential, Credentials};
use crate::engine::endpoint::{Flags, configuration_directory};

/// Bytes of a manifest at most, which may hold files in itself.
const MANIFEST_LIMIT: usize = 8 * 1024 * 1024;
/// Bytes of a token at most.
const TOKEN_LIMIT: usize = 1024 * 1024;
/// What is asked for under a manifest's name.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// One repository of a registry.
pub(super) struct Registry {
    http: Http,
    /// Host and port as credentials know them.
    host: String,
    /// `https://HOST/v2/NAME`, without the scheme.
    base: String,
    scheme: &'static str,
    /// Whether it may turn out to speak no TLS.
    may_be_plain: bool,
    repository: String,
    credentials: Credentials,
    authorization: Option<HeaderValue>,
}

impl Registry {
    /// The registry that a reference is in. Connects to nothing yet.
    pub(super) fn new(reference: &OciReference, settings: &Settings) -> Result<Self, Problem> {
        let host = reference.registry.clone();
        let address = if host == "docker.io" { "registry-1.docker.io" } else { host.as_str() };
        let is_insecure = settings.insecure_registries.contains(&host);
        let surroundings = &*settings.surroundings;
        let directory = configuration_directory(&Flags::default(), surroundings);
        let warn = Arc::clone(&settings.warn);
        let config = ClientConfig::load(&directory, surroundings, &|text| warn(text));
        let bare = match host.rsplit_once(':') {
            Some((bare, port)) if !port.ends_with(']') => bare,
            _ => host.as_str(),
        };
        Ok(Self {
            http: Http::new(&settings.variables)?,
            base: format!("{address}/v2/{}", reference.repository),
            scheme: if is_insecure { "http" } else { "https" },
            may_be_plain: is_loopback(bare),
            repository: reference.repository.clone(),
            credentials: Credentials::new(&config, surroundings, Arc::clone(&settings.warn)),
            authorization: None,
            host,
        })
    }

    /// A manifest by tag or digest, and the digest that it has.
    pub(super) async fn manifest(
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
    pub(super) async fn blob(&mut self, digest: &Digest, size: u64) -> Result<Vec<u8>, Problem> {
        // What is larger was refused by its manifest.
        let limit = usize::try_from(size.min(BLOB_LIMIT)).unwrap_or(usize::MAX);
        let answer = self.get(&format!("blobs/{digest}"), limit).await?;
        if answer.body.len() as u64 != size {
            let length = answer.body.len();
            return Err(Problem::new(format!("{digest} has {length} bytes instead of {size}")));
        }
        digest.check(&answer.body)?;
        Ok(answer.body.to_vec())
    }

    async fn get(&mut self, path: &str, limit: usize) -> Result<Answer, Problem> {
        let mut answer = self.attempt(path, limit).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            self.authorize(&answer.headers).await?;
            answer = self.attempt(path, limit).await?;
        }
        if answer.status == StatusCode::OK {
            return Ok(answer);
        }
        Err(self.refusal(path, &answer))
    }

    async fn attempt(&mut self, path: &str, limit: usize) -> Result<Answer, Problem> {
        // An error has a body too.
        let limit = limit.max(TOKEN_LIMIT);
        match self.request(path, limit).await {
            Err(Failed::NoTls(_)) if self.may_be_plain && self.scheme == "https" => {
                self.scheme = "http";
                Ok(self.request(path, limit).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    /// Speaks to it without TLS.
    pub(super) fn without_tls(&mut self) {
        self.scheme = "http";
    }

    /// Whether it may be spoken to without TLS, which is done from now on.
    pub(super) fn falls_back(&mut self) -> bool {
        let falls_back = self.may_be_plain && self.scheme == "https";
        if falls_back {
            self.without_tls();
        }
        falls_back
    }

    /// The address of a path in the repository, or of what the registry said.
    pub(super) fn address(&self, path: &str) -> String {
        let host = self.base.split('/').next().unwrap_or_default();
        match path {
            whole if whole.contains("://") => whole.to_owned(),
            absolute if absolute.starts_with('/') => format!("{}://{host}{absolute}", self.scheme),
            relative => format!("{}://{}/{relative}", self.scheme, self.base),
        }
    }

    /// One request, with what proves who we are where it goes to the registry itself.
    pub(super) async fn attempt_with(
        &self,
        method: &Method,
        uri: &Uri,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failed> {
        let own = self.base.split('/').next();
        if let Some(authorization) = &self.authorization
            && uri.authority().map(hyper::http::uri::Authority::as_str) == own
        {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        self.http.send(method.clone(), uri, headers, body, TOKEN_LIMIT).await
    }

    async fn request(&self, path: &str, limit: usize) -> Result<Answer, Failed> {
        let uri = uri(&format!("{}://{}/{path}", self.scheme, self.base))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(MANIFESTS));
        if path.starts_with("blobs/") {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        self.http.send(Method::GET, &uri, headers, Bytes::new(), limit).await
    }

    /// Does what a registry asks for that wants to know who comes.
    pub(super) async fn authorize(&mut self, headers: &HeaderMap) -> Result<(), Problem> {
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
            _ => Err(self.not_allowed("the registry wants to know who you are")),
        }
    }

    /// A token from the registry's authorisation server.
    async fn token(
        &self,
        challenge: &Challenge,
        credential: Option<&Credential>,
    ) -> Result<String, Problem> {
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
            return Err(Problem::new(reason));
        }
        let scope = if challenge.scope.is_empty() {
            format!("repository:{}:pull", self.repository)
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
        if !answer.status.is_success() {
            return Err(self.not_allowed(&format!("{realm} gives no token: {}", answer.status)));
        }
        let token: Token = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = if token.token.is_empty() { token.access_token } else { token.token };
        if token.is_empty() {
            return Err(Problem::new(format!("{realm} answers without a token")));
        }
        Ok(token)
    }

    fn not_allowed(&self, reason: &str) -> Problem {
        let host = &self.host;
        Problem::new(format!("access denied: {reason}"))
            .help(format!("log in with `docker login {host}`; or is the name misspelt?"))
    }

    pub(super) fn refusal(&self, path: &str, answer: &Answer) -> Problem {
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
fn told(body: &[u8]) -> Option<String> {
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

pub(super) fn uri(text: &str) -> Result<Uri, Problem> {
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
