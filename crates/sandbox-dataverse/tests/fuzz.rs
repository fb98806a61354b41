//! The targets of `fuzz/` on random texts, so that they run on a stable compiler too.

#[expect(unreachable_pub, reason = "it is a module of another crate elsewhere")]
#[path = "../../../fuzz/src/dataverse.rs"]
mod targets;

use proptest::prelude::*;

/// Texts that get further into a reader than noise does.
fn fetch() -> impl Strategy<Value = String> {
    let words = "(<fetch|<entity|<attribute|<filter|<condition|<link-entity|<order|<value|</entity>|</fetch>|</filter>|</value>| name=| operator='eq'| value=| type='or'| count='|'account'|'name'|'[0-9]{1,9}'|>|/>|&amp;|&#|;|<!--|-->|<!\\[CDATA\\[|\"|ß)";
    proptest::string::string_regex(&format!("(<fetch>)?{words}{{0,40}}"))
        .expect("the expression is one")
}

fn batch() -> impl Strategy<Value = String> {
    let words = "(--b\r\n|--b--\r\n|--c\r\n|--c--\r\n|Content-Type: application/http\r\n|Content-Type: multipart/mixed; boundary=c\r\n|Content-Transfer-Encoding: binary\r\n|Content-ID: [0-9]\r\n|\r\n|GET /api/data/v9.2/accounts HTTP/1.1\r\n|POST \\$1/contacts HTTP/1.1\r\n|\\{\\}|: |\r|\n)";
    proptest::string::string_regex(&format!("(--b\r\n)?{words}{{0,40}}"))
        .expect("the expression is one")
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_of_fetch_xml_panic(text in fetch(), noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        targets::fetch_xml(text.as_bytes());
        targets::fetch_xml(&noise);
    }

    #[test]
    fn no_body_makes_the_reader_of_batches_panic(text in batch(), noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        targets::multipart_batch(text.as_bytes());
        targets::multipart_batch(&noise);
    }
}

#[test]
fn nesting_without_end_is_refused() {
    for text in [
        "<a>",
        "<fetch><entity name='a'>",
        "<filter>",
        "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
    ] {
        let deep = text.repeat(50_000);
        targets::fetch_xml(deep.as_bytes());
        targets::multipart_batch(deep.as_bytes());
    }
}
