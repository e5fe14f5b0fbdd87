//! A command on a terminal of its own, which can be typed on, resized and looked at.

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

/// No command of a test takes this long; one that does hangs, and is killed so that the others can go on.
const PATIENCE: Duration = Duration::from_mins(5);

/// A running command and its terminal.
pub(crate) struct Terminal {
    child: Child,
    pty: Pty,
    deadline: Instant,
    /// What the command writes; closed at its end.
    chunks: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// How much of it `wait_for` has gone past.
    passed: usize,
}

impl Terminal {
    #[track_caller]
    pub(super) fn start(command: Command, rows: u16, columns: u16) -> Self {
        let (terminal, inner) = open().expect("the machine has pseudo-terminals");
        terminal.resize(Size::new(rows, columns)).expect("a terminal can be resized");
        let child = command.spawn(inner).expect("the program can be started");
        let (sender, chunks) = channel();
        let mut reader = std::fs::File::from(
            rustix::io::dup(&terminal).expect("a file descriptor can be duplicated"),
        );
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            // The end of the last process on a terminal is an error for who reads it.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let deadline = Instant::now() + PATIENCE;
        Self { child, pty: terminal, deadline, chunks, seen: Vec::new(), passed: 0 }
    }

    /// Types these keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).expect("a terminal takes keys");
    }

    /// Makes the window another size.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        self.pty.resize(Size::new(rows, columns)).expect("a terminal can be resized");
    }

    /// Waits until the command has written this, behind what was waited for before.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, part: &str) {
        loop {
            let rest = &self.seen[self.passed..];
            let found = rest.windows(part.len()).position(|window| window == part.as_bytes());
            if let Some(at) = found {
                self.passed += at + part.len();
                return;
            }
            assert!(
                self.read(),
                "the end came without `{part}`; the terminal got:\n{}",
                self.text()
            );
        }
    }

    /// Waits for the end; the exit code and all that was written.
    #[track_caller]
    pub(crate) fn finish(mut self) -> (i32, String) {
        while self.read() {}
        let status = self.child.wait().expect("a child can be waited for");
        (status.code().unwrap_or(-1), self.text())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    #[track_caller]
    fn read(&mut self) -> bool {
        match self.chunks.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(chunk) => {
                self.seen.extend_from_slice(&chunk);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("the command hangs; its terminal got:\n{}", self.text())
            }
        }
    }
}

impl Drop for Terminal {
    /// A test that failed half-way leaves no process behind. One that has ended is not affected.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
