//! The steps in order, and how they went.

use std::io;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use model::{Clock, SystemClock};
use serde::Serialize;

use super::scene::Scene;
use super::steps::{
    activity, application, expiry, mail, organisation, people, secret, start, user,
};
use crate::exit;
use crate::output::{self, Mark, Output};

/// One thing that is shown. What it returns is what was seen.
struct Step {
    name: &'static str,
    run: for<'a> fn(&'a mut Scene) -> BoxFuture<'a, anyhow::Result<String>>,
}

macro_rules! steps {
    ($($name:literal => $run:path,)*) => {
        [$(Step { name: $name, run: |scene| Box::pin($run(scene)) },)*]
    };
}

const STEPS: [Step; 24] = steps![
    "start a sandbox in place of Microsoft" => start::sandbox,
    "start the server" => start::server,
    "make a workspace and its administrator" => people::administrator,
    "sign in by the one-time link" => people::one_time_link,
    "choose a password and sign in with it" => people::password,
    "make an API key" => people::key,
    "register an application at Microsoft" => application::at_microsoft,
    "register the application in Consentry" => application::in_consentry,
    "connect Outlook as a user: leave for Microsoft" => user::leave,
    "connect Outlook as a user: sign in and consent" => user::consent,
    "connect Outlook as a user: confirm the account" => user::confirm,
    "connect Outlook as an application" => organisation::connect,
    "list mail as the user" => mail::list,
    "search mail as the user" => mail::search,
    "send mail as the user" => mail::send,
    "reply as the user" => mail::reply,
    "move mail as the user" => mail::move_to_archive,
    "read another mailbox as the application" => organisation::read,
    "let tokens expire, both clocks moved" => expiry::both_clocks,
    "let a token expire, only Microsoft's clock moved" => expiry::only_theirs,
    "let the client secret expire" => secret::expire,
    "rotate the client secret" => secret::rotate,
    "look at the activity log" => activity::look,
    "verify the chain of the activity log" => activity::verify,
];

#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) ok: bool,
    steps: Vec<Done>,
    #[serde(skip)]
    ms: i64,
}

#[derive(Debug, Serialize)]
struct Done {
    name: &'static str,
    ok: bool,
    detail: String,
    ms: i64,
}

/// Takes each step until one fails; the rest is skipped then. Each is printed as it happens.
pub(super) async fn carry_out(scene: &mut Scene, output: Output) -> io::Result<Report> {
    let begun = SystemClock.now();
    let mut steps: Vec<Done> = Vec::with_capacity(STEPS.len());
    for step in &STEPS {
        let has_failed = steps.iter().any(|done| !done.ok);
        let (done, mark) = if has_failed {
            (step.skipped(), Mark::Skipped)
        } else {
            let done = step.take(scene).await;
            let mark = Mark::of(done.ok);
            (done, mark)
        };
        print(&done, mark, output)?;
        steps.push(done);
    }
    Ok(Report {
        ok: steps.iter().all(|done| done.ok),
        steps,
        ms: since(begun),
    })
}

impl Step {
    async fn take(&self, scene: &mut Scene) -> Done {
        let begun = SystemClock.now();
        let outcome = (self.run)(scene).await;
        let (ok, detail) = match outcome {
            Ok(seen) => (true, seen),
            Err(error) => (false, exit::whole(&error)),
        };
        Done {
            name: self.name,
            ok,
            detail,
            ms: since(begun),
        }
    }

    fn skipped(&self) -> Done {
        Done {
            name: self.name,
            ok: false,
            detail: "skipped".to_owned(),
            ms: 0,
        }
    }
}

impl Report {
    pub(super) fn summary(&self) -> String {
        let good = self.steps.iter().filter(|done| done.ok).count();
        format!("{good} of {} steps in {} ms", self.steps.len(), self.ms)
    }
}

/// To stdout, which `--json` keeps for its one line.
fn print(done: &Done, mark: Mark, output: Output) -> io::Result<()> {
    let Done {
        name, detail, ms, ..
    } = done;
    if output.is_json() {
        let mark = mark.on(&io::stderr());
        output::note(format_args!("{mark} {name} — {detail} — {ms} ms"));
        return Ok(());
    }
    let mark = mark.on(&io::stdout());
    output::line(format_args!("{mark} {name} — {detail} — {ms} ms"))
}

fn since(begun: Timestamp) -> i64 {
    SystemClock.now().as_millisecond() - begun.as_millisecond()
}
