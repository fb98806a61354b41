//! A program with a sandbox of its own.

use crate::program::run;

fn exec(script: &str) -> crate::program::Outcome {
    run(&["sandbox", "exec", "--", "sh", "-c", script], &[])
}

#[test]
fn a_program_finds_what_to_trust_and_whom_to_sign_in_as_under_microsofts_names() {
    // Where there is curl, it asks the authority by its name.
    let script = r#"
        test -s "$SSL_CERT_FILE" && test -n "$AZURE_TENANT_ID" && test -n "$AZURE_CLIENT_SECRET" || exit 1
        command -v curl >/dev/null || exit 0
        curl --fail --silent --show-error "https://login.windows.net/$AZURE_TENANT_ID/oauth2/v2.0/token" \
            -d grant_type=client_credentials -d "client_id=$AZURE_CLIENT_ID" \
            --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" -d scope=.default | grep -q access_token
    "#;
    let outcome = exec(script);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn a_program_that_fails_fails_the_command() {
    let outcome = exec("exit 3");
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("`sh` ended with"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn tls_wants_a_place_for_its_certificate() {
    let outcome = run(&["sandbox", "--tls"], &[]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("--data"), "{}", outcome.stderr);
}
