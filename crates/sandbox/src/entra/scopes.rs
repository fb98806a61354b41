//! The parameter `scope`: OIDC's own, and those of one resource.
//! Source: learn.microsoft.com/entra/identity-platform/scopes-oidc

use super::error::EntraError;
use super::permissions;
use super::tokens::{GRAPH_APP_ID, GRAPH_AUDIENCE};
use crate::http::names;
use crate::state::directory::first_party::ENVIRONMENT;
use crate::state::directory::{Application, Directory};

/// What a request asks for, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    /// `openid`, `profile`, `email`, `offline_access`.
    pub(crate) oidc: Vec<String>,
    /// Permissions of the resource by their own spelling.
    pub(crate) names: Vec<String>,
    /// `.default` was asked for: whatever the application is configured with.
    pub(crate) is_default: bool,
    /// The resource as the request wrote it, without what follows; none when it wrote short names only.
    pub(crate) resource: Option<String>,
    /// Client id of the application whose API this is; none for Microsoft Graph.
    api: Option<String>,
}

/// A resource that a token can be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// `aud`, in the form in which it was asked for.
    pub(crate) audience: String,
    pub(crate) app_id: String,
}

/// Whose words an error about scopes needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) application: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) directory: &'a Directory,
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
        let is_first = self.names.is_empty() && !self.is_default;
        let app_id = match resource {
            Some(resource) => find(resource, asker.directory, asker.tenant)?,
            None => GRAPH_APP_ID.to_owned(),
        };
        let api = (app_id != GRAPH_APP_ID).then_some(app_id);
        if !is_first && api != self.api {
            return Err(EntraError::several_resources(item));
        }
        self.api = api;
        if let Some(resource) = resource {
            self.resource = Some(resource.to_owned());
        }
        if name.eq_ignore_ascii_case(".default") {
            self.is_default = true;
            return Ok(());
        }
        let Some(name) = self.offered(name, asker.directory) else {
            return Err(EntraError::scope_unknown(
                asker.application,
                name,
                self.resource_id(),
            ));
        };
        push_new(&mut self.names, name);
        Ok(())
    }

    /// A scope of the resource under its own spelling.
    fn offered(&self, name: &str, directory: &Directory) -> Option<String> {
        let Some(api) = &self.api else {
            let known = permissions::find(name)?;
            return known.delegated.map(|_| known.name.to_owned());
        };
        let mut offered = directory.api(api)?.exposed_scopes.iter();
        offered.find(|it| it.eq_ignore_ascii_case(name)).cloned()
    }

    /// App id of the resource.
    pub(crate) fn resource_id(&self) -> &str {
        self.api.as_deref().unwrap_or(GRAPH_APP_ID)
    }

    /// Everything that `.default` stands for at an application.
    pub(crate) fn all_of_default(
        &self,
        client: &Application,
        directory: &Directory,
    ) -> Vec<String> {
        match &self.api {
            None => client.configured_scopes.clone(),
            Some(api) => directory
                .api(api)
                .map(|api| api.exposed_scopes.clone())
                .unwrap_or_default(),
        }
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

/// The resource that a client credentials request names, which must be exactly one `{resource}/.default`. `base` is where the
/// request reached us.
pub(crate) fn default_resource(
    text: &str,
    base: &str,
    directory: &Directory,
    tenant: &str,
) -> Result<Resource, EntraError> {
    let (resource, name) = split(text);
    if !name.eq_ignore_ascii_case(".default") || text.split_whitespace().count() != 1 {
        return Err(EntraError::scope_without_default(text));
    }
    // Some clients send `.default` alone, and Entra takes it for Microsoft Graph's.
    let resource = match resource.unwrap_or(GRAPH_AUDIENCE) {
        written if is_environment_here(written, base) => ENVIRONMENT[0],
        written => written,
    };
    Ok(Resource {
        audience: resource.to_owned(),
        app_id: find(resource, directory, tenant)?,
    })
}

/// App id of a resource that somebody wrote.
fn find(resource: &str, directory: &Directory, tenant: &str) -> Result<String, EntraError> {
    if is_graph(resource) {
        return Ok(GRAPH_APP_ID.to_owned());
    }
    directory
        .api(resource)
        .map(|api| api.client_id.clone())
        .ok_or_else(|| EntraError::resource_not_found(resource, tenant))
}

/// Whether it is our own address, which is that of Dataverse's environment to those who do not call it by its name. The token
/// is for the environment's name, as those for Microsoft Graph are for Graph's.
fn is_environment_here(resource: &str, base: &str) -> bool {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    resource.trim_end_matches('/') == base && names::service(host) == names::Service::All
}

/// Scopes of the environment under its own name, where a request of a user's wrote our address.
pub(crate) fn by_name(text: &str, base: &str) -> String {
    let items = text.split_whitespace().map(|item| match split(item) {
        (Some(resource), name) if is_environment_here(resource, base) => {
            format!("{}/{name}", ENVIRONMENT[0])
        }
        _ => item.to_owned(),
    });
    items.collect::<Vec<_>>().join(" ")
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
        let directory = Directory::default();
        let asker = Asker {
            directory: &directory,
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
        let read = |text| {
            default_resource(
                text,
                "http://127.0.0.1:4100",
                &Directory::default(),
                "Contoso",
            )
        };
        let code = |text| read(text).unwrap_err().code;
        assert!(read("https://graph.microsoft.com/.default").is_ok());
        assert!(read(".default").is_ok());
        assert_eq!(code("Mail.Read"), 1_002_012);
        assert_eq!(code(".default .default"), 1_002_012);
        assert_eq!(code("https://nobody.example/.default"), 500_011);
    }
}
