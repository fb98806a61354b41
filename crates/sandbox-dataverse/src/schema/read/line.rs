//! One line of a description.

use uuid::Uuid;

use super::{Files, Link, choices, groups};
use crate::schema::column::TextFormat;
use crate::schema::{Cascade, Column, Kind, ManyToMany, Ownership, Required, Table, stable_id};

/// Reads lines into tables.
pub(super) struct Reader<'a> {
    files: &'a mut Files,
    table: Option<Table>,
    /// The name column is known before it is read.
    name: String,
}

/// A name with its marks taken off.
pub(super) struct Named {
    pub(super) schema_name: String,
    pub(super) default: Option<i32>,
    required: Required,
    read_only: bool,
    create_only: bool,
}

impl Named {
    pub(super) fn parse(word: &str) -> Self {
        let (mut rest, mut required) = (word, Required::None);
        let (mut read_only, mut create_only) = (false, false);
        loop {
            if let Some(shorter) = rest.strip_suffix("!!") {
                (rest, required) = (shorter, Required::SystemRequired);
            } else if let Some(shorter) = rest.strip_suffix('!') {
                (rest, required) = (shorter, Required::ApplicationRequired);
            } else if let Some(shorter) = rest.strip_suffix('*') {
                (rest, required) = (shorter, Required::Recommended);
            } else if let Some(shorter) = rest.strip_suffix('-') {
                (rest, read_only) = (shorter, true);
            } else if let Some(shorter) = rest.strip_suffix('+') {
                (rest, create_only) = (shorter, true);
            } else {
                break;
            }
        }
        let (name, default) = match rest.split_once('=') {
            Some((name, default)) => (name, default.parse().ok()),
            None => (rest, None),
        };
        Self {
            schema_name: name.to_owned(),
            default,
            required,
            read_only,
            create_only,
        }
    }

    pub(super) fn column(self, kind: Kind) -> Column {
        let name = self.schema_name.to_ascii_lowercase();
        let default = match kind {
            Kind::Flag { .. } => Some(self.default.unwrap_or(0)),
            _ => self.default,
        };
        Column {
            display: display(&self.schema_name),
            metadata_id: Uuid::nil(),
            name,
            schema_name: self.schema_name,
            kind,
            required: self.required,
            for_create: !self.read_only,
            for_update: !self.read_only && !self.create_only,
            default,
            global_choice: None,
            is_custom: false,
            is_gone: false,
        }
    }
}

/// `EMailAddress1` is shown as `E Mail Address1`; nobody depends on it.
fn display(schema_name: &str) -> String {
    let bare = schema_name.strip_prefix("msdyn_").unwrap_or(schema_name);
    let mut text = String::new();
    let mut before_is_lower = false;
    for character in bare.chars() {
        if character.is_ascii_uppercase() && before_is_lower {
            text.push(' ');
        }
        before_is_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        text.push(if character == '_' { ' ' } else { character });
    }
    text
}

impl<'a> Reader<'a> {
    pub(super) fn new(files: &'a mut Files) -> Self {
        Self {
            files,
            table: None,
            name: String::new(),
        }
    }

    pub(super) fn line(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        if self.read(line).is_none() {
            self.files.misread.push(line.to_owned());
        }
    }

    /// The table that was being read is whole.
    pub(super) fn end(&mut self) {
        let Some(mut table) = self.table.take() else {
            return;
        };
        groups::system(&mut table, &mut self.files.links);
        table.primary_name = table.find(&self.name.to_ascii_lowercase());
        let ids: Vec<_> = table.columns().map(|(id, _)| id).collect();
        for id in ids {
            let table_name = table.name.clone();
            if let Some(column) = table.column_mut(id) {
                column.metadata_id = stable_id(&["column", &table_name, &column.name]);
            }
        }
        self.files.tables.push(table);
    }

    fn read(&mut self, line: &str) -> Option<()> {
        if let Some(rest) = line.strip_prefix("table ") {
            self.end();
            self.table = Some(open(rest)?);
            return Some(());
        }
        if let Some(rest) = line.strip_prefix("many ") {
            self.end();
            self.files.many.push(many(rest)?);
            return Some(());
        }
        let table = self.table.as_mut()?;
        if let Some(rest) = line.strip_prefix("lookup ") {
            return lookup(table, rest, &mut self.files.links);
        }
        if let Some((head, rest)) = line.split_once(':') {
            return columns(table, head, rest.trim());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["name", name] => name.clone_into(&mut self.name),
            ["privilege", word] => word.clone_into(&mut table.privilege),
            ["track"] => table.tracks_changes = true,
            _ => groups::add(table, &words, &mut self.files.links)?,
        }
        Some(())
    }
}

