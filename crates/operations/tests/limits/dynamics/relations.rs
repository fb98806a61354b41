//! What Dataverse says about its tables: which they are, and where they lead.

use std::collections::BTreeMap;

use model::Service;
use serde_json::{Value, json};

use super::stage::Stage;

/// Of one table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) set: String,
    pub(crate) key: String,
}

/// Where a navigation property leads.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub(crate) name: String,
    pub(crate) to: String,
    pub(crate) is_list: bool,
}

pub(crate) struct Schema {
    pub(crate) by_set: BTreeMap<String, Table>,
    pub(crate) by_name: BTreeMap<String, Table>,
}

impl Schema {
    /// Read while nothing is limited.
    pub(crate) async fn read(stage: &Stage) -> Self {
        let connection = stage.of(Service::Crm);
        let input = json!({ "select": ["LogicalName", "EntitySetName", "PrimaryIdAttribute"] });
        let list = stage.json(connection, "dataverse.tables.list", input).await;
        let list = list.unwrap();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let tables = list["value"].as_array().unwrap().iter().map(|row| Table {
            name: text(row, "LogicalName"),
            set: text(row, "EntitySetName"),
            key: text(row, "PrimaryIdAttribute"),
        });
        let tables: Vec<Table> = tables.collect();
        Self {
            by_set: tables
                .iter()
                .map(|one| (one.set.clone(), one.clone()))
                .collect(),
            by_name: tables
                .iter()
                .map(|one| (one.name.clone(), one.clone()))
                .collect(),
        }
    }

    /// Where a table leads; read while nothing is limited.
    pub(crate) async fn relations(&self, stage: &Stage, table: &str) -> Vec<Relation> {
        let connection = stage.of(Service::Crm);
        let input = json!({ "table": table });
        let found = stage
            .json(connection, "dataverse.relationships.list", input)
            .await
            .unwrap();
        let mut relations = Vec::new();
        for (list, name, to, is_list) in [
            (
                "ManyToOneRelationships",
                "ReferencingEntityNavigationPropertyName",
                "ReferencedEntity",
                false,
            ),
            (
                "OneToManyRelationships",
                "ReferencedEntityNavigationPropertyName",
                "ReferencingEntity",
                true,
            ),
        ] {
            for row in found[list].as_array().into_iter().flatten() {
                let (Some(name), Some(to)) = (row[name].as_str(), row[to].as_str()) else {
                    continue;
                };
                relations.push(Relation {
                    name: name.to_owned(),
                    to: to.to_owned(),
                    is_list,
                });
            }
        }
        relations
    }
}
