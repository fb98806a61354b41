//! What Microsoft said the listed sites are. Kept for ten minutes in this process: a site that was deleted, or renamed so that
//! its address is another's, is noticed within that time. What was not found is asked for again after a minute.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use model::{ConnectionId, Diagnosis, SiteUrl};
use moka::future::Cache;

use super::{Limits, lookup};
use crate::{Error, Result};

const FRESH_SECS: i64 = 600;
const AGAIN_SECS: i64 = 60;
const ANSWERS: u64 = 20_000;
/// The lookups of one call that are under way at a time.
const AT_ONCE: usize = 6;

/// Answers to lookups, by connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Known {
    answers: Cache<Key, Arc<Answer>>,
    /// Where copies that began here tell how far they are.
    monitors: Cache<(ConnectionId, String), ()>,
}

/// A question of one connection, in one stretch of time.
type Key = (ConnectionId, Question, i64, i64);

/// What may be looked up and kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// The id of the site at a listed address.
    Site(SiteUrl),
    /// The id of the organisation's first site.
    RootSite,
    /// The libraries of a listed site, by its id.
    Drives(String),
    /// The id of somebody's own drive.
    OwnDrive(String),
    /// The id of the drive that a channel's folder lies in.
    FilesFolder(String),
}

#[derive(Debug)]
pub(super) enum Answer {
    Id(String),
    Drives(Vec<Drive>),
    Missing,
    Refused(Box<Diagnosis>, Bytes),
}

/// A library of a listed site.
#[derive(Debug)]
pub(super) struct Drive {
    pub(super) id: String,
    /// Its address, where that can be compared.
    pub(super) url: Option<SiteUrl>,
}

impl Drive {
    /// Whether a file at this address lies in it.
    pub(super) fn holds(&self, host: &str, path: &str) -> bool {
        let path = path.to_ascii_lowercase();
        self.url.as_ref().is_some_and(|url| {
            let below = path.strip_prefix(url.path());
            url.host().eq_ignore_ascii_case(host)
                && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// A listed site that could not be looked at.
#[derive(Debug)]
pub(super) enum Failed {
    Missing(SiteUrl),
    Refused(Box<Diagnosis>, Bytes),
}

/// Of a listed site.
type Of<T> = std::result::Result<T, Failed>;

#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) is_found: bool,
    pub(super) failed: Vec<Failed>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            answers: Cache::new(ANSWERS),
            monitors: Cache::new(ANSWERS),
        }
    }
}

impl Known {
    /// A copy began whose way the policy allowed.
    pub(crate) async fn keep_monitor(&self, connection: ConnectionId, url: &str) {
        self.monitors.insert((connection, url.to_owned()), ()).await;
    }

    pub(super) async fn is_monitor(&self, connection: ConnectionId, url: &str) -> bool {
        self.monitors
            .get(&(connection, url.to_owned()))
            .await
            .is_some()
    }

    /// What is known, or is asked now; asked once for all who wait for it.
    async fn get(&self, limits: &Limits<'_>, question: Question, secs: i64) -> Result<Arc<Answer>> {
        let now = limits.parts.context.now().as_second();
        let connection = limits.snapshot.connection.id;
        let key = (connection, question.clone(), secs, now / secs);
        let asked = self
            .answers
            .try_get_with(key, lookup::answer(limits, question));
        asked.await.map_err(|error: Arc<Error>| {
            Arc::try_unwrap(error).unwrap_or_else(|shared| Error::Unreachable(shared.to_string()))
        })
    }

    /// The same; no for an answer is not taken for longer than a minute.
    async fn answer(&self, limits: &Limits<'_>, question: Question) -> Result<Arc<Answer>> {
        let answer = self.get(limits, question.clone(), FRESH_SECS).await?;
        match *answer {
            Answer::Id(_) | Answer::Drives(_) => Ok(answer),
            Answer::Missing | Answer::Refused(..) => self.get(limits, question, AGAIN_SECS).await,
        }
    }
}

/// The id that answers `question`; `None` where there is no such thing.
pub(super) async fn id(limits: &Limits<'_>, question: Question) -> Result<Option<String>> {
    match &*limits.parts.known.answer(limits, question).await? {
        Answer::Id(id) => Ok(Some(id.clone())),
        Answer::Refused(diagnosis, body) => Err(Error::Microsoft {
            status: 403,
            diagnosis: diagnosis.clone(),
            body: body.clone(),
            retry_after: None,
        }),
        Answer::Missing | Answer::Drives(_) => Ok(None),
    }
}

/// Whether one of the listed `candidates` has an id that `is_it`.
pub(super) async fn any_site(
    limits: &Limits<'_>,
    candidates: impl Iterator<Item = &SiteUrl>,
    is_it: impl Fn(&str) -> bool,
) -> Result<Looked> {
    let mut asked = Vec::new();
    for url in candidates {
        asked.push(site(limits, url));
    }
    let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
    let mut looked = Looked::default();
    while let Some(answer) = answers.next().await {
        match answer? {
            Ok(id) if is_it(&id) => {
                looked.is_found = true;
                return Ok(looked);
            }
            Ok(_) => {}
            Err(failed) => looked.failed.push(failed),
        }
    }
    Ok(looked)
}

/// Whether one of the listed sites has a library that `is_it`: among those that are known, and then among those that are there
/// now, since one may be new.
pub(super) async fn any_drive(
    limits: &Limits<'_>,
    is_it: impl Fn(&Drive) -> bool,
) -> Result<Looked> {
    let mut looked = Looked::default();
    for secs in [FRESH_SECS, AGAIN_SECS] {
        let mut asked = Vec::new();
        for url in limits.listed {
            asked.push(drives(limits, url, secs));
        }
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        looked.failed.clear();
        while let Some(answer) = answers.next().await {
            match answer? {
                Ok(answer) => {
                    if let Answer::Drives(drives) = &*answer
                        && drives.iter().any(&is_it)
                    {
                        looked.is_found = true;
                        return Ok(looked);
                    }
                }
                Err(failed) => looked.failed.push(failed),
            }
        }
    }
    Ok(looked)
}

/// The id of a listed site, or why there is none.
async fn site(limits: &Limits<'_>, url: &SiteUrl) -> Result<Of<String>> {
    let answer = limits
        .parts
        .known
        .answer(limits, Question::Site(url.clone()))
        .await?;
    Ok(match &*answer {
        Answer::Id(id) => Ok(id.clone()),
        Answer::Refused(diagnosis, body) => Err(Failed::Refused(diagnosis.clone(), body.clone())),
        Answer::Missing | Answer::Drives(_) => Err(Failed::Missing(url.clone())),
    })
}

async fn drives(limits: &Limits<'_>, url: &SiteUrl, secs: i64) -> Result<Of<Arc<Answer>>> {
    let id = match site(limits, url).await? {
        Ok(id) => id,
        Err(failed) => return Ok(Err(failed)),
    };
    let question = Question::Drives(id);
    let answer = limits.parts.known.get(limits, question, secs).await?;
    Ok(match &*answer {
        Answer::Refused(diagnosis, body) => Err(Failed::Refused(diagnosis.clone(), body.clone())),
        Answer::Missing => Err(Failed::Missing(url.clone())),
        _ => Ok(answer),
    })
}
