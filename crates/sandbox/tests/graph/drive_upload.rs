use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::cloud::Cloud;
use crate::drive_cloud::{assert_refused_plainly, put};

const PIECE: usize = 10 * 320 * 1024;

fn range(first: usize, last: usize, total: usize) -> String {
    format!("bytes {first}-{last}/{total}")
}

#[tokio::test]
async fn a_large_file_goes_up_in_pieces_and_goes_on_after_a_cut() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let whole: Vec<u8> = (0..12 * 1024 * 1024_u32)
        .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
        .collect();
    let created = ana
        .post(
            "/me/drive/root:/Large/film.bin:/createUploadSession",
            json!({"item": {"@microsoft.graph.conflictBehavior": "fail"}}),
        )
        .await;
    assert_eq!(
        (created.status, &created.body["nextExpectedRanges"]),
        (200, &json!(["0-"]))
    );
    let url = created.body["uploadUrl"].as_str().unwrap().to_owned();
    let first = cloud
        .plain(
            Method::PUT,
            &url,
            &[("content-range", &range(0, PIECE - 1, whole.len()))],
            whole[..PIECE].to_vec(),
        )
        .await;
    assert_eq!(
        (first.status, &first.body["nextExpectedRanges"]),
        (202, &json!([format!("{PIECE}-{}", whole.len() - 1)])),
        "{}",
        first.text
    );
    cut(
        &url,
        &range(PIECE, 2 * PIECE - 1, whole.len()),
        &whole[PIECE..PIECE + 1_000],
    )
    .await;
    let status = cloud.plain(Method::GET, &url, &[], Vec::new()).await;
    assert_eq!(
        status.body["nextExpectedRanges"],
        json!([format!("{PIECE}-{}", whole.len() - 1)])
    );
    let mut last = status;
    for start in (PIECE..whole.len()).step_by(PIECE) {
        let end = (start + PIECE).min(whole.len());
        last = cloud
            .plain(
                Method::PUT,
                &url,
                &[("content-range", &range(start, end - 1, whole.len()))],
                whole[start..end].to_vec(),
            )
            .await;
    }
    assert_eq!(
        (last.status, &last.body["size"]),
        (201, &json!(whole.len())),
        "{}",
        last.text
    );
    let item = ana.get("/me/drive/root:/Large/film.bin").await;
    assert_eq!(
        (item.id(), &item.body["file"]),
        (last.id(), &last.body["file"])
    );
    assert!(
        cloud
            .bytes(item.body["@microsoft.graph.downloadUrl"].as_str().unwrap())
            .await
            == whole
    );
    assert_refused_plainly(
        &cloud.plain(Method::GET, &url, &[], Vec::new()).await,
        404,
        "itemNotFound",
    );
}

/// Sends less than it announced and goes away.
async fn cut(url: &str, range: &str, body: &[u8]) {
    let url: reqwest::Url = url.parse().unwrap();
    let address = (url.host_str().unwrap(), url.port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT {}?{} HTTP/1.1\r\nhost: x\r\ncontent-length: {PIECE}\r\ncontent-range: {range}\r\n\r\n",
        url.path(),
        url.query().unwrap()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream.shutdown().await.unwrap();
}

#[tokio::test]
async fn pieces_that_do_not_fit_are_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let created = ana
        .post("/me/drive/root:/a.bin:/createUploadSession", json!({}))
        .await;
    let url = created.body["uploadUrl"].as_str().unwrap().to_owned();
    let total = 2 * PIECE;
    for (text, length, status, code) in [
        ("", 10, 400, "invalidRequest"),
        ("bytes 0-9", 10, 400, "invalidRequest"),
        (&range(0, 9, total), 10, 400, "invalidRequest"),
        (&range(0, 99, total), 10, 400, "invalidRequest"),
        (
            &range(PIECE, 2 * PIECE - 1, total),
            PIECE,
            416,
            "invalidRange",
        ),
        (
            "bytes 0-327679/999999999999999",
            327_680,
            413,
            "requestTooLarge",
        ),
    ] {
        let refused = cloud
            .plain(
                Method::PUT,
                &url,
                &[("content-range", text)],
                vec![0; length],
            )
            .await;
        assert_refused_plainly(&refused, status, code);
    }
    let piece = range(0, PIECE - 1, total);
    assert_eq!(
        cloud
            .plain(
                Method::PUT,
                &url,
                &[("content-range", &piece)],
                vec![0; PIECE]
            )
            .await
            .status,
        202
    );
    let again = cloud
        .plain(
            Method::PUT,
            &url,
            &[("content-range", &piece)],
            vec![0; PIECE],
        )
        .await;
    assert_refused_plainly(&again, 416, "invalidRange");
    let with_token = cloud
        .plain(
            Method::GET,
            &url,
            &[("authorization", "Bearer x.y.z")],
            Vec::new(),
        )
        .await;
    assert_refused_plainly(&with_token, 401, "unauthenticated");
    assert_eq!(
        cloud
            .plain(Method::DELETE, &url, &[], Vec::new())
            .await
            .status,
        204
    );
    assert_refused_plainly(
        &cloud.plain(Method::GET, &url, &[], Vec::new()).await,
        404,
        "itemNotFound",
    );
    ana.get("/me/drive/root:/a.bin")
        .await
        .assert_refused(404, "itemNotFound");
}

