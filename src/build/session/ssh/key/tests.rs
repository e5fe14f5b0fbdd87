//! Keys of each kind sign, and what cannot be used says why.

use base64::Engine as _;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::super::wire::{Reader, digits, put_string};
use super::{KeyError, modulo, padded, read};

// A key made for this test and used nowhere else.
const N: &str = "00c777bdc9de0da1560039ac42a8391590290e9b60968dd9d76715ea21263e0d16546e44b465969e18190c8c\
    60f51184df7a5a1b580ca5ccc6cafdb120bfc67ed849cdf8f0a18972ea5a4778a4c1e06a8f89a8696f8b0e50\
    88de24b8408844e215788076d97dadfbba8a69589bd18279ff120d2672c711087049259599578d3294190377\
    554411166151fdca961f41a50809c80ceb58de0583ae56ec55dd81d388b36496eb5b800d859d30bb2ec19a13\
    3f08091628341b28ae327061bc3a99cbe295baa3385c19c23dde0005f2d1d89125ab54f60b4be641c00cb0d4\
    15e664974710d80f75000410cd296f2b05445e8b8d839afc5e681fa9527204d0be188931f7";
const E: &str = "010001";
const D: &str = "1bdb61e00d68ede7ead978709eb9ca2f25ecbfa50fa1a3e8c1f6d23495a358d9e37f658cf9706832895d07f0\
    8a894b25ed6fcec879e10b3b957734ae3eda393624fde50f0620575cda0587edca9322e404f4f0df53c0f35d\
    0a03d57a530da65d6fef7ba9b2df0226f27ef53c5dad7bdd8991d8957303b2a001372f30b3da28fe92a52904\
    2047b669b2f896234d214310711099ff771f47ff64d8f73e87616a2746c78b14172417982227d77bdce3a8ef\
    7bc5a03719412f6be6ec22ed958ed5d287e62f7bdc45fa999fce1d4e72a2b4f2e53ecac032be54c88fb4f2a0\
    9bb1bcf5e81dbeb7b73292d59d019b70ec4638b782f85632a9cb0b4df09fa6e10a7b7081";
const I: &str = "32afae5f2a874572349ad380ededc06fd93f2e173056e1a1ec47215aede1d434bb63fcac20183cfbab7c2c87\
    75d834fe34a1266b03a7cdef55c277bc3ca41db929ca2af7639740e205f78e823e88e2d873929c12c4a57da5\
    46cd67a8c7da09ea9d3425e547f84edc766de60c27e68a162644d529b8e18a678db4fa0e424d5240";
const P: &str = "00f068dbb2922a59585124313a29f0f1244964237345854167af590b16eaa7a521161f4bc94490c0d88095fb\
    83866dd8ad131a38ce1d940f0fa4f1164df4c084d92c30bc88c56042387fdfa151bd0b0b6104c68f7cb7e5f8\
    ed3d9fba672da39cc3f80da42dedd0fbcc1e3190cf7fbcd53d882636f39657b457ed81e9d93850c521";
const Q: &str = "00d467309fa8143c4be3319e193e0a44d1dda2e8710d3f3ea7ac56f3d03e9d7fda48aa9f98192145492c319c\
    3ad658507c3b76041919bee3ff99563861b5c5dd70978ea795955e2e7d7f2cfc5c2a320eecec0617f88ae7c6\
    ffc558d31e0883b98049d2901eaf4ee6e7809fe05cd27908e32683f90a6111f8ddea68799164dbfc17";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// A key file in OpenSSH's form.
fn file(cipher: &str, kind: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut private = vec![1, 2, 3, 4, 1, 2, 3, 4];
    for field in [&[kind.as_bytes()], fields, &[&b"me@home"[..]]].concat() {
        put_string(&mut private, field);
    }
    let mut blob = b"openssh-key-v1\0".to_vec();
    put_string(&mut blob, cipher.as_bytes());
    put_string(&mut blob, b"none");
    put_string(&mut blob, b"");
    blob.extend_from_slice(&[0, 0, 0, 1]);
    put_string(&mut blob, b"public");
    put_string(&mut blob, &private);
    let text = base64::engine::general_purpose::STANDARD.encode(blob);
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{text}\n-----END OPENSSH PRIVATE KEY-----\n")
        .into_bytes()
}

