"""The vendor's own client, `cloud-idaas-core`, through its low-level builder.

Configuration: token_endpoint, client_id, client_secret, scope, method (CLIENT_SECRET_BASIC,
CLIENT_SECRET_POST, CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, which takes private_key in PEM in place
of a secret, or OIDC, which takes token_file and credential_name); jwks_uri, issuer and audience to verify the token as well.
"""

from cloud_idaas.core.constants import TokenAuthnMethod
from cloud_idaas.core.exceptions import CacheException
from cloud_idaas.core.implementation.authentication.jwt.static_client_secret_assertion_provider import (
    StaticClientSecretAssertionProvider,
)
from cloud_idaas.core.implementation.authentication.jwt.static_private_key_assertion_provider import (
    StaticPrivateKeyAssertionProvider,
)
from cloud_idaas.core.implementation.authentication.oidc.file_oidc_token_provider import (
    FileOidcTokenProvider,
)
from cloud_idaas.core.implementation.idaas_machine_credential_provider import (
    IDaaSMachineCredentialProviderBuilder,
)

from idaas_answers import record_statuses, refusal
from report import report
from verify import verify


def assertions(config: dict):
    """What makes assertions, for the methods that send one, as the client's factory sets it up."""
    if config["method"] == "CLIENT_SECRET_JWT":
        provider = StaticClientSecretAssertionProvider(lambda: config["client_secret"])
    elif config["method"] == "PRIVATE_KEY_JWT":
        provider = StaticPrivateKeyAssertionProvider(config["private_key"])
    else:
        return None
    provider.client_id = config["client_id"]
    provider.token_endpoint = config["token_endpoint"]
    provider.scope = config["scope"]
    return provider


def get_tokens(config: dict) -> dict:
    statuses = record_statuses()
    builder = (
        IDaaSMachineCredentialProviderBuilder()
        .client_id(config["client_id"])
        .scope(config["scope"])
        .token_endpoint(config["token_endpoint"])
        .authn_method(TokenAuthnMethod[config["method"]])
        .client_secret_supplier(lambda: config["client_secret"])
        .client_assertion_provider(assertions(config))
    )
    if config["method"] == "OIDC":
        builder = builder.oidc_token_provider(FileOidcTokenProvider(config["token_file"]))
        builder = builder.application_federated_credential_name(config["credential_name"])
    provider = builder.build()
    try:
        first = provider.get_credential()
        second = provider.get_credential()
    except CacheException as failure:
        raise refusal(failure.cause, statuses) from failure
    return {
        "access_token": first.access_token,
        "token_type": first.token_type,
        "expires_in": first.expires_in,
        "expires_at": first.expires_at,
        # Two gets from a working cache are one request.
        "requests": len(statuses),
        "same_token_twice": first.access_token == second.access_token,
        **verify(config, first.access_token),
    }


report(get_tokens)
