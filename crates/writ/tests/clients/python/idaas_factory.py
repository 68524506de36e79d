"""The vendor's own client as its documentation has it: a `config.json`, and the factory.

The factory rewrites every `http://` of its configuration to `https://`. Configuration:
client_id, client_secret, scope, method, issuer, token_endpoint, certificate_authority (a PEM
file, the only one trusted); jwks_uri and audience to verify the token as well.
"""

import json
import os
import sys
import tempfile

# Read when modules are imported, so set before.
os.environ["SSL_CERT_FILE"] = json.loads(sys.argv[1])["certificate_authority"]
os.environ["PARTNER_SECRET"] = json.loads(sys.argv[1])["client_secret"]

from cloud_idaas.core.exceptions import CacheException
from cloud_idaas.core.factory.idaas_credential_provider_factory import IDaaSCredentialProviderFactory

from report import report
from verify import verify


def written(config: dict) -> str:
    """The path of a configuration file as the vendor's guide shows it."""
    content = {
        "idaasInstanceId": "idaas_writ",
        "clientId": config["client_id"],
        "issuer": config["issuer"],
        "tokenEndpoint": config["token_endpoint"],
        "scope": config["scope"],
        "authnConfiguration": {
            "identityType": "CLIENT",
            "authnMethod": config["method"],
            "clientSecretEnvVarName": "PARTNER_SECRET",
        },
    }
    file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
    with file:
        json.dump(content, file)
    return file.name


def get_token(config: dict) -> dict:
    path = written(config)
    try:
        IDaaSCredentialProviderFactory.init(path)
        credential = IDaaSCredentialProviderFactory.get_idaas_credential_provider().get_credential()
    except CacheException as failure:
        raise failure.cause from failure
    finally:
        os.unlink(path)
    return {"access_token": credential.access_token, **verify(config, credential.access_token)}


report(get_token)
