//! Requests as no client means them. Each is answered in Graph's shape, never by a broken connection or a 500: a panic would
//! show as one of the two.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cloud::{ANA, Answer, Caller, Cloud, answer};

/// Everything that the lists below may look into.
fn reader(cloud: &Cloud) -> Caller<'_> {
    cloud.user(
        ANA,
        &[
            "Mail.ReadWrite",
            "User.Read.All",
            "Files.ReadWrite.All",
            "Directory.Read.All",
        ],
    )
}

const LISTS: [&str; 6] = [
    "/me/messages",
    "/me/mailFolders",
    "/users",
    "/me/drive/root/children",
    "/applications",
    "/groups",
];

fn assert_answered(answer: &Answer, what: &str) {
    let is_expected = [200, 400, 403, 404, 405, 413, 414, 416, 431, 501].contains(&answer.status);
    assert!(is_expected, "{what}: {} {}", answer.status, answer.text);
    assert!(answer.body.is_object(), "{what}: {}", answer.text);
}

#[tokio::test]
async fn queries_that_are_none_are_refused_with_the_reason() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let mut taken = Vec::new();
    for list in LISTS {
        for query in [
            "$filter=",
            "$filter=(((",
            "$filter=displayName eq",
            "$filter=displayName eq 'open",
            "$filter=nothing eq 'x'",
            "$filter=displayName ~ 'x'",
            "$filter=startswith(displayName)",
            "$orderby=nothing",
            "$orderby=displayName sideways",
            "$select=nothing",
            "$top=many",
            "$top=-1",
            "$top=99999999999999999999",
            "$skip=x",
            "$count=perhaps",
            "$expand=nothing",
            "$expand=a(b(c",
            "$top=1&$top=2",
            "$what=1",
        ] {
            let answer = ana.get(&format!("{list}?{query}")).await;
            assert_answered(&answer, query);
            if answer.status != 400 {
                taken.push(format!("{list}?{query}: {}", answer.status));
            }
        }
    }
    assert_eq!(taken, Vec::<String>::new());
}

#[tokio::test]
async fn absurd_queries_are_answered() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let nested = |depth: usize| {
        format!(
            "$filter={}subject eq 'x'{}",
            "(".repeat(depth),
            ")".repeat(depth)
        )
    };
    let long = format!("$filter=subject eq '{}'", "x".repeat(20_000));
    let many = vec!["subject eq 'x'"; 600].join(" or ");
    let nots = format!("$filter={} true", "not ".repeat(3_000));
    let expands = format!(
        "$expand={}{}",
        "attachments($expand=".repeat(300),
        ")".repeat(300)
    );
    for list in LISTS {
        for query in [
            &nested(70),
            &nested(3_000),
            &long,
            &format!("$filter={many}"),
            &nots,
            &expands,
            &format!("$search=\"{}\"", "(".repeat(5_000)),
        ] {
            assert_answered(&ana.get(&format!("{list}?{query}")).await, list);
        }
    }
}

#[tokio::test]
async fn whatever_is_asked_is_answered() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let option = "\\$?(filter|orderby|select|expand|search|top|skip|skiptoken|count)";
    let pieces = "( |eq|ne|and|or|not|any\\(|startswith\\(|\\(|\\)|'|,|/|subject|displayName|null|-?[0-9]{1,12}|2026-10-01T00:00:00Z|x:x|%00|%zz|é|;|\\$)";
    let strategy = proptest::string::string_regex(&format!("{option}={pieces}{{0,9}}")).unwrap();
    let mut runner = TestRunner::deterministic();
    for number in 0..180 {
        let query = strategy.new_tree(&mut runner).unwrap().current();
        let list = LISTS[number % LISTS.len()];
        let query = query.replace('#', "");
        assert_answered(&ana.get(&format!("{list}?{query}")).await, &query);
    }
}

#[tokio::test]
async fn bodies_that_are_none_are_refused_wherever_one_is_wanted() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let deep = "[".repeat(50_000);
    let deep_object = format!("{{\"subject\":{deep}");
    for path in [
        "/me/messages",
        "/me/mailFolders",
        "/me/drive/root/children",
        "/me/drive/root/createLink",
        "/$batch",
    ] {
        for body in [
            &b"\xff\xfe\x00"[..],
            b"{\"subject\":",
            b"{\"subject\": \"\xc3\x28\"}",
            b"{\"subject\": \"\\ud800\"}",
            b"{\"a\": 1e99999}",
            b"null",
            b"\"text\"",
            deep.as_bytes(),
            deep_object.as_bytes(),
        ] {
            let request = cloud.request(Method::POST, path).bearer_auth(&ana.token);
            let refused = answer(
                request
                    .header("content-type", "application/json")
                    .body(body.to_vec()),
            )
            .await;
            assert_eq!(refused.status, 400, "{path}: {}", refused.text);
            assert!(!refused.message().is_empty());
        }
    }
}