/// The algorithm and the bytes of a signature.
fn signature(blob: &[u8]) -> (String, Vec<u8>) {
    let mut reader = Reader(blob);
    let algorithm = String::from_utf8(reader.string().unwrap().to_vec()).unwrap();
    (algorithm, reader.string().unwrap().to_vec())
}

#[test]
fn an_ed25519_key_signs() {
    let seed = [7; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let public = pair.public_key().as_ref();
    let secret = [&seed[..], public].concat();
    let key = read(&file("none", "ssh-ed25519", &[public, &secret])).unwrap();
    assert_eq!(key.comment, "me@home");
    let (algorithm, bytes) = signature(&key.sign(b"data", 0).unwrap());
    assert_eq!(algorithm, "ssh-ed25519");
    UnparsedPublicKey::new(&ED25519, public).verify(b"data", &bytes).unwrap();
}

#[test]
fn an_ecdsa_key_signs() {
    let random = SystemRandom::new();
    let secret = padded(&[9; 31], 32).unwrap();
    // The public half comes from a key in PKCS #8, which has both.
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(document.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    let key = read(pem.as_bytes()).unwrap();
    let mut public = Reader(&key.public);
    assert_eq!(public.string().unwrap(), b"ecdsa-sha2-nistp256");
    assert_eq!(public.string().unwrap(), b"nistp256");
    let point = public.string().unwrap();
    let (algorithm, bytes) = signature(&key.sign(b"data", 0).unwrap());
    assert_eq!(algorithm, "ecdsa-sha2-nistp256");
    let mut numbers = Reader(&bytes);
    let fixed = [numbers.string().unwrap(), numbers.string().unwrap()]
        .map(|number| padded(number, 32).unwrap())
        .concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(b"data", &fixed).unwrap();
    let wrong = file("none", "ecdsa-sha2-nistp256", &[b"nistp256", point, &secret]);
    assert!(
        matches!(read(&wrong), Err(KeyError::Damaged(_))),
        "halves that do not belong together"
    );
}

#[test]
fn an_rsa_key_signs_with_sha2_only() {
    let numbers = [N, E, D, I, P, Q].map(hex);
    let fields: Vec<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
    let key = read(&file("none", "ssh-rsa", &fields)).unwrap();
    let public = RsaPublicKeyComponents { n: digits(&numbers[0]), e: digits(&numbers[1]) };
    let (algorithm, bytes) = signature(&key.sign(b"data", 2).unwrap());
    assert_eq!(algorithm, "rsa-sha2-256");
    public.verify(&RSA_PKCS1_2048_8192_SHA256, b"data", &bytes).unwrap();
    let (algorithm, bytes) = signature(&key.sign(b"data", 4).unwrap());
    assert_eq!(algorithm, "rsa-sha2-512");
    public.verify(&RSA_PKCS1_2048_8192_SHA512, b"data", &bytes).unwrap();
    assert!(key.sign(b"data", 0).is_none());
}

#[test]
fn says_why_a_file_is_no_key_to_use() {
    assert!(matches!(read(b"hello"), Err(KeyError::NotAKey)));
    assert!(matches!(read(&file("aes256-ctr", "ssh-ed25519", &[])), Err(KeyError::Encrypted)));
    let security_key = file("none", "sk-ssh-ed25519@openssh.com", &[]);
    assert!(matches!(read(&security_key), Err(KeyError::Unsupported(_))));
    assert!(matches!(read(&file("none", "ssh-ed25519", &[b"x"])), Err(KeyError::Damaged(_))));
}

#[test]
fn takes_the_rest_of_a_division() {
    // 1000000 mod (251 − 1) = 0; 123456789 mod (65521 − 1) = 17109.
    assert_eq!(modulo(&1_000_000u32.to_be_bytes(), &[251]), [0, 0]);
    assert_eq!(
        modulo(&123_456_789u32.to_be_bytes(), &65_521u16.to_be_bytes()),
        [&[0u8][..], &17_109u16.to_be_bytes()[..]].concat()
    );
}
