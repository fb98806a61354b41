use std::sync::Arc;

use model::{DataKeyId, ManualClock, Sealed, SeededRandom, SharedRandom};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use crate::{DataKey, Error, MasterKeys, Place, Vault, WrappedKey, create_key_file, read_key_file};

const OWNER: &str = "conn_1";
const PLACE: Place<'_> = Place {
    table: "credentials",
    row: "conn_1",
    column: "refresh_token",
    generation: 3,
};

fn random(seed: u64) -> SharedRandom {
    Arc::new(SeededRandom::new(seed))
}

fn vault(seed: u64) -> Vault {
    let random = random(seed);
    Vault::new(MasterKeys::generate(&*random), random)
}

fn data_key_id(seed: u64) -> DataKeyId {
    let clock = ManualClock::fixed("2026-11-23T12:00:00Z".parse().unwrap());
    DataKeyId::generate(&clock, &SeededRandom::new(seed))
}

fn data_key(seed: u64) -> DataKey {
    vault(seed).new_data_key(data_key_id(seed), OWNER).0
}

/// `old`'s keyring below the one key of `new`.
fn keyring(new: &Vault, old: &Vault) -> MasterKeys {
    let text = [new, old].map(|vault| vault.master_keys().to_text());
    MasterKeys::parse(&(text[0].expose_secret().to_owned() + text[1].expose_secret())).unwrap()
}

proptest! {
    #[test]
    fn what_was_sealed_opens_at_its_place(plaintext: Vec<u8>, table: String, row: String, column: String, generation: i64) {
        let place = Place { table: &table, row: &row, column: &column, generation };
        let key = data_key(1);
        let sealed = key.seal(place, &plaintext);
        let opened = key.open(place, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), &plaintext);
    }

    #[test]
    fn a_sealed_value_opens_at_no_other_place(at in any::<[String; 3]>(), generation: i64, other in any::<[String; 3]>(), other_generation: i64) {
        prop_assume!((&at, generation) != (&other, other_generation));
        let key = data_key(1);
        let [table, row, column] = &at;
        let sealed = key.seal(Place { table, row, column, generation }, b"secret");
        let [table, row, column] = &other;
        let opened = key.open(Place { table, row, column, generation: other_generation }, &sealed);
        prop_assert!(matches!(opened, Err(Error::Tampered)));
    }

    #[test]
    fn a_bit_flipped_anywhere_does_not_open(plaintext: Vec<u8>, position: prop::sample::Index, bit in 0..8_u8) {
        let key = data_key(1);
        let mut bytes = key.seal(PLACE, &plaintext).as_bytes().to_vec();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        prop_assert!(key.open(PLACE, &Sealed::from_bytes(bytes)).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        prop_assert!(data_key(1).open(PLACE, &Sealed::from_bytes(bytes.clone())).is_err());
        let vault = vault(1);
        let key_id = vault.master_keys().current_id().to_owned();
        prop_assert!(vault.check(&key_id, &Sealed::from_bytes(bytes.clone())).is_err());
        let wrapped = WrappedKey { master_key_id: key_id, bytes };
        prop_assert!(vault.open_data_key(data_key_id(1), OWNER, &wrapped).is_err());
    }

    #[test]
    fn no_text_makes_the_keyring_panic(text: String) {
        let _ = MasterKeys::parse(&text);
    }
}

#[test]
fn each_field_of_the_place_counts() {
    let key = data_key(1);
    let sealed = key.seal(PLACE, b"secret");
    let elsewhere = [
        Place {
            table: "proofs",
            ..PLACE
        },
        Place {
            row: "conn_2",
            ..PLACE
        },
        Place {
            column: "access_token",
            ..PLACE
        },
        Place {
            generation: 2,
            ..PLACE
        },
        // The same bytes in a row, cut elsewhere.
        Place {
            table: "credentialsc",
            row: "onn_1",
            ..PLACE
        },
    ];
    for place in elsewhere {
        assert!(
            matches!(key.open(place, &sealed), Err(Error::Tampered)),
            "{place:?}"
        );
    }
}

