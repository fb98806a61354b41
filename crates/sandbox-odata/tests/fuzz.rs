//! The targets of `fuzz/` on random texts, so that they run on a stable compiler too.

#[expect(unreachable_pub, reason = "it is a module of another crate elsewhere")]
#[path = "../../../fuzz/src/odata.rs"]
mod targets;

use proptest::prelude::*;

/// Texts that get further into a parser than noise does.
fn query() -> impl Strategy<Value = String> {
    let words = "(\\$?filter=|\\$?orderby=|\\$?expand=|\\$?search=|&| eq | and | or |not |any\\(x:|startswith\\(|\\(|\\)|,|/|'|''|\"|subject|x|null|true|[0-9]{1,20}|2026-10-01|%2|%00|ß|\\$)";
    proptest::string::string_regex(&format!("{words}{{0,40}}")).expect("the expression is one")
}

fn batch() -> impl Strategy<Value = String> {
    let words = "(\\{|\\}|\\[|\\]|:|,|\"requests\"|\"id\"|\"method\"|\"url\"|\"headers\"|\"body\"|\"dependsOn\"|\"GET\"|\"/me\"|\"1\"|null|7)";
    proptest::string::string_regex(&format!("\\{{\"requests\":\\[{words}{{0,40}}"))
        .expect("the expression is one")
}

proptest! {
    #[test]
    fn no_query_makes_a_parser_panic(text in query(), noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        targets::query(text.as_bytes());
        targets::query(&noise);
    }

    #[test]
    fn no_body_makes_the_reader_of_batches_panic(text in batch(), noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        targets::json_batch(text.as_bytes());
        targets::json_batch(&noise);
    }
}

#[test]
fn nesting_without_end_is_refused() {
    for text in [
        "(",
        "not ",
        "any(x:",
        "$expand=a($expand=",
        "[",
        "{\"requests\":[",
    ] {
        let deep = text.repeat(100_000);
        targets::query(deep.as_bytes());
        targets::json_batch(deep.as_bytes());
    }
}
