//! Raw requests, as the pass-through sees them.

use model::Service;

use crate::matching;

fn matched(method: &str, path: &str, query: &str) -> Option<(&'static str, Option<String>)> {
    let matched = matching(Service::Outlook, method, path, query).unwrap()?;
    Some((matched.operation.id, matched.target()))
}

#[test]
fn a_users_own_mailbox_and_a_named_one_are_told_apart() {
    let own = Some(("outlook.messages.list", Some("me".to_owned())));
    let adele = Some((
        "outlook.messages.list",
        Some("adele@contoso.com".to_owned()),
    ));
    assert_eq!(matched("GET", "/me/messages", ""), own);
    assert_eq!(
        matched("GET", "/users/adele@contoso.com/messages", ""),
        adele
    );
    assert_eq!(
        matched("GET", "/users/adele%40contoso.com/messages", ""),
        adele
    );
    assert_eq!(
        matched("GET", "/users('adele@contoso.com')/messages", ""),
        adele
    );
    assert_eq!(
        matched("GET", "users('adele%40contoso.com')/messages/", ""),
        adele
    );
}

#[test]
fn letters_count_in_ids_and_not_in_names() {
    let found = matching(Service::Outlook, "GET", "/ME/MailFolders/AbC/MESSAGES", "")
        .unwrap()
        .unwrap();
    assert_eq!(found.operation.id, "outlook.messages.listInFolder");
    assert_eq!(found.parameters, [("folderId", "AbC".to_owned())]);
}

#[test]
fn an_action_is_the_same_with_its_namespace() {
    let id = |path| matched("POST", path, "").map(|(id, _)| id);
    assert_eq!(id("/me/sendMail"), Some("outlook.messages.send"));
    assert_eq!(
        id("/me/microsoft.graph.sendMail"),
        Some("outlook.messages.send")
    );
    assert_eq!(
        id("/me/messages/a/Microsoft.Graph.Move"),
        Some("outlook.messages.move")
    );
    assert_eq!(id("/me/messages('a')/send"), Some("outlook.drafts.send"));
}

#[test]
fn the_method_and_the_query_tell_apart_what_shares_a_path() {
    let id = |method, query| matched(method, "/me/messages", query).map(|(id, _)| id);
    assert_eq!(id("POST", ""), Some("outlook.drafts.create"));
    assert_eq!(id("GET", "$top=5"), Some("outlook.messages.list"));
    for query in [
        "$top=5&$search=%22x%22",
        "%24search=x",
        "search=x",
        "$SEARCH=x",
    ] {
        assert_eq!(id("GET", query), Some("outlook.messages.search"), "{query}");
    }
    assert_eq!(id("DELETE", ""), None);
}

#[test]
fn a_head_is_judged_as_its_get() {
    let id = |method| matched(method, "/me/messages", "").map(|(id, _)| id);
    assert_eq!(id("HEAD"), id("GET"));
}

#[test]
fn a_file_may_be_called_almost_anything() {
    for name in ["a;b.txt", "a.", "%20a", "\u{ff0f}", "@a", "%E2%80%A6"] {
        let path = format!("/drives/d/root:/folder/{name}");
        let found = matching(Service::OneDrive, "GET", &path, "").unwrap();
        let id = found.map(|matched| matched.operation.id);
        assert_eq!(id, Some("onedrive.items.getByPath"), "{name}");
    }
    for path in [
        "/drives/d/root:/folder/../x",
        "/drives/d/root:/a%2f..",
        "/drives/d/root:/a:/children;x",
    ] {
        assert!(
            matching(Service::OneDrive, "GET", path, "").is_err(),
            "{path}"
        );
    }
    for path in [
        "/drives/d/root:/a:/children",
        "/drives/d/items/x:/y",
        "/drives/d:/items/x",
        "/drives/d/items/x:/y:/z:/content",
    ] {
        let found = matching(Service::OneDrive, "GET", path, "").unwrap();
        assert!(found.is_none(), "{path}");
    }
}

#[test]
fn what_is_not_in_the_catalogue_matches_nothing() {
    for path in [
        "/organization",
        "/me/messages/$count",
        "/me/messages/a/attachments/b/c",
        "/drives/x/root/y",
        "/users/adele@contoso.com/manager",
        "/me/messages/a/b/c",
        "/chats/getAllMessages",
        "/chats/microsoft.graph.getAllMessages",
        "/chats/getAllMessages()",
        "/teams/GetAllMessages",
        "/me/messages/delta",
        "/users/delta()",
        "/users(userPrincipalName='a')/messages",
    ] {
        assert_eq!(matched("GET", path, ""), None, "{path}");
    }
    assert_eq!(matched("get", "/me/messages", ""), None);
    let elsewhere = matching(Service::Crm, "GET", "/me/messages", "").unwrap();
    assert!(elsewhere.is_none());
}
