//! Attacks through claims. The numbers are those of the project's security cases.

use serde_json::json;
use writ_oauth::jose::{Alg, AudienceForm, Expectation, JwtFault};

use super::fixture::{AUDIENCE, EXPECT, ISSUER, NOW, check, claims, compact, outcome, pair};

#[test]
fn case_02_strict_audience_is_one_string() {
    let strict = Expectation {
        audience_form: AudienceForm::OneString,
        ..EXPECT
    };
    let array = || json!({"aud": [AUDIENCE]});
    assert_eq!(outcome(json!({}), &strict), Ok(()));
    assert_eq!(outcome(array(), &strict), Err(JwtFault::AudienceForm));
    assert_eq!(outcome(array(), &EXPECT), Ok(()));
}

#[test]
fn case_04_audience_and_issuer_are_compared_byte_for_byte() {
    for near in [
        "https://rs.example/",
        "https://RS.example",
        "HTTPS://rs.example",
        "https://rs.example:443",
        "https://rs%2eexample",
        "https://rs.example ",
        "https://rs.exampl",
        "",
    ] {
        assert_eq!(
            outcome(json!({"aud": near}), &EXPECT),
            Err(JwtFault::Audience),
            "{near:?}"
        );
        assert_eq!(
            outcome(json!({"aud": [near, "x"]}), &EXPECT),
            Err(JwtFault::Audience)
        );
    }
    assert_eq!(outcome(json!({"aud": ["x", AUDIENCE]}), &EXPECT), Ok(()));
    assert_eq!(
        outcome(json!({"aud": []}), &EXPECT),
        Err(JwtFault::Audience)
    );
    assert_eq!(
        outcome(json!({"aud": null}), &EXPECT),
        Err(JwtFault::AudienceMissing)
    );
    for near in ["https://issuer.example/", "https://ISSUER.example", ""] {
        assert_eq!(
            outcome(json!({"iss": near}), &EXPECT),
            Err(JwtFault::Issuer),
            "{near:?}"
        );
    }
    assert_eq!(
        outcome(json!({"iss": null}), &EXPECT),
        Err(JwtFault::IssuerMissing)
    );
}

#[test]
fn case_10_expiry_is_required_and_bounded() {
    let lives = |seconds: i64| outcome(json!({"exp": NOW + seconds}), &EXPECT);
    assert_eq!(
        outcome(json!({"exp": null}), &EXPECT),
        Err(JwtFault::ExpMissing)
    );
    assert_eq!(lives(1), Ok(()));
    assert_eq!(lives(0), Err(JwtFault::Expired));
    assert_eq!(lives(300), Ok(()));
    assert_eq!(lives(301), Err(JwtFault::LifetimeTooLong));
    let no_iat = |seconds: i64| outcome(json!({"iat": null, "exp": NOW + seconds}), &EXPECT);
    assert_eq!(no_iat(300), Ok(()));
    assert_eq!(no_iat(301), Err(JwtFault::LifetimeTooLong));
    // An old token that was made to live long is refused near its end as well.
    let old = json!({"iat": NOW - 290, "exp": NOW + 11});
    assert_eq!(outcome(old, &EXPECT), Err(JwtFault::LifetimeTooLong));
    let unbounded = Expectation {
        max_lifetime: None,
        ..EXPECT
    };
    assert_eq!(outcome(json!({"exp": NOW + 1_000_000}), &unbounded), Ok(()));
    assert_eq!(outcome(json!({"exp": 1_800_000_059.5}), &EXPECT), Ok(()));
}

#[test]
fn case_10_wrong_types_are_refused() {
    let good = claims(json!({}));
    for (name, wrong) in [
        ("exp", json!("1800000060")),
        ("exp", json!(null)),
        ("nbf", json!("0")),
        ("nbf", json!(null)),
        ("iat", json!([NOW])),
        ("iss", json!([ISSUER])),
        ("aud", json!({"a": AUDIENCE})),
        ("aud", json!([AUDIENCE, null])),
        ("sub", json!(1)),
        ("jti", json!(false)),
    ] {
        let mut claims = good.clone();
        claims[name] = wrong;
        let jwt = compact(
            &pair(Alg::ES256).signing,
            r#"{"alg":"ES256"}"#,
            &claims.to_string(),
        );
        let refused = check(&jwt, &[&pair(Alg::ES256).verifying], &EXPECT).unwrap_err();
        assert_eq!(refused, JwtFault::ClaimType, "{name}");
    }
}

#[test]
fn case_10_issued_in_the_future_is_refused() {
    assert_eq!(
        outcome(json!({"iat": NOW + 1}), &EXPECT),
        Err(JwtFault::IssuedInFuture)
    );
    assert_eq!(outcome(json!({"iat": NOW}), &EXPECT), Ok(()));
}

#[test]
fn case_11_not_before_is_checked() {
    assert_eq!(
        outcome(json!({"nbf": NOW + 1}), &EXPECT),
        Err(JwtFault::NotYetValid)
    );
    assert_eq!(
        outcome(json!({"nbf": 1_800_000_000.5}), &EXPECT),
        Err(JwtFault::NotYetValid)
    );
    assert_eq!(outcome(json!({"nbf": NOW}), &EXPECT), Ok(()));
}

#[test]
fn case_112_leeway_is_exact_in_both_directions() {
    let skewed = Expectation {
        leeway: 60,
        max_lifetime: None,
        ..EXPECT
    };
    let exp = |seconds: i64| outcome(json!({"iat": NOW - 90, "exp": NOW + seconds}), &skewed);
    assert_eq!((exp(-59), exp(-60)), (Ok(()), Err(JwtFault::Expired)));
    let nbf = |seconds: i64| outcome(json!({"nbf": NOW + seconds}), &skewed);
    assert_eq!((nbf(60), nbf(61)), (Ok(()), Err(JwtFault::NotYetValid)));
    let iat = |seconds: i64| outcome(json!({"iat": NOW + seconds, "exp": NOW + 99}), &skewed);
    assert_eq!((iat(60), iat(61)), (Ok(()), Err(JwtFault::IssuedInFuture)));
}

#[test]
fn case_24_no_audience_is_accepted_by_default() {
    let nobody = Expectation {
        audiences: &[],
        ..EXPECT
    };
    assert_eq!(outcome(json!({}), &nobody), Err(JwtFault::Audience));
    assert_eq!(
        outcome(json!({"aud": ""}), &nobody),
        Err(JwtFault::Audience)
    );
    assert_eq!(
        outcome(json!({"aud": null}), &nobody),
        Err(JwtFault::AudienceMissing)
    );
}

#[test]
fn case_76_claims_of_the_profile_are_required() {
    let profile = Expectation {
        required: &["iat", "jti", "sub", "client_id"],
        ..EXPECT
    };
    assert_eq!(outcome(json!({"client_id": "c1"}), &profile), Ok(()));
    for missing in ["iat", "jti", "sub", "client_id"] {
        let changes = json!({"client_id": "c1", missing: null});
        assert_eq!(
            outcome(changes, &profile),
            Err(JwtFault::ClaimMissing),
            "{missing}"
        );
    }
}
