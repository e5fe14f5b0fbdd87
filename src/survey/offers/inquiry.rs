//! Who is asked for the platforms of an image, and in which order.
//!
//! The cache; the engine's own store, where it knows all that a name stands for; the registry, by us, in
//! Docker Hub's place its mirrors first, as the engine does; and the engine, where the registry cannot be
//! reached from here: it may have a proxy, a certificate or a network that we have not. Each image
//! is asked for once in a run, and who is in trouble is left alone.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout, timeout_at};

use super::Settings;
use super::address::{Address, HUB, Surroundings, addresses, is_here, without_port};
use super::belief::{Belief, believed};
use super::cache::{Cache, Tag, now};
use super::doors::Doors;
use super::local::{self, Local};
use super::manifest;
use super::refusal::of_engine;
use super::source::{self, Found, Refusal};
use crate::engine::DockerEngine;
use crate::engine::api::RegistryConfig;
use crate::platform::{Gap, Offer, Platform};
use crate::remote::registry::{Digest, Http, OciReference, Repository, is_loopback};
use crate::survey::Store;

/// After how long without any answer the engine is asked too.
const PATIENCE: Duration = Duration::from_millis(700);

/// How long before the end of the time an engine's answer is taken that a registry's own was waited for.
const LAST_WORD: Duration = Duration::from_millis(50);

/// The inquiries of a run.
pub(super) struct Inquiry<'a> {
    engine: &'a DockerEngine,
    pub(super) store: &'a Store<'a>,
    pub(super) settings: &'a Settings,
    pub(super) cache: &'a Cache,
    http: Http,
    pub(super) deadline: Instant,
    surroundings: OnceCell<Surroundings>,
    pub(super) doors: Doors<'a>,
}

/// Whether a digest that a copy has is that of its tag: one that stands for a single platform may have been pulled by
/// itself.
const fn is_of_tag(offer: &Offer) -> bool {
    matches!(offer, Offer::Known { is_index: true, .. } | Offer::Unknown(_))
}

impl<'a> Inquiry<'a> {
    pub(super) fn new(
        engine: &'a DockerEngine,
        store: &'a Store<'a>,
        settings: &'a Settings,
        cache: &'a Cache,
        deadline: Instant,
    ) -> Self {
        let http = Http::new(&settings.variables);
        Self {
            engine,
            store,
            settings,
            cache,
            http,
            deadline,
            surroundings: OnceCell::new(),
            doors: Doors::new(settings, cache),
        }
    }

    /// The platforms of an image.
    pub(super) async fn offer(&self, name: &str) -> Offer {
        if name.is_empty() {
            return Offer::Unknown(Gap::Unresolved("it has no name".to_owned()));
        }
        let reference = match OciReference::parse(name) {
            Ok(reference) => reference,
            Err(problem) => return Offer::Unknown(Gap::Unresolved(problem.reason)),
        };
        let mut work = pin!(self.find(name, &reference));
        let mut found = timeout_at(self.deadline, &mut work).await;
        if found.is_err() && self.is_heard(&reference) {
            found = timeout_at(self.deadline + self.settings.grace, work).await;
        }
        match found.unwrap_or(Err(Gap::OutOfTime)) {
            // Engines take it for one of their own.
            Ok(Offer::Known { platforms, is_index: false }) if platforms.is_empty() => {
                Offer::Unknown(Gap::Unsaid)
            }
            Ok(offer) => offer,
            Err(gap) => Offer::Unknown(gap),
        }
    }

    /// Whether one of those that have an image has answered anything.
    fn is_heard(&self, reference: &OciReference) -> bool {
        let surroundings = self.surroundings.get();
        let mut addresses = surroundings.map(|it| addresses(reference, it)).into_iter().flatten();
        addresses.any(|address| self.doors.door(&address.text).is_heard())
    }

