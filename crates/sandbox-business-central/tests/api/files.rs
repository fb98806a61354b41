//! Pictures, attachments and PDF documents.

use http::Method;
use serde_json::json;

use crate::scene::{Scene, text};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0";

#[test]
fn a_picture_is_put_read_and_taken_away() {
    let mut scene = Scene::new();
    let item = text(&scene.first("/items"), "id");
    let empty = scene.get(&format!("/items({item})/picture")).good();
    assert_eq!(
        (&empty["width"], &empty["parentType"]),
        (&json!(0), &json!("Item"))
    );
    let link = empty["pictureContent@odata.mediaEditLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        scene
            .get(&format!("/items({item})/picture/pictureContent"))
            .status,
        204
    );

    let path = link
        .trim_start_matches("https://api.businesscentral.dynamics.com")
        .to_owned();
    let put = scene.ask(
        &Method::PATCH,
        &path,
        &[
            ("if-match", "*"),
            ("content-type", "application/octet-stream"),
        ],
        PNG,
    );
    assert_eq!(put.status, 204);
    let said = scene.ask(&Method::GET, &path, &[], b"");
    assert_eq!(said.bytes, PNG);
    assert_eq!(said.headers["content-type"], "image/png");
    let picture = scene.get(&format!("/items({item})/picture")).good();
    assert_eq!(
        (&picture["width"], &picture["height"]),
        (&json!(2), &json!(3))
    );
    let stale = text(&empty, "@odata.etag");
    let late = scene.ask(&Method::PATCH, &path, &[("if-match", &stale)], PNG);
    assert_eq!(late.refusal(), (409, "Request_EntityChanged"));
    assert_eq!(scene.delete(&format!("/items({item})/picture")).status, 204);
    assert_eq!(
        scene.get(&format!("/items({item})/picture")).good()["width"],
        0
    );
}

#[test]
fn a_file_is_attached_to_a_document() {
    let mut scene = Scene::new();
    let invoice = text(&scene.first("/salesInvoices"), "id");
    let nameless = json!({ "parentId": invoice, "parentType": "Sales Invoice" });
    assert_eq!(
        scene.post("/documentAttachments", &nameless).refusal(),
        (400, "Application_DialogException")
    );
    let body =
        json!({ "fileName": "note.txt", "parentId": invoice, "parentType": "Sales Invoice" });
    let made = scene.post("/documentAttachments", &body).good();
    assert_eq!(made["parentType"], "Sales_x0020_Invoice");
    let path = format!(
        "/documentAttachments({})/attachmentContent",
        text(&made, "id")
    );
    let whole = scene.path(&path);
    assert_eq!(
        scene
            .ask(&Method::PATCH, &whole, &[("if-match", "*")], b"thanks")
            .status,
        204
    );
    assert_eq!(scene.get(&path).bytes, "thanks".as_bytes());
    let filter = format!("/documentAttachments?$filter=parentId eq {invoice}");
    let all = scene.list(&filter);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["byteSize"], 6);
    assert_eq!(
        scene
            .list(&format!("/salesInvoices({invoice})/documentAttachments"))
            .len(),
        1
    );
    let stray = json!({ "fileName": "x", "parentId": "00000000-0000-0000-0000-000000000009" });
    assert_eq!(
        scene.post("/documentAttachments", &stray).refusal(),
        (400, "Application_DialogException")
    );
}

#[test]
fn a_document_can_be_had_as_a_pdf_whose_table_fits() {
    let mut scene = Scene::german();
    for set in [
        "salesInvoices",
        "salesOrders",
        "salesQuotes",
        "salesCreditMemos",
        "purchaseInvoices",
    ] {
        let id = text(&scene.first(&format!("/{set}")), "id");
        let document = scene.get(&format!("/{set}({id})/pdfDocument")).good();
        assert_eq!(document["parentId"], id);
        let said = scene.get(&format!("/{set}({id})/pdfDocument/pdfDocumentContent"));
        assert_eq!(said.headers["content-type"], "application/pdf");
        let file = String::from_utf8(said.bytes.to_vec()).unwrap();
        assert!(file.starts_with("%PDF-1.4\n") && file.ends_with("%%EOF\n"));
        let table: usize = file
            .rsplit("startxref\n")
            .next()
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(file[table..].starts_with("xref\n0 6\n"));
        for (at, line) in file[table..].lines().skip(3).take(5).enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{} 0 obj", at + 1)));
        }
    }
}
