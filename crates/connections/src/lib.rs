//! Crate `connections`.
