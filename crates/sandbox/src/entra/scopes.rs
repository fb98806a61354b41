//! The parameter `scope`: OIDC's own, and those of one resource.
//! Source: learn.microsoft.com/entra/identity-platform/scopes-oidc

use super::error::EntraError;
use super::permissions;
use super::tokens::{GRAPH_APP_ID, GRAPH_AUDIENCE};

/// What a request asks for, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    /// `openid`, `profile`, `email`, `offline_access`.
    pub(crate) oidc: Vec<String>,
    /// Permissions of Microsoft Graph by their own spelling.
    pub(crate) names: Vec<String>,
    /// `.default` was asked for: whatever the application is configured with.
    pub(crate) is_default: bool,
    /// The resource as the request wrote it, without what follows; none when it wrote short names only.
    pub(crate) resource: Option<String>,
}

/// Whose words an error about scopes needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) application: &'a str,
    pub(crate) tenant: &'a str,
}

impl Scopes {
    /// Reads the whole parameter.
    pub(crate) fn parse(text: &str, asker: Asker<'_>) -> Result<Self, EntraError> {
        let mut scopes = Self::default();
        for item in text.split_whitespace() {
            scopes.add(item, asker)?;
        }
        if scopes.is_empty() || (scopes.is_default && !scopes.names.is_empty()) {
            return Err(EntraError::scope_invalid(text));
        }
        Ok(scopes)
    }

    fn add(&mut self, item: &str, asker: Asker<'_>) -> Result<(), EntraError> {
        let lower = item.to_ascii_lowercase();
        if permissions::is_oidc(&lower) {
            push_new(&mut self.oidc, lower);
            return Ok(());
        }
        let (resource, name) = split(item);
        if let Some(resource) = resource {
            if !is_graph(resource) {
                return Err(EntraError::resource_not_found(resource, asker.tenant));
            }
            self.resource = Some(resource.to_owned());
        }
        if name.eq_ignore_ascii_case(".default") {
            self.is_default = true;
            return Ok(());
        }
        let known = permissions::find(name).filter(|permission| permission.delegated.is_some());
        let Some(permission) = known else {
            return Err(EntraError::scope_unknown(
                asker.application,
                name,
                GRAPH_APP_ID,
            ));
        };
        push_new(&mut self.names, permission.name.to_owned());
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.oidc.is_empty() && self.names.is_empty() && !self.is_default
    }

    pub(crate) fn has_oidc(&self, name: &str) -> bool {
        self.oidc.iter().any(|held| held == name)
    }

    /// `aud` of the token, which follows the form in which the resource was asked for.
    pub(crate) fn audience(&self) -> &str {
        self.resource.as_deref().unwrap_or(GRAPH_AUDIENCE)
    }

    /// Back into items that [`Scopes::parse`] understands, for codes and refresh tokens to remember.
    pub(crate) fn to_items(&self) -> Vec<String> {
        let prefix = self.prefix();
        let default = self.is_default.then(|| format!("{prefix}.default"));
        let names = self.names.iter().map(|name| format!("{prefix}{name}"));
        self.oidc
            .iter()
            .cloned()
            .chain(names)
            .chain(default)
            .collect()
    }

    /// The answer's `scope`: everything granted, in the form in which it was asked for, since some clients look for each
    /// item that they sent. `offline_access` is never among it.
    pub(crate) fn granted_text(&self, granted: &[String]) -> String {
        let prefix = self.prefix();
        let mut items: Vec<String> = self.signed_oidc().map(str::to_owned).collect();
        items.extend(
            granted
                .iter()
                .filter(|name| !permissions::is_oidc(name))
                .map(|name| format!("{prefix}{name}")),
        );
        if self.is_default {
            items.push(format!("{prefix}.default"));
        }
        items.join(" ")
    }

    /// Those of OIDC that show in tokens.
    pub(crate) fn signed_oidc(&self) -> impl Iterator<Item = &str> {
        self.oidc
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "offline_access")
    }

    fn prefix(&self) -> String {
        self.resource
            .as_ref()
            .map(|resource| format!("{resource}/"))
            .unwrap_or_default()
    }
}

