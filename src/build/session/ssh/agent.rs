//! An SSH agent in this process (draft-miller-ssh-agent): it lists its keys and signs with them.

use super::key::PrivateKey;
use super::wire::{Reader, put_string};

/// The answer to everything that is not possible.
pub(super) const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// Whether a build may send this message to an agent.
pub(super) fn is_allowed(message: &[u8]) -> bool {
    matches!(message.first(), Some(&REQUEST_IDENTITIES | &SIGN_REQUEST))
}

/// Keys, and answers about them.
#[derive(Default)]
pub(super) struct KeyAgent {
    keys: Vec<PrivateKey>,
}

impl KeyAgent {
    pub(super) fn add(&mut self, key: PrivateKey) {
        self.keys.push(key);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The answer to one message.
    pub(super) fn answer(&self, message: &[u8]) -> Vec<u8> {
        match message.split_first() {
            Some((&REQUEST_IDENTITIES, _)) => self.identities(),
            Some((&SIGN_REQUEST, rest)) => self.sign(rest).unwrap_or_else(|| vec![FAILURE]),
            _ => vec![FAILURE],
        }
    }

    fn identities(&self) -> Vec<u8> {
        let mut answer = vec![IDENTITIES_ANSWER];
        let count = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        answer.extend_from_slice(&count.to_be_bytes());
        for key in &self.keys {
            put_string(&mut answer, &key.public);
            put_string(&mut answer, key.comment.as_bytes());
        }
        answer
    }

    fn sign(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut reader = Reader(request);
        let public = reader.string()?;
        let data = reader.string()?;
        let flags = reader.u32()?;
        let key = self.keys.iter().find(|key| key.public == public)?;
        let mut answer = vec![SIGN_RESPONSE];
        put_string(&mut answer, &key.sign(data, flags)?);
        Some(answer)
    }
}
