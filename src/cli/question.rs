//! Questions that are answered on standard input.

use tokio::sync::oneshot;

use super::context::Context;
use super::failure::{Failure, Result};
use crate::ui::read_answer;

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
