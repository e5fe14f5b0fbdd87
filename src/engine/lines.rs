//! Chunks of bytes to lines. Pure. Bytes pass through as they are, whether they are UTF-8 or not.

/// Bytes of an unfinished line that are kept before it is cut.
const LONGEST: usize = 1 << 20;

/// Puts together the lines of one stream of one container.
///
/// A line ends at a line feed; carriage returns stay in it. A line that grows beyond a megabyte is
/// cut there and goes on as a new one: memory stays bounded whatever a container writes.
#[derive(Debug, Default)]
pub struct LineSplitter {
    partial: Vec<u8>,
}

impl LineSplitter {
    /// Takes a chunk and hands each line that it finishes, without its line feed, to `line`.
    pub fn push(&mut self, chunk: &[u8], mut line: impl FnMut(&[u8])) {
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = (&rest[..end], &rest[end + 1..]);
            if self.partial.is_empty() {
                line(head);
            } else {
                self.partial.extend_from_slice(head);
                line(&self.partial);
                self.partial.clear();
            }
            rest = tail;
        }
        for piece in rest.chunks(LONGEST) {
            let room = LONGEST - self.partial.len();
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.partial.extend_from_slice(now);
            if self.partial.len() == LONGEST {
                line(&self.partial);
                self.partial.clear();
            }
            self.partial.extend_from_slice(later);
        }
    }

    /// Whether a line has begun and not ended.
    pub fn is_within_line(&self) -> bool {
        !self.partial.is_empty()
    }

    /// What is left when the stream has ended without a line feed.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        (!self.partial.is_empty()).then(|| std::mem::take(&mut self.partial))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
        let mut splitter = LineSplitter::default();
        let mut lines = Vec::new();
        for chunk in chunks {
            splitter.push(chunk, |line| lines.push(line.to_vec()));
        }
        (lines, splitter.finish())
    }

    #[test]
    fn lines_are_put_together_across_chunks() {
        let (lines, rest) = split(&[b"on", b"e\ntwo\n\nth", b"ree", b"\nfour"]);
        assert_eq!(lines, [&b"one"[..], b"two", b"", b"three"]);
        assert_eq!(rest.as_deref(), Some(&b"four"[..]));
    }

    #[test]
    fn bytes_pass_through_as_they_are() {
        let (lines, rest) = split(&[b"10%\r20%\r\n\xff\xfe \x80\n"]);
        assert_eq!(lines, [&b"10%\r20%\r"[..], b"\xff\xfe \x80"]);
        assert_eq!(rest, None);
    }

    #[test]
    fn an_endless_line_is_cut_and_nothing_is_lost() {
        let chunk = vec![b'x'; 700_000];
        let (lines, rest) = split(&[&chunk, &chunk, &chunk]);
        assert!(lines.iter().all(|line| line.len() == LONGEST));
        let total = lines.iter().map(Vec::len).sum::<usize>() + rest.map_or(0, |rest| rest.len());
        assert_eq!(total, 2_100_000);
        let huge = vec![b'y'; 5 * LONGEST + 7];
        let (lines, rest) = split(&[b"z", &huge]);
        assert_eq!(lines.len(), 5);
        assert_eq!(rest.map(|rest| rest.len()), Some(8));
    }
}
