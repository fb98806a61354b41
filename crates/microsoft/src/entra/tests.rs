mod grants;
mod id_token;
mod refusals;
mod urls;

use std::sync::Arc;

use super::*;
use crate::support::{Responder, clock, transport};

fn entra(server: &Responder) -> Entra {
    Entra::new(transport(), Arc::new(server.cloud()), clock())
}
