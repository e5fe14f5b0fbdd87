//! TLS towards an engine: which authorities are trusted, and our own certificate.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use crate::engine::EngineError;
use crate::engine::endpoint::Tls;

use super::authorities::Authorities;

/// The rustls configuration of an endpoint; TLS 1.2 at least.
pub(super) fn configuration(tls: &Tls) -> Result<Arc<ClientConfig>, EngineError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error.to_string()))?;
    let builder = if tls.skip_verify {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(NoVerification(provider)))
    } else {
        let authorities =
            Authorities::new(trusted(tls)?, provider).map_err(|error| wrong(&error))?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(authorities))
    };
    let configuration = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => builder
            .with_client_auth_cert(certificates(certificate, "cert.pem")?, private_key(key)?)
            .map_err(|error| wrong(&format!("cert.pem and key.pem: {error}")))?,
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(configuration))
}

/// The authority that is named, otherwise the machine's own.
fn trusted(tls: &Tls) -> Result<Vec<CertificateDer<'static>>, EngineError> {
    let Some(authority) = &tls.authority else {
        return Ok(rustls_native_certs::load_native_certs().certs);
    };
    let named = certificates(authority, "ca.pem")?;
    for certificate in &named {
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(|error| wrong(&format!("ca.pem: {error}")))?;
    }
    Ok(named)
}

fn certificates(pem: &[u8], file: &str) -> Result<Vec<CertificateDer<'static>>, EngineError> {
    let list = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(&format!("{file}: {error}")))?;
    if list.is_empty() {
        return Err(wrong(&format!("{file} holds no certificate")));
    }
    Ok(list)
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, EngineError> {
    let text = String::from_utf8_lossy(pem);
    if text.contains("ENCRYPTED") {
        return Err(wrong("key.pem is encrypted, which is not supported"));
    }
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| wrong(&format!("key.pem: {error}")))
}

fn wrong(reason: &str) -> EngineError {
    EngineError::Configuration(format!("cannot set up TLS: {reason}"))
}

/// Takes any certificate: `DOCKER_TLS` without `DOCKER_TLS_VERIFY`, and contexts that say so.
#[derive(Debug)]
struct NoVerification(Arc<CryptoProvider>);

impl ServerCertVerifier for NoVerification {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
