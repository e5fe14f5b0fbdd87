//! Questions that are answered on standard input.

use tokio::sync::oneshot;

use super::context::Context;
use super::failure::{Failure, Result};
use super::runtime::runtime;
use crate::ui::read_answer;

/// Asks a question, for a command that is at no other work. Signals that a runtime has once listened to end a
/// program no more by themselves.
///
/// # Errors
/// A signal that ends the program.
pub(super) fn ask(context: &Context, question: &str) -> Result<bool> {
    context.ui.question(question);
    runtime()?.block_on(answer(context))
}

/// Whether a question that was asked is answered with yes.
///
/// # Errors
/// A signal that ends the program: nobody has to answer first.
pub(super) async fn answer(context: &Context) -> Result<bool> {
    let mut signals = context.terminations()?;
    let (tell, told) = oneshot::channel();
    // A thread of its own, for which the end of the program does not wait.
    std::thread::spawn(move || tell.send(read_answer()));
    tokio::select! {
        yes = told => Ok(yes.unwrap_or(false)),
        () = signals.next() => Err(Failure::Interrupted),
    }
}
