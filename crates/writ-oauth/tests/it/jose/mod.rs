mod cross_check;
mod fixture;
mod properties;
mod round_trip;
mod security_claims;
mod security_keys;
mod security_tokens;
mod vectors;
