//! The frames in which an engine carries standard output and standard error over one connection:
//! eight bytes of header (stream, three zeros, length), then that many bytes.
//!
//! Only the output of a process without a terminal is framed; whether it has one must be known, it
//! cannot be guessed from the bytes.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio_util::codec::Decoder;

use crate::engine::api::OutputChunk;

const HEADER: usize = 8;
/// Bytes of a frame that is handed on whole. An engine writes a line of a log as one frame, which
/// has no more than 16 KiB of it and its time.
const WHOLE: usize = 1 << 16;

/// Takes frames apart. One that is longer than [`WHOLE`] is not held back: its bytes are handed on
/// as they come.
#[derive(Debug, Default)]
pub(super) struct FrameDecoder {
    /// The stream of the frame being read, and how much of it is to come.
    current: Option<(u8, usize)>,
}

impl Decoder for FrameDecoder {
    type Item = OutputChunk;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<OutputChunk>> {
        loop {
            match self.current {
                Some((_, 0)) => self.current = None,
                Some((stream, rest)) => {
                    if source.is_empty() {
                        return Ok(None);
                    }
                    // The engine's own words are wanted whole, however long they are.
                    if (stream == 3 || rest <= WHOLE) && source.len() < rest {
                        return Ok(None);
                    }
                    let bytes = source.split_to(rest.min(source.len())).freeze();
                    self.current = Some((stream, rest - bytes.len()));
                    return chunk(stream, bytes).map(Some);
                }
                None => {
                    let Some((header, _)) = source.split_first_chunk::<HEADER>() else {
                        return Ok(None);
                    };
                    let [stream, 0, 0, 0, length @ ..] = *header else { return Err(not_framed()) };
                    if stream > 3 {
                        return Err(not_framed());
                    }
                    let length = u32::from_be_bytes(length);
                    source.advance(HEADER);
                    // A length in memory: 32 bits fit.
                    self.current = Some((stream, usize::try_from(length).unwrap_or(usize::MAX)));
                }
            }
        }
    }
}

fn chunk(stream: u8, bytes: Bytes) -> io::Result<OutputChunk> {
    match stream {
        2 => Ok(OutputChunk::Stderr(bytes)),
        3 => Err(io::Error::other(String::from_utf8_lossy(&bytes).trim().to_owned())),
        _ => Ok(OutputChunk::Stdout(bytes)),
    }
}

fn not_framed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "output is not framed as the engine's API has it")
}

/// Hands on bytes as they come: the output of a terminal.
#[derive(Debug, Default)]
pub(super) struct TerminalDecoder;

impl Decoder for TerminalDecoder {
    type Item = OutputChunk;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<OutputChunk>> {
        if source.is_empty() {
            return Ok(None);
        }
        Ok(Some(OutputChunk::Stdout(source.split().freeze())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&[stream, 0, 0, 0][..], &length, text.as_bytes()].concat()
    }

    /// Decodes `bytes` in pieces of `size`, and joins what came of each stream.
    fn decode(bytes: &[u8], size: usize) -> io::Result<(String, String)> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut decoder = FrameDecoder::default();
        let mut buffer = BytesMut::new();
        for piece in bytes.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Some(chunk) = decoder.decode(&mut buffer)? {
                match chunk {
                    OutputChunk::Stdout(bytes) => out.extend(bytes),
                    OutputChunk::Stderr(bytes) => err.extend(bytes),
                }
            }
        }
        assert_eq!(decoder.decode_eof(&mut buffer)?, None);
        Ok((String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap()))
    }

    #[test]
    fn separates_the_streams_however_they_are_cut() {
        let bytes =
            [frame(1, "one\n"), frame(2, "bad\n"), frame(1, ""), frame(0, "in"), frame(1, "two")]
                .concat();
        for size in 1..=bytes.len() {
            let (out, err) = decode(&bytes, size).unwrap();
            assert_eq!((out.as_str(), err.as_str()), ("one\nintwo", "bad\n"), "{size}");
        }
    }

    #[test]
    fn hands_on_a_line_whole_and_a_long_frame_as_it_comes() {
        let mut decoder = FrameDecoder::default();
        let line = frame(1, "a line of a log\n");
        let mut buffer = BytesMut::from(&line[..12]);
        assert_eq!(decoder.decode(&mut buffer).unwrap(), None);
        buffer.extend_from_slice(&line[12..]);
        let whole = OutputChunk::Stdout(Bytes::from_static(b"a line of a log\n"));
        assert_eq!(decoder.decode(&mut buffer).unwrap(), Some(whole));

        let long = frame(2, &"x".repeat(WHOLE + 10));
        let mut buffer = BytesMut::from(&long[..20]);
        let first = OutputChunk::Stderr(Bytes::from_static(b"xxxxxxxxxxxx"));
        assert_eq!(decoder.decode(&mut buffer).unwrap(), Some(first));
    }

    #[test]
    fn refuses_what_is_not_framed() {
        assert!(decode(b"plain text of a terminal", 5).is_err());
        assert!(decode(&frame(1, "cut off")[..4], 4).is_err());
        let told = decode(&frame(3, "driver broke\n"), 5).unwrap_err();
        assert_eq!(told.to_string(), "driver broke");
    }
}
