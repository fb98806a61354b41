//! Whose mail is always focused, or never: <https://learn.microsoft.com/graph/api/resources/inferenceclassificationoverride>

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, input};
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::mail::message::{Address, Inference};
use crate::state::mail::settings::Override;

const TYPE: &str = "microsoft.graph.inferenceClassificationOverride";

/// `inferenceClassification` and its `overrides`.
pub(super) fn dispatch(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    let access = if call.method == Method::GET {
        MailAccess::Read
    } else {
        MailAccess::Write
    };
    target.require(access)?;
    let Some((first, rest)) = below.split_first() else {
        return match call.method {
            Method::GET => Err(Fault::not_implemented("inferenceClassification")),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    if !first.eq_ignore_ascii_case("overrides") {
        return Err(Fault::unknown_segment(first));
    }
    match (rest, &call.method) {
        ([], &Method::GET) => target.read(call, |mailbox| {
            let value: Vec<Value> = mailbox
                .overrides
                .iter()
                .map(|it| Value::Object(render(it)))
                .collect();
            let context = call.context(&format!(
                "{}/inferenceClassification/overrides",
                target.path()
            ));
            Ok(Reply::json(
                &json!({"@odata.context": context, "value": value}),
            ))
        }),
        ([], &Method::POST) => create(call, target),
        ([id], &Method::PATCH) => update(call, target, id),
        ([id], &Method::DELETE) => target.change(call, |mailbox, _| {
            let at = mailbox
                .overrides
                .iter()
                .position(|it| it.id.to_string() == *id);
            mailbox
                .overrides
                .remove(at.ok_or_else(Fault::item_not_found)?);
            Ok(Reply::no_content())
        }),
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, segment, ..], _) => Err(Fault::unknown_segment(segment)),
    }
}

/// 201; for a sender who has one, the one there is changes.
fn create(call: &Call, target: &Target) -> Result<Reply, Fault> {
    let (inference, sender) = read(&call.json()?)?;
    let inference = inference.ok_or_else(|| Fault::missing_property("classifyAs"))?;
    let sender = sender.ok_or_else(|| Fault::missing_property("senderEmailAddress"))?;
    target.change(call, |mailbox, ids| {
        mailbox
            .overrides
            .retain(|it| !it.sender.is_same_mailbox(&sender));
        let made = Override {
            id: ids.uuid(),
            inference,
            sender,
        };
        let location = format!(
            "{}/{}/inferenceClassification/overrides('{}')",
            call.base,
            target.path(),
            made.id
        );
        let entity = whole(call, target, &made);
        mailbox.overrides.push(made);
        Ok(Reply::created(&entity, location))
    })
}

fn update(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    let (inference, _) = read(&call.json()?)?;
    target.change(call, |mailbox, _| {
        let found = mailbox
            .overrides
            .iter_mut()
            .find(|it| it.id.to_string() == id);
        let found = found.ok_or_else(Fault::item_not_found)?;
        found.inference = inference.unwrap_or(found.inference);
        Ok(Reply::json(&whole(call, target, found)))
    })
}

fn read(body: &Map<String, Value>) -> Result<(Option<Inference>, Option<Address>), Fault> {
    let (mut inference, mut sender) = (None, None);
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.to_ascii_lowercase().as_str() {
            "classifyas" => inference = Some(input::inference(name, value)?),
            "senderemailaddress" => {
                let recipient = json!({"emailAddress": value});
                sender = Some(input::recipient(name, &recipient)?);
            }
            "id" => {}
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok((inference, sender))
}

fn whole(call: &Call, target: &Target, it: &Override) -> Value {
    let context = call.context(&format!(
        "{}/inferenceClassification/overrides/$entity",
        target.path()
    ));
    envelope::entity(&context, render(it))
}

fn render(it: &Override) -> Map<String, Value> {
    let class = match it.inference {
        Inference::Focused => "focused",
        Inference::Other => "other",
    };
    Map::from_iter([
        ("id".to_owned(), json!(it.id)),
        ("classifyAs".to_owned(), json!(class)),
        (
            "senderEmailAddress".to_owned(),
            json!({"name": it.sender.name, "address": it.sender.address}),
        ),
    ])
}