    async fn find(&self, name: &str, reference: &OciReference) -> Result<Offer, Gap> {
        if let Some(digest) = &reference.digest
            && let Some(offer) = self.cache.image(&digest.to_string())
        {
            return Ok(offer);
        }
        let tag = self.name_of(reference);
        let mut pulled = None;
        let mut local_digest = None;
        if reference.digest.is_none() {
            let local = self.local(name, reference).await;
            local_digest = local.as_ref().and_then(|local| local.digest.clone());
            match believed(self.cache, self.settings, &tag, local.as_ref()) {
                Belief::Missing => return Err(Gap::NotFound),
                Belief::Denied(whom) if whom == self.whom(reference).await => {
                    return Err(Gap::Denied);
                }
                Belief::Nothing | Belief::Denied(_) => {}
                Belief::Is(digest) => {
                    if let Some(offer) = self.cache.image(&digest) {
                        return Ok(offer);
                    }
                }
                Belief::Pulled(digest) => {
                    if let Some(offer) = self.cache.image(&digest).filter(is_of_tag) {
                        return Ok(offer);
                    }
                    if let Some(offer) = local.and_then(|local| local.offer) {
                        self.cache.learn_local(&digest, &offer);
                        return Ok(offer);
                    }
                    pulled = Digest::parse(&digest).ok();
                }
            }
        } else if let Some(offer) = self.local(name, reference).await.and_then(|it| it.offer) {
            return Ok(offer);
        }
        // What was pulled is asked for by its digest: the tag needs no question of its own, unless
        // the registry has forgotten it.
        let mut found = Err(Gap::NotFound);
        if let Some(digest) = pulled {
            found = self.ask(&reference.at(digest)).await;
        }
        match &found {
            Err(Gap::NotFound) => found = self.ask(reference).await,
            Ok(pulled) if reference.digest.is_none() && !is_of_tag(&pulled.offer) => {
                found = self.ask(reference).await.or(found);
            }
            _ => {}
        }
        self.note(reference, &tag, local_digest, &found).await;
        found.map(|found| found.offer)
    }

    pub(super) async fn local(&self, name: &str, reference: &OciReference) -> Option<Local> {
        let image = self.store.image(name).await?;
        Some(local::read(&image, reference))
    }

    async fn note(
        &self,
        reference: &OciReference,
        tag: &str,
        local: Option<String>,
        found: &Result<Found, Gap>,
    ) {
        let (digest, denied) = match found {
            Ok(found) => {
                self.cache.learn(found);
                (Some(found.digest.clone()), None)
            }
            Err(Gap::NotFound) => (None, None),
            Err(Gap::Denied) => (None, Some(self.whom(reference).await)),
            Err(_) => return,
        };
        if reference.digest.is_none() {
            self.cache.learn_tag(tag, &Tag { digest, denied, local, asked: now() });
        }
    }

    /// As whom a registry is asked.
    pub(super) async fn whom(&self, reference: &OciReference) -> String {
        let credential = self.engine.credentials().lookup(&reference.registry).await;
        credential.map(|credential| credential.fingerprint()).unwrap_or_default()
    }

    /// Under which a tag is remembered. Behind a mirror, or on an engine's own loopback, different
    /// engines find different things.
    pub(super) fn name_of(&self, reference: &OciReference) -> String {
        let host = reference.registry.as_str();
        if host == HUB || is_loopback(without_port(host)) {
            return format!("{reference} at {}", self.engine_name());
        }
        reference.to_string()
    }

    fn engine_name(&self) -> &str {
        self.engine.transport().endpoint()
    }

    /// Asks the registry; and the engine, where the registry cannot be reached from here or is
    /// silent.
    pub(super) async fn ask(&self, reference: &OciReference) -> Result<Found, Gap> {
        let heard = AtomicBool::new(false);
        let mut direct = Box::pin(self.by_us(reference, &heard));
        let mut outcome = timeout(PATIENCE, &mut direct).await.ok();
        if outcome.is_none() && heard.load(Ordering::Relaxed) {
            outcome = Some((&mut direct).await);
        }
        match outcome {
            Some(Err(gap)) if is_silent(&gap) => self.by_engine(reference, gap).await,
            Some(outcome) => outcome,
            None => {
                let indirect = Box::pin(self.by_engine(reference, Gap::OutOfTime));
                match select(direct, indirect).await {
                    Either::Right((Ok(found), direct)) if self.may_lack(&found).await => {
                        let direct = timeout_at(self.deadline - LAST_WORD, direct).await;
                        direct.ok().and_then(Result::ok).map_or(Ok(found), Ok)
                    }
                    Either::Left((Err(gap), indirect)) if is_silent(&gap) => indirect.await,
                    Either::Right((Err(gap), direct)) if is_silent(&gap) => direct.await,
                    Either::Left((outcome, _)) | Either::Right((outcome, _)) => outcome,
                }
            }
        }
    }

