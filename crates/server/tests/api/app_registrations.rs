mod delete;
mod get;
mod post;
mod proofs;
mod secretless;
