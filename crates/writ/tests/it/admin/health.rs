//! `GET /healthz` and `GET /readyz`

use serde_json::json;

use crate::support::call::Call;
use crate::support::server::{RUNTIME, Server, shared};

#[test]
fn a_server_is_alive_and_ready() {
    assert_eq!(shared().admin(&Call::get("/healthz")).ok().json(), json!({"status": "ok"}));
    assert_eq!(shared().admin(&Call::get("/readyz")).ok().json(), json!({"status": "ready"}));
}

#[test]
fn without_its_database_it_is_alive_and_not_ready() {
    let server = Server::new();
    RUNTIME.block_on(server.app.core.close());
    server.admin(&Call::get("/healthz")).ok();
    let answer = server.admin(&Call::get("/readyz"));
    assert_eq!((answer.status, answer.json()), (503, json!({"status": "not ready"})));
}
