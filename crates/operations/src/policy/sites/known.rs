//! What Microsoft said the listed sites are.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use model::{Diagnosis, SiteUrl};

use super::super::answers::{AGAIN_SECS, FRESH_SECS};
use super::{Limits, lookup};
use crate::{Error, Result};

/// The lookups of one call that are under way at a time.
const AT_ONCE: usize = 6;

/// What may be looked up and kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::policy) enum Question {
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
pub(in crate::policy) enum Answer {
    Id(String),
    Drives(Vec<Drive>),
    Missing,
    Refused(Box<Diagnosis>, Bytes),
}

/// A library of a listed site.
#[derive(Debug)]
pub(in crate::policy) struct Drive {
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

async fn get(limits: &Limits<'_>, question: Question, secs: i64) -> Result<Arc<Answer>> {
    let (parts, connection) = (limits.parts, limits.snapshot.connection.id);
    let asking = lookup::answer(limits, question.clone()).boxed();
    let known = &parts.known.sites;
    known.get(parts, connection, question, secs, asking).await
}

/// The same; no for an answer is not taken for longer than a minute.
async fn answer(limits: &Limits<'_>, question: Question) -> Result<Arc<Answer>> {
    let answer = get(limits, question.clone(), FRESH_SECS).await?;
    match *answer {
        Answer::Id(_) | Answer::Drives(_) => Ok(answer),
        Answer::Missing | Answer::Refused(..) => get(limits, question, AGAIN_SECS).await,
    }
}

/// The id that answers `question`; `None` where there is no such thing.
pub(super) async fn id(limits: &Limits<'_>, question: Question) -> Result<Option<String>> {
    match &*answer(limits, question).await? {
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
    let answer = answer(limits, Question::Site(url.clone())).await?;
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
    let answer = get(limits, question, secs).await?;
    Ok(match &*answer {
        Answer::Refused(diagnosis, body) => Err(Failed::Refused(diagnosis.clone(), body.clone())),
        Answer::Missing => Err(Failed::Missing(url.clone())),
        _ => Ok(answer),
    })
}
