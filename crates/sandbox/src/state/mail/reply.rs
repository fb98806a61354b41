//! Drafts that answer or pass on a message.

use jiff::tz::Offset;

use super::body::{escape, paragraph, prepend};
use super::message::{Address, Body, BodyKind, Content, Message};

/// Whom an answer goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Who wrote it.
    Sender,
    /// Everyone but the one who answers.
    Everyone,
    /// Others, with the attachments.
    Forward,
}

/// The draft of an answer by `own` to `original`, with a comment above the quoted text.
pub(crate) fn draft(
    original: &Message,
    own: &Address,
    answer: Answer,
    comment: Option<&str>,
) -> Content {
    let source = &original.content;
    let mut content = Content {
        subject: subject(&source.subject, answer),
        from: Some(own.clone()),
        sender: Some(own.clone()),
        importance: source.importance,
        ..Content::default()
    };
    match answer {
        Answer::Sender => content.to = writers(source),
        Answer::Everyone => {
            content.to = writers(source);
            add_others(&mut content.to, &source.to, own, &[]);
            let to = content.to.clone();
            add_others(&mut content.cc, &source.cc, own, &to);
        }
        Answer::Forward => content.attachments.clone_from(&source.attachments),
    }
    content.set_body(quote(original, comment.unwrap_or_default()));
    content
}

/// The original below a line, as Outlook quotes it, with new text on top.
pub(crate) fn quote(original: &Message, comment: &str) -> Body {
    let source = &original.content;
    let written = if comment.is_empty() {
        String::new()
    } else {
        format!("<div>{}</div>", paragraph(comment))
    };
    let header = format!(
        "{written}<hr tabindex=\"-1\" style=\"display:inline-block; width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">\
         <b>From:</b> {}<br>\r\n<b>Sent:</b> {}<br>\r\n<b>To:</b> {}<br>\r\n<b>Subject:</b> {}</div><div>&nbsp;</div>",
        names(source.from.as_slice()),
        Offset::UTC
            .to_datetime(original.sent)
            .strftime("%A, %B %-d, %Y %-I:%M:%S %p"),
        names(&source.to),
        escape(&source.subject),
    );
    Body {
        kind: BodyKind::Html,
        content: prepend(&source.body.as_html(), &header),
    }
}

fn names(addresses: &[Address]) -> String {
    let shown: Vec<String> = addresses
        .iter()
        .map(|a| format!("{} &lt;{}&gt;", escape(&a.name), escape(&a.address)))
        .collect();
    shown.join("; ")
}

fn subject(original: &str, answer: Answer) -> String {
    let prefix = if answer == Answer::Forward {
        "FW: "
    } else {
        "RE: "
    };
    let has_prefix = original
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if has_prefix {
        original.to_owned()
    } else {
        format!("{prefix}{original}")
    }
}

fn writers(source: &Content) -> Vec<Address> {
    if source.reply_to.is_empty() {
        source.from.iter().cloned().collect()
    } else {
        source.reply_to.clone()
    }
}

fn add_others(
    into: &mut Vec<Address>,
    addresses: &[Address],
    own: &Address,
    elsewhere: &[Address],
) {
    for address in addresses {
        let known = into
            .iter()
            .chain(elsewhere)
            .chain([own])
            .any(|other| other.is_same_mailbox(address));
        if !known {
            into.push(address.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(name: &str) -> Address {
        Address {
            name: name.to_owned(),
            address: format!("{name}@contoso.com"),
        }
    }

    #[test]
    fn a_subject_gets_its_prefix_once() {
        assert_eq!(subject("Budget", Answer::Sender), "RE: Budget");
        assert_eq!(subject("Re: Budget", Answer::Everyone), "Re: Budget");
        assert_eq!(subject("RE: Budget", Answer::Forward), "FW: RE: Budget");
        assert_eq!(subject("é", Answer::Sender), "RE: é");
    }

    #[test]
    fn an_answer_to_everyone_leaves_out_the_one_who_answers_and_doubles() {
        let mut to = vec![address("ben")];
        add_others(
            &mut to,
            &[address("ana"), address("BEN"), address("eva")],
            &address("ana"),
            &[],
        );
        assert_eq!(to, [address("ben"), address("eva")]);
    }
}
