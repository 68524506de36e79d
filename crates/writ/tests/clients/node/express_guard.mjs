// An express application behind the guard of the vendor's guide: express-jwt with jwks-rsa.
// It is started on a free port and called with the token, with the token's claims changed
// under the old signature, and with none.
//
// Configuration: access_token, issuer, audience, jwks_uri, required_scope,
// versions ("6": express-jwt 6 with jwks-rsa 2, "8": express-jwt 8 with jwks-rsa 4);
// optional algorithms (["RS256"], as the guide has it).
import express from "express";
import guard6 from "express-jwt-6";
import { expressjwt as guard8 } from "express-jwt-8";
import jwks2 from "jwks-rsa-2";
import jwks4 from "jwks-rsa-4";
import { report } from "./report.mjs";

const VERSIONS = {
  6: { guard: guard6, jwks: jwks2, claims: (request) => request.user },
  8: { guard: guard8, jwks: jwks4, claims: (request) => request.auth },
};

function application(config) {
  const { guard, jwks, claims } = VERSIONS[config.versions];
  const app = express();
  app.use(
    guard({
      secret: jwks.expressJwtSecret({
        cache: true,
        rateLimit: true,
        jwksRequestsPerMinute: 5,
        jwksUri: config.jwks_uri,
      }),
      audience: config.audience,
      issuer: config.issuer,
      algorithms: config.algorithms ?? ["RS256"],
    }),
  );
  app.post("/article", (request, response) => {
    const granted = (claims(request).scope ?? "").split(" ");
    if (!granted.includes(config.required_scope)) {
      return response.status(403).json({ error: "insufficient_scope", granted });
    }
    return response.json({ claims: claims(request) });
  });
  // Errors as JSON: express's own page is HTML.
  app.use((failure, _request, response, _next) => {
    response.status(failure.status ?? 500).json({ error: failure.code ?? failure.name, message: failure.message });
  });
  return app;
}

/** The same header and signature around claims that grant more. */
function tampered(accessToken) {
  const [header, payload, signature] = accessToken.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const raised = Buffer.from(JSON.stringify({ ...claims, scope: `${claims.scope} everything` }));
  return [header, raised.toString("base64url"), signature].join(".");
}

async function call(port, accessToken) {
  const response = await fetch(`http://127.0.0.1:${port}/article`, {
    method: "POST",
    headers: accessToken ? { authorization: `Bearer ${accessToken}` } : {},
  });
  return { status: response.status, body: await response.json() };
}

async function guarded(config) {
  const server = application(config).listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address();
  try {
    return {
      given: await call(port, config.access_token),
      tampered: await call(port, tampered(config.access_token)),
      absent: await call(port, null),
    };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

await report(guarded);
