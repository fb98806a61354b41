//! Business Central behind the sandbox's listener: tokens, hosts, memory, control. What it answers is promised in the tests of
//! `sandbox-business-central`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../dataverse/application.rs"]
#[expect(dead_code, reason = "the tests of Dataverse use more of it")]
mod application;
mod cloud;
#[path = "../graph/listener.rs"]
mod listener;

mod automation;
mod control;
mod saved;
mod tokens;
mod webhooks;
