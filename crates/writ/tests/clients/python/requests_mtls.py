"""requests with a certificate of its own (RFC 8705): a token, then an API with it, on a connection
with the certificate, without one, and with another.

Configuration: token_endpoint, client_id, scope, api; own and other (cert and key, PEM files), ca (a
PEM file, the only one trusted).
"""

import jwt
import requests

from report import Refused, report


def get_token(config: dict) -> dict:
    def pair(name: str) -> tuple[str, str]:
        return config[name]["cert"], config[name]["key"]

    form = {"grant_type": "client_credentials", "client_id": config["client_id"], "scope": config["scope"]}
    answer = requests.post(config["token_endpoint"], data=form, cert=pair("own"), verify=config["ca"])
    if answer.status_code != 200:
        raise Refused(**answer.json(), status=answer.status_code)
    token = answer.json()["access_token"]

    def call(cert: tuple[str, str] | None) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return requests.get(config["api"], headers=headers, cert=cert, verify=config["ca"]).status_code

    api = {"own": call(pair("own")), "none": call(None), "other": call(pair("other"))}
    return {"claims": jwt.decode(token, options={"verify_signature": False}), "api": api}


report(get_token)
