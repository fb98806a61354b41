//! A local Microsoft cloud: Entra ID and Microsoft Graph in one process, with state.
//!
//! Newcomers try the product on it, tests prove the product with it, and it stands alone: it shares no code with any client
//! of Microsoft's services and is written from Microsoft's public documentation only. It signs people in on real pages,
//! issues real signed tokens, refuses like the original (same status, code and shape), and can be told to misbehave.
//!
//! What it refuses to know: anything about the programs that call it. What it does not implement answers 501 and is listed.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = sandbox::Sandbox::start(sandbox::Options::default()).await?;
//! let application = sandbox.control().register_application(sandbox::NewApplication {
//!     display_name: "Demo".to_owned(),
//!     redirect_uris: vec!["http://localhost:8365/oauth/callback".to_owned()],
//!     delegated: vec!["Mail.Read".to_owned()],
//!     ..Default::default()
//! })?;
//! println!("{} knows the application {}", sandbox.url(), application.client_id);
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

mod clock;
mod control;
mod entra;
mod error;
mod graph;
mod http;
mod odata;
mod sandbox;
mod seed;
mod shared;
mod state;

pub use clock::Clock;
pub use control::{
    Account, Control, ControlError, NewApplication, RegisteredApplication, Secret, UserConsentPolicy,
};
pub use error::Error;
pub use http::{Action, Fault, LoggedRequest, UnimplementedRequest};
pub use sandbox::{Options, Sandbox, Seed};
