//! Path templates: `{user}/mailFolders/{folderId}/messages`, `/companies({companyId})/items`, `/drives/{driveId}/root:/{path}:/content`.

/// A piece of one path segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Piece {
    Literal(String),
    Parameter(String),
}

/// The segments of a template; `{user}` is a parameter like others here. The text of the mistake when braces do not match.
pub(crate) fn parse(path: &str) -> Result<Vec<Vec<Piece>>, String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.contains('?') {
        return Err("`path` has a query; write it as `query` or as parameters".to_owned());
    }
    if path.is_empty() {
        return Err("`path` is empty".to_owned());
    }
    path.split('/').map(segment).collect()
}

/// The parameters of a template, in their order, without `{user}`.
pub(crate) fn parameters(segments: &[Vec<Piece>]) -> Vec<&str> {
    segments
        .iter()
        .flatten()
        .filter_map(|piece| match piece {
            Piece::Parameter(name) if name != "user" => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

pub(crate) fn has_user(segments: &[Vec<Piece>]) -> bool {
    segments
        .first()
        .is_some_and(|first| *first == [Piece::Parameter("user".to_owned())])
}

fn segment(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("`{text}` in `path` lacks a `}}`"))?;
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.to_owned()));
        } else if matches!(pieces.last(), Some(Piece::Parameter(_))) {
            return Err(format!(
                "`{text}` in `path` has two parameters side by side"
            ));
        }
        pieces.push(Piece::Parameter(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    if pieces.is_empty() {
        return Err("`path` has an empty segment".to_owned());
    }
    Ok(pieces)
}
