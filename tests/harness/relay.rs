//! A socket that leads to the engine's, until it is taken away: an engine that restarts. Or one by which the answers to
//! some questions are late.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::engine::Engine;

/// The socket, while it is there.
pub(crate) struct Relay {
    path: PathBuf,
    engine: String,
    /// What is open on both sides.
    open: Arc<Mutex<Vec<UnixStream>>>,
    /// What is in the requests that are passed on late, and by how much.
    late: Option<(&'static str, Duration)>,
}

impl Relay {
    /// A socket at a path that leads to an engine.
    pub(crate) fn new(engine: &Engine, path: &Path) -> Self {
        Self::started(engine, path, None)
    }

    /// The same, where requests with `part` in them are passed on late.
    pub(crate) fn late(engine: &Engine, path: &Path, part: &'static str, by: Duration) -> Self {
        Self::started(engine, path, Some((part, by)))
    }

    fn started(engine: &Engine, path: &Path, late: Option<(&'static str, Duration)>) -> Self {
        let engine = engine.endpoint().trim_start_matches("unix://").to_owned();
        let relay = Self { path: path.to_owned(), engine, open: Arc::default(), late };
        relay.come();
        relay
    }

    /// As `DOCKER_HOST` takes it.
    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// The engine answers again.
    pub(crate) fn come(&self) {
        let listener = UnixListener::bind(&self.path).expect("a socket can be made");
        let (engine, open, late) = (self.engine.clone(), Arc::clone(&self.open), self.late);
        std::thread::spawn(move || {
            while let Ok((inward, _)) = listener.accept() {
                let outward = UnixStream::connect(&engine).expect("the engine is there");
                let ends = [&inward, &outward].map(|end| end.try_clone().expect("it is open"));
                open.lock().expect("nobody panics").extend(ends);
                for (from, to) in [(&inward, &outward), (&outward, &inward)] {
                    let ends = [from, to].map(|end| end.try_clone().expect("it is open"));
                    std::thread::spawn(move || pass(ends, late));
                }
            }
        });
    }

    /// Nobody answers any more, and every connection breaks.
    pub(crate) fn go(&self) {
        std::fs::remove_file(&self.path).expect("it is there");
        for end in self.open.lock().expect("nobody panics").drain(..) {
            // It may be closed already.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

fn pass([mut from, mut to]: [UnixStream; 2], late: Option<(&str, Duration)>) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let text = String::from_utf8_lossy(&bytes[..length]);
        if let Some((part, by)) = late
            && text.contains(part)
        {
            std::thread::sleep(by);
        }
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
