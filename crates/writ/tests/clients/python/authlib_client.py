"""Authlib's OAuth2Session, and joserfc (Authlib's JOSE) as the resource server.

Configuration: token_endpoint, client_id, client_secret, method (client_secret_basic,
client_secret_post, client_secret_jwt or private_key_jwt, which takes private_key in PEM and alg),
jwks_uri, issuer, audience; optional scope, resource and assertion_seconds: how long an assertion
lives, an hour unless said otherwise. With give_up the token is introspected at introspection_endpoint,
revoked at revocation_endpoint, and introspected again.
"""

import time

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from report import Refused, report


def get_token(config: dict) -> dict:
    answers = []
    session = OAuth2Session(
        config["client_id"],
        private_key(config) if config["method"] == "private_key_jwt" else config["client_secret"],
        token_endpoint_auth_method=config["method"],
        scope=config.get("scope"),
    )
    claims = {"exp": int(time.time()) + config["assertion_seconds"]} if "assertion_seconds" in config else None
    if config["method"] == "client_secret_jwt":
        session.register_client_auth_method(ClientSecretJWT(config["token_endpoint"], claims=claims))
    if config["method"] == "private_key_jwt":
        session.register_client_auth_method(PrivateKeyJWT(config["token_endpoint"], claims=claims, alg=config["alg"]))
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
    if "give_up" in config:
        return give_up(session, config, token["access_token"])
    return {
        "access_token": token["access_token"],
        "token_type": token["token_type"],
        "expires_in": token["expires_in"],
        "scope": token.get("scope"),
        **verify(config, token["access_token"]),
    }


def give_up(session: OAuth2Session, config: dict, token: str) -> dict:
    introspect = lambda: session.introspect_token(config["introspection_endpoint"], token=token).json()
    before = introspect()
    revoked = session.revoke_token(config["revocation_endpoint"], token=token, token_type_hint="access_token")
    return {"before": before, "after": introspect(), "revoked": [revoked.status_code, revoked.text]}


def private_key(config: dict):
    kind = RSAKey if config["alg"][:2] in ("RS", "PS") else ECKey
    return kind.import_key(config["private_key"])


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