/// The resource that a client credentials request names, which must be exactly one `{resource}/.default`.
pub(crate) fn default_resource(text: &str, tenant: &str) -> Result<String, EntraError> {
    let (resource, name) = split(text);
    if !name.eq_ignore_ascii_case(".default") || text.split_whitespace().count() != 1 {
        return Err(EntraError::scope_without_default(text));
    }
    // Some clients send `.default` alone, and Entra takes it for Microsoft Graph's.
    let resource = resource.unwrap_or(GRAPH_AUDIENCE);
    if !is_graph(resource) {
        return Err(EntraError::resource_not_found(resource, tenant));
    }
    Ok(resource.to_owned())
}

/// Resource and name. A resource whose URI ends in a slash is followed by a second one.
fn split(item: &str) -> (Option<&str>, &str) {
    match item.rsplit_once('/') {
        Some((resource, name)) => (Some(resource), name),
        None => (None, item),
    }
}

fn is_graph(resource: &str) -> bool {
    let resource = resource.strip_suffix('/').unwrap_or(resource);
    resource.eq_ignore_ascii_case(GRAPH_AUDIENCE) || resource.eq_ignore_ascii_case(GRAPH_APP_ID)
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Scopes, EntraError> {
        let asker = Asker {
            application: "Demo",
            tenant: "Contoso",
        };
        Scopes::parse(text, asker)
    }

    #[test]
    fn short_names_and_full_uris_mean_the_same_permissions() {
        let short = parse("mail.read openid").unwrap();
        let full = parse("openid https://graph.microsoft.com/Mail.Read").unwrap();
        assert_eq!(short.names, ["Mail.Read"]);
        assert_eq!(short.names, full.names);
        assert_eq!(short.audience(), full.audience());
    }

    #[test]
    fn every_item_asked_for_comes_back_in_the_form_in_which_it_was_asked() {
        let full = parse("openid offline_access https://graph.microsoft.com/Mail.Read").unwrap();
        let granted = ["Mail.Read".to_owned(), "User.Read".to_owned()];
        assert_eq!(
            full.granted_text(&granted),
            "openid https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/User.Read"
        );
        let default = parse("00000003-0000-0000-c000-000000000000/.default").unwrap();
        assert!(default.granted_text(&granted).ends_with("/.default"));
    }

    #[test]
    fn what_a_code_remembers_is_what_was_asked_for() {
        for text in [
            "openid Mail.Read",
            "profile https://graph.microsoft.com/.default",
        ] {
            let scopes = parse(text).unwrap();
            assert_eq!(parse(&scopes.to_items().join(" ")).unwrap(), scopes);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_accepted_is_remembered_as_it_was(
            text in "(openid |email |Mail.Read |mail.send |https://graph.microsoft.com/User.Read |[a-z/:. ]{0,9}){0,4}"
        ) {
            if let Ok(scopes) = parse(&text) {
                proptest::prop_assert_eq!(parse(&scopes.to_items().join(" ")), Ok(scopes));
            }
        }
    }

    #[test]
    fn bad_scopes_are_refused_each_with_its_code() {
        let code = |text| parse(text).unwrap_err().code;
        assert_eq!(code(""), 70011);
        assert_eq!(
            code("https://graph.microsoft.com/.default Mail.Read"),
            70011
        );
        assert_eq!(code("Nonsense.Read"), 650_053);
        assert_eq!(code("https://nobody.example/.default"), 500_011);
    }

    #[test]
    fn client_credentials_take_one_default_and_nothing_else() {
        let code = |text| default_resource(text, "Contoso").unwrap_err().code;
        assert!(default_resource("https://graph.microsoft.com/.default", "Contoso").is_ok());
        assert!(default_resource(".default", "Contoso").is_ok());
        assert_eq!(code("Mail.Read"), 1_002_012);
        assert_eq!(code(".default .default"), 1_002_012);
        assert_eq!(code("https://nobody.example/.default"), 500_011);
    }
}
