//! Whether a pull would bring what an image is said to offer, in the place of a copy that the engine has under its name.

use tokio::time::timeout_at;

use super::address::Address;
use super::belief::is_had;
use super::cache::{Tag, now};
use super::inquiry::Inquiry;
use super::source;
use crate::engine::api::ImageDetails;
use crate::platform::Gap;
use crate::remote::registry::{Digest, OciReference};

impl Inquiry<'_> {
    /// Why a pull would not bring what an image is said to offer, where it would not: nothing is under its name, or the
    /// engine's copy, which is judged, is not from there.
    pub(super) async fn doubt(&self, name: &str) -> Option<Gap> {
        let reference = OciReference::parse(name).ok().filter(|it| it.digest.is_none())?;
        let local = self.local(name, &reference).await;
        if local.as_ref().is_some_and(|local| local.is_undigested) {
            return self.doubt_undigested(name, &reference).await;
        }
        let work = async {
            let digest = local.as_ref().and_then(|local| local.digest.clone());
            let of_tag = self.has(&reference, digest.as_deref()).await;
            // What is there in part was pulled.
            let whole = local.filter(|local| local.offer.is_none()).and_then(|it| it.digest);
            match whole.and_then(|digest| Digest::parse(&digest).ok()) {
                Some(digest)
                    if of_tag.is_ok() && self.cache.image(&digest.to_string()).is_none() =>
                {
                    let of_copy = self.has(&reference.at(digest), None).await;
                    if of_copy == Err(Gap::NotFound) { Err(Gap::MadeHere) } else { of_copy }
                }
                _ => of_tag,
            }
        };
        let told = timeout_at(self.deadline, work).await.ok()?.err()?;
        matches!(told, Gap::NotFound | Gap::Denied | Gap::MadeHere).then_some(told)
    }

    /// The same of a copy without a digest. It may be made here; but a classic engine has the digest of an index only with the
    /// first image that it took out of it. The image itself tells, by its configuration.
    async fn doubt_undigested(&self, name: &str, reference: &OciReference) -> Option<Gap> {
        let image = self.store.image(name).await?;
        let work = async {
            self.has(reference, None).await?;
            let tag = self.cache.tag(&self.name_of(reference)).and_then(|tag| tag.digest);
            let digest = tag.and_then(|digest| Digest::parse(&digest).ok()).ok_or(Gap::MadeHere)?;
            if self.holds(reference, &digest, &image).await? { Ok(()) } else { Err(Gap::MadeHere) }
        };
        match timeout_at(self.deadline, work).await.unwrap_or(Err(Gap::OutOfTime)) {
            Ok(()) => None,
            Err(Gap::NotFound | Gap::Denied) => Some(Gap::MadeHere),
            Err(gap) => Some(gap),
        }
    }

    /// Whether an image of the engine is under a digest of the registry.
    async fn holds(
        &self,
        reference: &OciReference,
        digest: &Digest,
        image: &ImageDetails,
    ) -> Result<bool, Gap> {
        let text = digest.to_string();
        if let Some(holds) = self.cache.holds(&text, &image.id) {
            return Ok(holds);
        }
        let platform = image.platform();
        let ask = async |address: &Address| {
            let door = self.doors.door(&address.text);
            let mut repository = self.repository(address, reference);
            let heard = || door.has_answered();
            source::holds(&mut repository, digest, &image.id, &platform, heard).await
        };
        let holds = self.at_addresses(reference, ask).await?;
        self.cache.learn_holding(&text, &image.id, holds);
        Ok(holds)
    }

    /// Whether the registry has something, as it said not long ago or says now; `local` is the digest of the engine's copy.
    async fn has(&self, reference: &OciReference, local: Option<&str>) -> Result<(), Gap> {
        let name = self.name_of(reference);
        if let Some(had) = is_had(self.cache, self.settings, &name, local) {
            return had;
        }
        let found = self.ask(reference).await;
        let local = local.map(str::to_owned);
        let tag = |digest, denied| Tag { digest, denied, local: local.clone(), asked: now() };
        match &found {
            Ok(found) => {
                self.cache.learn(found);
                self.cache.learn_tag(&name, &tag(Some(found.digest.clone()), None));
            }
            Err(Gap::NotFound) => self.cache.learn_tag(&name, &tag(None, None)),
            Err(Gap::Denied) => {
                self.cache.learn_tag(&name, &tag(None, Some(self.whom(reference).await)));
            }
            Err(_) => {}
        }
        found.map(|_| ())
    }
}
