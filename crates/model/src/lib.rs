#![doc = include_str!("../README.md")]

mod activity;
mod app_registration;
mod clock;
mod company_name;
mod connection;
mod diagnosis;
mod event;
mod hash;
mod id;
mod mail_address;
mod people;
mod permission;
mod policy;
mod random;
mod sealed;
mod service;
mod site_url;
mod table_name;

pub use activity::{Activity, ActivityKind, Actor, ChainLink, Outcome, Phase, RemoteIds};
pub use app_registration::{AppRegistration, Proof, ProofDetails, ProofKind, ProofState};
pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use company_name::{CompanyName, CompanyNameError};
pub use connection::{Connection, ConnectionMethod, ConnectionState, Identity, Place};
pub use diagnosis::{Act, Diagnosis, Evidence, Group, RemedyStep};
pub use event::{Event, EventKind, Webhook};
pub use hash::sha256;
pub use id::{
    ActivityId, ApiKeyId, AppRegistrationId, AttemptId, ConnectionId, ConsentRequestId, DataKeyId,
    EventId, IdError, IssuerKeyId, MemberId, ProofId, RunId, SessionId, WebhookId, WorkflowId,
    WorkspaceId, WriterId,
};
pub use mail_address::{MailAddress, MailAddressError};
pub use people::{ApiKey, KeyScope, Member, Role, Session, SignInLink, Workspace};
pub use permission::{Permission, PermissionSet};
pub use policy::{OperationKind, Policy};
pub use random::{Random, SeededRandom, SharedRandom, SystemRandom, random_token};
pub use sealed::Sealed;
pub use service::{Api, ParseServiceError, Service};
pub use site_url::{SiteUrl, SiteUrlError};
pub use table_name::{TableName, TableNameError};
