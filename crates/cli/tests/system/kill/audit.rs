//! What really happened, as Microsoft's stand-in knows it.

use std::collections::HashMap;

use crate::kill::work::{Answer, Kind, Work};
use crate::portal::{Application, Portal};
use crate::world::{ANA, BEN};

/// Messages by subject.
type Counts = HashMap<String, usize>;

pub(super) struct Audit {
    sent: Counts,
    received: Counts,
    drafts: Counts,
    archived: Counts,
    /// All of Ana's.
    present: Counts,
}

impl Audit {
    pub(super) async fn of(portal: &Portal, application: &Application) -> Self {
        let token = portal.token(application).await;
        let count = async |path: String| {
            let items = portal
                .items(&token, &format!("{path}/messages?$select=subject&$top=500"))
                .await;
            items.iter().fold(Counts::new(), |mut counts, item| {
                let subject = item["subject"].as_str().unwrap_or_default();
                *counts.entry(subject.to_owned()).or_default() += 1;
                counts
            })
        };
        Self {
            sent: count(format!("/users/{ANA}/mailFolders/sentitems")).await,
            received: count(format!("/users/{BEN}/mailFolders/inbox")).await,
            drafts: count(format!("/users/{BEN}/mailFolders/drafts")).await,
            archived: count(format!("/users/{ANA}/mailFolders/archive")).await,
            present: count(format!("/users/{ANA}")).await,
        }
    }

    /// What was answered as done happened once; what is uncertain, at most once.
    pub(super) fn check(&self, work: &Work, answer: &Answer) {
        let key = &work.key;
        let places = match work.kind {
            Kind::Send => vec![&self.sent, &self.received],
            Kind::Draft => vec![&self.drafts],
            Kind::Move => vec![&self.archived],
        };
        for place in places {
            let times = place.get(key).copied().unwrap_or_default();
            match answer {
                Answer::Done { .. } => assert_eq!(times, 1, "`{key}` was answered as done"),
                Answer::Uncertain => assert!(times <= 1, "`{key}` happened {times} times"),
            }
        }
        if work.kind == Kind::Move {
            assert_eq!(
                self.present.get(key),
                Some(&1),
                "`{key}` is not one message any more"
            );
        }
    }
}
