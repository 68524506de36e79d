"""requests-oauthlib with oauthlib's BackendApplicationClient.

Configuration: token_endpoint, client_id, client_secret, method (client_secret_basic or
client_secret_post), jwks_uri, issuer, audience; optional scope and resource.
"""

import os

from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from report import Refused, report
from verify import verify

# The library insists on https; the tests run on the loopback interface.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def get_token(config: dict) -> dict:
    answers = []
    session = OAuth2Session(client=BackendApplicationClient(config["client_id"], scope=config.get("scope")))
    session.register_compliance_hook("access_token_response", lambda answer: answers.append(answer) or answer)
    try:
        token = session.fetch_token(config["token_endpoint"], **credentials(config))
    except OAuth2Error as refused:
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
        "scope": " ".join(token.get("scope", [])),
        **verify(config, token["access_token"]),
    }


def credentials(config: dict) -> dict:
    extra = {"resource": config["resource"]} if "resource" in config else {}
    if config["method"] == "client_secret_basic":
        return {"auth": HTTPBasicAuth(config["client_id"], config["client_secret"]), **extra}
    return {"include_client_id": True, "client_secret": config["client_secret"], **extra}


report(get_token)
