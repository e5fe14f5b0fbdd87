//! One registry, asked for the platforms of one image: `HEAD` for the digest, and only for a digest
//! that is new `GET`, which Docker Hub counts as a pull.

use hyper::{Method, StatusCode};

use super::manifest::{self, Content, Entry};
use crate::platform::{Gap, Offer, Platform};
use crate::remote::registry::{Answer, Digest, Failed, Repository, told};

/// Bytes of an index, a manifest or a configuration at most.
const LIMIT: usize = 4 * 1024 * 1024;
/// Requests for one image at most, beyond which parts of an index are passed over.
const REQUESTS: usize = 24;

/// What a registry has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The digest.
    pub(super) digest: String,
    /// What is under it.
    pub(super) offer: Offer,
    /// Whether all of it was seen: of an index, engines pass over in silence what does not say its platform.
    pub(super) is_whole: bool,
}

/// Why a registry does not tell, and how many seconds to leave it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Why.
    pub(super) gap: Gap,
    /// How long not to ask it again, where it says so.
    pub(super) wait: Option<u64>,
}

impl From<Gap> for Refusal {
    fn from(gap: Gap) -> Self {
        Self { gap, wait: None }
    }
}

/// Asks what a version (tag or digest) is. `known` tells what is under a digest, if that was learned
/// before; `heard` is called as soon as the registry answers anything.
pub(super) async fn ask(
    repository: &mut Repository<'_>,
    version: &str,
    known: impl Fn(&str) -> Option<Offer>,
    heard: impl Fn(),
) -> Result<Found, Refusal> {
    let mut source = Source { repository, heard, left: REQUESTS };
    let mut digest = Digest::parse(version).ok();
    if digest.is_none() {
        digest = source.head(version).await?;
        if let Some(digest) = digest.as_ref().map(ToString::to_string)
            && let Some(offer) = known(&digest)
        {
            return Ok(Found { digest, offer, is_whole: true });
        }
    }
    let name = digest.as_ref().map_or_else(|| version.to_owned(), ToString::to_string);
    let bytes = source.get(&format!("manifests/{name}")).await?;
    let digest = match digest {
        Some(digest) => digest,
        None => Digest::of(&bytes),
    };
    digest.check(&bytes).map_err(|problem| Gap::Unreachable(problem.reason))?;
    let offer = source.offer(&bytes).await?;
    Ok(Found { digest: digest.to_string(), offer, is_whole: true })
}

