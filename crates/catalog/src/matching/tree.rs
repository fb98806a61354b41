use percent_encoding::percent_decode_str;

use super::calls;
use super::segments::Segment;

#[derive(Debug)]
pub(crate) struct Node {
    /// By lower-case text, sorted.
    pub(crate) literals: &'static [(&'static str, Self)],
    /// The most particular first.
    pub(crate) patterns: &'static [(Pattern, Self)],
    pub(crate) leaves: &'static [Leaf],
}

#[derive(Debug)]
pub(crate) enum Pattern {
    /// Lower-case literals with a capture between each two.
    Segment(&'static [&'static str]),
    /// One segment or more, up to the first that ends with `:`, or all that are left when the text here is empty.
    Rest(&'static str),
}

#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) method: &'static str,
    pub(crate) operation: usize,
    pub(crate) captures: &'static [&'static str],
    /// Names of query options, lower case and without `$`.
    pub(crate) requires: &'static [&'static str],
}

/// One request on its way down the tree.
pub(super) struct Walk<'a> {
    pub(super) method: &'a str,
    /// `None` where it does not count.
    pub(super) query: Option<&'a str>,
    /// Which of several operations with one path.
    pub(super) is_wanted: &'a dyn Fn(&Leaf) -> bool,
    pub(super) captured: Vec<String>,
    /// Whether a segment may be the name of a call instead of an id.
    pub(super) is_graph: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        method: &'a str,
        query: Option<&'a str>,
        is_wanted: &'a dyn Fn(&Leaf) -> bool,
    ) -> Self {
        Self {
            method,
            query,
            is_wanted,
            captured: Vec::new(),
            is_graph: false,
        }
    }

    /// The leaf that the rest of the path leads to. `captured` then holds what its captures took, in their order.
    pub(super) fn down(
        &mut self,
        node: &'static Node,
        rest: &[Segment<'_>],
    ) -> Option<&'static Leaf> {
        let Some((segment, after)) = rest.split_first() else {
            return self.leaf(node);
        };
        let literal = segment.lower.strip_prefix("microsoft.graph.");
        let literal = literal.unwrap_or(&segment.lower);
        if let Ok(index) = node
            .literals
            .binary_search_by(|(text, _)| (*text).cmp(literal))
            && let Some(leaf) = self.down(&node.literals[index].1, after)
        {
            return Some(leaf);
        }
        let before = self.captured.len();
        for (pattern, next) in node.patterns {
            let taken = match pattern {
                Pattern::Segment(parts) => self.capture(parts, segment).then_some(1),
                Pattern::Rest(suffix) => self.capture_rest(suffix, rest),
            };
            if let Some(leaf) = taken.and_then(|taken| self.down(next, &rest[taken..])) {
                return Some(leaf);
            }
            self.captured.truncate(before);
        }
        None
    }

    fn leaf(&self, node: &'static Node) -> Option<&'static Leaf> {
        node.leaves.iter().find(|leaf| {
            leaf.method == self.method
                && self.query.is_none_or(|query| {
                    let mut requires = leaf.requires.iter();
                    requires.all(|name| has_option(query, name))
                })
                && (self.is_wanted)(leaf)
        })
    }

    /// Takes what stands between the literals. Nothing is taken that begins with `$`: `$value`, `$count` and `$ref` are
    /// operations of their own; nor what ends with a colon, behind which a path follows.
    fn capture(&mut self, parts: &[&str], segment: &Segment<'_>) -> bool {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return false;
        };
        let (text, lower) = (&*segment.text, &*segment.lower);
        let is_path = text.ends_with(':') && !last.ends_with(':');
        let is_call = self.is_graph && *parts == ["", ""] && calls::is_call(lower);
        if text.starts_with('$') || is_path || is_call || !lower.starts_with(first) {
            return false;
        }
        let mut at = first.len();
        for (index, part) in parts.iter().enumerate().skip(1) {
            let end = if index + 1 == parts.len() {
                lower.ends_with(last).then(|| lower.len() - last.len())
            } else {
                lower[at..].find(part).map(|found| at + found)
            };
            match end {
                Some(end) if end > at => {
                    self.captured.push(text[at..end].to_owned());
                    at = end + part.len();
                }
                _ => return false,
            }
        }
        true
    }

    fn capture_rest(&mut self, suffix: &str, rest: &[Segment<'_>]) -> Option<usize> {
        let colon = rest.iter().position(|segment| segment.text.ends_with(':'));
        let taken = match colon {
            Some(index) if !suffix.is_empty() => index + 1,
            None if suffix.is_empty() => rest.len(),
            _ => return None,
        };
        let texts: Vec<_> = rest[..taken].iter().map(|segment| &*segment.text).collect();
        let path = texts.join("/");
        self.captured.push(path.strip_suffix(suffix)?.to_owned());
        Some(taken)
    }
}

