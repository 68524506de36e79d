"""Authlib's OAuth2Session, and joserfc (Authlib's JOSE) as the resource server.

Configuration: token_endpoint, client_id, client_secret, method (client_secret_basic or
client_secret_post), jwks_uri, issuer, audience; optional scope and resource.
"""

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from report import Refused, report


def get_token(config: dict) -> dict:
    answers = []
    session = OAuth2Session(
        config["client_id"],
        config["client_secret"],
        token_endpoint_auth_method=config["method"],
        scope=config.get("scope"),
    )
    session.register_compliance_hook("access_token_response", lambda answer: answers.append(answer) or answer)
    extra = {"resource": config["resource"]} if "resource" in config else {}
    try:
        token = session.fetch_token(config["token_endpoint"], grant_type="client_credentials", **extra)
    except OAuthError as refused:
        raise Refused(
            exception=type(refused).__name__,
            error=refused.error,
            error_description=refused.description,
            request_id=answers[-1].json().get("request_id"),
            status=answers[-1].status_code,
        ) from refused
    return {
        "access_token": token["access_token"],
        "token_type": token["token_type"],
        "expires_in": token["expires_in"],
        "scope": token.get("scope"),
        **verify(config, token["access_token"]),
    }


def verify(config: dict, access_token: str) -> dict:
    keys = KeySet.import_key_set(requests.get(config["jwks_uri"], timeout=10).json())
    token = jwt.decode(access_token, keys, algorithms=config.get("algorithms", ["RS256", "ES256"]))
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": config["issuer"]},
        aud={"essential": True, "value": config["audience"]},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(token.claims)
    return {"verified": True, "header": token.header, "claims": token.claims}


report(get_token)
