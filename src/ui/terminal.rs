//! The terminal that a process in a container is given: its size, and raw mode that is undone
//! however the program ends.

use std::io::IsTerminal;
use std::sync::{Mutex, Once, PoisonError};

use rustix::process::Signal;
use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};

use super::mode::Terminals;
use crate::engine::api::TerminalSize;

/// The mode to go back to, while it is another.
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

/// Columns of the terminal behind standard error.
pub(super) fn error_columns() -> Option<usize> {
    let size = termios::tcgetwinsize(std::io::stderr()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Raw mode of standard input: every key goes to the process unseen. Undone when dropped, and by a
/// panic hook, as a release build aborts without dropping anything.
#[derive(Debug)]
pub struct RawMode(());

/// Standard input gives each key as it is pressed, and does not show it; Ctrl-C too. Output and
/// Ctrl-Z are as before. Undone as [`RawMode`] is.
#[derive(Debug)]
pub struct KeyMode(());

impl KeyMode {
    /// Turns it on.
    ///
    /// # Errors
    /// When standard input is not a terminal.
    pub fn enable() -> std::io::Result<Self> {
        change(|mode| {
            mode.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            mode.special_codes[SpecialCodeIndex::VINTR] = 0;
            // Ctrl-\ would end the program with the terminal in this mode.
            mode.special_codes[SpecialCodeIndex::VQUIT] = 0;
        })
        .map(Self)
    }
}

impl Drop for KeyMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the terminal behind standard input is this process's to read and to change: it stops who
/// does either from the background.
pub fn is_ours() -> bool {
    termios::tcgetpgrp(std::io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Stops this process until it is told to go on.
pub fn stop_process() {
    // Nobody else can be asked when this fails; then it just goes on.
    let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::STOP);
}

impl RawMode {
    /// Turns it on.
    ///
    /// # Errors
    /// When standard input is not a terminal.
    pub fn enable() -> std::io::Result<Self> {
        change(Termios::make_raw).map(Self)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Changes the mode of standard input until [`restore`] is called.
fn change(mode: impl FnOnce(&mut Termios)) -> std::io::Result<()> {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
    });
    let stdin = std::io::stdin();
    let before = termios::tcgetattr(&stdin)?;
    let mut changed = before.clone();
    mode(&mut changed);
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    if let Err(error) = termios::tcsetattr(&stdin, OptionalActions::Now, &changed) {
        restore();
        return Err(error.into());
    }
    Ok(())
}

/// Goes back to the mode before, if it was changed.
fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // There is nobody to tell when this fails, and nothing else to try.
        let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
    }
}
