//! Refusals, with Dataverse's status, code and words.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes>

use http::StatusCode;
use uuid::Uuid;

/// A refusal on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    /// `0x80040217`
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Seconds; only with 429.
    pub(crate) retry_after: Option<u64>,
}

/// The short way to a refusal.
fn fault(status: StatusCode, code: &'static str, message: impl Into<String>) -> Fault {
    Fault {
        status,
        code,
        message: message.into(),
        retry_after: None,
    }
}

impl Fault {
    /// A row that is not there.
    pub(crate) fn no_row(table: &str, id: Uuid) -> Self {
        fault(
            StatusCode::NOT_FOUND,
            "0x80040217",
            format!("Entity '{table}' With Id = {id} Does Not Exist"),
        )
    }

    /// No row has these values of an alternate key.
    pub(crate) fn no_row_by_key(values: &str) -> Self {
        fault(
            StatusCode::NOT_FOUND,
            "0x80060891",
            format!("A record with the specified key values does not exist in {values} entity"),
        )
    }

    pub(crate) fn unknown_segment(segment: &str) -> Self {
        fault(
            StatusCode::NOT_FOUND,
            "0x8006088a",
            format!("Resource not found for the segment '{segment}'."),
        )
    }

    /// What a URL or a query says does not fit the tables.
    pub(crate) fn bad_query(message: impl Into<String>) -> Self {
        fault(StatusCode::BAD_REQUEST, "0x80060888", message)
    }

    pub(crate) fn unknown_property(name: &str, type_name: &str) -> Self {
        Self::bad_query(format!(
            "Could not find a property named '{name}' on type '{type_name}'."
        ))
    }

