//! Crate `microsoft`.
