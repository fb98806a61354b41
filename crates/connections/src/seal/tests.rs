use model::{ManualClock, SystemRandom};
use vault::MasterKeys;

use super::*;

#[tokio::test]
async fn a_data_key_that_nobody_uses_lies_open_for_an_hour_at_most() {
    let random: SharedRandom = Arc::new(SystemRandom);
    let vault = Vault::new(MasterKeys::generate(&*random), Arc::clone(&random));
    let store = Store::in_memory().await.unwrap();
    let clock = Arc::new(ManualClock::running());
    let seals = Seals::new(Arc::new(vault), store, clock, random);
    // One that another replica removed is shredded here, too, by then.
    let policy = seals.open.policy();
    assert_eq!(policy.time_to_idle(), Some(Duration::from_hours(1)));
}
