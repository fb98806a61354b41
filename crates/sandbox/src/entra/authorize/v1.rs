//! Version 1's parameters in version 2's words.

/// The same request with scopes for the resource, and with the prompt that version 2 knows.
pub(super) fn translate(query: &str) -> String {
    let mut translated = form_urlencoded::Serializer::new(String::new());
    let mut resource = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (name.as_ref(), value.as_ref()) {
            ("resource", value) => resource = Some(value.to_owned()),
            ("scope", _) => {}
            ("prompt", "admin_consent") => {
                translated.append_pair("prompt", "consent");
            }
            (name, value) => {
                translated.append_pair(name, value);
            }
        }
    }
    // Without a resource the token is for Microsoft Graph, which has taken the place of the old directory's API.
    let resource = resource.as_deref().unwrap_or("https://graph.microsoft.com");
    let scope = format!("openid profile offline_access {resource}/.default");
    translated.append_pair("scope", &scope);
    translated.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_becomes_everything_granted_on_it() {
        let text =
            translate("client_id=a&resource=api%3A%2F%2Fb&scope=openid&prompt=admin_consent");
        let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let get = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(get("client_id"), Some("a"));
        assert_eq!(get("prompt"), Some("consent"));
        assert_eq!(
            get("scope"),
            Some("openid profile offline_access api://b/.default")
        );
    }
}
