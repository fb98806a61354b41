#![doc = include_str!("../README.md")]

mod access_token;
pub mod budget;
mod client;
mod cloud;
pub mod entra;
mod error;
mod files;
mod foreign;
pub mod graph;
mod managed_identity;
pub mod odata;
#[cfg(test)]
mod support;
mod transport;

pub use access_token::AccessToken;
pub use budget::{Account, Budgets};
pub use client::{ApiCall, ApiClient, CallError, Target, resolve};
pub use cloud::{AZURE_CLI, Cloud, Clouds};
pub use entra::{
    AccessClaims, AuthorizeRequest, CertificateError, ClientCertificate, ClientCredentials,
    ClientProof, CodeGrant, DeviceAnswer, DeviceCode, Entra, EntraError, EntraFault, IdTokenClaims,
    IssuerKey, Pkce, Prompt, RefreshGrant, TOKEN_EXCHANGE_AUDIENCE, TokenResponse, access_claims,
};
pub use error::Error;
pub use files::{
    Content, Download, Mark, Note, Opened, ProofUrl, Sequence, Tally, UploadError, UploadSession,
    Uploaded,
};
pub use foreign::{LARGEST_ASSERTION, fetch_assertion, is_jwt};
pub use graph::GraphFault;
pub use managed_identity::ManagedIdentity;
pub use secrecy::{ExposeSecret, SecretString};
pub use transport::{
    Attempted, Body, Incoming, IncomingBody, Outgoing, Outside, OutsideError, Repeat, RetryPolicy,
    Transport, TransportError, TransportOptions, redacted, retry_after,
};
