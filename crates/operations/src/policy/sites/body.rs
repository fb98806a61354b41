//! What the body of a request names besides its address: where a copy or a move goes, what a subscription watches.
//!
//! Sources: <https://learn.microsoft.com/graph/api/resources/itemreference>,
//! <https://learn.microsoft.com/graph/api/resources/subscription>, <https://learn.microsoft.com/graph/api/team-archive>.

use serde_json::{Map, Value};
use url::Url;

use super::super::watched;
use super::path;
use super::reach::{Reach, SiteName};

pub(super) fn of(url: &Url, body: &Value) -> Vec<Reach> {
    let mut all = Vec::new();
    below(body, &mut all);
    match watched::resource(url, body) {
        Some(Ok(resource)) => all.extend(of_resource(resource)),
        Some(Err(why)) => all.push(Reach::Beyond(why)),
        None => {}
    }
    all
}

fn below(value: &Value, all: &mut Vec<Reach>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| below(item, all)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            of_field(name, value, all);
            below(value, all);
        }),
        _ => {}
    }
}

fn of_field(name: &str, value: &Value, all: &mut Vec<Reach>) {
    match name.to_ascii_lowercase().as_str() {
        "parentreference" => match value {
            Value::Object(reference) => of_reference(reference, all),
            Value::Null => {}
            _ => all.push(Reach::Beyond("names a place in a way that is not known")),
        },
        "remoteitem" => all.push(Reach::Beyond("makes a shortcut to another place")),
        "@microsoft.graph.sourceurl" => {
            all.push(Reach::Beyond("lets Microsoft fetch a file from elsewhere"));
        }
        "shouldsetspositereadonlyformembers" if value != &Value::Bool(false) => {
            all.push(Reach::Beyond("changes the site of a team"));
        }
        _ => {}
    }
}

/// Where an item is to be. A name or an id without a drive means the drive of the address.
fn of_reference(reference: &Map<String, Value>, all: &mut Vec<Reach>) {
    for (name, value) in reference {
        let text = value.as_str();
        match (name.to_ascii_lowercase().as_str(), text) {
            ("id" | "name" | "drivetype", _) => {}
            (_, None) if value.is_null() => {}
            ("driveid", Some(id)) => all.push(Reach::Drive(id.to_owned())),
            ("siteid", Some(id)) => all.push(Reach::Site(SiteName::of(id))),
            ("path", Some(path)) => all.extend(of_item_path(path)),
            _ => all.push(Reach::Beyond("names a place in a way that is not known")),
        }
    }
}

/// `/drives/{id}/root:/Folder`, or `/drive/root:/Folder` for the drive of the address.
fn of_item_path(text: &str) -> Vec<Reach> {
    let lower = text.to_ascii_lowercase();
    let own = lower.trim_start_matches('/').strip_prefix("drive/root");
    if own.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])) {
        return Vec::new();
    }
    match path::of_path(text).as_slice() {
        [] => vec![Reach::Beyond("names a place in a way that is not known")],
        known => known.to_vec(),
    }
}

/// What a subscription watches.
pub(super) fn of_resource(resource: &str) -> Vec<Reach> {
    match watched::path(resource) {
        Ok(path) => path::of_path(path),
        Err(why) => vec![Reach::Beyond(why)],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::reach::{Reach, SiteName};
    use super::of;

    fn reaches(path: &str, body: &Value) -> Vec<Reach> {
        let url = format!("https://graph.microsoft.com/v1.0/{path}");
        of(&url.parse().unwrap(), body)
    }

    fn drive(id: &str) -> Reach {
        Reach::Drive(id.to_owned())
    }

    #[test]
    fn a_destination_is_found_however_it_is_named() {
        let copy = |reference: Value| {
            let body = json!({ "name": "x", "ParentReference": reference });
            reaches("drives/a/items/1/copy", &body)
        };
        assert_eq!(copy(json!({ "driveId": "b", "id": "2" })), [drive("b")]);
        assert_eq!(copy(json!({ "DRIVEID": "b" })), [drive("b")]);
        assert_eq!(copy(json!({ "path": "/drives/b/root:/x" })), [drive("b")]);
        assert_eq!(copy(json!({ "path": "/drive/root:/x" })), []);
        assert_eq!(copy(json!({ "id": "2" })), []);
        let id = "contoso.sharepoint.com,00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002";
        let site = Reach::Site(SiteName::Id(id.to_owned()));
        assert_eq!(copy(json!({ "siteId": id })), [site]);
        for unknown in [
            json!({ "sharepointIds": { "siteUrl": "https://contoso.sharepoint.com/sites/x" } }),
            json!({ "shareId": "u!abc" }),
            json!("b"),
            json!({ "path": "/x" }),
        ] {
            assert!(matches!(copy(unknown).as_slice(), [Reach::Beyond(_)]));
        }
        let deep = json!({ "a": [{ "item": { "parentReference": { "driveId": "b" } } }] });
        assert_eq!(reaches("drives/a/root/children", &deep), [drive("b")]);
        let shortcut = json!({ "remoteItem": { "parentReference": { "driveId": "b" } } });
        let found = reaches("me/drive/root/children", &shortcut);
        assert!(found.contains(&drive("b")) && found.len() == 2);
    }

    #[test]
    fn what_a_subscription_watches_is_read_as_a_path() {
        let watch = |resource: &str| reaches("subscriptions", &json!({ "Resource": resource }));
        assert_eq!(watch("/drives/b/root"), [drive("b")]);
        assert_eq!(watch("drives('b')/root"), [drive("b")]);
        let whole = "https://graph.microsoft.com/v1.0/drives/b/root";
        assert_eq!(watch(whole), [drive("b")]);
        assert_eq!(watch("me/messages"), []);
        assert_eq!(watch("/me/drive/root"), [Reach::OwnDrive("me".to_owned())]);
        assert!(matches!(
            watch("drives/%62%2F../c/root").as_slice(),
            [Reach::Beyond(_)]
        ));
        assert_eq!(reaches("chats", &json!({ "resource": "drives/b" })), []);
    }
}
