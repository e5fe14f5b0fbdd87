//! Keys while an attached `up` runs on a terminal: Ctrl-C, and more for those who ask for the menu
//! (`--menu`, `COMPOSE_MENU`).
//!
//! Keys are read one by one and are not shown. Ctrl-Z stays a signal, so that it means what it means
//! without us; the terminal is as it was while the program is stopped. In the background none of it is
//! touched: a terminal stops who does.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::settings::Keys;
use crate::ui::Ui;
use crate::ui::terminal::{self, KeyMode, stop_process};

/// What stands at the bottom of the terminal.
const LINE: &str = "d detach   q stop   ? keys";
/// The same where files can be watched, and where they are.
const WATCH_LINES: [&str; 2] =
    ["d detach   w Enable Watch   q stop   ? keys", "d detach   w Disable Watch   q stop   ? keys"];
/// What `?` tells.
const HELP: &str = "\
d       detach: the containers go on, and this ends
q       stop the containers, as Ctrl-C does
Enter   an empty line
Ctrl-Z  come back with fg";
/// What it tells where files can be watched.
const WATCH_HELP: &str = "\
w       bring files into the containers as they change, or no longer";

/// The byte of Ctrl-C.
const CTRL_C: u8 = 0x03;
/// Keys that are read at once.
const AT_ONCE: usize = 64;
/// The signal of Ctrl-Z.
const SIGTSTP: i32 = rustix::process::Signal::TSTP.as_raw();

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// To leave the containers alone.
    Detach,
    /// To watch files, or no longer.
    Watch,
    /// To stop them.
    Stop,
}

/// The keys, and the line that tells of them.
pub(super) struct Menu {
    ui: Ui,
    keys: Keys,
    /// Whether files are watched; `None` where there is nothing to watch.
    watching: Option<bool>,
    mode: Option<KeyMode>,
    suspend: Signal,
    /// What is pressed; closed once nothing is read any more.
    pressed: UnboundedReceiver<u8>,
}

impl Menu {
    /// Begins to read keys; `None` where none are wanted, or there is no terminal to read them from.
    /// Files can be watched if `watchable`.
    pub(super) fn open(ui: &Ui, keys: Keys, watchable: bool) -> Option<Self> {
        let terminals = ui.appearance().terminals;
        let live = terminals.stdin && terminals.stdout && ui.appearance().is_live();
        if keys == Keys::None || !live || !terminal::is_ours() {
            return None;
        }
        let suspend = signal(SignalKind::from_raw(SIGTSTP)).ok()?;
        let mode = KeyMode::enable().ok()?;
        let menu = Self {
            ui: ui.clone(),
            keys,
            watching: watchable.then_some(false),
            mode: Some(mode),
            suspend,
            pressed: read_keys(),
        };
        menu.show();
        Some(menu)
    }

    /// The next key that asks for something. Nothing is lost when this is dropped and asked again.
    pub(super) async fn next(&mut self) -> Key {
        loop {
            tokio::select! {
                _ = self.suspend.recv() => self.stop(),
                Some(key) = self.pressed.recv() => {
                    if let Some(wish) = self.answer(key) {
                        return wish;
                    }
                }
            }
        }
    }

    /// Tells whether files are watched now.
    pub(super) fn watching(&mut self, watching: bool) {
        self.watching = self.watching.map(|_| watching);
        self.show();
    }

    /// What a key asks for, if it is not done with at once.
    fn answer(&self, key: u8) -> Option<Key> {
        match key {
            CTRL_C => return Some(Key::Stop),
            b'\r' | b'\n' => self.ui.print(""),
            _ if self.keys != Keys::Menu => {}
            b'd' => return Some(Key::Detach),
            b'q' => return Some(Key::Stop),
            b'w' if self.watching.is_some() => return Some(Key::Watch),
            b'?' | b'h' => {
                self.ui.print(HELP);
                if self.watching.is_some() {
                    self.ui.print(WATCH_HELP);
                }
            }
            _ => {}
        }
        None
    }

    /// Ctrl-Z: the program stops here, and goes on when it is told to.
    fn stop(&mut self) {
        self.mode = None;
        self.ui.footer(None);
        self.ui.flush();
        stop_process();
        if terminal::is_ours() {
            self.mode = KeyMode::enable().ok();
            self.show();
        }
    }

    /// The line at the bottom, for the menu.
    fn show(&self) {
        if self.keys == Keys::Menu {
            self.ui.footer(Some(match self.watching {
                None => LINE,
                Some(false) => WATCH_LINES[0],
                Some(true) => WATCH_LINES[1],
            }));
        }
    }
}

impl Drop for Menu {
    fn drop(&mut self) {
        self.ui.footer(None);
    }
}

/// The keys as they are pressed. They are waited for on a thread of its own, which ends in the
/// background, where they are meant for somebody else.
fn read_keys() -> UnboundedReceiver<u8> {
    let (sender, keys) = unbounded_channel();
    std::thread::spawn(move || {
        let stdin = std::io::stdin();
        let mut keys = [0; AT_ONCE];
        loop {
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
                Err(Errno::INTR) => continue,
                Ok(_) if terminal::is_ours() => {}
                _ => return,
            }
            let Ok(length @ 1..) = rustix::io::read(&stdin, &mut keys) else { return };
            let mut pressed = keys.iter().take(length);
            if pressed.any(|key| sender.send(*key).is_err()) {
                return;
            }
        }
    });
    keys
}
