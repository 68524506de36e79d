//! Keys that a client publishes at a URL: fetched, kept, followed, and not at hand.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::assertion::{Assertion, jwk};
use crate::support::call::Call;
use crate::support::catalogue::{READ, client, documents};
use crate::support::door::Door;
use crate::support::key_host::KeyHost;
use crate::support::server::{START, Server, Setup};

const FIRST: u8 = 51;
const SECOND: u8 = 52;

/// The host of a client, and a server where it has registered it.
struct Scene {
    host: Option<KeyHost>,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let host = KeyHost::new();
        host.has(&json!([jwk(FIRST, "first")]));
        let scene = Self { server: server(), host: Some(host) };
        scene.server.apply("default", &json!([publisher("publisher", &scene.credential())]));
        scene
    }

    fn host(&self) -> &KeyHost {
        self.host.as_ref().unwrap()
    }

    fn credential(&self) -> Value {
        let host = self.host();
        json!({"kind": "jwks", "name": "published", "uri": format!("{}/keys", host.url()), "ca": host.ca()})
    }

    /// Sends an assertion that is new and good at the server's time, by a key under an id.
    fn send(&self, door: Door, number: u8, kid: Option<&str>) -> Answer {
        self.send_as("publisher", door, number, kid)
    }

    fn send_as(&self, client: &str, door: Door, number: u8, kid: Option<&str>) -> Answer {
        let seconds = self.seconds();
        let assertion = Assertion::of(door, client).at("iat", seconds).at("exp", seconds + 300).id(&another());
        let assertion = kid.iter().fold(assertion, |assertion, kid| assertion.header("kid", *kid));
        self.server.public(&door.ask(&[READ]).assertion(&assertion.by_key(number)))
    }

    /// How long the server has been there, by its clock.
    fn seconds(&self) -> i64 {
        self.server.app.core.now() - START
    }

    /// Moves the clock to so many seconds after the start.
    fn is_at(&self, seconds: i64) {
        self.server.advance(seconds - self.seconds());
    }
}

fn server() -> Server {
    let fetches_from = vec!["127.0.0.0/8".parse().unwrap()];
    let server = Server::open(Setup { fetches_from, ..Setup::default() });
    server.apply("default", &documents());
    server
}

fn publisher(id: &str, credential: &Value) -> Value {
    client(id, json!({"auth_methods": ["private_key_jwt"], "credentials": [credential]}))
}

/// Another text every time.
fn another() -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string()
}

#[test]
fn keys_that_a_client_publishes_verify_and_are_kept() {
    let scene = Scene::new();
    assert_eq!(scene.host().asked(), 0, "nothing is fetched before it is needed");
    for door in Door::BOTH {
        for _ in 0..10 {
            scene.send(door, FIRST, None).ok();
            scene.send(door, FIRST, Some("first")).ok();
            scene.send(door, SECOND, Some("first")).is(Refusal::AssertionSignature);
        }
    }
    assert_eq!(scene.host().asked(), 1);
    // What is signed with a secret asks for no key.
    let secret = Assertion::of(Door::Oauth, "publisher").by_secret("a secret of some length, as it is");
    scene.server.public(&Door::Oauth.ask(&[READ]).assertion(&secret)).is(Refusal::AssertionKeyMissing);
    assert_eq!(scene.host().asked(), 1);
}

/// A new key is followed as soon as it is used; made-up ids cost the client's host a request now and then, however many.
#[test]
fn case_92_a_rotation_is_followed_and_unknown_ids_are_not() {
    let scene = Scene::new();
    scene.send(Door::Oauth, FIRST, Some("first")).ok();
    scene.host().has(&json!([jwk(SECOND, "second")]));
    // Fetched a moment ago, so not again.
    scene.send(Door::Oauth, SECOND, Some("second")).is(Refusal::AssertionKeyUnnamed);
    scene.server.advance(31);
    for door in Door::BOTH {
        scene.send(door, SECOND, Some("second")).ok();
        // The key that is gone from the set is gone.
        scene.send(door, FIRST, Some("first")).is(Refusal::AssertionKeyUnnamed);
        scene.send(door, FIRST, None).is(Refusal::AssertionSignature);
    }
    assert_eq!(scene.host().asked(), 2);
    for window in 1..=3 {
        scene.server.advance(31);
        for attempt in 0..50 {
            let kid = format!("made-up-{window}-{attempt}");
            let door = Door::BOTH[attempt % 2];
            scene.send(door, FIRST, Some(&kid)).is(Refusal::AssertionKeyUnnamed);
        }
        assert_eq!(scene.host().asked(), 2 + window, "one request in thirty seconds");
    }
}

