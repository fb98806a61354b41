//! The steps, a file each group.

pub(super) mod activity;
pub(super) mod application;
pub(super) mod expiry;
pub(super) mod mail;
pub(super) mod organisation;
pub(super) mod people;
pub(super) mod secret;
pub(super) mod start;
pub(super) mod user;
