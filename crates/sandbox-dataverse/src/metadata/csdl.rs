//! The service's metadata document.

use std::fmt::Write;

use crate::schema::{Kind, Navigation, Schema, Table};

/// `$metadata` as XML.
pub(super) fn document(schema: &Schema) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.CRM\" Alias=\"mscrm\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\"><EntityType Name=\"crmbaseentity\" Abstract=\"true\" />",
    );
    for (_, table) in schema.tables() {
        entity(&mut out, schema, table);
    }
    out.push_str("<EntityContainer Name=\"System\">");
    for (_, table) in schema.tables() {
        // Writing to a text cannot fail.
        let _ = write!(
            out,
            "<EntitySet Name=\"{}\" EntityType=\"Microsoft.Dynamics.CRM.{}\">",
            table.set_name, table.name
        );
        for (name, navigation) in &table.navigations {
            let target = &schema.table(far(*navigation)).set_name;
            let _ = write!(
                out,
                "<NavigationPropertyBinding Path=\"{name}\" Target=\"{target}\" />"
            );
        }
        out.push_str("</EntitySet>");
    }
    out.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    out
}

fn far(navigation: Navigation) -> crate::schema::TableId {
    match navigation {
        Navigation::Single { target, .. } | Navigation::Peers { target, .. } => target,
        Navigation::Children { table, .. } => table,
    }
}

fn entity(out: &mut String, schema: &Schema, table: &Table) {
    let _ = write!(
        out,
        "<EntityType Name=\"{}\" BaseType=\"mscrm.crmbaseentity\"><Key><PropertyRef Name=\"{}\" /></Key>",
        table.name,
        table.key_name()
    );
    for (_, column) in table.columns().filter(|(_, column)| column.is_property()) {
        let unicode = if matches!(column.kind, Kind::Text { .. } | Kind::Memo { .. }) {
            " Unicode=\"false\""
        } else {
            ""
        };
        let _ = write!(
            out,
            "<Property Name=\"{}\" Type=\"{}\"{unicode} />",
            column.property(),
            column.edm()
        );
    }
    for (name, navigation) in &table.navigations {
        let target = &schema.table(far(*navigation)).name;
        let _ = match navigation {
            Navigation::Single { column, .. } => {
                let property = table.column(*column).property();
                write!(
                    out,
                    "<NavigationProperty Name=\"{name}\" Type=\"mscrm.{target}\" Nullable=\"true\"><ReferentialConstraint Property=\"{property}\" ReferencedProperty=\"{}\" /></NavigationProperty>",
                    schema.table(far(*navigation)).key_name()
                )
            }
            _ => write!(
                out,
                "<NavigationProperty Name=\"{name}\" Type=\"Collection(mscrm.{target})\" />"
            ),
        };
    }
    out.push_str("</EntityType>");
}
