use std::collections::{HashMap, HashSet};

use model::{ActivityId, ChainLink, WorkspaceId, WriterId};

use super::{Effect, EffectOutcome, Entry};
use crate::store::Transaction;
use crate::{ChainedActivity, ClaimOutcome, Error, Result, Store};

/// How often a group is tried that has to give another transaction the way.
const TRIES: u32 = 5;

/// Commits groups of lines, and knows the last line of each workspace's chain.
pub(super) struct Committer {
    store: Store,
    writer: WriterId,
    heads: HashMap<WorkspaceId, ChainLink>,
    /// Workspaces whose head may have moved: a commit that failed for the network may have happened.
    unsure: HashSet<WorkspaceId>,
}

/// What each entry of a group has come to, in their order.
pub(super) type Outcomes = Vec<Option<EffectOutcome>>;

impl Committer {
    pub(super) fn new(store: Store, writer: WriterId) -> Self {
        Self {
            store,
            writer,
            heads: HashMap::new(),
            unsure: HashSet::new(),
        }
    }

    /// All of `entries`, or none. The heads move only when it is done.
    pub(super) async fn commit(&mut self, entries: &[Entry]) -> Result<Outcomes> {
        let mut result = self.try_commit(entries).await;
        for _ in 1..TRIES {
            if !matches!(result, Err(Error::Contended(_))) {
                break;
            }
            result = self.try_commit(entries).await;
        }
        if result.is_err() {
            self.unsure
                .extend(entries.iter().map(|entry| entry.line.workspace_id));
        }
        result
    }

    async fn try_commit(&mut self, entries: &[Entry]) -> Result<Outcomes> {
        let mut tx = self.store.write().await?;
        let committed = self.find_heads(tx.as_mut()).await?;
        let outcomes = run_effects(tx.as_mut(), entries).await?;
        let wanted = entries
            .iter()
            .zip(&outcomes)
            .filter(|(entry, outcome)| {
                !is_taken(outcome.as_ref()) && !committed.contains(&entry.line.id)
            })
            .map(|(entry, _)| entry);
        let (lines, heads) = self.chain(wanted);
        tx.append_activities(&lines).await?;
        tx.commit().await?;
        self.heads.extend(heads);
        Ok(outcomes)
    }

    /// Reads again where we are not sure; answers the lines that are there, against all appearances.
    async fn find_heads(&mut self, tx: &mut dyn Transaction) -> Result<HashSet<ActivityId>> {
        let mut committed = HashSet::new();
        let unsure: Vec<_> = self.unsure.iter().copied().collect();
        for workspace in unsure {
            let next = self.heads.get(&workspace).map_or(1, |head| head.seq + 1);
            let found = tx.chain(workspace, self.writer, next, i64::MAX).await?;
            committed.extend(found.iter().map(|chained| chained.line.id));
            if let Some(last) = found.into_iter().next_back() {
                self.heads.insert(workspace, last.link);
            }
            self.unsure.remove(&workspace);
        }
        Ok(committed)
    }

    fn chain<'a>(
        &self,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> (Vec<ChainedActivity>, HashMap<WorkspaceId, ChainLink>) {
        let mut heads: HashMap<WorkspaceId, ChainLink> = HashMap::new();
        let mut lines = Vec::new();
        for entry in entries {
            let line = entry.line.clone();
            let workspace = line.workspace_id;
            let place = match heads.get(&workspace).or_else(|| self.heads.get(&workspace)) {
                None => ChainLink::first(self.writer, &line),
                Some(head) => head.next(&line),
            };
            heads.insert(workspace, place.clone());
            lines.push(ChainedActivity { line, link: place });
        }
        (lines, heads)
    }
}

/// A line whose claim somebody else has is not written.
fn is_taken(outcome: Option<&EffectOutcome>) -> bool {
    matches!(
        outcome,
        Some(EffectOutcome::Claim(ClaimOutcome::Existing(_)))
    )
}

/// Keeps the connections of claims, then runs the effects by key, the same order in every process: two that hold what the other
/// one needs would wait for ever.
async fn run_effects(tx: &mut dyn Transaction, entries: &[Entry]) -> Result<Outcomes> {
    let mut ordered: Vec<_> = entries
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| Some((place, entry.effect.as_ref()?)))
        .collect();
    ordered.sort_by_key(|(_, effect)| order(effect));
    let claimed = ordered.iter().filter_map(|(_, effect)| match effect {
        Effect::Claim(workspace, claim) => Some((*workspace, claim.connection_id)),
        Effect::Answer { .. } => None,
    });
    tx.keep_connections(&claimed.collect()).await?;
    let mut outcomes = vec![None; entries.len()];
    for (place, effect) in ordered {
        outcomes[place] = Some(run(tx, effect).await?);
    }
    Ok(outcomes)
}

fn order(effect: &Effect) -> (WorkspaceId, String) {
    match effect {
        Effect::Claim(workspace, claim) => (*workspace, claim.key.clone()),
        Effect::Answer { workspace, key, .. } => (*workspace, key.clone()),
    }
}

async fn run(tx: &mut dyn Transaction, effect: &Effect) -> Result<EffectOutcome> {
    match effect {
        Effect::Claim(workspace, claim) => {
            tx.claim(*workspace, claim).await.map(EffectOutcome::Claim)
        }
        Effect::Answer {
            workspace,
            key,
            writer,
            answer,
        } => tx
            .answer_claim(*workspace, key, *writer, answer)
            .await
            .map(EffectOutcome::Answer),
    }
}
