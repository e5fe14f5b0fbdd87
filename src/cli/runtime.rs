//! The asynchronous part of a run: the runtime, and what signals do to it. A command that needs no
//! engine never comes here.

use std::future::Future;
use std::pin::pin;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::failure::{Failure, Result};
use super::stream::let_gather;
use super::terminations::Terminations;
use crate::ui::Ui;

/// Exit code of a program that nobody listens to any more (128 + SIGPIPE).
const BROKEN_PIPE: u8 = 141;
/// Threads that carry a run, beside the first and those that read and write files. A run waits for
/// the engine most of the time, and several would wake each other for every small answer.
const THREADS: usize = 1;

/// The signal that a stopped process gets when it goes on.
const SIGCONT: i32 = rustix::process::Signal::CONT.as_raw();

/// What the user's signals (SIGINT, SIGTERM) ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt {
    /// The first: end what is begun, begin nothing.
    pub(super) graceful: CancellationToken,
    /// The second: end at once.
    pub(super) force: CancellationToken,
}

/// Who answers signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signals {
    /// The first cancels, the second drops the work.
    Cancel,
    /// The first drops the work: nothing is lost by it.
    Drop,
    /// The work listens by itself.
    Own,
}

/// What carries the asynchronous part of a run.
pub(super) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .on_thread_park(let_gather)
        .build()
        .map_err(|error| Failure::new(format!("cannot start: {error}")))
}

/// Runs `work` to its end, or until a signal or a closed standard output ends it. `front` is the
/// socket of the docker command that runs us.
pub(super) fn block_on(
    runtime: Runtime,
    ui: &Ui,
    front: Option<&str>,
    signals: Signals,
    work: impl AsyncFnOnce(Interrupt) -> Result,
) -> Result {
    let outcome = runtime.block_on(async {
        let interrupt = Interrupt::default();
        let ended = async {
            if signals == Signals::Own {
                return std::future::pending().await;
            }
            listen(&interrupt, front, signals).await
        };
        tokio::spawn(follow_job_control(ui.clone()));
        tokio::select! {
            outcome = work(interrupt.clone()) => match outcome {
                Err(_) if interrupt.graceful.is_cancelled() => Err(Failure::Interrupted),
                outcome => outcome,
            },
            failure = ended => Err(failure),
            () = ui.closed().cancelled() => Err(Failure::Status(BROKEN_PIPE)),
        }
    });
    // A read of standard input that nobody will answer must not hold the program up.
    runtime.shutdown_background();
    outcome
}

/// `work` under a command that listens to signals by itself: cancelled by the first one, dropped at
/// the second.
///
/// # Errors
/// [`Failure::Interrupted`] after a signal, also when it came too late to stop the work; and what
/// `work` gives.
pub(super) async fn until_signal<T, E>(
    signals: &mut Terminations,
    cancel: &CancellationToken,
    work: impl Future<Output = std::result::Result<T, E>>,
) -> Result<T>
where
    Failure: From<E>,
{
    let mut work = pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => {
                if cancel.is_cancelled() {
                    return Err(Failure::Interrupted);
                }
                return Ok(outcome?);
            }
            () = signals.next() => {
                if cancel.is_cancelled() {
                    return Err(Failure::Interrupted);
                }
                cancel.cancel();
            }
        }
    }
}

/// `work` to its end under a command that answers signals when it is done; with how many came
/// meanwhile.
///
/// # Errors
/// [`Failure::Interrupted`] at the third, which drops the work: its sender does not want to wait for
/// the engine.
pub(super) async fn counting_signals<T>(
    signals: &mut Terminations,
    work: impl Future<Output = T>,
) -> Result<(T, usize)> {
    let mut work = pin!(work);
    let mut count = 0;
    loop {
        tokio::select! {
            outcome = &mut work => return Ok((outcome, count)),
            () = signals.next() => count += 1,
        }
        if count > 2 {
            return Err(Failure::Interrupted);
        }
    }
}

/// Answers signals until the work is to be dropped.
async fn listen(interrupt: &Interrupt, front: Option<&str>, signals: Signals) -> Failure {
    let Ok(mut terminations) = Terminations::new(front) else {
        // Without handlers the operating system's own answer stands: the program ends.
        return std::future::pending().await;
    };
    if signals == Signals::Cancel {
        terminations.next().await;
        interrupt.graceful.cancel();
    }
    terminations.next().await;
    interrupt.graceful.cancel();
    interrupt.force.cancel();
    Failure::Interrupted
}

/// Tells the display when the program goes on after Ctrl-Z.
async fn follow_job_control(ui: Ui) {
    let Ok(mut continued) = signal(SignalKind::from_raw(SIGCONT)) else { return };
    while continued.recv().await.is_some() {
        ui.resume();
    }
}
