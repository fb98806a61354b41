//! Refusals, with the codes of
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/webservices/web-service-rest-error-codes>.

use http::StatusCode;
use sandbox_odata::error::Error;
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn not_json() -> Self {
        Self::bad_request("Invalid Request Body")
    }

    /// A business rule's own words.
    pub(crate) fn dialog(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Application_DialogException",
            message,
        )
    }

    /// A field that must hold something else.
    pub(crate) fn field(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Application_FieldValidationException",
            message,
        )
    }

    pub(crate) fn read_only(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "BadRequest_InvalidOperation",
            format!("Control '{name}' is read-only."),
        )
    }

    pub(crate) fn unknown_property(name: &str, type_name: &str) -> Self {
        Self::bad_request(format!(
            "The property '{name}' does not exist on type '{type_name}'. Make sure to only use property names that are defined by the type."
        ))
    }

    pub(crate) fn blank(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "BadRequest_RequiredParamNotProvided",
            format!("Field '{name}' must not be blank or empty."),
        )
    }

    pub(crate) fn too_long(length: usize, most: usize, text: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Application_StringExceededLength",
            format!(
                "The length of the string is {length}, but it must be less than or equal to {most} characters. Value: {text}"
            ),
        )
    }

    pub(crate) fn not_an_option(text: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Application_EvaluateException",
            format!("The value \"{text}\" cannot be evaluated into type Option."),
        )
    }

    /// A code or number that no record of another table has.
    pub(crate) fn relation(field: &str, table: &str, value: &str, related: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Internal_InvalidTableRelation",
            format!(
                "The field {field} of table {table} contains a value ({value}) that cannot be found in the related table ({related})."
            ),
        )
    }

    pub(crate) fn exists(entity: &str, value: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Internal_EntityWithSameKeyExists",
            format!("The {entity} already exists. Identification fields and values: No.='{value}'"),
        )
    }

    pub(crate) fn record_not_found(entity: &str, key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Internal_RecordNotFound",
            format!(
                "The {entity} does not exist. Identification fields and values: SystemId='{key}'"
            ),
        )
    }

    pub(crate) fn segment_not_found(segment: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "BadRequest_ResourceNotFound",
            format!("Resource not found for the segment '{segment}'."),
        )
    }

    pub(crate) fn bad_address(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "BadRequest_NotFound",
            format!("Bad Request - Error in query syntax: {}", message.into()),
        )
    }

    pub(crate) fn no_company() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Internal_CompanyNotFound",
            "Cannot process the request because the default company cannot be found. You can specify a default company in the service configuration file, or specify one for each tenant, or you can add a query string in the form of \"company=[name]\". You can see the available companies by accessing the default OData web service, Company. For more information, see \"OData Web Services\" in Help.",
        )
    }

    pub(crate) fn no_environment(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NoEnvironment",
            format!("Environment '{name}' does not exist."),
        )
    }

    pub(crate) fn method(method: &http::Method, set: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "BadRequest_MethodNotAllowed",
            format!(
                "'{method}' requests for '{set}' of EdmType 'Entity' are not allowed within Microsoft Dynamics 365 Business Central OData web services."
            ),
        )
    }

    /// What the sandbox does not do, by its name.
    pub(crate) fn not_implemented(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "BadRequest_MethodNotImplemented",
            format!("the sandbox does not implement `{what}`"),
        )
    }

    /// `If-Match` is missing, or is no tag.
    pub(crate) fn no_etag() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "BadRequest_InvalidToken",
            "Could not validate the client concurrency token required by the service. Please provide a valid token in the client request.",
        )
    }

    /// The record has changed since the tag was given out.
    pub(crate) fn changed() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "Request_EntityChanged",
            "Another user has already changed the record.",
        )
    }

    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Authentication_InvalidCredentials",
            message,
        )
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            message,
        )
    }

    /// Microsoft's envelope; two blanks stand around the name of the id.
    pub(crate) fn body(&self, correlation_id: &str) -> Value {
        let message = self.message.as_str();
        let stop = if message.ends_with('.') { "" } else { "." };
        json!({ "error": {
            "code": self.code,
            "message": format!("{message}{stop}  CorrelationId:  {correlation_id}."),
        }})
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::bad_request(error.to_string())
    }
}