#[test]
fn another_data_key_does_not_open() {
    let sealed = data_key(1).seal(PLACE, b"secret");
    assert!(matches!(
        data_key(2).open(PLACE, &sealed),
        Err(Error::Tampered)
    ));
}

#[test]
fn another_key_under_the_same_id_does_not_open() {
    let id = data_key_id(1);
    let [one, two] = [1, 2].map(|seed| vault(seed).new_data_key(id, OWNER).0);
    let sealed = one.seal(PLACE, b"secret");
    assert!(matches!(two.open(PLACE, &sealed), Err(Error::Tampered)));
}

#[test]
fn the_same_secret_never_seals_to_the_same_bytes() {
    let key = data_key(1);
    assert_ne!(key.seal(PLACE, b"secret"), key.seal(PLACE, b"secret"));
}

#[test]
fn an_envelope_holds_no_plaintext() {
    let secret = b"0.AXEA-refresh-token";
    let sealed = data_key(1).seal(PLACE, secret);
    assert!(
        !sealed
            .as_bytes()
            .windows(4)
            .any(|part| secret.windows(4).any(|word| word == part))
    );
}

#[test]
fn what_is_no_text_is_not_handed_out_as_text() {
    let key = data_key(1);
    let sealed = key.seal(PLACE, &[0xff, 0xfe]);
    assert!(matches!(
        key.open_str(PLACE, &sealed),
        Err(Error::Malformed)
    ));
}

#[test]
fn a_data_key_survives_its_wrapping() {
    let vault = vault(1);
    let (key, wrapped) = vault.new_data_key(data_key_id(1), OWNER);
    let sealed = key.seal_str(PLACE, &"secret".into());
    let again = vault
        .open_data_key(data_key_id(1), OWNER, &wrapped)
        .unwrap();
    assert_eq!(
        again.open_str(PLACE, &sealed).unwrap().expose_secret(),
        "secret"
    );
}

#[test]
fn a_wrapped_key_belongs_to_its_id_and_owner() {
    let vault = vault(1);
    let (_, wrapped) = vault.new_data_key(data_key_id(1), OWNER);
    let other_id = vault.open_data_key(data_key_id(2), OWNER, &wrapped);
    let other_owner = vault.open_data_key(data_key_id(1), "conn_2", &wrapped);
    assert!(matches!(other_id, Err(Error::Tampered)));
    assert!(matches!(other_owner, Err(Error::Tampered)));
}

