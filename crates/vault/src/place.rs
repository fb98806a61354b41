/// Where a sealed value lies, which is part of what the seal is bound to. A value opens at its own place only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub table: &'a str,
    pub row: &'a str,
    pub column: &'a str,
    /// Counts the values that have lain here, so that an old one cannot be put back as the current one.
    pub generation: i64,
}

impl Place<'_> {
    pub(crate) fn bind(&self, header: &[u8]) -> Vec<u8> {
        associated_data(&[
            b"sealed value",
            header,
            self.table.as_bytes(),
            self.row.as_bytes(),
            self.column.as_bytes(),
            &self.generation.to_be_bytes(),
        ])
    }
}

/// Each part behind its length, so that no two lists of parts give the same bytes.
pub(crate) fn associated_data(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
