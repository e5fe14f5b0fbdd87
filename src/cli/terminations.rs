//! How the program is told to end: by signals, and by the docker command that runs it as a plugin.
//!
//! The docker command holds a socket open for its plugin and closes it when it is told to end
//! itself (Docker CLI 25 and later, `cli-plugins/socket`). A Ctrl-C reaches both: then the socket
//! and the signal are one wish to end, not two.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM, and the end of the docker command, as they come.
pub(super) struct Terminations {
    interrupt: Signal,
    terminate: Signal,
    front: Front,
    wishes: Wishes,
}

impl Terminations {
    /// Begins to listen; from now on no signal ends the program by itself. `front` is the address
    /// of the docker command's socket. Without one that answers, signals are all there is.
    pub(super) fn new(front: Option<&str>) -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            front: Front::new(front),
            wishes: Wishes::default(),
        })
    }

    /// The next wish to end. Nothing is lost when this is dropped and asked again.
    pub(super) async fn next(&mut self) {
        loop {
            let Self { interrupt, terminate, front, .. } = &mut *self;
            let told = tokio::select! {
                _ = interrupt.recv() => Told::Signal,
                _ = terminate.recv() => Told::Signal,
                () = front.closed() => Told::Closed,
            };
            if self.wishes.count(told, Instant::now()) {
                return;
            }
        }
    }
}

/// The docker command that runs us as a plugin: its socket while it is open.
pub(super) struct Front(Option<UnixStream>);

impl Front {
    /// Connects to the socket at `address`, if one answers there.
    pub(super) fn new(address: Option<&str>) -> Self {
        Self(address.and_then(|address| connect(address).ok()))
    }

    /// Waits until the docker command closes the connection, which it does once.
    pub(super) async fn closed(&mut self) {
        let Some(stream) = &mut self.0 else { return std::future::pending().await };
        let mut ignored = [0; 64];
        while let Ok(1..) = stream.read(&mut ignored).await {}
        self.0 = None;
    }
}

/// Connects; an address that begins with `@` is in Linux's abstract namespace.
fn connect(address: &str) -> io::Result<UnixStream> {
    let stream = match address.strip_prefix('@') {
        Some(name) => connect_abstract(name)?,
        None => std::os::unix::net::UnixStream::connect(address)?,
    };
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

#[cfg(target_os = "linux")]
fn connect_abstract(name: &str) -> io::Result<std::os::unix::net::UnixStream> {
    use std::os::linux::net::SocketAddrExt as _;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    std::os::unix::net::UnixStream::connect_addr(&address)
}

#[cfg(not(target_os = "linux"))]
fn connect_abstract(_: &str) -> io::Result<std::os::unix::net::UnixStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Within this time a signal is the same wish: `timeout` sends one to its child and then to all of its group.
const TWICE: Duration = Duration::from_millis(20);

/// What the program was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Signal,
    Closed,
}

/// How often the program was told to end.
#[derive(Debug, Default)]
struct Wishes {
    signals: usize,
    closed: usize,
    counted: usize,
    last_signal: Option<Instant>,
}

impl Wishes {
    /// Whether this is a new wish, and not one that was told in the other way already.
    fn count(&mut self, told: Told, now: Instant) -> bool {
        match told {
            Told::Signal => {
                let last = self.last_signal.replace(now);
                if last.is_some_and(|last| now.duration_since(last) < TWICE) {
                    return false;
                }
                self.signals += 1;
            }
            Told::Closed => self.closed += 1,
        }
        let all = self.signals.max(self.closed);
        let is_new = all > self.counted;
        self.counted = all;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::Told::{Closed, Signal};
    use super::*;

    #[test]
    fn a_signal_and_the_closed_socket_are_one_wish() {
        for (told, new) in [
            (&[Signal, Signal][..], &[true, true][..]),
            (&[Closed, Signal, Signal], &[true, false, true]),
            (&[Signal, Closed, Signal], &[true, false, true]),
            (&[Signal, Signal, Closed], &[true, true, false]),
        ] {
            let mut wishes = Wishes::default();
            let begun = Instant::now();
            let times = (1..).map(|second| begun + Duration::from_secs(second));
            let found: Vec<_> =
                told.iter().zip(times).map(|(told, at)| wishes.count(*told, at)).collect();
            assert_eq!(found, new, "{told:?}");
        }
    }

    #[test]
    fn a_signal_that_comes_twice_at_once_is_one_wish() {
        let mut wishes = Wishes::default();
        let begun = Instant::now();
        let found = [0, 1, 300].map(|at| wishes.count(Signal, begun + Duration::from_millis(at)));
        assert_eq!(found, [true, false, true]);
    }
}
