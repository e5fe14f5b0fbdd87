//! Bodies that a thread writes while they are sent, in bounded memory: archives of files.

use std::fs::File;
use std::io::{self, Read, Write};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes that are collected before they are sent, and how many such pieces may wait.
const PIECE: usize = 64 * 1024;
const QUEUE: usize = 8;

/// Sends what is written, in pieces, and waits while too many are on their way. To be used on a
/// thread that may block.
pub struct Pieces {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Pieces {
    /// Where to write, and what comes out: the pieces of a [`super::stream`].
    pub fn new() -> (Self, ReceiverStream<io::Result<Bytes>>) {
        let (pieces, outgoing) = mpsc::channel(QUEUE);
        (Self { pieces, buffer: Vec::with_capacity(PIECE) }, ReceiverStream::new(outgoing))
    }

    /// Something that breaks the body off, so that whoever gets it does not take a part for the
    /// whole.
    pub fn breaker(&self) -> impl FnOnce(String) + Send + 'static {
        let pieces = self.pieces.clone();
        // Nobody to tell means that the request has ended already.
        move |reason| drop(pieces.blocking_send(Err(io::Error::other(reason))))
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE)));
        self.pieces.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// A file of which exactly as much is read as was promised: it may change while it is packed, but
/// its size stands in the header.
pub struct Exact {
    file: io::Take<File>,
    missing: u64,
}

impl Exact {
    /// The first `size` bytes of `file`.
    pub fn new(file: File, size: u64) -> Self {
        Self { file: file.take(size), missing: size }
    }
}

impl Read for Exact {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.missing -= length as u64;
        if length == 0 && self.missing > 0 && !buffer.is_empty() {
            let words = "the file became shorter while it was read";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, words));
        }
        Ok(length)
    }
}
