// openid-client with a certificate of its own (RFC 8705): discovery, the client credentials grant,
// then an API with the token, on a connection with the certificate, without one, and with another.
//
// Configuration: issuer, client_id, method (tls_client_auth or self_signed_tls_client_auth), scope,
// api; own and other (cert and key, PEM files), ca (a PEM file, the only one trusted).
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { decodeJwt } from "jose";
import * as client from "openid-client";
import { Refused, report } from "./report.mjs";

const METHODS = {
  tls_client_auth: client.TlsClientAuth,
  self_signed_tls_client_auth: client.TlsClientAuth,
};

/** What the library takes in place of `fetch`: the same, on a connection with a certificate. */
function fetchWith(config, pair) {
  const tls = {
    ca: readFileSync(config.ca),
    ...(pair && { cert: readFileSync(pair.cert), key: readFileSync(pair.key) }),
  };
  return (url, { method, headers, body }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, headers: Object.fromEntries(new Headers(headers)), agent: false, ...tls });
      sent.on("error", reject);
      sent.on("response", async (response) => {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve(new Response(Buffer.concat(chunks), { status: response.statusCode, headers: response.headers }));
      });
      sent.end(body?.toString());
    });
}

async function getToken(config) {
  const server = await client.discovery(
    new URL(config.issuer),
    config.client_id,
    { use_mtls_endpoint_aliases: true },
    METHODS[config.method](),
    { algorithm: "oauth2", [client.customFetch]: fetchWith(config, config.own) },
  );
  let token;
  try {
    token = await client.clientCredentialsGrant(server, { scope: config.scope });
  } catch (failure) {
    throw await refusal(failure);
  }
  const api = {};
  for (const [name, pair] of [["own", config.own], ["none", undefined], ["other", config.other]]) {
    server[client.customFetch] = fetchWith(config, pair);
    try {
      const response = await client.fetchProtectedResource(server, token.access_token, new URL(config.api), "GET");
      api[name] = response.status;
    } catch (failure) {
      api[name] = failure.status;
    }
  }
  const bound = server.serverMetadata().tls_client_certificate_bound_access_tokens;
  return { claims: decodeJwt(token.access_token), api, bound };
}

/** A 401 with a challenge reaches the caller as the challenge; the body is still unread then. */
async function refusal(failure) {
  if (failure instanceof client.WWWAuthenticateChallengeError) {
    return new Refused({ ...(await failure.response.json()), status: failure.status });
  }
  return failure instanceof client.ResponseBodyError ? new Refused(failure.cause) : failure;
}

await report(getToken);
