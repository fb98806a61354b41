//! Rules of the inbox: <https://learn.microsoft.com/graph/api/resources/messagerule>

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Map, Value, json};

use super::require;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, folder_number, input};
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::mail::Mailbox;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::rules::Rule;

const TYPE: &str = "microsoft.graph.messageRule";

/// What the value of a condition or an action has to be.
#[derive(Clone, Copy)]
enum Shape {
    Flag,
    Words,
    Recipients,
    Word,
    Folder,
    Size,
}

const PREDICATES: &[(&str, Shape)] = &[
    ("bodyContains", Shape::Words),
    ("bodyOrSubjectContains", Shape::Words),
    ("categories", Shape::Words),
    ("fromAddresses", Shape::Recipients),
    ("hasAttachments", Shape::Flag),
    ("headerContains", Shape::Words),
    ("importance", Shape::Word),
    ("isApprovalRequest", Shape::Flag),
    ("isAutomaticForward", Shape::Flag),
    ("isAutomaticReply", Shape::Flag),
    ("isEncrypted", Shape::Flag),
    ("isMeetingRequest", Shape::Flag),
    ("isMeetingResponse", Shape::Flag),
    ("isNonDeliveryReport", Shape::Flag),
    ("isPermissionControlled", Shape::Flag),
    ("isReadReceipt", Shape::Flag),
    ("isSigned", Shape::Flag),
    ("isVoicemail", Shape::Flag),
    ("messageActionFlag", Shape::Word),
    ("notSentToMe", Shape::Flag),
    ("recipientContains", Shape::Words),
    ("senderContains", Shape::Words),
    ("sensitivity", Shape::Word),
    ("sentCcMe", Shape::Flag),
    ("sentOnlyToMe", Shape::Flag),
    ("sentToAddresses", Shape::Recipients),
    ("sentToMe", Shape::Flag),
    ("sentToOrCcMe", Shape::Flag),
    ("subjectContains", Shape::Words),
    ("withinSizeRange", Shape::Size),
];
const ACTIONS: &[(&str, Shape)] = &[
    ("assignCategories", Shape::Words),
    ("copyToFolder", Shape::Folder),
    ("delete", Shape::Flag),
    ("forwardAsAttachmentTo", Shape::Recipients),
    ("forwardTo", Shape::Recipients),
    ("markAsRead", Shape::Flag),
    ("markImportance", Shape::Word),
    ("moveToFolder", Shape::Folder),
    ("permanentDelete", Shape::Flag),
    ("redirectTo", Shape::Recipients),
    ("stopProcessingRules", Shape::Flag),
];

/// Everything at and below `mailFolders/{folder}/messageRules`; only the inbox has rules.
pub(in crate::graph) fn dispatch(
    call: &Call,
    target: &Target,
    folder: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    require(call, target)?;
    let is_inbox = target.read(call, |mailbox| {
        Ok(folder_number(mailbox, folder)? == WellKnown::Inbox.number())
    })?;
    if !is_inbox {
        return Err(Fault::invalid_request(
            "Rules are supported for the Inbox folder only.",
        ));
    }
    match (below, &call.method) {
        ([], &Method::GET) => target.read(call, |mailbox| {
            let mut all: Vec<(&u64, &Rule)> = mailbox.rules.iter().collect();
            all.sort_by_key(|(_, rule)| rule.sequence);
            let value: Vec<Value> = all
                .into_iter()
                .map(|(key, rule)| Value::Object(render(*key, rule)))
                .collect();
            let context = call.context(&format!(
                "{}/mailFolders('inbox')/messageRules",
                target.path()
            ));
            Ok(Reply::json(
                &json!({"@odata.context": context, "value": value}),
            ))
        }),
        ([], &Method::POST) => create(call, target),
        ([id], &Method::GET) => target.read(call, |mailbox| {
            let key = parse(mailbox, id)?;
            whole(call, target, mailbox, key).map(|entity| Reply::json(&entity))
        }),
        ([id], &Method::PATCH) => update(call, target, id),
        ([id], &Method::DELETE) => target.change(call, |mailbox, _| {
            let key = parse(mailbox, id)?;
            mailbox.rules.remove(&key);
            Ok(Reply::no_content())
        }),
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, segment, ..], _) => Err(Fault::unknown_segment(segment)),
    }
}

fn create(call: &Call, target: &Target) -> Result<Reply, Fault> {
    let body = call.json()?;
    target.change(call, |mailbox, _| {
        let last = mailbox.rules.values().map(|rule| rule.sequence).max();
        let mut rule = Rule {
            display_name: String::new(),
            sequence: last.unwrap_or(0) + 1,
            is_enabled: true,
            conditions: Map::new(),
            exceptions: Map::new(),
            actions: Map::new(),
        };
        apply(mailbox, &mut rule, &body)?;
        if rule.display_name.is_empty() {
            return Err(Fault::missing_property("displayName"));
        }
        if rule.actions.is_empty() {
            return Err(Fault::missing_property("actions"));
        }
        let key = mailbox.next();
        mailbox.rules.insert(key, rule);
        let location = format!(
            "{}/{}/mailFolders('inbox')/messageRules('{}')",
            call.base,
            target.path(),
            id_of(key)
        );
        Ok(Reply::created(
            &whole(call, target, mailbox, key)?,
            location,
        ))
    })
}