    /// What a body says does not fit the table.
    pub(crate) fn bad_payload(set: &str, inner: &str) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80048d19",
            format!(
                "Error identified in Payload provided by the user for Entity :'{set}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: {inner}"
            ),
        )
    }

    pub(crate) fn bad_json(message: &str) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80060888",
            format!("Error reading JSON: {message}"),
        )
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        fault(StatusCode::BAD_REQUEST, "0x80040203", message)
    }

    pub(crate) fn missing_attribute(message: impl Into<String>) -> Self {
        fault(StatusCode::BAD_REQUEST, "0x80040200", message)
    }

    /// A business rule says no.
    pub(crate) fn rule(message: impl Into<String>) -> Self {
        fault(StatusCode::BAD_REQUEST, "0x80040265", message)
    }

    pub(crate) fn too_long(column: &str, max: u32) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80044331",
            format!(
                "A validation error occurred. The length of the '{column}' attribute of the entity exceeded the maximum allowed length of '{max}'."
            ),
        )
    }

    pub(crate) fn out_of_range(column: &str) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80044331",
            format!(
                "A validation error occurred. The value of '{column}' is outside the valid range."
            ),
        )
    }

    pub(crate) fn unknown_choice(column: &str, value: i64, table: &str) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80044331",
            format!(
                "A validation error occurred. The value {value} of '{column}' on record of type '{table}' is outside the valid range."
            ),
        )
    }

    pub(crate) fn bad_status(status: i64, state: i64, table: &str, id: Uuid) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80048408",
            format!(
                "{status} is not a valid status code for state code {state} on {table} with Id {id}."
            ),
        )
    }

    /// Two rows with the same id.
    pub(crate) fn duplicate_id() -> Self {
        fault(
            StatusCode::PRECONDITION_FAILED,
            "0x80040237",
            "A record with matching key values already exists.",
        )
    }

    /// Two rows with the same values of an alternate key.
    pub(crate) fn duplicate_key(key: &str) -> Self {
        fault(
            StatusCode::PRECONDITION_FAILED,
            "0x80060892",
            format!(
                "A record that has the attribute values {key} already exists. The entity key {key} requires that this set of attributes contains unique values. Select unique values and try again."
            ),
        )
    }

    /// A duplicate detection rule found one.
    pub(crate) fn duplicate_detected() -> Self {
        fault(
            StatusCode::PRECONDITION_FAILED,
            "0x80040333",
            "A record was not created or updated because a duplicate of the current record already exists.",
        )
    }

    pub(crate) fn version_mismatch() -> Self {
        fault(
            StatusCode::PRECONDITION_FAILED,
            "0x80060882",
            "The version of the existing record doesn't match the RowVersion property provided.",
        )
    }

    pub(crate) fn wrong_verb(verb: &http::Method) -> Self {
        fault(
            StatusCode::METHOD_NOT_ALLOWED,
            "0x80060888",
            format!("The requested resource does not support http method '{verb}'."),
        )
    }

    pub(crate) fn not_a_member() -> Self {
        fault(
            StatusCode::FORBIDDEN,
            "0x80072560",
            "The user is not a member of the organization.",
        )
    }

    pub(crate) fn no_role(user: Uuid) -> Self {
        fault(
            StatusCode::FORBIDDEN,
            "0x80042f09",
            format!("The user with id {user} has not been assigned any roles."),
        )
    }

    pub(crate) fn disabled_user(user: Uuid) -> Self {
        fault(
            StatusCode::FORBIDDEN,
            "0x80040225",
            format!("The specified user(Id = {user}) is disabled. Consider enabling this user."),
        )
    }

    /// A privilege that no role of the caller holds.
    pub(crate) fn privilege(user: Uuid, privilege: &str, table: &str) -> Self {
        fault(
            StatusCode::FORBIDDEN,
            "0x80040220",
            format!(
                "Principal user (Id={user}, type=8, roleCount=1, privilegeCount=0, accessMode='0 Read-Write') is missing {privilege} privilege (Id={id}) on OTC=0 for entity '{table}'. context.Caller={user}",
                id = crate::security::privilege_id(privilege)
            ),
        )
    }

    /// The privilege is there, but not as deep as this row lies.
    pub(crate) fn access(user: Uuid, rights: &str, table: &str, id: Uuid) -> Self {
        fault(
            StatusCode::FORBIDDEN,
            "0x80040220",
            format!(
                "Principal user (Id={user}, type=8) does not have {rights} right(s) for record with id {id} of entity {table}."
            ),
        )
    }

    /// The one who is to own a row may not read it.
    pub(crate) fn owner_lacks(principal: Uuid, privilege: &str) -> Self {
        fault(
            StatusCode::FORBIDDEN,
            "0x80040231",
            format!("Principal (Id={principal}) is missing {privilege} privilege."),
        )
    }

    pub(crate) fn throttled(code: &'static str, message: &str, retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..fault(StatusCode::TOO_MANY_REQUESTS, code, message)
        }
    }

    /// What the sandbox does not do; it says so.
    pub(crate) fn not_implemented(what: &str) -> Self {
        fault(
            StatusCode::NOT_IMPLEMENTED,
            "0x80040800",
            format!("the sandbox does not implement `{what}`"),
        )
    }

    pub(crate) fn bad_fetch(message: impl Into<String>) -> Self {
        fault(StatusCode::BAD_REQUEST, "0x80041102", message)
    }

    pub(crate) fn unknown_column(table: &str, column: &str) -> Self {
        fault(
            StatusCode::BAD_REQUEST,
            "0x80041103",
            format!(
                "'{table}' entity doesn't contain attribute with Name = '{column}' and NameMapping = 'Logical'."
            ),
        )
    }

    pub(crate) fn unknown_table(name: &str) -> Self {
        fault(
            StatusCode::NOT_FOUND,
            "0x80060888",
            format!(
                "The entity with a name = '{name}' with namemapping = 'Logical' was not found in the MetadataCache."
            ),
        )
    }

    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        fault(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        fault(StatusCode::PAYLOAD_TOO_LARGE, "0x8004418a", message)
    }
}

impl From<sandbox_odata::error::Error> for Fault {
    fn from(error: sandbox_odata::error::Error) -> Self {
        Self::bad_query(error.to_string())
    }
}
