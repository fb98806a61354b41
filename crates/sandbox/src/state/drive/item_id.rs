//! Item ids of OneDrive for work: `01` and the base32 of a mark of the drive and of the item's unique id.

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The id of an item of the drive with this mark.
pub(crate) fn write(mark: [u8; 4], unique: Uuid) -> String {
    let mut bytes = mark.to_vec();
    bytes.extend(unique.as_bytes());
    let mut text = "01".to_owned();
    for group in bytes.chunks(5) {
        let bits = group
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            let index = usize::try_from(bits >> (place * 5) & 31).unwrap_or_default();
            text.push(char::from(ALPHABET[index]));
        }
    }
    text
}

/// The unique id in an item id; none when it is not one of this drive's.
pub(crate) fn parse(mark: [u8; 4], id: &str) -> Option<Uuid> {
    let digits = id.strip_prefix("01").filter(|digits| digits.len() == 32)?;
    let mut bytes = Vec::with_capacity(20);
    for group in digits.as_bytes().chunks(8) {
        let mut bits = 0_u64;
        for digit in group {
            let value = ALPHABET.iter().position(|known| known == digit)?;
            bits = bits << 5 | value as u64;
        }
        bytes.extend(&bits.to_be_bytes()[3..]);
    }
    let unique: [u8; 16] = bytes.get(4..)?.try_into().ok()?;
    (bytes[..4] == mark).then(|| Uuid::from_bytes(unique))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_item_in_its_own_drive_only() {
        let unique = Uuid::from_u128(0x0123_4567_89ab_4def_8000_1111_2222_3333);
        let id = write([1, 2, 3, 255], unique);
        assert_eq!(id.len(), 34);
        assert_eq!(parse([1, 2, 3, 255], &id), Some(unique));
        assert_eq!(parse([1, 2, 3, 254], &id), None);
        for odd in [
            "",
            "01",
            "01é",
            "01ABCDEFGHIJKLMNOPQRSTUVWXYZ0189AB",
            &id[1..],
        ] {
            assert_eq!(parse([1, 2, 3, 255], odd), None);
        }
    }
}
