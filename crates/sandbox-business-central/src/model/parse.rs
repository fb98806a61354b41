//! Reading `metadata/`: a set and its type, then its fields by type, `!` behind what is read-only, then navigations and
//! actions.

use sandbox_odata::schema::{EntityType, Kind, Property};

use super::{Api, EntitySet, Field, FieldKind, Link, Model, Navigation};

const FILES: [&str; 8] = [
    include_str!("../../metadata/master.txt"),
    include_str!("../../metadata/people.txt"),
    include_str!("../../metadata/setup.txt"),
    include_str!("../../metadata/sales.txt"),
    include_str!("../../metadata/purchases.txt"),
    include_str!("../../metadata/ledger.txt"),
    include_str!("../../metadata/reports.txt"),
    include_str!("../../metadata/files.txt"),
];
const AUTOMATION: &str = include_str!("../../metadata/automation.txt");
const ENUMS: &str = include_str!("../../metadata/enums.txt");
const LINKS: &str = include_str!("../../metadata/links.txt");

pub(super) fn model() -> Model {
    let links: Vec<Link> = LINKS.lines().filter_map(link).collect();
    let mut sets: Vec<EntitySet> = Vec::new();
    let files = FILES.iter().map(|file| (Api::V2, *file));
    for (api, file) in files.chain([(Api::Automation, AUTOMATION)]) {
        for line in file.lines() {
            match (line.strip_prefix("  "), sets.last_mut()) {
                (Some(detail), Some(set)) => add(set, detail),
                _ => sets.extend(head(api, line)),
            }
        }
    }
    for set in &mut sets {
        add_links(set, &links);
        set.edm = edm(set);
    }
    Model { sets, links }
}

fn link(line: &'static str) -> Option<Link> {
    let mut words = line.split_whitespace();
    Some(Link {
        field: words.next()?,
        set: words.next()?,
        navigation: words.next()?,
        code: words.next().and_then(|pair| pair.split_once('=')),
    })
}

/// `customers customer -insert -modify -delete`
fn head(api: Api, line: &'static str) -> Option<EntitySet> {
    let mut words = line.split_whitespace();
    let (name, entity) = (words.next()?, words.next()?);
    let flags: Vec<&str> = words.collect();
    Some(EntitySet {
        api,
        name,
        entity,
        insert: !flags.contains(&"-insert"),
        modify: !flags.contains(&"-modify"),
        delete: !flags.contains(&"-delete"),
        fields: Vec::new(),
        navigations: Vec::new(),
        actions: Vec::new(),
        edm: &EntityType {
            name: "",
            properties: &[],
        },
    })
}

fn add(set: &mut EntitySet, line: &'static str) {
    let Some((type_, names)) = line.split_once(": ") else {
        return;
    };
    let mut words = names.split_whitespace();
    match type_ {
        "one" | "many" => {
            if let (Some(name), Some(target)) = (words.next(), words.next()) {
                set.navigations.push(Navigation {
                    name,
                    set: target,
                    is_many: type_ == "many",
                    through: None,
                });
            }
        }
        "action" => set.actions.extend(words),
        _ => set.fields.extend(words.map(|word| field(word, type_))),
    }
}

fn field(word: &'static str, type_: &'static str) -> Field {
    let name = word.trim_end_matches('!');
    Field {
        name,
        kind: kind(type_),
        is_read_only: name != word,
    }
}

fn kind(type_: &'static str) -> FieldKind {
    let (word, detail) = type_.split_once(' ').unwrap_or((type_, ""));
    let length = || detail.parse().unwrap_or(100);
    match word {
        "guid" => FieldKind::Guid,
        "code" => FieldKind::Code(length()),
        "bool" => FieldKind::Boolean,
        "int" => FieldKind::Integer,
        "decimal" => FieldKind::Decimal,
        "date" => FieldKind::Date,
        "time" => FieldKind::Time,
        "stream" => FieldKind::Stream,
        "enum" => FieldKind::Enum(values(detail)),
        _ => FieldKind::Text(length()),
    }
}

/// The values themselves, or the name under which `enums.txt` has them.
fn values(detail: &'static str) -> &'static [&'static str] {
    let named = ENUMS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == detail)
        .map_or(detail, |(_, values)| values);
    named.split(',').collect::<Vec<_>>().leak()
}

/// What a field with another entity's id leads to.
fn add_links(set: &mut EntitySet, links: &[Link]) {
    for link in links {
        let is_free = link.navigation != "-" && set.field(link.navigation).is_none();
        if !is_free || set.field(link.field).is_none() || set.name == "journalLines" {
            continue;
        }
        let known = set
            .navigations
            .iter_mut()
            .find(|it| it.name == link.navigation);
        match known {
            Some(navigation) => navigation.through = Some(link.field),
            None => set.navigations.push(Navigation {
                name: link.navigation,
                set: link.set,
                is_many: false,
                through: Some(link.field),
            }),
        }
    }
    for navigation in &mut set.navigations {
        let through = match (set.name, navigation.name) {
            ("items", "unitOfMeasure") => Some("baseUnitOfMeasureId"),
            ("contactsInformation", "contact") => Some("contactId"),
            _ => continue,
        };
        navigation.through = through;
    }
}

fn edm(set: &EntitySet) -> &'static EntityType {
    let fields = set.fields.iter().map(|field| Property {
        name: field.name,
        kind: field.kind.query_kind(),
    });
    let navigations = set.navigations.iter().map(|navigation| Property {
        name: navigation.name,
        kind: Kind::Navigation,
    });
    let properties: Vec<Property> = fields.chain(navigations).collect();
    Box::leak(Box::new(EntityType {
        name: set.type_name().leak(),
        properties: properties.leak(),
    }))
}
