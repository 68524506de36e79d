// simple-oauth2: the client credentials grant, credentials in the header or in the body.
//
// Configuration: token_endpoint, client_id, client_secret, method (client_secret_basic or
// client_secret_post), jwks_uri, issuer, audience; optional scope, resource, typ.
import { ClientCredentials } from "simple-oauth2";
import { Refused, report } from "./report.mjs";
import { verify } from "./verify.mjs";

const METHODS = { client_secret_basic: "header", client_secret_post: "body" };

async function getToken(config) {
  const endpoint = new URL(config.token_endpoint);
  const client = new ClientCredentials({
    client: { id: config.client_id, secret: config.client_secret },
    auth: { tokenHost: endpoint.origin, tokenPath: endpoint.pathname },
    options: { authorizationMethod: METHODS[config.method] },
  });
  let token;
  try {
    ({ token } = await client.getToken({
      ...(config.scope && { scope: config.scope }),
      ...(config.resource && { resource: config.resource }),
    }));
  } catch (failure) {
    throw refusal(failure);
  }
  return {
    access_token: token.access_token,
    token_type: token.token_type,
    expires_in: token.expires_in,
    scope: token.scope,
    ...(await verify(config, token.access_token)),
  };
}

function refusal(failure) {
  if (!failure.data?.isResponseError) {
    return failure;
  }
  const { error, error_description, request_id } = failure.data.payload;
  return new Refused({ exception: failure.name, error, error_description, request_id, status: failure.output.statusCode });
}

await report(getToken);
