// A resource server's check of an access token, with jose.
import { createRemoteJWKSet, jwtVerify } from "jose";

/** Header and claims of a verified token; `config.typ` (`at+jwt`) is demanded when given. */
export async function verify(config, accessToken) {
  const keys = createRemoteJWKSet(new URL(config.jwks_uri));
  const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
    issuer: config.issuer,
    audience: config.audience,
    requiredClaims: ["iss", "aud", "exp", "iat"],
    ...(config.typ && { typ: config.typ }),
  });
  return { verified: true, header: protectedHeader, claims: payload };
}
