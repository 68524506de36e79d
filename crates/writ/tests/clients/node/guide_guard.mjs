// The code of docs/guides/express-guard.md, taken from the page: each block of JavaScript is a file, named in its first line.
//
// Configuration: guide (the page), and either
// cases: pairs of a scope and what is required, for `allows`; or
// versions ("6", "8"), issuer, jwks_uri, accounts, application, tokens (an object of access tokens): the status of a call
// with each, and without any.
import { createRequire } from "node:module";
import { report } from "./report.mjs";

const require = createRequire(import.meta.url);
const PACKAGES = {
  6: { "express-jwt": "express-jwt-6", "jwks-rsa": "jwks-rsa-2" },
  8: { "express-jwt": "express-jwt-8", "jwks-rsa": "jwks-rsa-4" },
};

function files(guide) {
  const blocks = [...guide.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)];
  return new Map(blocks.map(([, name, source]) => [name, source]));
}

/** Loads a block as a module, with the packages at their pinned versions. */
function load(blocks, name, packages) {
  const module = { exports: {} };
  const from = (wanted) =>
    wanted.startsWith("./") ? load(blocks, `${wanted.slice(2)}.js`, packages) : require(packages[wanted] ?? wanted);
  new Function("require", "module", blocks.get(name))(from, module);
  return module.exports;
}

async function call(port, accessToken) {
  const headers = accessToken ? { authorization: `Bearer ${accessToken}` } : {};
  const response = await fetch(`http://127.0.0.1:${port}/article`, { method: "POST", headers });
  await response.text();
  return { status: response.status, challenge: response.headers.get("www-authenticate") };
}

async function run(config) {
  const blocks = files(config.guide);
  if (config.cases) {
    const { allows } = load(blocks, "allows.js", {});
    return { allowed: config.cases.map(([scope, required]) => allows(scope, required)) };
  }
  const application = load(blocks, `guard-${config.versions}.js`, PACKAGES[config.versions]);
  const { issuer, jwks_uri: jwksUri, accounts } = config;
  const server = application({ issuer, jwksUri, accounts, application: config.application }).listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  try {
    const seen = { absent: await call(server.address().port, null) };
    for (const [name, token] of Object.entries(config.tokens)) {
      seen[name] = await call(server.address().port, token);
    }
    return seen;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

await report(run);
