//! The closed list of requests by which a mailbox is resolved. Each reads, and asks for ids and addresses alone:
//!
//! | request | when |
//! |---|---|
//! | `GET /users/{listed address}?$select=id,userPrincipalName,mail` | a mailbox is named otherwise than by a listed address |
//! | `GET /users?$filter=mail eq '{listed address}'&$select=…` | the address is nobody's user principal name |
//! | `GET /me?$select=id,userPrincipalName,mail` | `/me` is asked for, and the account's sign-in name is not listed |
//! | `GET /subscriptions/{id}` | a subscription is looked at, renewed or ended |
//!
//! Sources: <https://learn.microsoft.com/graph/api/user-get>, <https://learn.microsoft.com/graph/api/user-list>. They take
//! `User.ReadBasic.All`, and the own account `User.Read`; a mailbox that is named by its listed address takes none of them.

use http::StatusCode;
use microsoft::Incoming;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::super::lookup;
use super::Limits;
use super::known::{Answer, Mailbox, Question};
use crate::Result;

const SELECT: &str = "$select=id,userPrincipalName,mail";

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(rename = "userPrincipalName")]
    sign_in_name: Option<String>,
    mail: Option<String>,
}

#[derive(Deserialize)]
struct Users {
    value: Vec<User>,
}

impl From<User> for Answer {
    fn from(user: User) -> Self {
        let names = [user.sign_in_name, user.mail];
        Self::Mailbox(Mailbox {
            id: user.id,
            names: names.into_iter().flatten().collect(),
        })
    }
}

/// Asks what can be kept.
pub(super) async fn answer(limits: &Limits<'_>, question: Question) -> Result<Answer> {
    let Question::Listed(address) = question else {
        return one(limits, &format!("/me?{SELECT}")).await;
    };
    let by_key = format!("/users/{}?{SELECT}", address.graph_key());
    match one(limits, &by_key).await? {
        Answer::Missing => {}
        answer => return Ok(answer),
    }
    let condition = format!("mail eq '{}'", address.as_str().replace('\'', "''"));
    let condition = utf8_percent_encode(&condition, NON_ALPHANUMERIC);
    let incoming = ask(limits, &format!("/users?$filter={condition}&{SELECT}")).await?;
    if incoming.status == StatusCode::FORBIDDEN {
        return Ok(Answer::Refused);
    }
    let mut users: Users = lookup::whole(limits.snapshot, "graph.users.list", incoming).await?;
    // Whose it is cannot be told where several say that it is theirs.
    match (users.value.pop(), users.value.len()) {
        (Some(user), 0) => Ok(user.into()),
        _ => Ok(Answer::Missing),
    }
}

async fn one(limits: &Limits<'_>, path_and_query: &str) -> Result<Answer> {
    let incoming = ask(limits, path_and_query).await?;
    match incoming.status {
        StatusCode::NOT_FOUND => Ok(Answer::Missing),
        StatusCode::FORBIDDEN => Ok(Answer::Refused),
        _ => {
            let user: User = lookup::whole(limits.snapshot, "graph.users.get", incoming).await?;
            Ok(user.into())
        }
    }
}

async fn ask(limits: &Limits<'_>, path_and_query: &str) -> Result<Incoming> {
    lookup::ask(limits.parts, limits.snapshot, path_and_query).await
}
