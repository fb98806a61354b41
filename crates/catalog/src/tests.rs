mod catalogue;
mod manifests;
mod mistakes;
mod paths;
mod permissions;
mod raw;
mod reference;
mod requests;

use model::ConnectionMethod;
use serde_json::{Map, Value};

use crate::{Operation, Request, operation, operations};

const OAUTH: ConnectionMethod = ConnectionMethod::OAuth;
const ROOT: &str = "https://graph.microsoft.com/v1.0";
const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;

fn the(id: &str) -> &'static Operation {
    operation(id).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        unreachable!("{value} is no object")
    };
    map
}

fn request(id: &str, method: ConnectionMethod, input: Value) -> Request {
    the(id).request(method, &object(input), ROOT).unwrap()
}

/// Each operation with each method that it supports.
fn supported() -> impl Iterator<Item = (&'static Operation, ConnectionMethod)> {
    operations().iter().flat_map(|operation| {
        ConnectionMethod::ALL
            .into_iter()
            .filter(|method| operation.support(*method) == crate::Support::Supported)
            .map(move |method| (operation, method))
    })
}
