use model::ChainLink;

use crate::ChainedActivity;

/// A line was changed, or one is missing before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the activity chain is broken at line {seq}")]
pub struct BrokenChain {
    pub seq: i64,
}

/// Whether `lines` are a writer's chain from its first line on, none changed and none missing between them. That
/// lines are missing at the end only a checkpoint tells.
pub fn verify_chain(lines: &[ChainedActivity]) -> Result<(), BrokenChain> {
    verify_chain_after(None, lines)
}

/// The same for lines that follow `before`, so that a long chain is verified page by page.
pub fn verify_chain_after(
    before: Option<&ChainLink>,
    lines: &[ChainedActivity],
) -> Result<(), BrokenChain> {
    let mut before = before;
    for ChainedActivity { line, link } in lines {
        let expected = match before {
            None => ChainLink::first(link.writer, line),
            Some(before) => before.next(line),
        };
        if *link != expected {
            return Err(BrokenChain { seq: expected.seq });
        }
        before = Some(link);
    }
    Ok(())
}
