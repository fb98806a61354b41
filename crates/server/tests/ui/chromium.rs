//! The pages in a real browser: Debian's Chromium, without a window, used as a person uses it. Things are found by what is
//! written on them, clicked where they are, and typed into.
//!
//! These tests need the package `chromium`; `cargo xtask test` installs it. Without it they fail: nothing else shows that
//! the pages hold in a browser with its content security policy, its focus order and its width.

mod approval;
mod events;
mod keyboard;
mod leaving;
mod oauth;
mod process;
mod proofs;
mod service_principal;
mod set_up;
mod tab;
mod width;

pub(crate) use tab::Tab;
