//! Private keys as `ssh-keygen` writes them, without passphrase: Ed25519, ECDSA on P-256 and P-384,
//! and RSA, in OpenSSH's own form or in PEM.

use base64::Engine as _;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair,
};

use super::wire::{Reader, digits, put_number, put_string};

/// A key that can sign.
pub(super) struct PrivateKey {
    /// The public half, as SSH writes it.
    pub(super) public: Vec<u8>,
    /// What the key's owner calls it.
    pub(super) comment: String,
    secret: Secret,
}

enum Secret {
    Ed25519(Ed25519KeyPair),
    Ecdsa { curve: &'static Curve, pair: EcdsaKeyPair },
    Rsa(RsaKeyPair),
}

/// An elliptic curve and its names.
struct Curve {
    /// `ecdsa-sha2-…`.
    algorithm: &'static str,
    name: &'static str,
    signing: &'static ring::signature::EcdsaSigningAlgorithm,
    /// Bytes of a number on it.
    width: usize,
}

static CURVES: [Curve; 2] = [
    Curve {
        algorithm: "ecdsa-sha2-nistp256",
        name: "nistp256",
        signing: &ECDSA_P256_SHA256_FIXED_SIGNING,
        width: 32,
    },
    Curve {
        algorithm: "ecdsa-sha2-nistp384",
        name: "nistp384",
        signing: &ECDSA_P384_SHA384_FIXED_SIGNING,
        width: 48,
    },
];

/// Why a file is no key that we can use.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error("it is not a private key")]
    NotAKey,
    #[error("the key has a passphrase: add it to your ssh agent and forward that")]
    Encrypted,
    #[error("keys of the kind `{0}` are not supported: add it to your ssh agent and forward that")]
    Unsupported(String),
    #[error("the key is damaged: {0}")]
    Damaged(&'static str),
}

/// Reads a private key.
pub(super) fn read(text: &[u8]) -> Result<PrivateKey, KeyError> {
    let text = std::str::from_utf8(text).map_err(|_| KeyError::NotAKey)?;
    let (label, body) = pem(text).ok_or(KeyError::NotAKey)?;
    if text.contains("ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    match label {
        "OPENSSH PRIVATE KEY" => openssh(&body),
        "RSA PRIVATE KEY" => Ok(rsa(RsaKeyPair::from_der(&body).map_err(rejected)?, String::new())),
        "PRIVATE KEY" => pkcs8(&body),
        label => Err(KeyError::Unsupported(label.to_owned())),
    }
}

/// The label and the content of the first PEM block.
fn pem(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    // Headers (`Proc-Type: …`) stand before an empty line and only in encrypted keys.
    let body: String = body.lines().filter(|line| !line.contains(':')).map(str::trim).collect();
    Some((label, base64::engine::general_purpose::STANDARD.decode(body).ok()?))
}

fn rejected(_: ring::error::KeyRejected) -> KeyError {
    KeyError::Damaged("its numbers are not those of a key")
}

fn pkcs8(der: &[u8]) -> Result<PrivateKey, KeyError> {
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return Ok(ed25519(pair, String::new()));
    }
    for curve in &CURVES {
        let pair = EcdsaKeyPair::from_pkcs8(curve.signing, der, &SystemRandom::new());
        if let Ok(pair) = pair {
            return Ok(ecdsa(curve, pair, String::new()));
        }
    }
    Ok(rsa(RsaKeyPair::from_pkcs8(der).map_err(rejected)?, String::new()))
}

