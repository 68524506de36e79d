//! With the database away: what is known is answered for five minutes, what has to be written is refused at once.

use serde_json::json;
use writ_oauth::Refusal;

use super::{At, open};
use crate::support::server::RUNTIME;

#[test]
fn introspection_goes_on_and_revocation_says_that_the_token_lives() {
    for at in At::ALL {
        let server = open();
        let (token, revoked) = (at.token(&server), at.token(&server));
        at.revoke(&server, at.holder(), &revoked).ok();
        assert_eq!(at.introspect(&server, at.called(), &token).ok().json()["active"], true);
        RUNTIME.block_on(server.app.core.close());
        let answer = at.revoke(&server, at.holder(), &token).is(Refusal::StoreUnavailable);
        let error = if at == At::Idaas { "internal_error" } else { "temporarily_unavailable" };
        // > If the server responds with HTTP status code 503, the client must assume the token still exists and may retry
        // > after a reasonable delay.
        // https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1
        assert_eq!((answer.error(503), answer.header("retry-after")), (error.to_owned(), Some("1")));
        server.advance_unconfirmed(299);
        for client in [at.holder(), at.called()] {
            assert_eq!(at.introspect(&server, client, &token).ok().json()["active"], true, "{at:?}");
            assert_eq!(at.introspect(&server, client, &revoked).ok().json(), json!({"active": false}), "{at:?}");
        }
        // Nothing is to be written for what was revoked before, or is no token.
        for none in [&*revoked, "unknown"] {
            at.revoke(&server, at.holder(), none).ok();
        }
        server.advance_unconfirmed(60);
        let answer = at.introspect(&server, at.called(), &token).is(Refusal::ConfigurationStale);
        assert_eq!((answer.error(503), answer.header("retry-after")), (error.to_owned(), Some("1")));
    }
}