#[tokio::test]
async fn a_session_may_wait_to_be_committed_and_ends_when_it_is_forgotten() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let path = "/me/drive/root:/deferred.txt:/createUploadSession";
    let created = ana.post(path, json!({"deferCommit": true})).await;
    let url = created.body["uploadUrl"].as_str().unwrap().to_owned();
    let sent = cloud
        .plain(
            Method::PUT,
            &url,
            &[("content-range", "bytes 0-4/5")],
            b"hello".to_vec(),
        )
        .await;
    assert_eq!(
        (sent.status, &sent.body["nextExpectedRanges"]),
        (202, &json!([]))
    );
    ana.get("/me/drive/root:/deferred.txt")
        .await
        .assert_refused(404, "itemNotFound");
    assert_eq!(
        cloud
            .plain(Method::POST, &url, &[], Vec::new())
            .await
            .status,
        201
    );
    assert_eq!(
        ana.get("/me/drive/root:/deferred.txt").await.body["size"],
        5
    );
    ana.post(path, json!({}))
        .await
        .assert_refused(409, "nameAlreadyExists");
    let huge = json!({"item": {"fileSize": 1_u64 << 41}});
    ana.post("/me/drive/root:/huge.bin:/createUploadSession", huge)
        .await
        .assert_refused(507, "quotaLimitReached");

    let late = ana
        .post("/me/drive/root:/late.txt:/createUploadSession", json!({}))
        .await;
    let url = late.body["uploadUrl"].as_str().unwrap().to_owned();
    put(
        &cloud,
        &ana,
        "/me/drive/root:/late.txt:/content",
        &[],
        b"first",
    )
    .await;
    let conflict = cloud
        .plain(
            Method::PUT,
            &url,
            &[("content-range", "bytes 0-4/5")],
            b"hello".to_vec(),
        )
        .await;
    assert_refused_plainly(&conflict, 409, "nameAlreadyExists");
    cloud.control.advance(std::time::Duration::from_hours(25));
    assert_refused_plainly(
        &cloud.plain(Method::GET, &url, &[], Vec::new()).await,
        404,
        "itemNotFound",
    );
}

#[tokio::test]
async fn the_last_piece_may_be_sent_again_in_case_its_answer_was_lost() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let created = ana
        .post("/me/drive/root:/twice.txt:/createUploadSession", json!({}))
        .await;
    let url = created.body["uploadUrl"].as_str().unwrap().to_owned();
    let send = async |range: &str| {
        let headers = [("content-range", range)];
        cloud
            .plain(Method::PUT, &url, &headers, b"hello".to_vec())
            .await
    };
    let first = send("bytes 0-4/5").await;
    let second = send("bytes 0-4/5").await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body["id"], second.body["id"]);
    assert_refused_plainly(&send("bytes 0-4/9").await, 404, "itemNotFound");
    let versions = ana.get("/me/drive/root:/twice.txt:/versions").await;
    assert_eq!(versions.values().len(), 1);
}