fn has_option(query: &str, wanted: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8_lossy();
        name.strip_prefix('$')
            .unwrap_or(&name)
            .eq_ignore_ascii_case(wanted)
    })
}

#[cfg(test)]
mod tests {
    use model::Api;

    use super::super::segments::segments;
    use super::{Leaf, Node, Pattern, Walk};

    macro_rules! node {
        ($($field:ident: $value:expr),*) => {
            Node { $($field: $value,)* ..NOTHING }
        };
    }

    macro_rules! leaf {
        ($operation:literal) => {
            node!(leaves: &[Leaf {
                method: "GET",
                operation: $operation,
                captures: &[],
                requires: &[],
            }])
        };
    }

    const NOTHING: Node = Node {
        literals: &[],
        patterns: &[],
        leaves: &[],
    };

    /// `root:/{path}:/content`, `root:/{path}`, `items({id})/lines`, `pairs(a='{a}',b={b})`.
    static TREE: Node = node!(
        literals: &[(
            "root:",
            node!(patterns: &[
                (Pattern::Rest(":"), node!(literals: &[("content", leaf!(0))])),
                (Pattern::Rest(""), leaf!(1)),
            ]),
        )],
        patterns: &[
            (Pattern::Segment(&["pairs(a='", "',b=", ")"]), leaf!(3)),
            (
                Pattern::Segment(&["items(", ")"]),
                node!(literals: &[("lines", leaf!(2))]),
            ),
        ]
    );

    fn walk(path: &str) -> Option<(usize, Vec<String>)> {
        let segments = segments(Api::BusinessCentral, path).unwrap();
        let mut walk = Walk::new("GET", Some(""), &|_| true);
        let operation = walk.down(&TREE, &segments)?.operation;
        Some((operation, walk.captured))
    }

    #[test]
    fn a_path_below_a_drive_ends_at_its_colon() {
        let path = |text: &str| vec![text.to_owned()];
        assert_eq!(walk("/root:/a/b.txt:/content"), Some((0, path("a/b.txt"))));
        assert_eq!(walk("/root:/a/b%20c"), Some((1, path("a/b c"))));
        assert_eq!(walk("/ROOT:/a"), Some((1, path("a"))));
        for path in [
            "/root:/a:/permissions",
            "/root:/a:/b:/content",
            "/root:/a:",
            "/root:",
        ] {
            assert_eq!(walk(path), None, "{path}");
        }
    }

    #[test]
    fn a_key_is_taken_out_of_its_parentheses() {
        assert_eq!(walk("/Items(4f)/Lines"), Some((2, vec!["4f".to_owned()])));
        let both = vec!["X".to_owned(), "2".to_owned()];
        assert_eq!(walk("/pairs(a='X',b=2)"), Some((3, both)));
        for path in [
            "/items()/lines",
            "/items(4f/lines",
            "/items(4f)",
            "/items($x/lines",
        ] {
            assert_eq!(walk(path), None, "{path}");
        }
    }
}
