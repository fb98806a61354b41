use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

static DATE: DateTimeParser = DateTimeParser::new();

/// No service of Microsoft's asks for as much, and whoever waits asks again after it.
const LONGEST: Duration = Duration::from_hours(24);

/// How long to wait from `now`, a day at most: the header holds seconds, or an HTTP date, which may have passed.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let at = DATE.parse_timestamp(text).ok()?;
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::support::NOW;

    fn wait(text: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        retry_after(&headers, NOW.parse().expect("a time"))
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(wait("30"), Some(Duration::from_secs(30)));
        assert_eq!(wait(" 0 "), Some(Duration::ZERO));
    }

    #[test]
    fn a_date_is_counted_from_now_by_the_clock() {
        let wait = wait("Mon, 23 Nov 2026 12:00:45 GMT");
        assert_eq!(wait, Some(Duration::from_secs(45)));
    }

    #[test]
    fn a_date_that_has_passed_asks_for_no_wait() {
        assert_eq!(wait("Mon, 23 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn nobody_waits_for_ever() {
        for text in ["18446744073709551615", "Tue, 31 Dec 2030 23:59:59 GMT"] {
            assert_eq!(wait(text), Some(LONGEST), "{text}");
        }
    }

    #[test]
    fn what_is_neither_counts_as_absent() {
        for text in ["soon", "-1", "", "1.5"] {
            assert_eq!(wait(text), None, "{text}");
        }
        let now = NOW.parse().expect("a time");
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
