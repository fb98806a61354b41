mod delete;
mod get;
mod manifest;
mod post;
mod proofs;
mod secretless;