fn update(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    let body = call.json()?;
    target.change(call, |mailbox, _| {
        let key = parse(mailbox, id)?;
        let mut rule = mailbox
            .rules
            .get(&key)
            .cloned()
            .ok_or_else(Fault::item_not_found)?;
        apply(mailbox, &mut rule, &body)?;
        mailbox.rules.insert(key, rule);
        whole(call, target, mailbox, key).map(|entity| Reply::json(&entity))
    })
}

fn apply(mailbox: &Mailbox, rule: &mut Rule, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.to_ascii_lowercase().as_str() {
            "displayname" => rule.display_name = input::text(name, value)?,
            "sequence" => {
                rule.sequence = value
                    .as_i64()
                    .ok_or_else(|| Fault::invalid_value(name, "Edm.Int32"))?;
            }
            "isenabled" => rule.is_enabled = input::boolean(name, value)?,
            "conditions" => {
                rule.conditions = parts(
                    mailbox,
                    name,
                    value,
                    PREDICATES,
                    "microsoft.graph.messageRulePredicates",
                )?;
            }
            "exceptions" => {
                rule.exceptions = parts(
                    mailbox,
                    name,
                    value,
                    PREDICATES,
                    "microsoft.graph.messageRulePredicates",
                )?;
            }
            "actions" => {
                rule.actions = parts(
                    mailbox,
                    name,
                    value,
                    ACTIONS,
                    "microsoft.graph.messageRuleActions",
                )?;
            }
            "id" | "haserror" | "isreadonly" => {}
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok(())
}

fn parts(
    mailbox: &Mailbox,
    name: &str,
    value: &Value,
    known: &[(&str, Shape)],
    kind: &str,
) -> Result<Map<String, Value>, Fault> {
    if value.is_null() {
        return Ok(Map::new());
    }
    let mut checked = Map::new();
    for (part, value) in input::object(name, value)?
        .iter()
        .filter(|(part, _)| !part.contains('@'))
    {
        let found = known
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(part));
        let (part, shape) = found.ok_or_else(|| Fault::unknown_property(part, kind))?;
        if value.is_null() {
            continue;
        }
        check(mailbox, part, value, *shape)?;
        checked.insert((*part).to_owned(), value.clone());
    }
    Ok(checked)
}

fn check(mailbox: &Mailbox, name: &str, value: &Value, shape: Shape) -> Result<(), Fault> {
    match shape {
        Shape::Flag => input::boolean(name, value).map(drop),
        Shape::Words => input::texts(name, value).map(drop),
        Shape::Recipients => input::recipients(name, value).map(drop),
        Shape::Word => input::text(name, value).map(drop),
        Shape::Folder => folder_number(mailbox, &input::text(name, value)?).map(drop),
        Shape::Size => input::object(name, value).map(drop),
    }
}

/// Exchange's ids of rules are eight bytes.
fn id_of(key: u64) -> String {
    URL_SAFE.encode([&[1, 0], &key.to_be_bytes()[2..]].concat())
}

fn parse(mailbox: &Mailbox, id: &str) -> Result<u64, Fault> {
    let bytes = URL_SAFE
        .decode(id)
        .ok()
        .filter(|bytes| bytes.len() == 8 && bytes[0] == 1);
    let bytes = bytes.ok_or_else(Fault::malformed_id)?;
    let key = bytes[2..]
        .iter()
        .fold(0, |key, byte| key << 8 | u64::from(*byte));
    if mailbox.rules.contains_key(&key) {
        Ok(key)
    } else {
        Err(Fault::item_not_found())
    }
}

fn whole(call: &Call, target: &Target, mailbox: &Mailbox, key: u64) -> Result<Value, Fault> {
    let rule = mailbox.rules.get(&key).ok_or_else(Fault::item_not_found)?;
    let context = call.context(&format!(
        "{}/mailFolders('inbox')/messageRules/$entity",
        target.path()
    ));
    Ok(envelope::entity(&context, render(key, rule)))
}

fn render(key: u64, rule: &Rule) -> Map<String, Value> {
    let mut entity = Map::new();
    let mut put = |name: &str, value: Value| entity.insert(name.to_owned(), value);
    put("id", json!(id_of(key)));
    put("displayName", json!(rule.display_name));
    put("sequence", json!(rule.sequence));
    put("isEnabled", json!(rule.is_enabled));
    put("hasError", json!(false));
    put("isReadOnly", json!(false));
    put("conditions", json!(rule.conditions));
    put("actions", json!(rule.actions));
    if !rule.exceptions.is_empty() {
        put("exceptions", json!(rule.exceptions));
    }
    entity
}
