//! Crate `operations`.
