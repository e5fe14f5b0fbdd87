//! Verdicts that are asked for while others are not known yet.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::platform::verdict::Judgement;

/// Asks a survey that is under way for what can be said by now.
#[derive(Debug, Default)]
pub struct Interim {
    asked: Notify,
    answered: Notify,
    answer: Mutex<Option<Vec<Judgement>>>,
}

impl Interim {
    /// What can be said by now, once a survey that goes on meanwhile has looked at the engine. What it does not
    /// know yet is unknown.
    pub async fn judgements(&self) -> Vec<Judgement> {
        self.asked.notify_one();
        self.answered.notified().await;
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    /// Does some work, and answers whoever asks meanwhile with what `known` says.
    pub(super) async fn beside<T>(
        &self,
        work: impl Future<Output = T>,
        known: impl Fn() -> Vec<Judgement>,
    ) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.asked.notified() => {
                    *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(known());
                    self.answered.notify_one();
                }
            }
        }
    }
}
