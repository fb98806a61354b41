//! Service protection limits.

use std::time::Duration;

use sandbox_dataverse::Limits;

use crate::environment::Environment;

#[test]
fn each_limit_refuses_with_its_own_code_and_a_time_to_wait() {
    let mut at = Environment::empty();
    let usual = Limits::default();
    for (limits, code) in [
        (
            Limits {
                requests: 3,
                ..usual
            },
            "0x80072322",
        ),
        (
            Limits {
                execution_ms: 150,
                ..usual
            },
            "0x80072321",
        ),
        (
            Limits {
                concurrent: 3,
                ..usual
            },
            "0x80072326",
        ),
    ] {
        at.dataverse.set_limits(Some(limits));
        for _ in 0..3 {
            at.get("WhoAmI").ok();
        }
        let refused = at.get("WhoAmI");
        refused.refused(429, code);
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
        at.now += Duration::from_secs(301);
        at.get("WhoAmI").ok();
    }
    at.dataverse.set_limits(None);
    assert!((0..100).all(|_| at.get("WhoAmI").status == 200));
}
