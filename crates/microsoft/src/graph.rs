//! Microsoft Graph: what its refusals mean. It has no method for each endpoint, since the catalogue lists those as data.

mod fault;
mod limits;

pub use self::fault::{GraphFault, Refusal, claims_challenge, request_id};
pub use self::limits::{ERROR_BYTES, PAGE_BYTES};
