use model::SeededRandom;

use super::*;

const LONG: Duration = Duration::from_mins(1);

fn pause(repeat: Repeat, ending: Ending, attempt: u32, remaining: Duration) -> Option<Duration> {
    RetryPolicy::default().pause(repeat, ending, attempt, remaining, &SeededRandom::new(1))
}

fn answered(status: u16, retry_after: Option<u64>) -> Ending {
    let status = StatusCode::from_u16(status).expect("a status");
    Ending::Answered(status, retry_after.map(Duration::from_secs))
}

#[test]
fn retry_after_comes_first() {
    for repeat in [Repeat::Safe, Repeat::Never] {
        let waited = pause(repeat, answered(429, Some(7)), 1, LONG);
        assert_eq!(waited, Some(Duration::from_secs(7)));
    }
}

#[test]
fn retry_after_beyond_the_deadline_is_not_waited_for() {
    assert_eq!(pause(Repeat::Safe, answered(429, Some(61)), 1, LONG), None);
}

#[test]
fn without_retry_after_pauses_double_with_jitter_up_to_a_longest() {
    let mut longest = Duration::from_millis(500);
    let policy = RetryPolicy {
        attempts: 20,
        ..RetryPolicy::default()
    };
    let random = SeededRandom::new(2);
    for attempt in 1..20 {
        let pause = policy
            .pause(Repeat::Safe, answered(503, None), attempt, LONG, &random)
            .expect("another attempt");
        assert!(
            pause >= longest / 2 && pause <= longest,
            "{attempt}: {pause:?}"
        );
        longest = (longest * 2).min(policy.longest_pause);
    }
}

#[test]
fn only_what_was_not_done_is_repeated_when_doing_it_twice_would_be_seen() {
    let cases = [
        (answered(429, None), true, true),
        (Ending::NotSent, true, true),
        (answered(500, None), true, false),
        (answered(503, Some(1)), true, false),
        (answered(504, None), true, false),
        (answered(509, None), true, false),
        (Ending::Lost, true, false),
        (answered(200, None), false, false),
        (answered(302, None), false, false),
        (answered(400, Some(1)), false, false),
        (answered(401, None), false, false),
        (answered(501, None), false, false),
        (answered(507, None), false, false),
    ];
    for (ending, safe, never) in cases {
        assert_eq!(
            pause(Repeat::Safe, ending, 1, LONG).is_some(),
            safe,
            "{ending:?}"
        );
        assert_eq!(
            pause(Repeat::Never, ending, 1, LONG).is_some(),
            never,
            "{ending:?}"
        );
        assert_eq!(
            pause(Repeat::Unsent, ending, 1, LONG).is_some(),
            matches!(ending, Ending::NotSent),
            "{ending:?}"
        );
    }
}

#[test]
fn the_fourth_attempt_is_the_last() {
    assert!(pause(Repeat::Safe, answered(429, Some(0)), 3, LONG).is_some());
    assert_eq!(pause(Repeat::Safe, answered(429, Some(0)), 4, LONG), None);
}
