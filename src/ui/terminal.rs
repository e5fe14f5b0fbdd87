//! The terminal that a process in a container is given: its size, and raw mode that is undone
//! however the program ends.

use std::io::IsTerminal;
use std::sync::{Mutex, Once, PoisonError};

use rustix::termios::{self, OptionalActions, Termios};

use super::mode::Terminals;
use crate::engine::api::TerminalSize;

/// The mode to go back to, while raw mode is on.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Sets the panic hook once.
static HOOK: Once = Once::new();

/// Which of the three standard streams are terminals.
pub fn terminals() -> Terminals {
    Terminals {
        stdin: std::io::stdin().is_terminal(),
        stdout: std::io::stdout().is_terminal(),
        stderr: std::io::stderr().is_terminal(),
    }
}

/// Size of the terminal behind standard output, or else standard input.
pub fn size() -> Option<TerminalSize> {
    let size = termios::tcgetwinsize(std::io::stdout())
        .or_else(|_| termios::tcgetwinsize(std::io::stdin()))
        .ok()?;
    (size.ws_row > 0 && size.ws_col > 0)
        .then_some(TerminalSize { height: size.ws_row, width: size.ws_col })
}

/// Raw mode of standard input: every key goes to the process unseen. Undone when dropped, and by a
/// panic hook, as a release build aborts without dropping anything.
#[derive(Debug)]
pub struct RawMode(());

impl RawMode {
    /// Turns it on.
    ///
    /// # Errors
    /// When standard input is not a terminal.
    pub fn enable() -> std::io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                before(panic);
            }));
        });
        let stdin = std::io::stdin();
        let before = termios::tcgetattr(&stdin)?;
        let mut raw = before.clone();
        raw.make_raw();
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        if let Err(error) = termios::tcsetattr(&stdin, OptionalActions::Now, &raw) {
            restore();
            return Err(error.into());
        }
        Ok(Self(()))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Goes back to the mode before, if raw mode is on.
fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // There is nobody to tell when this fails, and nothing else to try.
        let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
    }
}
