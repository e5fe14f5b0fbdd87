//! For which platforms there are images: asked of whoever knows, all at once, within a time.

mod address;
mod belief;
mod cache;
mod doors;
mod doubt;
mod inquiry;
mod local;
mod manifest;
mod refusal;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::Store;
use crate::engine::DockerEngine;
use crate::platform::Offer;
use cache::Cache;
use inquiry::Inquiry;

/// How questions about images are asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The variables of the process: proxies, and where caches are.
    pub variables: BTreeMap<String, String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// How long answers are waited for.
    pub budget: Duration,
    /// How much longer the rest of an answer is waited for, once a registry has begun to talk.
    pub grace: Duration,
    /// Whether what is remembered of tags counts for nothing.
    pub refresh: bool,
    /// How long a tag is believed to stand for the same image.
    pub freshness: Duration,
}

impl Settings {
    /// How long a tag is believed to stand for the same image, where nobody says otherwise.
    pub const FRESHNESS: Duration = Duration::from_hours(12);

    /// Two seconds for all and no grace, and tags are believed for half a day.
    pub fn new(variables: BTreeMap<String, String>, home: Option<PathBuf>) -> Self {
        let (budget, grace) = (Duration::from_secs(2), Duration::ZERO);
        Self { variables, home, budget, grace, refresh: false, freshness: Self::FRESHNESS }
    }

    /// Where answers are kept.
    fn cache(&self) -> Option<PathBuf> {
        let directory = crate::remote::cache_directory(&self.variables, self.home.as_deref());
        directory.map(|directory| directory.join("bireme/offers.json"))
    }
}

/// Answers that have come, by name.
pub(super) type Board = Mutex<BTreeMap<String, Offer>>;

/// Asks for which platforms there are images, all of them side by side. What is not known when the
/// time is over is [`Gap::OutOfTime`](crate::platform::Gap::OutOfTime).
pub async fn offers(
    names: &BTreeSet<String>,
    engine: &DockerEngine,
    store: &Store<'_>,
    settings: &Settings,
) -> BTreeMap<String, Offer> {
    let board = Board::default();
    ask(names, engine, store, settings, &board).await;
    board.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Looks again at images of which the engine has a copy that is to give way to what a pull brings. Where none would, what
/// is on the board is taken back.
pub(super) async fn confirm(
    names: &BTreeSet<String>,
    engine: &DockerEngine,
    store: &Store<'_>,
    settings: &Settings,
    board: &Board,
) {
    let question =
        async |inquiry: &Inquiry<'_>, name: &str| inquiry.doubt(name).await.map(Offer::Unknown);
    of_each(names, engine, store, settings, board, question).await;
}

/// The same as [`offers`]; each answer is put on a board when it comes.
pub(super) async fn ask(
    names: &BTreeSet<String>,
    engine: &DockerEngine,
    store: &Store<'_>,
    settings: &Settings,
    board: &Board,
) {
    let question = async |inquiry: &Inquiry<'_>, name: &str| Some(inquiry.offer(name).await);
    of_each(names, engine, store, settings, board, question).await;
}

/// Has a question answered of each image, all of them side by side, and puts the answers on the board.
async fn of_each(
    names: &BTreeSet<String>,
    engine: &DockerEngine,
    store: &Store<'_>,
    settings: &Settings,
    board: &Board,
    question: impl AsyncFn(&Inquiry<'_>, &str) -> Option<Offer>,
) {
    let deadline = Instant::now() + settings.budget;
    let cache = Cache::read(settings.cache());
    let inquiry = Inquiry::new(engine, store, settings, &cache, deadline);
    let ask = async |name: &String| {
        if let Some(offer) = question(&inquiry, name).await {
            board.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), offer);
        }
    };
    join_all(names.iter().map(ask)).await;
}
