use std::collections::BTreeSet;

use super::*;

/// Every number of Microsoft's list that an application of ours can meet.
const CODES: &str = "16000 16003 28002 28003 40010 50000 50001 50002 50005 50011 50012 50013 50020 50033 50034 50048 \
    50049 50053 50055 50056 50057 50058 50059 50072 50074 50076 50078 50079 50085 50086 50087 50088 \
    50089 50097 50105 50126 50128 50131 50132 50133 50136 50144 50147 50148 50158 50166 50173 50194 50196 \
    51004 53000 53001 53002 53003 53004 53009 53011 54005 65001 65002 65004 65005 70000 70001 70002 \
    70003 70005 70007 70008 70011 70012 70016 70018 70019 70020 70021 70043 80012 90002 90006 90008 \
    90009 90012 90014 90019 90024 90033 90036 90038 90051 90055 90061 90072 90090 90091 90092 90093 90094 \
    90095 90099 90100 90102 90119 90120 240002 500011 500014 500021 500022 500112 500113 500133 500212 \
    500213 500341 501051 501481 501491 501661 530002 530003 530032 530034 530035 650052 650053 650054 650056 \
    650057 700005 700011 700016 700022 700024 700025 700027 700030 700038 700054 700082 700084 700211 \
    700212 700213 900021 900023 900144 900382 900432 900561 900971 901002 1002012 1002016 7000112 \
    7000114 7000215 7000218 7000222 7000229 7000272 7002137 7002138 9001023 9002313 9002325 9002326 9002327 \
    9002341";

fn fault(status: u16, error: &str, code: Option<u32>, suberror: Option<&str>) -> EntraFault {
    EntraFault {
        status: Some(status),
        error: error.to_owned(),
        error_codes: code.into_iter().collect(),
        suberror: suberror.map(str::to_owned),
        ..EntraFault::default()
    }
}

#[test]
fn the_table_knows_every_number_that_can_be_met_and_no_other() {
    let wanted: BTreeSet<u32> = CODES
        .split_whitespace()
        .map(|code| code.parse().expect("a number"))
        .collect();
    let known: BTreeSet<u32> = all().map(|entry| entry.code).collect();
    assert_eq!(known, wanted);
    let rows: usize = include_str!("../aadsts.tsv")
        .lines()
        .map(|line| rows(line).len())
        .sum();
    assert_eq!(rows, wanted.len(), "a number has two lines");
}

#[test]
fn each_meaning_and_remedy_is_a_sentence_for_a_person() {
    for entry in all() {
        for text in [entry.meaning, entry.remedy] {
            assert!(text.len() > 10, "{}: {text}", entry.code);
            assert!(
                !text.ends_with('.') && text.trim() == text,
                "{}: {text}",
                entry.code
            );
        }
    }
}

#[test]
fn well_known_numbers_mean_what_they_mean() {
    let cases = [
        (7_000_222, Category::ProofExpired, Retry::Never),
        (7_000_215, Category::Secret, Retry::Never),
        (700_016, Category::Client, Retry::Never),
        (90_002, Category::Tenant, Retry::Never),
        (65_001, Category::Consent, Retry::AfterAdministrator),
        (700_082, Category::RefreshToken, Retry::AfterSignIn),
        (50_173, Category::RefreshToken, Retry::AfterSignIn),
        (
            53_003,
            Category::ConditionalAccess,
            Retry::AfterAdministrator,
        ),
        (50_105, Category::Permission, Retry::AfterAdministrator),
        (50_196, Category::Throttled, Retry::Backoff),
    ];
    for (code, category, retry) in cases {
        let entry = lookup(code).expect("an entry");
        assert_eq!((entry.category, entry.retry), (category, retry), "{code}");
    }
    let expired = lookup(7_000_222).expect("an entry");
    assert_eq!(
        expired.groups,
        [Group::ConnectionFailed, Group::TokenRefreshFailed]
    );
    assert_eq!(lookup(1), None);
}

#[test]
fn status_decides_before_number_before_suberror_before_error() {
    let sort =
        |status, error, code, suberror| classify(&fault(status, error, code, suberror)).category;
    let grant = "invalid_grant";
    assert_eq!(sort(429, grant, Some(7_000_222), None), Category::Throttled);
    assert_eq!(sort(503, grant, Some(7_000_222), None), Category::Transient);
    assert_eq!(
        sort(400, grant, Some(65_001), Some("basic_action")),
        Category::Consent
    );
    assert_eq!(
        sort(400, grant, Some(1), Some("basic_action")),
        Category::User
    );
    assert_eq!(sort(400, grant, Some(1), None), Category::RefreshToken);
    assert_eq!(
        sort(400, grant, None, Some("new_one")),
        Category::RefreshToken
    );
    assert_eq!(sort(401, "invalid_client", None, None), Category::Secret);
    assert_eq!(
        sort(400, "unauthorized_client", None, None),
        Category::Application
    );
    assert_eq!(sort(400, "invalid_scope", None, None), Category::Request);
    assert_eq!(sort(400, "access_denied", None, None), Category::Consent);
    assert_eq!(sort(400, "unheard_of", None, None), Category::Request);
}

#[test]
fn an_unknown_number_is_said_to_be_unknown() {
    let class = classify(&fault(400, "invalid_grant", Some(123), None));
    assert_eq!(class.entry, None);
}