#[test]
fn case_92_keys_of_a_host_that_is_down_are_good_for_a_day_longer() {
    let mut scene = Scene::new();
    let minute = 60;
    scene.send(Door::Oauth, FIRST, None).ok();
    scene.host = None;
    for after in [11 * minute, 12 * 60 * minute, 24 * 60 * minute] {
        scene.is_at(after);
        for door in Door::BOTH {
            scene.send(door, FIRST, None).ok();
            scene.send(door, SECOND, None).is(Refusal::AssertionSignature);
        }
    }
    scene.is_at((24 * 60 + 11) * minute);
    for door in Door::BOTH {
        let answer = scene.send(door, FIRST, None).is(Refusal::ClientKeysUnavailable);
        assert_eq!(answer.status, 503);
        assert!(!answer.text.contains("127.0.0.1"), "{}", answer.text);
    }
}

/// A set that cannot be read gives no keys; what was there before is kept for a while, as when nothing comes.
#[test]
fn a_set_that_becomes_garbage_gives_no_keys() {
    let scene = Scene::new();
    let private = json!({"kty": "OKP", "crv": "Ed25519", "x": jwk(FIRST, "")["x"], "d": "AAAA", "kid": "first"});
    let many = json!({"keys": vec![json!({}); 10_000]}).to_string();
    let garbage = ["", "<html>", "{\"keys\": {}}", "[]", &json!({"keys": [private]}).to_string(), &many];
    let good = json!({"keys": [jwk(FIRST, "first")]}).to_string();
    for (number, garbage) in garbage.into_iter().enumerate() {
        let (client, path) = (format!("publisher-{number}"), format!("/keys-{number}"));
        let mut credential = scene.credential();
        credential["uri"] = format!("{}{path}", scene.host().url()).into();
        scene.server.apply("default", &json!([publisher(&client, &credential)]));
        scene.host().says(&path, garbage);
        let before = scene.host().asked();
        for door in Door::BOTH {
            let answer = scene.send_as(&client, door, FIRST, None).is(Refusal::ClientKeysUnavailable);
            assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{garbage}");
        }
        assert_eq!(scene.host().asked() - before, 1, "a failure is not tried again at once: {garbage}");
        scene.host().says(&path, &good);
        scene.is_at(scene.seconds() + 11);
        scene.send_as(&client, Door::Oauth, FIRST, None).ok();
        scene.host().says(&path, garbage);
        scene.is_at(scene.seconds() + 11 * 60);
        scene.send_as(&client, Door::Oauth, FIRST, None).ok();
        assert_eq!(scene.host().asked() - before, 3, "{garbage}");
    }
    // A set without a key that fits is no fault of the host.
    scene.host().has(&json!([]));
    scene.send(Door::Oauth, FIRST, None).is(Refusal::AssertionKeyMissing);
}

/// Neither the system's roots nor those of another client's host vouch for it, and what one client publishes speaks for
/// nobody else.
#[test]
fn a_host_is_trusted_by_the_roots_of_its_own_credential_alone() {
    let scene = Scene::new();
    let other = KeyHost::new();
    let mut untrusted = scene.credential();
    untrusted.as_object_mut().unwrap().remove("ca");
    let mut crossed = scene.credential();
    crossed["ca"] = other.ca().into();
    scene.server.apply("default", &json!([publisher("untrusted", &untrusted), publisher("crossed", &crossed)]));
    for door in Door::BOTH {
        scene.send(door, FIRST, None).ok();
        for id in ["untrusted", "crossed"] {
            let jwt = Assertion::of(door, id).by_key(FIRST);
            scene.server.public(&door.ask(&[READ]).assertion(&jwt)).is(Refusal::ClientKeysUnavailable);
        }
    }
    assert_eq!(scene.host().asked(), 1);
    // Printed as it was written, and another root is another word: it is taken over.
    let printed = scene.server.administer(Call::get("/v1/tenants/default/application/publisher")).ok().json();
    assert_eq!(printed["clients"][0]["credentials"][0]["ca"], scene.host().ca());
    let mut changed = scene.credential();
    changed["ca"] = other.ca().into();
    scene.server.apply("default", &json!([publisher("publisher", &changed)]));
    scene.send(Door::Oauth, FIRST, None).is(Refusal::ClientKeysUnavailable);
}