#[test]
fn rewrapping_keeps_the_data_key_and_leaves_the_old_master_key() {
    let (old, new) = (vault(1), vault(2));
    let (key, wrapped) = old.new_data_key(data_key_id(1), OWNER);
    let sealed = key.seal(PLACE, b"secret");

    let both = Vault::new(keyring(&new, &old), random(3));
    let rewrapped = both
        .rewrap(data_key_id(1), OWNER, &wrapped)
        .unwrap()
        .unwrap();

    assert_eq!(rewrapped.master_key_id, new.master_keys().current_id());
    let key = new
        .open_data_key(data_key_id(1), OWNER, &rewrapped)
        .unwrap();
    assert_eq!(key.open(PLACE, &sealed).unwrap().expose_secret(), b"secret");
    assert!(
        both.rewrap(data_key_id(1), OWNER, &rewrapped)
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_missing_master_key_is_named() {
    let (_, wrapped) = vault(1).new_data_key(data_key_id(1), OWNER);
    let opened = vault(2).open_data_key(data_key_id(1), OWNER, &wrapped);
    let Err(Error::UnknownMasterKey { key_id }) = opened else {
        unreachable!("{opened:?}")
    };
    assert_eq!(key_id, wrapped.master_key_id);
}

#[test]
fn a_key_check_value_tells_the_right_the_wrong_and_the_missing_key() {
    let named = |seed| {
        let text = vault(seed).master_keys().to_text();
        let (_, key) = text.expose_secret().split_once(':').unwrap();
        Vault::new(
            MasterKeys::parse(&format!("main:{key}")).unwrap(),
            random(9),
        )
    };
    let right = named(1);
    let values = right.key_check();
    let [(key_id, value)] = values.as_slice() else {
        unreachable!("one key has one value")
    };
    assert_eq!(key_id, "main");
    assert!(right.check(key_id, value).is_ok());
    assert!(matches!(
        named(2).check(key_id, value),
        Err(Error::WrongMasterKey { .. })
    ));
    assert!(matches!(
        vault(1).check(key_id, value),
        Err(Error::UnknownMasterKey { .. })
    ));
}

#[test]
fn a_keyring_is_read_back_from_its_own_text() {
    let keys = keyring(&vault(1), &vault(2));
    let again = MasterKeys::parse(keys.to_text().expose_secret()).unwrap();
    assert!(keys.ids().eq(again.ids()));
    assert_eq!(
        keys.to_text().expose_secret(),
        again.to_text().expose_secret()
    );
}

#[test]
fn a_bare_key_has_the_id_that_it_was_generated_with() {
    let keys = MasterKeys::generate(&SeededRandom::new(1));
    let text = keys.to_text();
    let (id, key) = text.expose_secret().trim().split_once(':').unwrap();
    let bare = MasterKeys::parse(&format!("\n# made today\n {key} \n")).unwrap();
    assert_eq!(bare.current_id(), id);
    assert!(id.len() == 9 && id.starts_with('k'));
}

#[test]
fn a_keyring_that_is_wrong_names_the_line_and_not_the_key() {
    let good = vault(1).master_keys().to_text();
    let good = good.expose_secret().trim();
    let (_, bare) = good.split_once(':').unwrap();
    let table = [
        (String::new(), 1, "holds no key"),
        ("main:c2hvcnQ=".to_owned(), 1, "is not 32 bytes long"),
        (format!("{good}\nmain:***"), 2, "is not base64"),
        (format!("{good}\n\n{good}"), 3, "repeats an id"),
        (format!("{bare}\nmain:{bare}"), 1, "has no id"),
        (format!("a b:{bare}"), 1, "has an id that is not"),
        (format!(":{bare}"), 1, "has an id that is not"),
    ];
    for (text, expected, words) in table {
        let error = MasterKeys::parse(&text).unwrap_err();
        assert!(
            matches!(&error, Error::Keyring { line, reason } if *line == expected && reason.starts_with(words)),
            "{error}"
        );
        assert!(!error.to_string().contains(bare));
    }
}

#[test]
fn debug_shows_nothing_secret() {
    let vault = vault(1);
    let (key, wrapped) = vault.new_data_key(data_key_id(1), OWNER);
    let opened = key.open(PLACE, &key.seal(PLACE, b"plain-text")).unwrap();
    let shown = format!("{vault:?} {key:?} {wrapped:?} {opened:?}");
    let text = vault.master_keys().to_text();
    let (id, master) = text.expose_secret().trim().split_once(':').unwrap();
    assert!(shown.contains(id) && shown.contains(&key.id().to_string()));
    assert!(!shown.contains(master) && !shown.contains("plain-text"));
    assert!(!shown.contains(&format!("{:?}", wrapped.bytes)));
}

#[test]
fn a_key_file_is_private_whole_and_never_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    assert!(read_key_file(&path).unwrap().is_none());

    let keys = MasterKeys::generate(&SeededRandom::new(1));
    create_key_file(&path, &keys).unwrap();
    let again = read_key_file(&path).unwrap().unwrap();
    assert_eq!(
        again.to_text().expose_secret(),
        keys.to_text().expose_secret()
    );

    let other = MasterKeys::generate(&SeededRandom::new(2));
    let refused = create_key_file(&path, &other).unwrap_err();
    assert_eq!(refused.code(), "vault.key_file");
    let kept = read_key_file(&path).unwrap().unwrap();
    assert_eq!(kept.current_id(), keys.current_id());

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
