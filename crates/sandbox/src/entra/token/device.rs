//! A device asks whether its person has come.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code

use axum::response::Response;

use super::answer::{Grant, answer};
use super::client::Client;
use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::device::LIFETIME;
use crate::entra::error::EntraError;
use crate::entra::secrets;
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::sign_in::{Code, DeviceCode, DeviceState};

pub(super) fn redeem(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    let tokens = shared.write(|state| {
        let mut client = Client::authenticate(state, authority, form, trace.at)?;
        // Version 1 calls it `code`.
        let text = form.get("device_code").or(form.get("code"));
        let text = text.ok_or_else(|| EntraError::parameter_missing("device_code"))?;
        let key = secrets::hash(text);
        let device = state
            .sign_in
            .device_codes
            .get(&key)
            .ok_or_else(EntraError::device_code_unknown)?;
        let code = approved(device, &client, trace)?.clone();
        if !client.settle(state, &code.tenant_id) {
            return Err(EntraError::code_of_another_tenant());
        }
        let tokens = answer(state, &client, Grant::of_code(&code), form, trace)?;
        if let Some(device) = state.sign_in.device_codes.get_mut(&key) {
            device.state = DeviceState::Redeemed;
        }
        Ok(tokens)
    })?;
    Ok(tokens.respond(shared, form))
}

fn approved<'a>(
    device: &'a DeviceCode,
    client: &Client,
    trace: &Trace,
) -> Result<&'a Code, EntraError> {
    if device.client_id != client.application.client_id {
        return Err(EntraError::grant_of_another_client());
    }
    let is_late = trace.at.duration_since(device.issued_at) > LIFETIME;
    match &device.state {
        DeviceState::Redeemed => Err(EntraError::device_code_redeemed()),
        _ if is_late => Err(EntraError::device_expired()),
        DeviceState::Declined => Err(EntraError::device_declined()),
        DeviceState::Waiting => Err(EntraError::device_pending()),
        DeviceState::Approved(code) => Ok(code),
    }
}
