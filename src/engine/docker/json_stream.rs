//! A stream of JSON values, one behind the other, cut anywhere: events, and progress of a build.

use std::io;
use std::marker::PhantomData;

use bytes::{Buf, BytesMut};
use serde::de::DeserializeOwned;
use tokio_util::codec::Decoder;

/// Reads values one after another, whatever white space is between them.
pub struct JsonDecoder<T> {
    value: PhantomData<fn() -> T>,
}

impl<T> Default for JsonDecoder<T> {
    fn default() -> Self {
        Self { value: PhantomData }
    }
}

impl<T: DeserializeOwned> Decoder for JsonDecoder<T> {
    type Item = T;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<T>> {
        let blank = source.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        source.advance(blank);
        // Values are objects, one on a line: until a line or an object may be complete there is
        // no use in parsing what is there again.
        if !source.contains(&b'\n') && source.last() != Some(&b'}') {
            return Ok(None);
        }
        let mut values = serde_json::Deserializer::from_slice(source).into_iter::<T>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) if !error.is_eof() => return Err(error.into()),
            Some(Err(_)) | None => return Ok(None),
        };
        let read = values.byte_offset();
        source.advance(read);
        Ok(Some(value))
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> io::Result<Option<T>> {
        if let Some(value) = self.decode(source)? {
            return Ok(Some(value));
        }
        if source.is_empty() {
            return Ok(None);
        }
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer ends amid a value"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn decode(bytes: &[u8], size: usize) -> io::Result<Vec<Value>> {
        let mut decoder = JsonDecoder::<Value>::default();
        let mut buffer = BytesMut::new();
        let mut values = Vec::new();
        for piece in bytes.chunks(size) {
            buffer.extend_from_slice(piece);
            while let Some(value) = decoder.decode(&mut buffer)? {
                values.push(value);
            }
        }
        while let Some(value) = decoder.decode_eof(&mut buffer)? {
            values.push(value);
        }
        Ok(values)
    }

    #[test]
    fn reads_values_however_they_are_cut() {
        let text = "{\"a\":\"}\\n{é\"}\r\n{\"b\":{\"c\":[1,\n2]}}{\"d\":null}\n\n{\"e\":1}";
        let expected = [
            json!({"a": "}\n{é"}),
            json!({"b": {"c": [1, 2]}}),
            json!({"d": null}),
            json!({"e": 1}),
        ];
        for size in 1..=text.len() {
            assert_eq!(decode(text.as_bytes(), size).unwrap(), expected, "{size}");
        }
        assert_eq!(decode(b"", 1).unwrap(), [] as [Value; 0]);
    }

    #[test]
    fn notices_what_is_no_json_and_what_is_cut_off() {
        assert!(decode(b"<html>\n", 3).is_err());
        assert_eq!(decode(b"{\"a\":", 9).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
