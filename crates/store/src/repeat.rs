use std::future::Future;

use crate::Error;

/// How often a transaction that has to give way is tried. That it happens at all means that somebody takes locks in an order of
/// their own, so that one more try nearly always does.
const TRIES: u32 = 5;

/// An error of a caller, who wraps ours.
pub trait GaveWay {
    /// Whether it is [`Error::Contended`], and nothing of what was tried was done.
    fn gave_way(&self) -> bool;
}

impl GaveWay for Error {
    fn gave_way(&self) -> bool {
        matches!(self, Self::Contended(_))
    }
}

/// Does `transaction` again where it met another one and had to give way. It must do everything anew, from opening it on, and
/// nothing that lasts besides.
pub async fn repeated<T, E, F>(mut transaction: impl FnMut() -> F + Send) -> Result<T, E>
where
    E: GaveWay,
    F: Future<Output = Result<T, E>> + Send,
{
    for _ in 1..TRIES {
        match transaction().await {
            Err(error) if error.gave_way() => {
                tracing::warn!("a transaction met another one and is done again");
            }
            ended => return ended,
        }
    }
    transaction().await
}