/// Whether an image is under a digest, by itself or in an index: the one with this configuration, for this platform.
pub(super) async fn holds(
    repository: &mut Repository<'_>,
    digest: &Digest,
    configuration: &str,
    platform: &Platform,
    heard: impl Fn(),
) -> Result<bool, Refusal> {
    let mut source = Source { repository, heard, left: REQUESTS };
    let bytes = source.get(&format!("manifests/{digest}")).await?;
    let is_it = |bytes: &[u8]| {
        matches!(manifest::read(bytes), Some(Content::Image { configuration: found, .. })
            if found.to_string() == configuration)
    };
    if is_it(&bytes) {
        return Ok(true);
    }
    for image in manifest::images_for(&bytes, platform) {
        if source.left > 0 && is_it(&source.get(&format!("manifests/{image}")).await?) {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Source<'a, 'b, F> {
    repository: &'a mut Repository<'b>,
    heard: F,
    left: usize,
}

impl<F: Fn()> Source<'_, '_, F> {
    /// The digest of a tag, where the registry tells it without sending the manifest.
    async fn head(&mut self, version: &str) -> Result<Option<Digest>, Refusal> {
        let path = format!("manifests/{version}");
        let answer = self.request(Method::HEAD, &path).await?;
        match answer.status {
            StatusCode::OK => Ok(Digest::parse(answer.header("docker-content-digest")).ok()),
            // Some do not know the method.
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => Ok(None),
            _ => Err(refusal(&answer)),
        }
    }

    async fn get(&mut self, path: &str) -> Result<Vec<u8>, Refusal> {
        let answer = self.request(Method::GET, path).await?;
        if answer.status == StatusCode::OK {
            Ok(answer.body.to_vec())
        } else {
            Err(refusal(&answer))
        }
    }

    async fn request(&mut self, method: Method, path: &str) -> Result<Answer, Refusal> {
        self.left = self.left.saturating_sub(1);
        let outcome = self.repository.ask(method, path, LIMIT).await;
        if !matches!(outcome, Err(Failed::Unreached(_) | Failed::NoTls(_))) {
            (self.heard)();
        }
        outcome.map_err(|failed| match failed {
            Failed::Denied(_) => Gap::Denied.into(),
            Failed::RateLimited(_, wait) => Refusal { gap: Gap::RateLimited, wait },
            Failed::NoTls(reason) => Gap::Unreachable(of_host(&reason)).into(),
            Failed::Unreached(problem) | Failed::Other(problem) => {
                Gap::Unreachable(of_host(&problem.reason)).into()
            }
        })
    }

    /// The platforms in what came under a name.
    async fn offer(&mut self, bytes: &[u8]) -> Result<Offer, Refusal> {
        match manifest::read(bytes) {
            Some(Content::Index(entries)) => self.index(entries).await,
            Some(Content::Image { configuration, size }) => {
                let platform = self.configuration(&configuration, size).await?;
                let platforms = platform.into_iter().collect();
                Ok(Offer::Known { platforms, is_index: false })
            }
            Some(Content::Old(platform)) => {
                Ok(Offer::Known { platforms: vec![platform], is_index: false })
            }
            Some(Content::NoImage) => Err(Gap::NotFound.into()),
            None => Err(unreadable()),
        }
    }

    /// The platforms of an index. Where it has an image of which it does not say the platform, or another index, engines
    /// differ: some pass it over, some refuse it and some take it for whatever is asked for, so that nobody knows what a
    /// pull brings.
    async fn index(&mut self, entries: Vec<Entry>) -> Result<Offer, Refusal> {
        let mut platforms = Vec::new();
        for entry in entries {
            match entry {
                Entry::Image(platform) => platforms.push(platform),
                Entry::Unsaid(digest) if self.is_image(&digest).await? => {
                    return Ok(Offer::Unknown(Gap::Unsaid));
                }
                Entry::Unsaid(_) => {}
            }
        }
        let platforms = manifest::distinct(platforms.into_iter());
        Ok(Offer::Known { platforms, is_index: true })
    }

    /// Whether there are images under a digest, as far as the requests reach.
    async fn is_image(&mut self, digest: &Digest) -> Result<bool, Refusal> {
        if self.left == 0 {
            return Ok(false);
        }
        let bytes = self.get(&format!("manifests/{digest}")).await?;
        digest.check(&bytes).map_err(|problem| Gap::Unreachable(problem.reason))?;
        let content = manifest::read(&bytes);
        Ok(content.is_some_and(|content| content != Content::NoImage))
    }

    /// The platform of an image by its configuration.
    async fn configuration(
        &mut self,
        digest: &Digest,
        size: u64,
    ) -> Result<Option<Platform>, Refusal> {
        if usize::try_from(size).is_ok_and(|size| size > LIMIT) {
            return Err(unreadable());
        }
        let bytes = self.get(&format!("blobs/{digest}")).await?;
        digest.check(&bytes).map_err(|problem| Gap::Unreachable(problem.reason))?;
        Ok(manifest::platform_of_configuration(&bytes))
    }
}

/// A failure of a request as one of its host, since it is remembered for all that is there.
fn of_host(reason: &str) -> String {
    let parts = reason.split_once("://").and_then(|(_, rest)| rest.split_once(": "));
    let Some((place, why)) = parts else { return reason.to_owned() };
    let host = place.split('/').next().unwrap_or_default();
    format!("{host}: {why}")
}

fn unreadable() -> Refusal {
    Gap::Unreachable("the registry answers with something that is not understood".to_owned()).into()
}

/// What an answer that is none means.
fn refusal(answer: &Answer) -> Refusal {
    match answer.status {
        StatusCode::NOT_FOUND => Gap::NotFound.into(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Gap::Denied.into(),
        StatusCode::TOO_MANY_REQUESTS => {
            Refusal { gap: Gap::RateLimited, wait: answer.retry_after() }
        }
        status => {
            let told = told(&answer.body).map(|text| format!(": {text}")).unwrap_or_default();
            Gap::Unreachable(format!("the registry answers {status}{told}")).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_of_hosts() {
        let refused = "HEAD https://127.0.0.1:1/v2/a/manifests/1: connection refused";
        assert_eq!(of_host(refused), "127.0.0.1:1: connection refused");
        let unresolved = "GET https://r.io/v2/a/manifests/1: failed to lookup: not known";
        assert_eq!(of_host(unresolved), "r.io: failed to lookup: not known");
        assert_eq!(of_host("the answer is too long"), "the answer is too long");
    }
}
