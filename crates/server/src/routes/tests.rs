use super::*;

#[test]
fn every_route_names_who_may_call_it() {
    let open: Vec<_> = table()
        .into_iter()
        .filter(|route| !matches!(route.needs, Needs::Role(_)))
        .map(|route| route.path)
        .collect();
    let known = [
        "/healthz",
        "/readyz",
        "/metrics",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
        "/openapi.json",
    ];
    assert_eq!(open, known);
}

#[test]
fn everything_below_the_api_needs_somebody_who_is_known() {
    for route in table()
        .into_iter()
        .filter(|route| route.path.starts_with("/api/"))
    {
        assert!(matches!(route.needs, Needs::Role(_)), "{}", route.path);
    }
}

#[test]
fn whatever_changes_something_needs_more_than_an_auditor() {
    // Whoever is known may choose their own password.
    let own = "/api/v1/members/me/password";
    for route in table()
        .into_iter()
        .filter(|route| route.method != "get" && route.path != own)
    {
        assert!(
            !matches!(route.needs, Needs::Role(Role::Auditor)),
            "{} {}",
            route.method,
            route.path
        );
    }
}

#[test]
fn no_route_stands_there_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for route in table() {
        assert!(
            seen.insert((route.method, route.path)),
            "{} {}",
            route.method,
            route.path
        );
    }
}