    /// Whether what an engine has told of may lack the very image that runs natively there.
    async fn may_lack(&self, found: &Found) -> bool {
        let own = &self.surroundings().await.architecture;
        !found.is_whole && !found.offer.platforms().iter().any(|it| it.architecture() == own)
    }

    /// Asks the registry from here.
    async fn by_us(&self, reference: &OciReference, heard: &AtomicBool) -> Result<Found, Gap> {
        self.at_addresses(reference, async |address: &Address| {
            self.at(address, reference, heard).await
        })
        .await
    }

    /// Asks at one address of an image after the other, until one tells.
    pub(super) async fn at_addresses<T>(
        &self,
        reference: &OciReference,
        ask: impl AsyncFn(&Address) -> Result<T, Refusal>,
    ) -> Result<T, Gap> {
        let mut gap = None;
        for address in addresses(reference, self.surroundings().await) {
            match self.doors.through(&address.text, ask(&address)).await {
                Ok(told) => return Ok(told),
                // The registry behind a mirror may still have it.
                Err(other) => gap = Some(other),
            }
        }
        let nobody = || Gap::Unreachable("only the engine's own machine can reach it".to_owned());
        Err(gap.unwrap_or_else(nobody))
    }

    async fn at(
        &self,
        address: &Address,
        reference: &OciReference,
        heard: &AtomicBool,
    ) -> Result<Found, Refusal> {
        let mut repository = self.repository(address, reference);
        let known = |digest: &str| self.cache.whole_image(digest);
        let door = self.doors.door(&address.text);
        source::ask(&mut repository, &reference.version(), known, || {
            heard.store(true, Ordering::Relaxed);
            door.has_answered();
        })
        .await
    }

    /// A repository at an address.
    pub(super) fn repository<'b>(
        &'b self,
        address: &Address,
        reference: &'b OciReference,
    ) -> Repository<'b> {
        let mut repository = Repository::new(reference, &self.http, self.engine.credentials());
        if address.is_mirror {
            repository.in_mirror(&address.text, address.is_plain);
        }
        if address.is_insecure {
            repository.insecure();
        }
        repository
    }

    /// Has the engine ask. `before` is why we could not.
    async fn by_engine(&self, reference: &OciReference, before: Gap) -> Result<Found, Gap> {
        let who = format!("{} at {}", reference.registry, self.engine_name());
        let work = async {
            let found = self.engine.distribution(&reference.to_string()).await;
            let found = found.map_err(|error| {
                let gap = of_engine(&error, &before);
                // An engine may have asked a mirror alone, which is not all that there is.
                let is_all = gap != Gap::NotFound || !self.has_mirrors(reference);
                Refusal::from(if is_all { gap } else { before.clone() })
            })?;
            let platforms = manifest::without_attestations(&found.platforms);
            let is_index = manifest::is_index(&found.media_type);
            let is_whole = manifest::is_told_whole(&found.media_type);
            let offer = Offer::Known { platforms, is_index };
            Ok(Found { digest: found.digest, offer, is_whole })
        };
        match self.doors.through(&who, work).await {
            // Of some manifests engines do not say what they are for.
            Ok(found) if !says_platforms(&found.offer) => Err(before),
            outcome => outcome,
        }
    }

    /// Whether an engine looks for an image in mirrors before its registry.
    fn has_mirrors(&self, reference: &OciReference) -> bool {
        let known = self.surroundings.get();
        reference.registry == HUB && known.is_some_and(|known| !known.config.mirrors.is_empty())
    }

    pub(super) async fn surroundings(&self) -> &Surroundings {
        let look = async || match self.engine.server_info().await {
            Ok(info) => Surroundings {
                is_here: is_here(&info.kernel_version),
                architecture: Platform::new("linux", &info.architecture, "")
                    .architecture()
                    .to_owned(),
                config: info.registry_config,
            },
            Err(_) => Surroundings {
                is_here: false,
                architecture: String::new(),
                config: RegistryConfig::default(),
            },
        };
        self.surroundings.get_or_init(look).await
    }
}

/// Whether an offer names platforms, and each whole.
fn says_platforms(offer: &Offer) -> bool {
    let platforms = offer.platforms();
    !platforms.is_empty() && platforms.iter().all(|it| !it.architecture().is_empty())
}

/// Whether somebody else may know more.
const fn is_silent(gap: &Gap) -> bool {
    matches!(gap, Gap::Unreachable(_) | Gap::OutOfTime)
}
