use catalog::Support;
use model::ConnectionMethod;

use super::stage::Stage;
use super::ways::{has_a_place, lists_sites};
use crate::tally::Tally;
use crate::tried::Tried;

#[tokio::test]
async fn no_site_that_is_not_listed_is_reached_by_any_operation_in_any_way() {
    let stage = Stage::limited().await;
    let mut tally = Tally::default();
    for operation in catalog::operations().iter().filter(|one| has_a_place(one)) {
        tally.operations += 1;
        for method in ConnectionMethod::ALL {
            if operation.support(method) != Support::Supported {
                continue;
            }
            let tried = Tried {
                stage: &stage,
                connection: stage.connection(operation, method),
                operation,
                method,
            };
            let mut outside = tried.expand_ways();
            outside.extend(tried.ways_to("other", &stage.scene.other));
            outside.extend(tried.ways_to("subsite", &stage.scene.subsite));
            let mut inside = tried.ways_inside();
            if lists_sites(operation) {
                outside.append(&mut inside);
            }
            Box::pin(tried.go(outside, inside, || stage.reached(), &mut tally)).await;
        }
    }
    stage.world.stop().await;
    tally.close(71, 5_001, 151);
}
