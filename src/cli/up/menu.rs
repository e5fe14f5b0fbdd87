//! Keys while an attached `up` runs, for those who ask for them (`--menu`, `COMPOSE_MENU`).
//!
//! Keys are read one by one and are not shown. Ctrl-C and Ctrl-Z stay signals, so that they mean
//! what they mean without the menu; the terminal is as it was while the program is stopped.

use tokio::io::{AsyncReadExt as _, Stdin, stdin};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::ui::Ui;
use crate::ui::terminal::{KeyMode, stop_process};

/// What stands at the bottom of the terminal.
const LINE: &str = "d detach   q stop   ? keys";
/// What `?` tells.
const HELP: &str = "\
d       detach: the containers go on, and this ends
q       stop the containers, as Ctrl-C does
Enter   an empty line
Ctrl-Z  come back with fg";

/// The signal of Ctrl-Z.
const SIGTSTP: i32 = rustix::process::Signal::TSTP.as_raw();

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// To leave the containers alone.
    Detach,
    /// To stop them.
    Stop,
}

/// The keys, and the line that tells of them.
pub(super) struct Menu {
    ui: Ui,
    mode: Option<KeyMode>,
    suspend: Signal,
    /// `None` once it has ended.
    input: Option<Stdin>,
}

impl Menu {
    /// Begins to read keys; `None` where there is no terminal to read them from.
    pub(super) fn open(ui: &Ui) -> Option<Self> {
        let terminals = ui.appearance().terminals;
        if !terminals.stdin || !terminals.stdout || !ui.appearance().is_live() {
            return None;
        }
        let suspend = signal(SignalKind::from_raw(SIGTSTP)).ok()?;
        let mode = KeyMode::enable().ok()?;
        ui.footer(Some(LINE));
        Some(Self { ui: ui.clone(), mode: Some(mode), suspend, input: Some(stdin()) })
    }

    /// The next key that asks for something. Nothing is lost when this is dropped and asked again.
    pub(super) async fn next(&mut self) -> Key {
        loop {
            let mut byte = [0];
            tokio::select! {
                _ = self.suspend.recv() => self.stop(),
                read = read(&mut self.input, &mut byte) => {
                    if read == 0 {
                        self.input = None;
                        continue;
                    }
                    match byte[0] {
                        b'd' => return Key::Detach,
                        b'q' => return Key::Stop,
                        b'?' | b'h' => self.ui.print(HELP),
                        b'\r' | b'\n' => self.ui.print(""),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Ctrl-Z: the program stops here, and goes on when it is told to.
    fn stop(&mut self) {
        self.mode = None;
        self.ui.footer(None);
        self.ui.flush();
        stop_process();
        self.mode = KeyMode::enable().ok();
        self.ui.footer(Some(LINE));
    }
}

impl Drop for Menu {
    fn drop(&mut self) {
        self.ui.footer(None);
    }
}

/// Reads; 0 is the end. Without input there is nothing to wait for.
async fn read(input: &mut Option<Stdin>, bytes: &mut [u8]) -> usize {
    match input {
        Some(input) => input.read(bytes).await.unwrap_or(0),
        None => std::future::pending().await,
    }
}
