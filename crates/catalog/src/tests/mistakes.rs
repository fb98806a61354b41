//! What a wrong entry is told when it is built.

use crate::compile::{File, compile};

const PERMISSIONS: &str = r#""Mail.Send" = { delegated = "a", application = "b" }
"Mail.Only" = { delegated = "c" }
"#;
const RIGHT: &str = r#"
[[operation]]
id = "outlook.messages.flag"
title = "Flag a message"
summary = "Flags it."
kind = "write"
api = "graph"
method = "PATCH"
path = "{user}/messages/{messageId}"
delegated = { least = ["Mail.Send"], any = ["Mail.Send"] }
application = { least = ["Mail.Send"], any = ["Mail.Send"] }
repeat = "idempotent"
target = "mailbox"
result = { status = 200 }
docs = "https://learn.microsoft.com/graph/api/message-update"
[[operation.parameter]]
name = "messageId"
in = "path"
encoding = "segment"
schema = { type = "string" }
description = "The message's id."
example = "a"
"#;

/// What is said about the entry with `old` written as `new`.
fn told(old: &str, new: &str) -> Vec<String> {
    assert!(RIGHT.contains(old), "{old}");
    told_of("outlook/messages.toml", &RIGHT.replacen(old, new, 1))
}

fn told_of(path: &str, text: &str) -> Vec<String> {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let files = [
        file("permissions/graph.toml", PERMISSIONS),
        file(path, text),
    ];
    let mistakes = compile(&files).err().unwrap_or_default();
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn a_right_entry_is_told_nothing() {
    assert!(told("", "").is_empty());
}

#[test]
fn a_wrong_entry_is_told_its_file_its_operation_and_what_is_wrong() {
    let table = [
        (
            "kind = \"write\"",
            "kind = \"wriet\"",
            "`kind` is `wriet`; choose of read, write, delete, action",
        ),
        (
            "method = \"PATCH\"",
            "method = \"patch\"",
            "`method` is `patch`",
        ),
        (
            "{messageId}\"",
            "{mesageId}\"",
            "the path's `{mesageId}` is not declared",
        ),
        (
            "/{messageId}\"",
            "\"",
            "parameter `messageId` is not in the path",
        ),
        ("{messageId}\"", "{messageId\"", "lacks a `}`"),
        (
            "any = [\"Mail.Send\"]",
            "any = [\"Mail.Sned\"]",
            "delegated lists `Mail.Sned`, which is no permission",
        ),
        (
            "any = [\"Mail.Send\"]",
            "any = [\"Mail.Only\"]",
            "delegated does not accept `Mail.Send`",
        ),
        (
            "application = { least = [\"Mail.Send\"], any = [\"Mail.Send\"] }",
            "application = { least = [\"Mail.Only\"], any = [\"Mail.Only\"] }",
            "`Mail.Only` has no application form",
        ),
        (
            "application = { least = [\"Mail.Send\"], any = [\"Mail.Send\"] }",
            "application = { refused = { reason = \"no\", instead = \"\" } }",
            "refused without a reason and an alternative",
        ),
        (
            "delegated = { least",
            "delegated = { lest",
            "unknown field `lest`",
        ),
        (
            "repeat = \"idempotent\"",
            "repeat = \"safe\"",
            "only reads, are safe",
        ),
        (
            "repeat = \"idempotent\"",
            "repeat = \"look:\"",
            "`repeat` is `look:`",
        ),
        (
            "target = \"mailbox\"",
            "target = \"drive:driveId\"",
            "names `driveId`, which it does not take",
        ),
        (
            "target = \"mailbox\"",
            "target = \"planet:x\"",
            "`planet` is no kind of target",
        ),
        (
            "encoding = \"segment\"\n",
            "",
            "a path parameter, and no other, has an `encoding`",
        ),
        (
            "{ type = \"string\" }",
            "{ type = \"text\" }",
            "parameter `messageId`: `text` is no type",
        ),
        (
            "{ type = \"string\" }",
            "{ type = \"string\", minimun = 1 }",
            "`minimun` is no word",
        ),
        (
            "{ type = \"string\" }",
            "{ \"$ref\" = \"recipient\" }",
            "there is no shared schema `recipient`",
        ),
        (
            "example = \"a\"",
            "",
            "it needs a description and an example",
        ),
        (
            "summary = \"Flags it.\"",
            "summary = \"Flags it\"",
            "a summary in whole sentences",
        ),
        (
            "https://learn.microsoft.com",
            "https://example.com",
            "is not a page of Microsoft's",
        ),
        ("title = \"Flag a message\"\n", "", "missing field `title`"),
        (
            "kind =",
            "colour = \"red\"\nkind =",
            "unknown field `colour`",
        ),
    ];
    for (old, new, expected) in table {
        let told = told(old, new);
        let place = "outlook/messages.toml: `outlook.messages.flag`: ";
        let is_told = |line: &String| line.starts_with(place) && line.contains(expected);
        assert!(told.iter().any(is_told), "{new}: {told:?}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = RIGHT
        .replace("\"write\"", "\"wriet\"")
        .replace("\"PATCH\"", "\"patch\"");
    assert_eq!(told_of("outlook/messages.toml", &text).len(), 2);
}

#[test]
fn an_entry_in_another_file_is_sent_to_its_own() {
    let told = told_of("outlook/drafts.toml", RIGHT);
    assert_eq!(
        told,
        ["outlook/drafts.toml: `outlook.messages.flag`: it belongs in `outlook/messages.toml`"]
    );
}

#[test]
fn an_id_is_given_once() {
    let told = told_of("outlook/messages.toml", &RIGHT.repeat(2));
    assert!(
        told[0].ends_with("`outlook.messages.flag`: the id is taken"),
        "{told:?}"
    );
}

#[test]
fn what_is_no_toml_names_the_file() {
    let told = told_of("outlook/messages.toml", "[[operation");
    assert!(told[0].starts_with("outlook/messages.toml: "), "{told:?}");
}
