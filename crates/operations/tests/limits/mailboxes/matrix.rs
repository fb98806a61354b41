use catalog::Support;
use model::ConnectionMethod;

use super::stage::Stage;
use super::ways::has_a_mailbox;
use crate::tally::Tally;
use crate::tried::Tried;

#[tokio::test]
async fn no_mailbox_that_is_not_listed_is_reached_by_any_operation_in_any_way() {
    let stage = Stage::start().await;
    let mut tally = Tally::default();
    for operation in catalog::operations()
        .iter()
        .filter(|one| has_a_mailbox(one))
    {
        tally.operations += 1;
        for method in ConnectionMethod::ALL {
            if operation.support(method) != Support::Supported {
                continue;
            }
            let tried = Tried {
                stage: &stage,
                connection: stage.of(method),
                operation,
                method,
            };
            let outside = tried.ways_to(&stage.scene.other);
            let inside = tried.ways_inside();
            Box::pin(tried.go(outside, inside, || stage.reached(), &mut tally)).await;
        }
    }
    stage.world.stop().await;
    tally.close(76, 10_001, 701);
}
