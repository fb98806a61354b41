use serde_json::{Value, json};

use crate::support::{Outcome, TestServer};

/// What `answer` has and its shape does not tell, or the other way about.
pub(crate) fn differences(
    document: &Value,
    shape: &Value,
    answer: &Value,
    at: &str,
    found: &mut Vec<String>,
) {
    if let Some(reference) = shape["$ref"].as_str() {
        let shape = document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or(&Value::Null);
        return differences(document, shape, answer, at, found);
    }
    if let Some(choices) = shape["anyOf"].as_array() {
        let of_null = |choice: &&Value| (choice["type"] == "null") == answer.is_null();
        let choice = choices.iter().find(of_null).unwrap_or(&Value::Null);
        return differences(document, choice, answer, at, found);
    }
    let is_type = |name: &str| {
        shape["type"] == name
            || shape["type"]
                .as_array()
                .is_some_and(|all| all.contains(&name.into()))
    };
    match answer {
        Value::Object(words) if shape["properties"].is_object() => {
            for (key, inner) in words {
                let told = &shape["properties"][key];
                let at = format!("{at}.{key}");
                if told.is_null() {
                    found.push(format!("{at} is not told"));
                } else {
                    differences(document, told, inner, &at, found);
                }
            }
            let required = shape["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            found.extend(
                required
                    .filter(|key| !words.contains_key(*key))
                    .map(|key| format!("{at}.{key} is missing")),
            );
        }
        Value::Array(items) => {
            for item in items {
                differences(document, &shape["items"], item, at, found);
            }
        }
        Value::String(text) => {
            let known = shape["enum"].as_array();
            if known.is_some_and(|known| !known.contains(answer))
                || !(is_type("string") || shape["type"].is_null())
            {
                found.push(format!("{at} may not be `{text}`"));
            }
        }
        Value::Null if !is_type("null") && !shape["type"].is_null() => {
            found.push(format!("{at} may not be null"));
        }
        _ => {}
    }
}

#[tokio::test]
async fn answers_have_the_shapes_that_the_document_tells() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let registration = test.app_registration().await?;
    let run = format!("/connections/{id}/operations/outlook.messages.list");
    let input = json!({ "mailbox": "ana.reis@contoso.com" });
    test.builder.post(&run, input).await?.expect(200)?;
    let document = test.anonymous.get_at("/openapi.json").await?.expect(200)?;
    let paths = [
        ("/me", "/me".to_owned()),
        ("/integrations", "/integrations".to_owned()),
        (
            "/integrations/{service}",
            "/integrations/outlook".to_owned(),
        ),
        ("/app-registrations", "/app-registrations".to_owned()),
        (
            "/app-registrations/manifest",
            "/app-registrations/manifest?services=crm&method=service_principal".to_owned(),
        ),
        (
            "/app-registrations/{id}",
            format!("/app-registrations/{registration}"),
        ),
        ("/connections", "/connections".to_owned()),
        ("/connections/{id}", format!("/connections/{id}")),
        (
            "/connections/{id}/diagnosis",
            format!("/connections/{id}/diagnosis"),
        ),
        (
            "/connections/{id}/permissions",
            format!("/connections/{id}/permissions"),
        ),
        (
            "/connections/{id}/activity",
            format!("/connections/{id}/activity"),
        ),
        (
            "/connections/{id}/queries",
            format!("/connections/{id}/queries"),
        ),
        (
            "/connections/{id}/dependents",
            format!("/connections/{id}/dependents"),
        ),
        ("/installation", "/installation".to_owned()),
        ("/operations", "/operations".to_owned()),
        (
            "/operations/{operation}",
            "/operations/outlook.messages.send".to_owned(),
        ),
        ("/bootstraps", "/bootstraps".to_owned()),
        ("/activity", "/activity".to_owned()),
        ("/keys", "/keys".to_owned()),
        ("/members", "/members".to_owned()),
    ];
    let mut found = Vec::new();
    let wanted = json!({
        "name": "set up", "cloud": "sandbox", "connections": [{ "service": "outlook", "name": "mail" }],
    });
    let plan = test
        .owner
        .post("/bootstraps/plan", wanted.clone())
        .await?
        .expect(200)?;
    let begun = test.owner.post("/bootstraps", wanted).await?.expect(201)?;
    for (shape, answer) in [("BootstrapPlan", plan), ("Bootstrap", begun)] {
        let told = json!({ "$ref": format!("#/components/schemas/{shape}") });
        differences(&document, &told, &answer, shape, &mut found);
    }
    for (told, path) in paths {
        let answer = test.owner.get(&path).await?.expect(200)?;
        let content =
            &document["paths"][format!("/api/v1{told}")]["get"]["responses"]["200"]["content"];
        let shape = &content["application/json"]["schema"];
        assert!(shape.is_object(), "{told}");
        differences(&document, shape, &answer, told, &mut found);
    }
    let problem = test
        .owner
        .get("/connections/nothing")
        .await?
        .problem(404, "connection_not_found")?;
    let shape = json!({ "$ref": "#/components/schemas/Problem" });
    differences(&document, &shape, &problem, "problem", &mut found);
    found.sort();
    found.dedup();
    assert_eq!(found, [""; 0]);
    Ok(())
}
