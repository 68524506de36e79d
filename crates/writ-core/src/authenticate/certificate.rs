//! Proof by the certificate of the connection: `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705).

use std::sync::Arc;

use writ_oauth::client_auth::AuthMethod;
use writ_oauth::expression::Facts;
use writ_oauth::x509::{CallerCertificate, Certificate, ChainFault, ChainPolicy, Purpose, verify_chain};
use writ_oauth::{Refusal, Refused};

use super::Proven;
use crate::client::Client;
use crate::credential::ClientCertificate;
use crate::document::{CertificateIdentity, Trust};
use crate::provider::{Provider, Trusted};
use crate::tenant::Tenant;
use crate::{Core, Door};

/// The name under which expressions find the certificate.
const MODEL: &str = "cert";

impl Core {
    pub(super) async fn by_certificate(&self, door: &Door, client_id: &str) -> Result<Proven, Refused> {
        let Some(presented) = &door.certificate else {
            return Err(Refused::from(Refusal::AuthenticationMissing).of_client(client_id));
        };
        let client = self.claimed(door, client_id).await?;
        // The tenant as it is now: what the door was opened with may be older than the sequence of this authentication.
        let snapshot = self.snapshot();
        let tenant = snapshot.tenant(&door.tenant.name).ok_or(Refusal::HostUnknown)?;
        let proven = self.prove_certificate(tenant, client.as_ref(), presented);
        proven.map_err(|refused| refused.of_client(client_id))
    }

    fn prove_certificate(
        &self,
        tenant: &Tenant,
        client: Option<&Arc<Client>>,
        presented: &CallerCertificate,
    ) -> Result<Proven, Refused> {
        // Which method an unproven certificate would have been is nobody's business.
        let unproven = |refusal| Refused::about(refusal, AuthMethod::TlsClientAuth.name());
        let client = client.ok_or_else(|| unproven(Refusal::ClientUnknown))?;
        let now = self.now();
        let registered = registered(tenant, client, presented, now).map_err(unproven)?;
        let method = registered.method();
        registered.state.check(now).map_err(|refusal| Refused::about(refusal, method.name()))?;
        client.admits(method)?;
        self.usage.note(&tenant.name, client, &registered.state, now);
        let (client, credential) = (Arc::clone(client), registered.state.tag);
        Ok(Proven { client, credential, method, subject: None, spend: None })
    }
}

/// The credential that a certificate is for; of several, one that may be used.
fn registered<'c>(
    tenant: &Tenant,
    client: &'c Client,
    presented: &CallerCertificate,
    now: i64,
) -> Result<&'c ClientCertificate, Refusal> {
    let mut refusal = Refusal::ConnectionCertificateUnknown;
    let mut found: Option<&ClientCertificate> = None;
    for registered in client.certificates() {
        match registered.is_for(tenant, presented, now) {
            Ok(true) if found.is_none_or(|found| found.state.check(now).is_err()) => found = Some(registered),
            Ok(_) => {}
            Err(fault) => refusal = fault,
        }
    }
    found.ok_or(refusal)
}

impl ClientCertificate {
    const fn method(&self) -> AuthMethod {
        match self.identity {
            CertificateIdentity::SelfSigned(_) => AuthMethod::SelfSignedTlsClientAuth,
            CertificateIdentity::Named { .. } => AuthMethod::TlsClientAuth,
        }
    }

    /// Whether it is what the caller presented; or why that, being of the right name, proves nothing.
    ///
    /// > In contrast to the PKI method, the client's certificate chain is not validated by the server in this case.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8705#section-2.2>
    ///
    /// Nor are the dates of a self-signed certificate: what is registered is its key, and whoever has the key can write
    /// whatever dates it likes. The credential's own dates count.
    fn is_for(&self, tenant: &Tenant, presented: &CallerCertificate, now: i64) -> Result<bool, Refusal> {
        match &self.identity {
            CertificateIdentity::SelfSigned(spki) => Ok(presented.leaf().spki_sha256() == *spki),
            CertificateIdentity::Named { provider, name } if name.matches(presented.leaf()) => {
                let provider = tenant.provider(provider).ok_or(Refusal::ConnectionCertificateUntrusted)?;
                provider.vouches_for(presented, now).map(|()| true)
            }
            CertificateIdentity::Named { .. } => Ok(false),
        }
    }
}

impl Provider {
    fn vouches_for(&self, presented: &CallerCertificate, now: i64) -> Result<(), Refusal> {
        if !self.enabled() {
            return Err(Refusal::ConnectionCertificateProviderDisabled);
        }
        // A certificate rests on a private CA and on no other provider.
        let (Trust::PrivateCa(ca), Some(Trusted::Ca { anchors, purpose })) = (&self.document.trust, &self.certificates)
        else {
            return Err(Refusal::ConnectionCertificateUntrusted);
        };
        // A certificate that says nothing of its purpose may be a server's: in a handshake the purpose has to be named.
        let purpose = if ca.eku.is_none() { Purpose::CLIENT_AUTH } else { *purpose };
        let policy = ChainPolicy { purpose, crl_required: ca.crl_required };
        let chain = verify_chain(presented.leaf(), presented.intermediates(), anchors, &policy, now);
        let chain = chain.map_err(|fault| {
            tracing::info!(provider = self.name(), reason = fault.reason(), "a client certificate is not vouched for");
            refusal(fault)
        })?;
        if self.trusts(chain.leaf()) { Ok(()) } else { Err(Refusal::ConnectionCertificateTrustCondition) }
    }

    /// Whether the trust condition holds; what cannot be evaluated does not.
    fn trusts(&self, certificate: &Certificate) -> bool {
        let facts = || Facts::new().with(MODEL, certificate.facts());
        self.trust_condition.as_ref().is_none_or(|condition| condition.condition(&facts()) == Ok(true))
    }
}

/// The rule that a fault of a chain breaks.
const fn refusal(fault: ChainFault) -> Refusal {
    match fault {
        ChainFault::Expired | ChainFault::NotYetValid => Refusal::ConnectionCertificateExpired,
        ChainFault::Purpose | ChainFault::KeyUsage => Refusal::ConnectionCertificatePurpose,
        ChainFault::Revoked | ChainFault::RevocationUnknown => Refusal::ConnectionCertificateRevoked,
        ChainFault::TooMany
        | ChainFault::Malformed
        | ChainFault::NotVersion3
        | ChainFault::Untrusted
        | ChainFault::SelfIssued
        | ChainFault::IsAnAuthority
        | ChainFault::IssuerNotAnAuthority
        | ChainFault::NameConstraint
        | ChainFault::PathLength
        | ChainFault::KeyUnsupported => Refusal::ConnectionCertificateUntrusted,
    }
}
