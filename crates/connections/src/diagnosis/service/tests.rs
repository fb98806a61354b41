use super::*;

#[test]
fn what_is_missing_is_read_from_microsofts_sentence() {
    let cases = [
        (
            "Principal user (Id=1, type=8) is missing prvReadAccount privilege (Id=2) on OTC=1",
            "`prvReadAccount`",
        ),
        (
            "Sorry, the current permissions prevented the action. (TableData 18 Customer Read: Base Application)",
            "`TableData 18 Customer Read: Base Application`",
        ),
        (
            "Missing role permissions on the request. API requires one of 'A.Read.All, B.Read'. Roles on the request 'C'.",
            "`A.Read.All`, `B.Read`",
        ),
        ("Access is denied.", "Access is denied"),
    ];
    for (message, expected) in cases {
        assert_eq!(missing(message), expected);
    }
}

#[test]
fn times_are_read_from_body_and_header() {
    assert_eq!(
        time("2026-11-23T12:00:00"),
        "2026-11-23T12:00:00Z".parse().ok()
    );
    assert_eq!(
        time("Mon, 23 Nov 2026 12:00:00 GMT"),
        "2026-11-23T12:00:00Z".parse().ok()
    );
    assert_eq!(time("soon"), None);
}

#[test]
fn business_central_says_its_id_in_the_sentence() {
    let message =
        "The record does not exist.  CorrelationId:  5a6e0e2c-7f2d-4a51-9f3f-000000000001.";
    assert_eq!(
        correlation_of(message).as_deref(),
        Some("5a6e0e2c-7f2d-4a51-9f3f-000000000001")
    );
    assert_eq!(correlation_of("nothing"), None);
}
