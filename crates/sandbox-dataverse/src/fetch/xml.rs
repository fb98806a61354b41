//! As much of XML as FetchXML needs: elements, attributes, text. Total: any text gives a tree or none.

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 40;

/// An element with what is in it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Self>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self
            .attributes
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether an attribute says `true` or `1`.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.attribute(name), Some("true" | "1"))
    }
}

/// The root element; `None` for what is no well-formed document.
pub(crate) fn parse(text: &str) -> Option<Element> {
    let mut reader = Reader { rest: text };
    reader.skip_between()?;
    let root = reader.element(0)?;
    reader.skip_between()?;
    reader.rest.is_empty().then_some(root)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn eat(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_to(&mut self, end: &str) -> Option<&str> {
        let at = self.rest.find(end)?;
        let before = &self.rest[..at];
        self.rest = &self.rest[at + end.len()..];
        Some(before)
    }

    /// White space, comments, declarations.
    fn skip_between(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start();
            if self.eat("<!--") {
                self.skip_to("-->")?;
            } else if self.eat("<?") {
                self.skip_to("?>")?;
            } else {
                return Some(());
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn element(&mut self, depth: usize) -> Option<Element> {
        if depth > MAX_DEPTH || !self.eat("<") {
            return None;
        }
        let mut element = Element {
            name: self.name()?,
            ..Element::default()
        };
        loop {
            self.rest = self.rest.trim_start();
            if self.eat("/>") {
                return Some(element);
            }
            if self.eat(">") {
                break;
            }
            let name = self.name()?;
            self.rest = self.rest.trim_start();
            if !self.eat("=") {
                return None;
            }
            self.rest = self.rest.trim_start();
            let quote = if self.eat("\"") {
                "\""
            } else {
                self.eat("'").then_some("'")?
            };
            let value = unescape(self.skip_to(quote)?)?;
            element.attributes.push((name, value));
        }
        self.content(&mut element, depth)?;
        Some(element)
    }

    fn content(&mut self, element: &mut Element, depth: usize) -> Option<()> {
        loop {
            if self.eat("</") {
                let name = self.name()?;
                self.rest = self.rest.trim_start();
                return (self.eat(">") && name == element.name).then_some(());
            }
            if self.eat("<!--") {
                self.skip_to("-->")?;
            } else if self.eat("<![CDATA[") {
                let text = self.skip_to("]]>")?.to_owned();
                element.text.push_str(&text);
            } else if self.rest.starts_with('<') {
                element.children.push(self.element(depth + 1)?);
            } else {
                let end = self.rest.find('<')?;
                let text = unescape(&self.rest[..end])?;
                element.text.push_str(&text);
                self.rest = &self.rest[end..];
            }
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find(';')?;
        match &rest[at + 1..end] {
            "amp" => out.push('&'),
            "lt" => out.push('<'),
            "gt" => out.push('>'),
            "quot" => out.push('"'),
            "apos" => out.push('\''),
            number => out.push(character(number)?),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// `#65`, `#x41`
fn character(text: &str) -> Option<char> {
    let number = text.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let text = "<?xml version='1.0'?><fetch top=\"5\"><!-- x --><entity name='a'><value>x &lt; &#x41;</value></entity></fetch>";
        let root = parse(text).unwrap_or_default();
        assert_eq!(root.attribute("top"), Some("5"));
        assert_eq!(root.children[0].children[0].text, "x < A");
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a b=c/>",
            "<a>&nope;</a>",
            "<a/><b/>",
            "<a b='x/>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"<a>".repeat(1000)), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[<>/a-c='\"& ;#!\\-\\[\\]CDATA?]{0,60}") {
            let _ = parse(&text);
        }
    }
}
