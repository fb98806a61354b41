//! The handshake: an address hears of nothing before it has shown that it wants to.
//! Source: <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation>

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{find, input};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::outgoing::{Answered, Post, Unanswered};

/// What has to be agreed with other machines before the call can be carried out. Nothing, for all but subscriptions.
pub(in crate::graph) async fn shake(call: &Call) -> Result<(), Fault> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let urls = match (&call.method, segments.as_slice()) {
        (&Method::POST, [first]) if first.eq_ignore_ascii_case("subscriptions") => {
            let new = input::read(call)?;
            [Some(new.notification_url), new.lifecycle_url]
        }
        (&Method::PATCH, [first, id]) if first.eq_ignore_ascii_case("subscriptions") => {
            let change = input::read_change(call, &find(call, id)?)?;
            [change.notification_url, None]
        }
        _ => return Ok(()),
    };
    for url in urls.into_iter().flatten() {
        ask(call, &url).await?;
    }
    Ok(())
}

async fn ask(call: &Call, url: &str) -> Result<(), Fault> {
    let id = call.shared.write(|state| state.ids.uuid());
    let token = format!(
        "Validation: Testing client application reachability for subscription Request-Id: {id}"
    );
    let separator = if url.contains('?') { '&' } else { '?' };
    let encoded = utf8_percent_encode(&token, NON_ALPHANUMERIC);
    let post = Post {
        url: format!("{url}{separator}validationToken={encoded}"),
        content_type: "text/plain; charset=utf-8".into(),
        body: String::new(),
        tag: String::new(),
    };
    match call.shared.outgoing().ask(&post).await {
        Ok(answer) if is_agreement(&answer, &token) => Ok(()),
        Ok(Answered { status, .. }) if status != 200 => Err(refused(&format!(
            "Notification endpoint must respond with 200 OK to validation request. It responded with {status}."
        ))),
        Ok(_) => Err(refused(
            "The content type of the response must be text/plain and its content the validation token, decoded.",
        )),
        Err(error @ Unanswered::NotAllowed) => Err(refused(&format!("{error}."))),
        Err(Unanswered::TimedOut) => Err(refused("The operation has timed out.")),
        Err(Unanswered::Unreachable) => Err(refused("Notification endpoint could not be reached.")),
    }
}

fn is_agreement(answer: &Answered, token: &str) -> bool {
    answer.status == 200
        && answer
            .content_type
            .to_ascii_lowercase()
            .starts_with("text/plain")
        && answer.body.trim() == token
}

fn refused(why: &str) -> Fault {
    Fault::bad_request_as(
        "ValidationError",
        format!("Subscription validation request failed. {why}"),
    )
}
