//! Whom a server's certificate must come from: authorities, or the certificate is itself one that is trusted.
//!
//! `openssl req -x509` makes certificates that say of themselves that they are an authority's. People give
//! them to their registries and to the machines that are to trust these, and everything written in Go, the
//! engine included, takes them. The verifier of rustls takes no authority's certificate for a server's.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Trusts what these certificates have signed, and servers that show one of them.
#[derive(Debug)]
pub struct Authorities {
    usual: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Certificates that cannot be read are left out, as elsewhere.
    ///
    /// # Errors
    /// A sentence when none is left.
    pub fn new(
        certificates: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.iter().cloned());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { usual, certificates })
    }
}

impl ServerCertVerifier for Authorities {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.usual.verify_server_cert(shown, others, server, stapled, now) {
            // Told only of certificates that are valid at this time.
            Err(error) if is_of_an_authority(&error) => {
                if !self.certificates.contains(shown) {
                    return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
                }
                verify_server_name(&ParsedCertificate::try_from(shown)?, server)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Whether all that is wrong is that the certificate is an authority's.
fn is_of_an_authority(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(reason)) = error else { return false };
    reason.0.downcast_ref::<webpki::Error>() == Some(&webpki::Error::CaUsedAsEndEntity)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls_pki_types::pem::PemObject;

    use super::*;

    /// What `openssl req -x509` makes for `registry.test`, valid from 27 November 2026 for a hundred years.
    const ONE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBpjCCAU2gAwIBAgIUD1bvlJ7QaG7Ug3oafLB87O/uKXowCgYIKoZIzj0EAwIw\n\
GDEWMBQGA1UEAwwNcmVnaXN0cnkudGVzdDAgFw0yNjExMjcyMzQxMTJaGA8yMTI2\n\
MTEwMzIzNDExMlowGDEWMBQGA1UEAwwNcmVnaXN0cnkudGVzdDBZMBMGByqGSM49\n\
AgEGCCqGSM49AwEHA0IABCM7Ovkx5GDowhnPHJi7cJzRtycpWHix7guC7TNK7nWV\n\
yErYbRfytbLoDpDT4Ngn1t5jT4ehQbhRZ+2tkxSBzz+jczBxMB0GA1UdDgQWBBSt\n\
/3vt0B908kE54kDmJZwGIxW9ZDAfBgNVHSMEGDAWgBSt/3vt0B908kE54kDmJZwG\n\
IxW9ZDAPBgNVHRMBAf8EBTADAQH/MB4GA1UdEQQXMBWCDXJlZ2lzdHJ5LnRlc3SH\n\
BH8AAAEwCgYIKoZIzj0EAwIDRwAwRAIgBVSHlUyg9GQNIk015vlVufblYgIsQc6v\n\
qQe23hQu3JQCIDKbDB3EWNxmqZ1s4Dlh/4qaFUcMMyEGjgwWLUadYRwt\n\
-----END CERTIFICATE-----\n\
";
    /// The same for another key.
    const OTHER: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBpzCCAU2gAwIBAgIUZQIEQpUgwDH0tbDFnjsHEJyrM70wCgYIKoZIzj0EAwIw\n\
GDEWMBQGA1UEAwwNcmVnaXN0cnkudGVzdDAgFw0yNjExMjcyMzQxMTJaGA8yMTI2\n\
MTEwMzIzNDExMlowGDEWMBQGA1UEAwwNcmVnaXN0cnkudGVzdDBZMBMGByqGSM49\n\
AgEGCCqGSM49AwEHA0IABBz4b2PE+9XKqCgZAOpb4tT51k6qhJTKjmsWZzVcIYCW\n\
4p2v438BQtlPjvanIF3NNZkyHJqbx+2inePjb5URSzqjczBxMB0GA1UdDgQWBBTS\n\
ecqu+zFH1+CtH1lrp6UzbJYHNTAfBgNVHSMEGDAWgBTSecqu+zFH1+CtH1lrp6Uz\n\
bJYHNTAPBgNVHRMBAf8EBTADAQH/MB4GA1UdEQQXMBWCDXJlZ2lzdHJ5LnRlc3SH\n\
BH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAP67L8gq8BDdKdIxPNH4YIrun0GxECHS\n\
CKJDJhkzqtBDAiBTPQTIWbyCbC6NUSc+TBqSEq03r8F4CtFveVDk+T3ezw==\n\
-----END CERTIFICATE-----\n\
";

    fn verified(trusted: &str, server: &str, seconds: u64) -> Result<(), CertificateError> {
        let read = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("it is one");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authorities = Authorities::new(vec![read(trusted)], provider).expect("it is read");
        let server = ServerName::try_from(server.to_owned()).expect("it is a name");
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        match authorities.verify_server_cert(&read(ONE), &[], &server, &[], now) {
            Ok(_) => Ok(()),
            Err(Error::InvalidCertificate(error)) => Err(error),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_certificate_that_is_trusted_itself_is_taken_for_its_names_and_its_time() {
        let (then, before) = (1_800_000_000, 1_700_000_000);
        assert_eq!(verified(ONE, "registry.test", then), Ok(()));
        assert_eq!(verified(ONE, "127.0.0.1", then), Ok(()));
        let elsewhere = verified(ONE, "other.test", then);
        assert!(
            matches!(elsewhere, Err(CertificateError::NotValidForNameContext { .. })),
            "{elsewhere:?}"
        );
        let early = verified(ONE, "registry.test", before);
        assert!(matches!(early, Err(CertificateError::NotValidYetContext { .. })), "{early:?}");
        let late = verified(ONE, "registry.test", 5_000_000_000);
        assert!(matches!(late, Err(CertificateError::ExpiredContext { .. })), "{late:?}");
    }

    #[test]
    fn one_that_nobody_trusts_comes_from_an_issuer_that_is_not_known() {
        let unknown = verified(OTHER, "registry.test", 1_800_000_000);
        assert_eq!(unknown, Err(CertificateError::UnknownIssuer));
    }
}
