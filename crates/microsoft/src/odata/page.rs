use serde_json::Value;
use url::Url;

/// Where the next page of a collection is, as Microsoft wrote it: whole and opaque. Whoever follows it checks that the host
/// belongs to the cloud, as [`ApiClient`](crate::ApiClient) does.
pub fn next_link(page: &Value) -> Option<Url> {
    page.get("@odata.nextLink")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_page_may_have_a_next_one() {
        let link = "https://graph.microsoft.com/v1.0/me/messages?$skip=10";
        let page = json!({ "value": [], "@odata.nextLink": link });
        assert_eq!(next_link(&page).expect("a link").as_str(), link);
    }

    #[test]
    fn the_last_page_has_none() {
        assert_eq!(next_link(&json!({ "value": [1] })), None);
    }
}
