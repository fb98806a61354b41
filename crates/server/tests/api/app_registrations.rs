mod delete;
mod get;
mod manifest;
mod post;
mod proofs;
mod rotate;
mod secretless;
