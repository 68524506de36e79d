// Two resource servers that cache the key set for ten minutes, while the issuer's keys turn: the express guard
// (express-jwt 8 with jwks-rsa 4, which asks again for a kid that it does not know) and a verifier that never asks
// again (jose, with its cooldown as long as its cache).
//
// Configuration: issuer, audience, jwks_uri, algorithms; commands as lists of words, run when it is time: token,
// rotate, keys (prints the list of them as JSON), revoke (the kid is appended).
import { execFileSync } from "node:child_process";
import express from "express";
import { expressjwt } from "express-jwt-8";
import { createRemoteJWKSet, jwtVerify } from "jose";
import jwksRsa from "jwks-rsa-4";
import { report } from "./report.mjs";

const TEN_MINUTES = 10 * 60 * 1000;

const run = ([program, ...words]) => execFileSync(program, words, { env: { PATH: process.env.PATH }, encoding: "utf8" });

/** How often a guard has fetched the set stands in `guard.fetches`. */
async function expressGuard(config) {
  const guard = { fetches: 0 };
  const app = express();
  const secret = jwksRsa.expressJwtSecret({
    jwksUri: config.jwks_uri,
    cache: true,
    cacheMaxAge: TEN_MINUTES,
    fetcher: async (uri) => {
      guard.fetches += 1;
      return (await fetch(uri)).json();
    },
  });
  app.use(expressjwt({ secret, audience: config.audience, issuer: config.issuer, algorithms: config.algorithms }));
  app.get("/", (_request, response) => response.json({}));
  app.use((failure, _request, response, _next) => response.status(failure.status ?? 500).json({}));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  guard.status = async (token) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${server.address().port}/`, { headers })).status;
  };
  guard.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return guard;
}

function strictGuard(config) {
  const keys = createRemoteJWKSet(new URL(config.jwks_uri), { cacheMaxAge: TEN_MINUTES, cooldownDuration: TEN_MINUTES });
  return async (token) => {
    try {
      await jwtVerify(token, keys, { issuer: config.issuer, audience: config.audience });
      return "verified";
    } catch (failure) {
      return failure.code;
    }
  };
}

async function rotation(config) {
  const guard = await expressGuard(config);
  const strict = strictGuard(config);
  const look = async (token) => ({ express: await guard.status(token), strict: await strict(token), fetches: guard.fetches });
  const issued = () => run(config.token).trim();
  const active = () => JSON.parse(run(config.keys)).find((key) => key.state === "active").kid;
  try {
    const seen = {};
    const first = issued();
    seen.before = await look(first);
    run(config.rotate);
    seen.old_after_rotation = await look(first);
    const second = issued();
    seen.new_after_rotation = await look(second);
    // At once again: the key that is active then was published after the caches were filled.
    run(config.rotate);
    const third = issued();
    seen.new_after_second_rotation = await look(third);
    seen.old_after_second_rotation = await look(first);
    const revoked = active();
    run([...config.revoke, revoked]);
    const set = await (await fetch(config.jwks_uri)).json();
    seen.revoked_is_published = set.keys.some((key) => key.kid === revoked);
    seen.of_revoked_where_cached = await look(third);
    seen.new_after_revocation = await look(issued());
    return seen;
  } finally {
    guard.close();
  }
}

await report(rotation);
