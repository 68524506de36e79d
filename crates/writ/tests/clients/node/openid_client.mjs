// openid-client (and oauth4webapi beneath it): discovery, then the client credentials grant.
//
// Configuration: issuer, algorithm ("oauth2": RFC 8414, or "oidc": OpenID Connect Discovery),
// client_id, client_secret, method (client_secret_basic, client_secret_post, client_secret_jwt or
// private_key_jwt, which takes private_key in PEM and alg), audience; optional scope, resource, typ, and give_up: the
// token is introspected, revoked, and introspected again.
// The JWKS is the discovered one.
import { importPKCS8 } from "jose";
import * as client from "openid-client";
import { Refused, report } from "./report.mjs";
import { verify } from "./verify.mjs";

const METHODS = {
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
  client_secret_jwt: client.ClientSecretJwt,
};

async function authentication(config) {
  if (config.method === "private_key_jwt") {
    return client.PrivateKeyJwt(await importPKCS8(config.private_key, config.alg));
  }
  return METHODS[config.method](config.client_secret);
}

async function getToken(config) {
  const server = await client.discovery(
    new URL(config.issuer),
    config.client_id,
    undefined,
    await authentication(config),
    { algorithm: config.algorithm, execute: [client.allowInsecureRequests] },
  );
  const metadata = server.serverMetadata();
  const parameters = {
    ...(config.scope && { scope: config.scope }),
    ...(config.resource && { resource: config.resource }),
  };
  let token;
  try {
    token = await client.clientCredentialsGrant(server, parameters);
  } catch (failure) {
    throw await refusal(failure);
  }
  if (config.give_up) {
    const before = await client.tokenIntrospection(server, token.access_token);
    await client.tokenRevocation(server, token.access_token, { token_type_hint: "access_token" });
    return { before, after: await client.tokenIntrospection(server, token.access_token) };
  }
  return {
    issuer: metadata.issuer,
    token_endpoint: metadata.token_endpoint,
    jwks_uri: metadata.jwks_uri,
    access_token: token.access_token,
    token_type: token.token_type,
    expires_in: token.expires_in,
    scope: token.scope,
    ...(await verify({ ...config, jwks_uri: metadata.jwks_uri }, token.access_token)),
  };
}

/** A 401 with a challenge reaches the caller as the challenge; the body is still unread then. */
async function refusal(failure) {
  if (failure instanceof client.ResponseBodyError) {
    const { error, error_description, request_id } = failure.cause;
    return new Refused({ exception: failure.name, error, error_description, request_id, status: failure.status });
  }
  if (failure instanceof client.WWWAuthenticateChallengeError) {
    const { error, error_description, request_id } = await failure.response.json();
    const challenges = failure.cause;
    return new Refused({ exception: failure.name, error, error_description, request_id, status: failure.status, challenges });
  }
  return failure;
}

await report(getToken);
