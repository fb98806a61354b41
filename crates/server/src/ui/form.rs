//! Forms as they come in and as they are shown again.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use model::sha256;
use secrecy::SecretString;

use super::explained::Explained;
use super::prose::Prose;
use super::viewer::{PAGES, Viewer};
use crate::App;
use crate::auth::{Session, note_refusal};
use crate::problem::Problem;

/// The fields of a form, in its order; a name may occur more than once. No `Debug`: secrets are among them.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, String)>);

/// A form sent by somebody who is signed in, from a page of ours.
pub(crate) struct Submission {
    pub(crate) session: Session,
    pub(crate) viewer: Viewer,
    pub(crate) fields: Fields,
}

/// A form to be shown: what was filled in, and why it was refused. Fields of secrets are never filled in again.
#[derive(Default)]
pub(crate) struct Form {
    values: Fields,
    pub(crate) problem: Option<Refusal>,
}

/// Why a form was refused.
pub(crate) struct Refusal {
    pub(crate) message: Prose,
    pub(crate) code: &'static str,
    pub(crate) next_step: Option<Prose>,
    pub(crate) diagnosis: Option<Explained>,
    pub(crate) status: StatusCode,
    field: Option<(String, Prose)>,
}

impl Fields {
    /// The first value of that name, without blanks around it; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.trim())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|known| known == value)
    }

    /// As it was typed, apart from blanks that came along when it was copied.
    pub(crate) fn secret(&self, name: &str) -> SecretString {
        self.get(name).to_owned().into()
    }

    /// A password may begin or end with blanks.
    pub(crate) fn password(&self, name: &str) -> SecretString {
        self.all(name).next().unwrap_or_default().to_owned().into()
    }

    /// The beginning of the day named, in UTC: what ends on a day is not counted on during it.
    pub(crate) fn day(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        match self.get(name) {
            "" => Ok(None),
            text => day(text).map(Some).ok_or_else(|| {
                Problem::invalid(name, format!("`{text}` is no date like `2027-01-31`"))
            }),
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }
}

pub(crate) fn day(text: &str) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    format!("{date}T00:00:00Z").parse().ok()
}

impl Form {
    pub(crate) fn refused(values: Fields, problem: &Problem) -> Self {
        Self {
            values,
            problem: Some(Refusal::from(problem)),
        }
    }

    /// To be shown again as it was filled in, with nothing wrong.
    pub(crate) fn filled(values: Fields) -> Self {
        Self {
            values,
            problem: None,
        }
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.get(name)
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.values.has(name, value)
    }

    /// What is wrong with that field.
    pub(crate) fn error(&self, name: &str) -> Option<&Prose> {
        let (field, message) = self.problem.as_ref()?.field.as_ref()?;
        (field == name).then_some(message)
    }

    pub(crate) fn was_sent(&self) -> bool {
        !self.values.0.is_empty()
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.problem
            .as_ref()
            .map_or(StatusCode::OK, |problem| problem.status)
    }
}

impl From<&Problem> for Refusal {
    fn from(problem: &Problem) -> Self {
        let field = problem.field_name().map(|field| {
            let detail = problem.detail();
            let own = detail
                .strip_prefix(&format!("`{field}`: "))
                .unwrap_or(detail);
            (field.to_owned(), Prose::sentence(own))
        });
        let message = match problem.field_name() {
            Some(field) if !problem.detail().starts_with('`') => {
                Prose::sentence(&format!("`{field}`: {}", problem.detail()))
            }
            _ => Prose::sentence(problem.detail()),
        };
        Self {
            message,
            code: problem.code(),
            next_step: problem.next_step().map(Prose::sentence),
            diagnosis: problem.diagnosis().map(Explained::from),
            status: problem.status(),
            field,
        }
    }
}

/// Of whoever need not be signed in.
impl FromRequest<App> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let axum::Form(pairs) =
            axum::Form::<Vec<(String, String)>>::from_request(request, app).await?;
        Ok(Self(pairs))
    }
}

impl FromRequest<App> for Submission {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, app).await?;
        let fields = Fields::from_request(Request::from_parts(parts, body), app).await?;
        if sha256(fields.get("csrf").as_bytes()) != sha256(session.csrf().as_bytes()) {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                "csrf_refused",
                "the form does not belong to the session that is signed in here",
            )
            .next("load the page again and send the form from there");
            note_refusal(app, Some(session.caller()), PAGES, problem.code()).await;
            return Err(problem);
        }
        let viewer = Viewer::of(&session, app).await?;
        Ok(Self {
            session,
            viewer,
            fields,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_name_may_occur_more_than_once() {
        let fields = fields(&[("kind", "read"), ("kind", "write"), ("name", " a ")]);
        assert_eq!(fields.all("kind").collect::<Vec<_>>(), ["read", "write"]);
        assert_eq!(fields.get("name"), "a");
        assert!(fields.has("kind", "write") && !fields.has("kind", "delete"));
    }

    #[test]
    fn a_day_is_its_beginning_in_utc() {
        assert_eq!(
            day("2027-01-31").map(|at| at.to_string()).as_deref(),
            Some("2027-01-31T00:00:00Z")
        );
        assert_eq!(day("31.1.2027"), None);
    }

    #[test]
    fn a_refusal_is_said_at_its_field() {
        let problem = Problem::invalid("tenant_id", "`tenant_id`: must be a GUID");
        let form = Form::refused(fields(&[("tenant_id", "x")]), &problem);
        assert_eq!(
            form.error("tenant_id"),
            Some(&Prose::new("Must be a GUID."))
        );
        assert_eq!(form.error("client_id"), None);
        assert_eq!(form.value("tenant_id"), "x");
    }
}
