//! Crate `workflows`.
