//! What belongs to any HTTP server and not to this product.

mod cookie;
mod headers;
mod hosts;
mod peer;
mod request_id;

pub(crate) use cookie::Cookie;
pub(crate) use headers::{Voice, harden};
pub(crate) use hosts::Hosts;
pub(crate) use peer::Peer;
pub(crate) use request_id::RequestIds;
