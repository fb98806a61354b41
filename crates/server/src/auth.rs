//! Who asks: by API key, by browser session, or over the socket in the data directory.

mod access;
mod api_key;
mod caller;
mod cookie;
mod csrf;
mod identities;
mod origin;
mod password;
mod session;
mod sign_in;
mod sign_in_link;
#[cfg(test)]
mod tests;

pub(crate) use access::note_refusal;
pub(crate) use api_key::new_key;
pub(crate) use caller::{Caller, Refusal, identify, require};
pub(crate) use identities::Identities;
pub(crate) use origin::same_origin;
pub(crate) use password::{Chosen as NewPassword, choose as choose_password};
pub(crate) use session::Session;
pub(crate) use sign_in::{sign_in_with_link, sign_in_with_password, sign_out};
pub(crate) use sign_in_link::{NewLink, new_link};