fn open(rest: &str) -> Option<Table> {
    let mut parts = rest.split('|').map(str::trim);
    let words: Vec<&str> = parts.next()?.split_whitespace().collect();
    let [schema_name, set, code, ownership] = words[..] else {
        return None;
    };
    let ownership = match ownership {
        "user" => Ownership::User,
        "org" => Ownership::Organization,
        "none" => Ownership::None,
        _ => return None,
    };
    let mut table = Table::new(schema_name, set, code.parse().ok()?, ownership);
    parts.next()?.clone_into(&mut table.display);
    parts.next()?.clone_into(&mut table.display_plural);
    Some(table)
}

fn many(rest: &str) -> Option<ManyToMany> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [schema_name, first, second, intersect, of_first, of_second] = words[..] else {
        return None;
    };
    Some(ManyToMany {
        metadata_id: stable_id(&["relationship", schema_name]),
        schema_name: schema_name.to_owned(),
        intersect: format!("{intersect}|{first}|{second}"),
        tables: [0, 0],
        navigations: [of_first.to_owned(), of_second.to_owned()],
        is_custom: false,
    })
}

/// `A>Navigation target,target < inverse,inverse cascade`
fn lookup(table: &mut Table, rest: &str, links: &mut Vec<Link>) -> Option<()> {
    let (head, tail) = rest.split_once('<').unwrap_or((rest, ""));
    let mut head = head.split_whitespace();
    let first = head.next()?;
    let (word, navigation) = match first.split_once('>') {
        Some((word, navigation)) => (word, Some(navigation)),
        None => (first, None),
    };
    let targets: Vec<&str> = head.next()?.split(',').collect();
    let mut tail = tail.split_whitespace();
    let inverse: Vec<&str> = tail
        .next()
        .map(|it| it.split(',').collect())
        .unwrap_or_default();
    let on_delete = match tail.next() {
        Some("cascade") => Cascade::Delete,
        Some("restrict") => Cascade::Restrict,
        _ => Cascade::RemoveLink,
    };
    let named = Named::parse(word);
    let column = named.schema_name.to_ascii_lowercase();
    for (target, inverse) in targets.iter().zip(&inverse) {
        let navigation = match navigation {
            Some(navigation) => navigation.to_owned(),
            None if targets.len() > 1 => format!("{column}_{target}"),
            None => column.clone(),
        };
        links.push(Link {
            table: table.name.clone(),
            column: column.clone(),
            target: (*target).to_owned(),
            navigation,
            inverse: (*inverse).to_owned(),
            on_delete,
        });
    }
    let targets = targets
        .into_iter()
        .filter(|target| *target != "*")
        .map(str::to_owned)
        .collect();
    table.add_column(named.column(Kind::Lookup { targets }));
    Some(())
}

fn columns(table: &mut Table, head: &str, rest: &str) -> Option<()> {
    let words: Vec<&str> = head.split_whitespace().collect();
    let (kind, more) = words.split_first()?;
    let kind = match (*kind, more) {
        ("choice", [name]) => {
            table.add_column(Named::parse(name).column(Kind::Choice(choices(rest)?)));
            return Some(());
        }
        ("multichoice", [name]) => {
            table.add_column(Named::parse(name).column(Kind::Choices(choices(rest)?)));
            return Some(());
        }
        ("state", []) => {
            let options = choices(rest)?;
            let mut named = Named::parse("StateCode!!");
            named.default = options.first().map(|choice| choice.value);
            table.add_column(named.column(Kind::State(options)));
            return Some(());
        }
        ("status", []) => {
            let options = choices(rest)?;
            let mut named = Named::parse("StatusCode");
            named.default = options.first().map(|choice| choice.value);
            table.add_column(named.column(Kind::Status(options)));
            return Some(());
        }
        ("text", [max]) => text(max, TextFormat::Text)?,
        ("email", [max]) => text(max, TextFormat::Email)?,
        ("phone", [max]) => text(max, TextFormat::Phone)?,
        ("url", [max]) => text(max, TextFormat::Url)?,
        ("memo", [max]) => Kind::Memo {
            max: max.parse().ok()?,
        },
        (simple, []) => groups::simple(simple)?,
        _ => return None,
    };
    for word in rest.split_whitespace() {
        groups::add_one(table, Named::parse(word), kind.clone());
    }
    Some(())
}

fn text(max: &str, format: TextFormat) -> Option<Kind> {
    Some(Kind::Text {
        max: max.parse().ok()?,
        format,
    })
}
