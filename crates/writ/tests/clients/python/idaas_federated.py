"""The vendor's own client, `cloud-idaas-core`, where somebody else vouches for the machine.

Configuration: token_endpoint, client_id, credential, scope; jwks_uri, issuer and audience to verify
the token as well. With method PKCS7 also instance_id, document_audience, signer and signer_key
(files): the client gets its document from a metadata service, and here a small one answers which
signs with that key. With method PCA also private_key, certificate and chain (texts in PEM).
"""

import base64
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from cloud_idaas.core.constants import TokenAuthnMethod
from cloud_idaas.core.exceptions import CacheException
from cloud_idaas.core.implementation.authentication.jwt.static_private_key_assertion_provider import (
    StaticPrivateKeyAssertionProvider,
)
from cloud_idaas.core.implementation.authentication.pkcs7 import (
    alibaba_cloud_ecs_attested_document_provider as ecs,
)
from cloud_idaas.core.implementation.idaas_machine_credential_provider import (
    IDaaSMachineCredentialProviderBuilder,
)

from idaas_answers import record_statuses, refusal
from report import report
from verify import verify


def signed(config: dict, audience: str) -> bytes:
    """The document as the metadata service answers it: base64 in lines, without a header."""
    content = json.dumps({"instance-id": config["instance_id"], "audience": audience})
    command = ["openssl", "smime", "-sign", "-binary", "-nodetach", "-noattr", "-nocerts", "-md", "sha256"]
    files = ["-signer", config["signer"], "-inkey", config["signer_key"], "-outform", "DER"]
    made = subprocess.run(command + files, input=content.encode(), capture_output=True, check=True)
    return base64.encodebytes(made.stdout)


def metadata_service(config: dict) -> str:
    """Answers as the vendor's machines have it, on an address of its own."""

    class Service(BaseHTTPRequestHandler):
        def answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self):
            assert self.path == "/latest/api/token", self.path
            self.answer(b"a-token-of-the-metadata-service")

        def do_GET(self):
            asked = urlsplit(self.path)
            assert asked.path == "/latest/dynamic/instance-identity/pkcs7", self.path
            assert self.headers["X-aliyun-ecs-metadata-token"] == "a-token-of-the-metadata-service"
            self.answer(signed(config, parse_qs(asked.query)["audience"][0]))

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def documents(config: dict):
    """The client's own provider of documents, whose metadata service is the small one."""
    service = metadata_service(config)
    ecs.ECS_META_SERVER_PKCS7_TOKEN_URL = f"{service}/latest/api/token"
    return (
        ecs.AlibabaCloudEcsAttestedDocumentProvider.builder()
        .meta_server_pkcs7_url_template(f"{service}/latest/dynamic/instance-identity/pkcs7?audience=%s")
        .idaas_instance_id(config["document_audience"])
        .build()
    )


def builder(config: dict):
    building = (
        IDaaSMachineCredentialProviderBuilder()
        .client_id(config["client_id"])
        .scope(config["scope"])
        .token_endpoint(config["token_endpoint"])
        .authn_method(TokenAuthnMethod[config["method"]])
        .application_federated_credential_name(config["credential"])
    )
    if config["method"] == "PKCS7":
        return building.attested_document_provider(documents(config))
    assertions = StaticPrivateKeyAssertionProvider(config["private_key"])
    assertions.client_id = config["client_id"]
    assertions.token_endpoint = config["token_endpoint"]
    assertions.scope = config["scope"]
    building = building.client_assertion_provider(assertions)
    return building.client_x509_certificate(config["certificate"]).x509_cert_chains(config["chain"])


def get_token(config: dict) -> dict:
    statuses = record_statuses()
    try:
        credential = builder(config).build().get_credential()
    except CacheException as failure:
        raise refusal(failure.cause, statuses) from failure
    return {"access_token": credential.access_token, **verify(config, credential.access_token)}


report(get_token)