/// OpenSSH's own form (`PROTOCOL.key`).
fn openssh(blob: &[u8]) -> Result<PrivateKey, KeyError> {
    const SHORT: KeyError = KeyError::Damaged("it ends too early");
    let blob = blob.strip_prefix(b"openssh-key-v1\0").ok_or(KeyError::NotAKey)?;
    let mut outer = Reader(blob);
    let cipher = outer.string().ok_or(SHORT)?;
    if cipher != b"none" {
        return Err(KeyError::Encrypted);
    }
    let (_kdf, _options, _count) =
        (outer.string().ok_or(SHORT)?, outer.string().ok_or(SHORT)?, outer.u32().ok_or(SHORT)?);
    let _public = outer.string().ok_or(SHORT)?;
    let mut inner = Reader(outer.string().ok_or(SHORT)?);
    if inner.u32().ok_or(SHORT)? != inner.u32().ok_or(SHORT)? {
        return Err(KeyError::Damaged("its check numbers differ"));
    }
    let kind = inner.string().ok_or(SHORT)?;
    let mut next = || inner.string().ok_or(SHORT);
    match kind {
        b"ssh-ed25519" => {
            let (public, secret) = (next()?, next()?);
            let seed = secret.get(..32).ok_or(SHORT)?;
            let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(rejected)?;
            Ok(ed25519(pair, text(next()?)))
        }
        b"ssh-rsa" => {
            let [modulus, exponent, secret] = [next()?, next()?, next()?];
            let [inverse, prime1, prime2] = [next()?, next()?, next()?];
            let (exponent1, exponent2) = (modulo(secret, prime1), modulo(secret, prime2));
            let pair = RsaKeyPair::from_components(&KeyPairComponents {
                public_key: PublicKeyComponents { n: digits(modulus), e: digits(exponent) },
                d: digits(secret),
                p: digits(prime1),
                q: digits(prime2),
                dP: digits(&exponent1),
                dQ: digits(&exponent2),
                qInv: digits(inverse),
            });
            Ok(rsa(pair.map_err(rejected)?, text(next()?)))
        }
        kind => {
            let unsupported = || KeyError::Unsupported(text(kind));
            let curve = CURVES.iter().find(|curve| curve.algorithm.as_bytes() == kind);
            let curve = curve.ok_or_else(unsupported)?;
            let (_name, public, secret) = (next()?, next()?, next()?);
            let secret = padded(secret, curve.width).ok_or(SHORT)?;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(
                curve.signing,
                &secret,
                public,
                &SystemRandom::new(),
            );
            Ok(ecdsa(curve, pair.map_err(rejected)?, text(next()?)))
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ed25519(pair: Ed25519KeyPair, comment: String) -> PrivateKey {
    let mut public = Vec::new();
    put_string(&mut public, b"ssh-ed25519");
    put_string(&mut public, pair.public_key().as_ref());
    PrivateKey { public, comment, secret: Secret::Ed25519(pair) }
}

fn ecdsa(curve: &'static Curve, pair: EcdsaKeyPair, comment: String) -> PrivateKey {
    let mut public = Vec::new();
    put_string(&mut public, curve.algorithm.as_bytes());
    put_string(&mut public, curve.name.as_bytes());
    put_string(&mut public, pair.public_key().as_ref());
    PrivateKey { public, comment, secret: Secret::Ecdsa { curve, pair } }
}

fn rsa(pair: RsaKeyPair, comment: String) -> PrivateKey {
    let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public());
    let mut public = Vec::new();
    put_string(&mut public, b"ssh-rsa");
    put_number(&mut public, &parts.e);
    put_number(&mut public, &parts.n);
    PrivateKey { public, comment, secret: Secret::Rsa(pair) }
}

impl PrivateKey {
    /// A signature as SSH writes it; `flags` choose among RSA's hashes. `None` where the kind of
    /// signature that is asked for is not to be had, such as RSA with SHA-1.
    pub(super) fn sign(&self, data: &[u8], flags: u32) -> Option<Vec<u8>> {
        const SHA_256: u32 = 2;
        const SHA_512: u32 = 4;
        let (algorithm, signature) = match &self.secret {
            Secret::Ed25519(pair) => ("ssh-ed25519", pair.sign(data).as_ref().to_vec()),
            Secret::Ecdsa { curve, pair } => {
                let fixed = pair.sign(&SystemRandom::new(), data).ok()?;
                let (r, s) = fixed.as_ref().split_at_checked(curve.width)?;
                let mut signature = Vec::new();
                put_number(&mut signature, r);
                put_number(&mut signature, s);
                (curve.algorithm, signature)
            }
            Secret::Rsa(pair) => {
                let (algorithm, padding): (_, &dyn ring::signature::RsaEncoding) =
                    if flags & SHA_512 != 0 {
                        ("rsa-sha2-512", &RSA_PKCS1_SHA512)
                    } else if flags & SHA_256 != 0 {
                        ("rsa-sha2-256", &RSA_PKCS1_SHA256)
                    } else {
                        return None;
                    };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &SystemRandom::new(), data, &mut signature).ok()?;
                (algorithm, signature)
            }
        };
        let mut blob = Vec::new();
        put_string(&mut blob, algorithm.as_bytes());
        put_string(&mut blob, &signature);
        Some(blob)
    }
}

/// A number with zeros in front up to a width; `None` if it is wider.
fn padded(number: &[u8], width: usize) -> Option<Vec<u8>> {
    let number = digits(number);
    let mut padded = vec![0; width.checked_sub(number.len())?];
    padded.extend_from_slice(number);
    Some(padded)
}

/// `number mod (prime − 1)`: the exponents that OpenSSH does not store. Bit by bit, which is fast
/// enough for keys.
fn modulo(number: &[u8], prime: &[u8]) -> Vec<u8> {
    let mut divisor = prime.to_vec();
    // A prime is odd, so that nothing is borrowed.
    if let Some(last) = divisor.last_mut() {
        *last &= 0xfe;
    }
    divisor.insert(0, 0);
    let mut rest = vec![0u8; divisor.len()];
    for byte in number {
        for bit in (0..8).rev() {
            let mut carry = (byte >> bit) & 1;
            for digit in rest.iter_mut().rev() {
                let out = *digit >> 7;
                *digit = (*digit << 1) | carry;
                carry = out;
            }
            if rest >= divisor {
                let mut borrow = 0i16;
                for (digit, take) in rest.iter_mut().zip(&divisor).rev() {
                    let difference = i16::from(*digit) - i16::from(*take) - borrow;
                    borrow = i16::from(difference < 0);
                    // Back in the range of a byte.
                    *digit = u8::try_from(difference + 256 * borrow).unwrap_or(0);
                }
            }
        }
    }
    rest
}

#[cfg(test)]
mod tests;
