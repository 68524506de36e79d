//! Documents that many tests begin with.

use serde_json::{Value, json};

/// A secret of the client `caller`.
pub(crate) const SECRET: &str = "caller-secret-of-some-length";

/// A resource server with three permissions, one of them not for machines.
pub(crate) fn dashboard() -> Value {
    json!({
        "kind": "application", "id": "dashboard", "name": "Dashboard",
        "resource_server": {
            "audience": "api://dashboard",
            "resource_urls": ["https://dashboard.example"],
            "permissions": [
                { "id": "announce:read", "name": "Read announcements" },
                { "id": "announce:write" },
                { "id": "profile", "type": "user" },
            ],
        },
    })
}

/// A zone that the tests' usual address is in.
pub(crate) fn office() -> Value {
    json!({ "kind": "network_zone", "name": "office", "cidrs": ["192.0.2.0/24", "2001:db8::/32"] })
}

/// A client that is granted one permission of the dashboard.
pub(crate) fn caller() -> Value {
    json!({
        "kind": "application", "id": "caller",
        "clients": [{
            "credentials": [{ "kind": "secret", "name": "first", "value": SECRET }],
            "authorizations": [{ "audience": "api://dashboard", "permissions": ["announce:read"] }],
        }],
    })
}

/// A document with the fields of another laid over one of its objects, found by a JSON pointer.
pub(crate) fn with(mut document: Value, pointer: &str, fields: Value) -> Value {
    let target = document.pointer_mut(pointer).expect("the pointer names an object").as_object_mut().unwrap();
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    target.extend(fields);
    document
}

/// [`caller`] with other settings of its client.
pub(crate) fn caller_with(fields: Value) -> Value {
    with(caller(), "/clients/0", fields)
}
