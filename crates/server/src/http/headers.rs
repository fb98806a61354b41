use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// Pages load their own style sheet and scripts and nothing else; forms go to this server, and on to the cloud's
/// sign-in by a redirect, which `form-action` would block in some browsers.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What passes through may be HTML or a script that somebody mailed: opened in a browser it is of no origin and runs nothing.
const ANSWER_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
const TRANSPORT_POLICY: &str = "max-age=31536000";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Whose words an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A page of ours.
    Page,
    /// Data, ours or Microsoft's.
    Data,
}

/// Adds what keeps a browser from doing more with an answer than it is meant for. What a handler set stays.
pub(crate) fn harden(headers: &mut HeaderMap, voice: Voice, is_https: bool) {
    let is_html = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_page = is_html && voice == Voice::Page;
    let policy = if is_page { PAGE_POLICY } else { ANSWER_POLICY };
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, CONTENT_SECURITY_POLICY, policy);
    // With `no-referrer` browsers would send our own forms with `Origin: null`.
    set(
        headers,
        REFERRER_POLICY,
        if is_page {
            "same-origin"
        } else {
            "no-referrer"
        },
    );
    set(headers, CACHE_CONTROL, "no-store");
    if is_page {
        set(headers, X_FRAME_OPTIONS, "DENY");
        set(headers, OPENER_POLICY, "same-origin");
    }
    if is_https {
        set(headers, STRICT_TRANSPORT_SECURITY, TRANSPORT_POLICY);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy_of(voice: Voice) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        harden(&mut headers, voice, false);
        let policy = headers
            .get(CONTENT_SECURITY_POLICY)
            .map(HeaderValue::to_str);
        policy.and_then(Result::ok).unwrap_or_default().to_owned()
    }

    #[test]
    fn html_that_somebody_mailed_is_no_page_of_ours() {
        assert_eq!(policy_of(Voice::Data), ANSWER_POLICY);
        assert_eq!(policy_of(Voice::Page), PAGE_POLICY);
    }
}
