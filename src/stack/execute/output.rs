//! What a process writes, line by line.

use futures_util::StreamExt;

use crate::engine::api::OutputChunk;
use crate::engine::{EngineError, LineSplitter, Stream};

/// Hands on what a process writes, a line at a time and without what ends it, until the process does.
pub(super) async fn each_line(
    output: &mut Stream<OutputChunk>,
    line: &mut (dyn FnMut(&str) + Send),
) -> Result<(), EngineError> {
    let mut lines = LineSplitter::default();
    let mut text = |bytes: &[u8]| line(String::from_utf8_lossy(bytes).trim_end());
    while let Some(chunk) = output.next().await {
        lines.push(chunk?.bytes(), &mut text);
    }
    if let Some(rest) = lines.finish() {
        text(&rest);
    }
    Ok(())
}
