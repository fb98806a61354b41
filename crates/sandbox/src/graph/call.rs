//! A request as the resources see it.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::auth::Caller;
use super::fault::Fault;
use super::paths;
use super::prefer::Preferences;
use crate::http::base_url;
use crate::odata;
use crate::odata::options::Options;
use crate::odata::paging::{self, Style, Window};
use crate::odata::schema::EntityType;
use crate::shared::Shared;

/// A request with a verified caller, its path cut and its options read.
pub(crate) struct Call {
    pub(crate) shared: Shared,
    pub(crate) caller: Caller,
    pub(crate) method: Method,
    /// Below the version, decoded.
    pub(crate) segments: Vec<String>,
    pub(crate) options: Options,
    pub(crate) prefer: Preferences,
    /// `http://localhost:1234/v1.0`
    pub(crate) base: String,
    /// The request's address without its query.
    url: String,
    pub(crate) now: Timestamp,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(super) fn read(
        shared: &Shared,
        parts: &Parts,
        uri: &Uri,
        body: Bytes,
    ) -> Result<Self, Fault> {
        let caller = Caller::identify(shared, &parts.headers)?;
        let path = uri.path();
        let after_slash = path.get(1..).and_then(|rest| rest.find('/'));
        let version_end = after_slash.map_or(path.len(), |at| at + 1);
        let origin = base_url(&parts.headers);
        let segments = paths::segments(&path[version_end..])
            .ok_or_else(|| Fault::bad_request("The request URI is not valid."))?;
        // The directory's own collections have codes of their own.
        let refuse = match segments.first() {
            Some(first) if first.eq_ignore_ascii_case("users") && segments.len() > 2 => {
                Fault::outlook_query
            }
            Some(first) if first.eq_ignore_ascii_case("me") && segments.len() > 1 => {
                Fault::outlook_query
            }
            _ => Fault::directory_query,
        };
        let options =
            Options::parse(uri.query().unwrap_or_default()).map_err(|error| refuse(&error))?;
        Ok(Self {
            shared: shared.clone(),
            caller,
            method: parts.method.clone(),
            segments,
            options,
            prefer: Preferences::read(&parts.headers),
            base: format!("{origin}{}", &path[..version_end]),
            url: format!("{origin}{path}"),
            now: shared.now(),
            headers: parts.headers.clone(),
            body,
        })
    }

    /// The sandbox's own look at something in a tenant, under Microsoft's name for it.
    pub(super) fn inside(shared: &Shared, tenant_id: &str, address: &str) -> Option<Self> {
        let uri: Uri = format!("/v1.0/{}", address.replace(' ', "%20"))
            .parse()
            .ok()?;
        let (path, base) = (uri.path(), "https://graph.microsoft.com/v1.0");
        Some(Self {
            shared: shared.clone(),
            caller: Caller::itself(tenant_id),
            method: Method::GET,
            segments: paths::segments(path.strip_prefix("/v1.0")?)?,
            options: Options::parse(uri.query().unwrap_or_default()).ok()?,
            prefer: Preferences::default(),
            base: base.to_owned(),
            url: format!("https://graph.microsoft.com{path}"),
            now: shared.now(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// `http://localhost:1234`
    pub(crate) fn origin(&self) -> &str {
        self.base
            .rsplit_once('/')
            .map_or(&self.base, |(origin, _)| origin)
    }

    /// The request's address without its query.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Fault> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Fault::unreadable_json()),
        }
    }

    /// The body as a JSON object; an absent body is an empty one, as actions allow.
    pub(crate) fn optional_json(&self) -> Result<Map<String, Value>, Fault> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            Ok(Map::new())
        } else {
            self.json()
        }
    }

    /// An absolute context URL.
    pub(crate) fn context(&self, fragment: &str) -> String {
        format!("{}/$metadata#{fragment}", self.base)
    }

    /// The link to the page after this one; none after the last.
    pub(crate) fn next_link(&self, style: Style, window: Window) -> Option<String> {
        let link = || paging::next_link(&self.url, &self.options.pairs, style, window.end);
        window.more.then(link)
    }

    /// Refuses to expand what is not among `served`: as Microsoft does where it is no relation, by 501 where it is one.
    pub(crate) fn expands_only(
        &self,
        served: &[&str],
        entity: &EntityType,
        refuse: fn(&odata::error::Error) -> Fault,
    ) -> Result<(), Fault> {
        for expand in &self.options.expand {
            let name = expand.path.split('/').next().unwrap_or_default();
            if served
                .iter()
                .any(|served| served.eq_ignore_ascii_case(name))
            {
                continue;
            }
            if paths::is_of_graph(name) {
                return Err(Fault::not_implemented(&format!("$expand={name}")));
            }
            return Err(refuse(&odata::error::Error::UnknownProperty {
                name: name.to_owned(),
                type_name: entity.name.to_owned(),
            }));
        }
        Ok(())
    }

    /// Whether the client admits answers that lag behind, as advanced directory queries need.
    pub(crate) fn is_eventual(&self) -> bool {
        self.header("consistencylevel")
            .is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }
}
