//! The closed list of requests by which what is listed is resolved. Each reads, asks for names and ids and as little else as can be,
//! and is sent through the same gate as any other request:
//!
//! | request | when |
//! |---|---|
//! | `GET /EntityDefinitions?$select=LogicalName,EntitySetName&$filter=LogicalName eq '…' or …` | for the listed tables |
//! | `GET /EntityDefinitions(LogicalName='…')?$select=LogicalName&$expand=` relations, by names | a request goes on from a listed table |
//! | `GET /EntityDefinitions(LogicalName='…')/Attributes?$select=LogicalName` | a file column of a listed table is named |
//! | `GET /companies({id})?$select=id,name` | a company is named, and others are listed by id |
//! | `GET /companies?$filter=name eq '…'&$select=id,name` | a company's id is given, and others are listed by name |
//! | `GET /subscriptions('{id}')` | a subscription is renewed or ended |
//!
//! Sources: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api>,
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/api/dynamics_company_get>.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use model::{CompanyName, TableName};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::super::lookup::{ask, watched, whole};
use super::Limits;
use super::known::{Answer, Company, Question};
use crate::Result;

const RELATIONS: &str = "ManyToOneRelationships($select=ReferencedEntity,ReferencingEntityNavigationPropertyName),\
                         OneToManyRelationships($select=ReferencingEntity,ReferencedEntityNavigationPropertyName),\
                         ManyToManyRelationships($select=Entity1LogicalName,Entity1NavigationPropertyName,\
                         Entity2LogicalName,Entity2NavigationPropertyName)";

#[derive(Deserialize)]
struct List<T> {
    value: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    logical_name: TableName,
    entity_set_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Column {
    logical_name: String,
}

#[derive(Deserialize)]
struct Relations {
    #[serde(rename = "ManyToOneRelationships", default)]
    to_one: Vec<ManyToOne>,
    #[serde(rename = "OneToManyRelationships", default)]
    to_many: Vec<OneToMany>,
    #[serde(rename = "ManyToManyRelationships", default)]
    between_many: Vec<ManyToMany>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManyToOne {
    referenced_entity: String,
    referencing_entity_navigation_property_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneToMany {
    referencing_entity: String,
    referenced_entity_navigation_property_name: Option<String>,
}

#[derive(Deserialize)]
struct ManyToMany {
    #[serde(rename = "Entity1LogicalName")]
    first: String,
    #[serde(rename = "Entity1NavigationPropertyName")]
    first_name: Option<String>,
    #[serde(rename = "Entity2LogicalName")]
    second: String,
    #[serde(rename = "Entity2NavigationPropertyName")]
    second_name: Option<String>,
}

/// Asks what can be kept.
pub(super) async fn answer(limits: &Limits<'_>, question: Question) -> Result<Answer> {
    match &question {
        Question::Sets(tables) => sets(limits, tables).await,
        Question::Relations(table) => {
            let path = format!(
                "{}?$select=LogicalName&$expand={RELATIONS}",
                definition(table)
            );
            let read = |relations| Answer::Relations(beside(table, relations));
            found(limits, "dataverse.tables.get", &path, read).await
        }
        Question::Columns(table) => {
            let path = format!("{}/Attributes?$select=LogicalName", definition(table));
            let read = |list: List<Column>| {
                let names = list.value.into_iter();
                Answer::Columns(
                    names
                        .map(|one| one.logical_name.to_ascii_lowercase())
                        .collect(),
                )
            };
            found(limits, "dataverse.columns.list", &path, read).await
        }
        Question::Company(name) => company(limits, name).await,
    }
}

fn definition(table: &TableName) -> String {
    format!("/EntityDefinitions(LogicalName='{table}')")
}

async fn sets(limits: &Limits<'_>, tables: &[TableName]) -> Result<Answer> {
    let names: Vec<String> = tables
        .iter()
        .map(|table| format!("LogicalName eq '{table}'"))
        .collect();
    let filter = names.join(" or ").replace(' ', "%20");
    let path = format!("/EntityDefinitions?$select=LogicalName,EntitySetName&$filter={filter}");
    let read = |list: List<Table>| {
        let of = |table: Table| {
            let set = table.entity_set_name?.to_ascii_lowercase();
            // Nothing is taken for listed that was not asked for.
            tables
                .contains(&table.logical_name)
                .then_some((set, table.logical_name))
        };
        Answer::Sets(list.value.into_iter().filter_map(of).collect())
    };
    found(limits, "dataverse.tables.list", &path, read).await
}

/// By each navigation property what it leads to. Of a relation of many to many either name leads to the other table.
fn beside(table: &TableName, relations: Relations) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: Option<String>, to: String| {
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let tables = all.entry(name.to_ascii_lowercase()).or_default();
            tables.insert(to.to_ascii_lowercase());
        }
    };
    for it in relations.to_one {
        add(
            it.referencing_entity_navigation_property_name,
            it.referenced_entity,
        );
    }
    for it in relations.to_many {
        add(
            it.referenced_entity_navigation_property_name,
            it.referencing_entity,
        );
    }
    for it in relations.between_many {
        let other = if it.first.eq_ignore_ascii_case(table.as_str()) {
            it.second
        } else {
            it.first
        };
        add(it.first_name, other.clone());
        add(it.second_name, other);
    }
    all
}

async fn company(limits: &Limits<'_>, listed: &CompanyName) -> Result<Answer> {
    const OPERATION: &str = "businesscentral.companies.list";
    #[derive(Deserialize)]
    struct Named {
        id: String,
        name: String,
    }
    let read = |named: Named| Company {
        id: named.id.to_ascii_lowercase(),
        name: named.name,
    };
    match listed {
        CompanyName::Id(id) => {
            let path = format!("/companies({id})?$select=id,name");
            let is_it = |named: Named| {
                let company = read(named);
                if company.id == *id {
                    Answer::Company(company)
                } else {
                    Answer::Missing
                }
            };
            found(limits, OPERATION, &path, is_it).await
        }
        CompanyName::Named(name) => {
            let text = name.replace('\'', "''");
            let text = utf8_percent_encode(&text, NON_ALPHANUMERIC);
            let path = format!("/companies?$select=id,name&$filter=name%20eq%20'{text}'");
            let one = |list: List<Named>| {
                let mut companies = list.value.into_iter().map(read);
                let company = companies.find(|company| company.name == *name);
                company.map_or(Answer::Missing, Answer::Company)
            };
            found(limits, OPERATION, &path, one).await
        }
    }
}

/// What a subscription of Business Central watches.
pub(super) async fn subscription(limits: &Limits<'_>, id: &str) -> Result<String> {
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    let path = format!("/subscriptions('{id}')");
    let operation = "businesscentral.subscriptions.list";
    watched(limits.parts, limits.snapshot, &path, operation).await
}

/// An answer that may be kept: also that there is nothing.
async fn found<T: for<'de> Deserialize<'de>>(
    limits: &Limits<'_>,
    operation: &str,
    path: &str,
    read: impl FnOnce(T) -> Answer,
) -> Result<Answer> {
    let incoming = ask(limits.parts, limits.snapshot, path).await?;
    if incoming.status == StatusCode::NOT_FOUND {
        return Ok(Answer::Missing);
    }
    whole(limits.snapshot, operation, incoming).await.map(read)
}
