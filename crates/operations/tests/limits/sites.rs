//! Sites: every operation that has a site or drive as its target, or touches one. `grants.rs` holds what `Sites.Selected` promises.

mod around;
mod grants;
mod matrix;
mod stage;
mod ways;
