use crate::cloud::{ANA, Cloud};

async fn subjects(query: &str) -> Vec<String> {
    let cloud = Cloud::start().await;
    let found = cloud
        .mail_user(ANA)
        .get(&format!("/me/messages?$select=subject&$search={query}"))
        .await
        .values();
    found
        .iter()
        .map(|message| message["subject"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn restrictions_find_what_they_say() {
    assert!(!subjects("pipeline").await.is_empty());
    assert_eq!(
        subjects("\"from:lena.fischer\"").await,
        ["Questions before the pilot"]
    );
    assert!(
        subjects("\"subject:invoice\"")
            .await
            .iter()
            .all(|subject| subject.to_lowercase().contains("invoice"))
    );
    assert_eq!(
        subjects("\"subject:\\\"Purchase order\\\" AND hasattachment:true\"").await,
        ["Purchase order 7781"]
    );
    assert_eq!(
        subjects("\"subject:invoice NOT subject:reminder\"").await,
        ["Invoice 2041"]
    );
    assert!(
        subjects("\"received>=2026-09-25 received<=2026-09-30\"")
            .await
            .len()
            > 1
    );
    assert!(subjects("\"received<2020-01-01\"").await.is_empty());
    assert_eq!(
        subjects("\"body:contractors from:fabrikam\"").await,
        ["Questions before the pilot"]
    );
}

#[tokio::test]
async fn search_stands_alone_and_must_be_kql() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for (option, code) in [
        ("$filter=isRead eq false", "SearchWithFilter"),
        ("$orderby=subject", "SearchWithOrderBy"),
        ("$skip=5", "SearchWithSkip"),
    ] {
        ana.get(&format!("/me/messages?$search=pilot&{option}"))
            .await
            .assert_refused(400, code);
    }
    let refused = ana.get("/me/messages?$search=from:ana").await;
    refused.assert_refused(400, "BadRequest");
    assert_eq!(
        refused.message(),
        "Syntax error: character ':' is not valid at position 4 in 'from:ana'."
    );
}

#[tokio::test]
async fn found_messages_are_paged_with_a_token() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let mut page = ana
        .get("/me/messages?$search=\"from:contoso\"&$top=4")
        .await;
    let mut ids: Vec<String> = Vec::new();
    loop {
        ids.extend(page.values().iter().map(crate::cloud::id));
        let Some(next) = page.body["@odata.nextLink"].as_str().map(str::to_owned) else {
            break;
        };
        assert!(next.contains("$skiptoken="));
        page = ana.get(&next).await;
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert!(all > 8);
    assert_eq!(ids.len(), all);
}
