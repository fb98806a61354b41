//! The judge itself: a schema of a few types, and answers that are wrong in one way each.

use serde_json::{Value, json};

use crate::schema::csdl::Model;
use crate::schema::{Asked, findings};

const SCHEMA: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <EnumType Name="importance"><Member Name="low" Value="0" /><Member Name="high" Value="1" /></EnumType>
  <EntityType Name="entity" Abstract="true"><Property Name="id" Type="Edm.String" Nullable="false" /></EntityType>
  <EntityType Name="thing" BaseType="graph.entity">
    <Property Name="importance" Type="graph.importance" />
    <Property Name="size" Type="Edm.Int32" Nullable="false" />
    <Property Name="tags" Type="Collection(Edm.String)" Nullable="false" />
    <Property Name="at" Type="Edm.DateTimeOffset" />
    <Property Name="content" Type="Edm.Stream" />
    <Property Name="place" Type="graph.place" />
    <NavigationProperty Name="parts" Type="Collection(graph.thing)" />
  </EntityType>
  <EntityType Name="openThing" BaseType="graph.thing" OpenType="true" />
  <ComplexType Name="place"><Property Name="city" Type="Edm.String" /></ComplexType>
  <Action Name="turn" IsBound="true"><Parameter Name="bindingParameter" Type="graph.thing" /></Action>
  <Function Name="delta" IsBound="true">
    <Parameter Name="bindingParameter" Type="Collection(graph.thing)" />
    <ReturnType Type="Collection(graph.thing)" />
  </Function>
  <EntityContainer Name="GraphService"><EntitySet Name="things" EntityType="microsoft.graph.thing" /></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"#;

fn wrong(method: &str, path: &str, body: &Value) -> Vec<String> {
    let model = Model::parse(SCHEMA).unwrap();
    let asked = Asked {
        method: method.to_owned(),
        path: format!("/v1.0/{path}"),
        body: Vec::new(),
    };
    findings(&model, &asked, path, 200, body)
}

#[test]
fn what_the_schema_promises_passes() {
    let thing = json!({
        "@odata.context": "http://localhost/v1.0/$metadata#things/$entity", "@odata.etag": "W/1",
        "id": "1", "importance": "low", "size": 7, "tags": [], "at": "2026-10-01T12:00:00Z",
        "place": { "city": null }, "parts@odata.nextLink": "http://localhost", "parts": [{ "id": "2" }],
    });
    for (method, path, body) in [
        ("GET", "things/1", thing.clone()),
        ("GET", "things('1')", thing.clone()),
        (
            "GET",
            "Things('1')/parts/2/microsoft.graph.openThing",
            json!({ "id": "2", "extension_x": 1 }),
        ),
        ("POST", "things", thing.clone()),
        ("PUT", "things/1/content", json!({ "id": "1" })),
        (
            "GET",
            "things",
            json!({ "value": [thing], "@odata.count": 1 }),
        ),
        (
            "GET",
            "things/delta",
            json!({ "value": [{ "id": "1", "@removed": {} }], "@odata.deltaLink": "x" }),
        ),
        ("GET", "things/1/size", json!({ "value": 7 })),
        (
            "GET",
            "things/1/parts",
            json!({
                "@odata.context": "http://localhost/v1.0/$metadata#things('1')/parts(id,size)",
                "value": [{ "@odata.type": "#microsoft.graph.openThing", "id": "2" }],
            }),
        ),
    ] {
        assert_eq!(wrong(method, path, &body), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn each_departure_from_the_schema_is_named_with_its_place() {
    for (body, place) in [
        (
            json!({ "siize": 7 }),
            "siize: expected a property of microsoft.graph.thing",
        ),
        (json!({ "size": "7" }), "size: expected Edm.Int32"),
        (json!({ "size": null }), "size: expected Edm.Int32"),
        (
            json!({ "importance": "middle" }),
            "importance: expected microsoft.graph.importance (low, high)",
        ),
        (
            json!({ "at": "yesterday" }),
            "at: expected Edm.DateTimeOffset",
        ),
        (
            json!({ "tags": null }),
            "tags: expected Collection(Edm.String)",
        ),
        (json!({ "tags": ["a", 1] }), "tags[1]: expected Edm.String"),
        (
            json!({ "place": { "town": "x" } }),
            "place.town: expected a property of microsoft.graph.place",
        ),
        (
            json!({ "parts": [{ "id": 5 }] }),
            "parts[0].id: expected Edm.String",
        ),
        (
            json!({ "@odata.kind": "x" }),
            ".@odata.kind: expected a known annotation",
        ),
        (
            json!({ "nothing@odata.count": 1 }),
            ".nothing@odata.count: expected a property",
        ),
        (
            json!({ "@odata.type": "#microsoft.graph.place" }),
            "@odata.type: expected a type derived from",
        ),
        (
            json!({ "@odata.context": "http://localhost/v1.0/$metadata#things" }),
            "@odata.context: expected a context of microsoft.graph.thing, not of Collection",
        ),
    ] {
        let wrong = wrong("GET", "things/1", &body);
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(place),
            "{wrong:?} is not {place}"
        );
    }
    assert_eq!(wrong("GET", "nothings", &json!({})).len(), 1);
    assert_eq!(wrong("GET", "things/1/nothing", &json!({})).len(), 1);
    assert_eq!(
        wrong("POST", "things/1/turn", &json!({ "id": "1" })).len(),
        1
    );
    assert_eq!(wrong("GET", "things", &json!({ "values": [] })).len(), 2);
}