#[tokio::test]
async fn values_of_the_wrong_kind_are_refused() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    for body in [
        r#"{"subject": 7}"#,
        r#"{"subject": ["x"]}"#,
        r#"{"body": "text"}"#,
        r#"{"body": {"contentType": "paper", "content": "x"}}"#,
        r#"{"toRecipients": {}}"#,
        r#"{"toRecipients": [7]}"#,
        r#"{"isRead": "yes"}"#,
        r#"{"importance": "extreme"}"#,
        r#"{"nothing": 1}"#,
    ] {
        let request = cloud
            .request(Method::POST, "/me/messages")
            .bearer_auth(&ana.token);
        let refused = answer(
            request
                .header("content-type", "application/json")
                .body(body),
        )
        .await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.text);
    }
}

#[tokio::test]
async fn headers_that_are_too_large_or_garbage_are_no_trouble() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let large = reader(&cloud).with("x-large", &"x".repeat(70_000));
    large.get("/me").await.assert_refused(431, "BadRequest");
    for (name, value) in [
        ("if-match", "garbage"),
        ("if-none-match", "\"\"\""),
        ("prefer", "odata.maxpagesize=-1, ;;=, IdType="),
        ("accept", "nothing/at-all"),
        ("consistencylevel", "sometimes"),
        ("content-type", "\"\""),
        ("range", "bytes=5-2"),
        ("client-request-id", "öäü"),
        ("x-forwarded-proto", "gopher"),
    ] {
        let odd = reader(&cloud).with(name, value);
        for path in ["/me", "/me/messages", "/me/drive/root"] {
            assert_answered(&odd.get(path).await, name);
        }
    }
    for verb in ["BREW", "TRACE", "OPTIONS", "PROPFIND"] {
        let method = Method::from_bytes(verb.as_bytes()).unwrap();
        assert_eq!(
            ana.call(method, "/me/messages", None).await.status,
            405,
            "{verb}"
        );
    }
}

#[tokio::test]
async fn ranges_that_are_none_give_all_or_are_refused() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let put = cloud
        .request(Method::PUT, "/me/drive/root:/range.txt:/content")
        .bearer_auth(&ana.token);
    let item = answer(put.body("0123456789")).await;
    assert_eq!(item.status, 201, "{}", item.text);
    let found = ana.get("/me/drive/root:/range.txt").await;
    let url = found.body["@microsoft.graph.downloadUrl"].as_str().unwrap();
    for (range, expected) in [
        ("bytes=abc", &[200, 416][..]),
        ("bytes=5-2", &[200, 416]),
        ("bytes=10-", &[416]),
        ("bytes=-0", &[200, 416]),
        ("bytes=99999999999999999999-", &[200, 416]),
        ("lines=1-2", &[200]),
        ("bytes=0-0,2-3", &[200, 206, 416]),
        ("", &[200]),
        ("bytes=2-5", &[206]),
    ] {
        let answer = cloud
            .plain(Method::GET, url, &[("range", range)], Vec::new())
            .await;
        assert!(
            expected.contains(&answer.status),
            "{range}: {} {}",
            answer.status,
            answer.text
        );
    }
}

/// What a server says to bytes that are sent as they are, until it or we have nothing more to say.
async fn raw(cloud: &Cloud, bytes: &[u8]) -> String {
    let address = cloud.sandbox.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may have refused before it read all of it.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn requests_that_break_off_or_are_no_http_leave_the_sandbox_well() {
    let cloud = Cloud::start().await;
    let ana = reader(&cloud);
    let head = |rest: &str| {
        format!(
            "POST /v1.0/me/messages HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n{rest}",
            ana.token
        )
    };
    let huge = format!(
        "GET /v1.0/me HTTP/1.1\r\nhost: localhost\r\nx-huge: {}\r\n\r\n",
        "x".repeat(1_000_000)
    );
    let long = format!(
        "GET /v1.0/me?$filter={} HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "x".repeat(100_000)
    );
    for (bytes, expected) in [
        (
            head("content-length: 100\r\n\r\n{\"subject\":"),
            &["", "400"][..],
        ),
        (
            head("transfer-encoding: chunked\r\n\r\nzz\r\n"),
            &["", "400"],
        ),
        (
            head("transfer-encoding: chunked\r\n\r\n5\r\n{\"a\""),
            &["", "400"],
        ),
        (head("content-length: many\r\n\r\n"), &["400"]),
        (
            head("content-length: 5\r\ncontent-length: 7\r\n\r\nhello"),
            &["400"],
        ),
        (huge, &["431", ""]),
        (long, &["414", ""]),
        ("GET /v1.0/me\r\n\r\n".to_owned(), &["400"]),
        ("\u{0}\u{1}\u{2}\r\n\r\n".to_owned(), &["400", ""]),
        (
            "GET http://[::1/v1.0/me HTTP/1.1\r\n\r\n".to_owned(),
            &["400"],
        ),
        (
            "GET * HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(),
            &["400", "404", "501", "200"],
        ),
    ] {
        let said = raw(&cloud, bytes.as_bytes()).await;
        let status = said.split(' ').nth(1).unwrap_or_default();
        assert!(
            expected.contains(&status),
            "{}: {said}",
            bytes.chars().take(60).collect::<String>()
        );
    }
    assert_eq!(ana.get("/me").await.status, 200);
    assert!(cloud.control.requests().iter().all(|request| {
        request
            .status
            .is_none_or(|status| status < 500 || status == 501)
    }));
}
