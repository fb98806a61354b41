use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use model::{Clock, SystemClock};

/// An instant, or how long ago it was: `2026-11-23T08:00:00Z`, `90m`, `7d`.
pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
    before(text, SystemClock.now())
}

fn before(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let span: Span = text.parse().map_err(|_| {
        "write an instant such as `2026-11-23T08:00:00Z`, or a time such as `2h`".to_owned()
    })?;
    // A day is 24 hours here; only a calendar could say otherwise.
    now.to_zoned_datetime(TimeZone::UTC)
        .checked_sub(span.abs())
        .map(|zoned| zoned.timestamp())
        .map_err(|_| format!("`{text}` ago is before all time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_times_are_both_understood() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a constant");
        let cases = [
            ("2026-11-23T08:00:00Z", Ok("2026-11-23T08:00:00Z")),
            ("90m", Ok("2026-11-23T10:30:00Z")),
            ("7d", Ok("2026-11-16T12:00:00Z")),
            ("yesterday", Err(())),
        ];
        for (text, expected) in cases {
            let got = before(text, now).map(|at| at.to_string()).map_err(|_| ());
            assert_eq!(got, expected.map(str::to_owned), "{text}");
        }
    }
}
