use jiff::{SignedDuration, Timestamp};
use model::{SeededRandom, sha256};
use secrecy::{ExposeSecret, SecretString};

use super::password::Tries;
use super::{api_key, csrf};

#[test]
fn a_new_key_has_the_form_that_is_taken() {
    let (secret, hash) = api_key::new_key(&SeededRandom::new(1));
    assert!(api_key::is_key(&secret));
    assert_eq!(hash, sha256(secret.expose_secret().as_bytes()));
    assert!(!api_key::is_key(&SecretString::from("csk_0123")));
}

#[test]
fn the_eleventh_try_in_ten_minutes_is_refused_and_others_are_not() {
    let tries = Tries::default();
    let now = Timestamp::UNIX_EPOCH;
    let from = Some(std::net::IpAddr::from([192, 0, 2, 1]));
    for _ in 0..10 {
        assert!(tries.count(from, "ada@contoso.com", now).is_ok());
    }
    let refusal = tries.count(from, " ADA@contoso.com", now);
    assert_eq!(
        refusal.err().map(|problem| problem.code()),
        Some("too_many_attempts")
    );
    assert!(tries.count(from, "grace@contoso.com", now).is_ok());
    let set_back = now - SignedDuration::from_hours(24);
    assert!(tries.count(from, "ada@contoso.com", set_back).is_ok());
    assert!(
        tries
            .count(from, "ada@contoso.com", now + SignedDuration::from_mins(10))
            .is_ok()
    );
}

#[test]
fn a_client_is_refused_after_a_hundred_tries_at_whosever_password() {
    let tries = Tries::default();
    let now = Timestamp::UNIX_EPOCH;
    let (one, other) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
    for _ in 0..100 {
        assert!(tries.count_client(one, now).is_ok());
    }
    let refusal = tries.count_client(one, now).err();
    assert_eq!(
        refusal.map(|problem| problem.code()),
        Some("too_many_attempts")
    );
    assert!(tries.count_client(other, now).is_ok());
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_no_turn_is_told_so_and_does_not_wait_for_ever()
-> Result<(), crate::problem::Problem> {
    let tries = Tries::default();
    let guess = || tries.matches(None, SecretString::from("guess"));
    let mut taken = Vec::new();
    for _ in 0..4 {
        taken.push(tries.slot().await?);
    }
    let refusal = guess().await.err();
    assert_eq!(refusal.map(|problem| problem.code()), Some("sign_in_busy"));
    drop(taken);
    assert!(!guess().await?);
    Ok(())
}

#[tokio::test]
async fn nobodys_password_is_none() -> Result<(), crate::problem::Problem> {
    let tries = Tries::default();
    assert!(!tries.matches(None, SecretString::from("")).await?);
    Ok(())
}

#[test]
fn a_form_token_does_not_tell_the_session() {
    let token = csrf::token_of("secret");
    assert!(token.len() == 64 && !token.contains("secret"));
}
