"""A resource server's check of an access token, with PyJWT."""

import jwt


def verify(config: dict, access_token: str) -> dict:
    """The header and the claims: verified when `jwks_uri` is configured, else merely read."""
    header = jwt.get_unverified_header(access_token)
    if "jwks_uri" not in config:
        claims = jwt.decode(access_token, options={"verify_signature": False})
        return {"verified": False, "header": header, "claims": claims}
    key = jwt.PyJWKClient(config["jwks_uri"]).get_signing_key_from_jwt(access_token)
    claims = jwt.decode(
        access_token,
        key,
        algorithms=config.get("algorithms", ["RS256", "ES256"]),
        audience=config["audience"],
        issuer=config["issuer"],
        options={"require": ["exp", "iat", "iss", "aud"]},
    )
    return {"verified": True, "header": header, "claims": claims}
