//! Plan and progress in words.

use std::fmt::Write;

use serde_json::Value;

use crate::output::Mark;

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn steps(value: &Value) -> &[Value] {
    value["steps"].as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn plan(plan: &Value) -> String {
    let sign_in = &plan["sign_in"];
    let mut told = format!(
        "An administrator signs in to {} ({}), tenant {}, cloud {}.\n",
        text(&sign_in["client_name"]),
        text(&sign_in["client_id"]),
        text(&sign_in["tenant"]),
        text(&sign_in["cloud"]),
    );
    told.push_str(
        "Their token is kept in memory until the last step, and nowhere else. The account needs:\n",
    );
    for role in sign_in["roles"].as_array().into_iter().flatten() {
        let _ = writeln!(told, "  {}", text(role));
    }
    for (number, step) in steps(plan).iter().enumerate() {
        let by = if step["by"] == "administrator" {
            " (by hand)"
        } else {
            ""
        };
        let _ = write!(told, "\n{:>2}. {}{by}", number + 1, text(&step["text"]));
        for detail in step["details"].as_array().into_iter().flatten() {
            let _ = write!(told, "\n      {}", text(detail));
        }
    }
    told
}

/// What the administrator does now.
pub(super) fn sign_in(progress: &Value) -> String {
    match progress["user_code"].as_str() {
        Some(code) => format!(
            "\nsign in at {} with the code {code}",
            text(&progress["verification_uri"])
        ),
        None => format!("\nsign in at\n  {}", text(&progress["authorize_url"])),
    }
}

/// Whether there is something to say of it.
pub(super) fn is_telling(step: &Value) -> bool {
    let is_waiting = step["details"][0]
        .as_str()
        .is_some_and(|detail| detail.starts_with("waiting"));
    // What is left to a person is told at the end, with what to enter.
    matches!(step["state"].as_str(), Some("made" | "there" | "failed")) || is_waiting
}

pub(super) fn step(step: &Value) -> String {
    let mark = match step["state"].as_str() {
        Some("made" | "there") => Mark::Good,
        Some("failed") => Mark::Bad,
        _ => Mark::Skipped,
    };
    let details = step["details"].as_array().into_iter().flatten();
    let details: Vec<_> = details.map(text).collect();
    let is_there = if step["state"] == "there" {
        "there already: "
    } else {
        ""
    };
    format!(
        "{} {}: {is_there}{}",
        mark.on(&std::io::stderr()),
        text(&step["text"]),
        details.join(", ")
    )
}

/// What a person has to do, with what to enter.
pub(super) fn by_hand(step: &Value) -> String {
    let mut told = format!("\n{}", text(&step["text"]));
    for detail in step["details"].as_array().into_iter().flatten() {
        let _ = write!(told, "\n  {}", text(detail));
    }
    if let Some(link) = step["link"].as_str() {
        let _ = write!(told, "\n  {link}");
    }
    told
}

/// Whether the connection does what it is for: tested as the application, or with an account of its own.
pub(super) fn works(made: &Value) -> bool {
    match made["test"]["ok"].as_bool() {
        Some(is_ok) => is_ok,
        None => made["connection"]["state"] == "active",
    }
}

/// Where the account of a connection is connected, if it waits for one.
pub(super) fn link(made: &Value) -> Option<String> {
    let url = made["connect_url"].as_str()?;
    Some(format!(
        "\n`{}` waits for its account; open this link in the browser of whoever's it is to be:\n  {url}",
        text(&made["connection"]["name"])
    ))
}

pub(super) fn connected(progress: &Value) -> String {
    let made = progress["connections"].as_array().into_iter().flatten();
    let lines = made.map(|one| {
        let mark = Mark::of(works(one));
        let connection = &one["connection"];
        format!(
            "{} {}  {}  ({})",
            mark.plain(),
            text(&connection["name"]),
            text(&connection["service"]),
            text(&connection["id"])
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
