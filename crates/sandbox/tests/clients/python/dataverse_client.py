"""Microsoft's Dataverse client for Python, as it is, against the sandbox under Microsoft's names."""

import enum
import tempfile

import requests
from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.upsert import UpsertItem

from scene import LOGIN, check, control, done, scene

ENVIRONMENT = "https://contoso.crm4.dynamics.com"
FORMATTED = "OData.Community.Display.V1.FormattedValue"

credential = ClientSecretCredential(scene["tenant_id"], scene["client_id"], scene["secret"], authority=LOGIN)


class Phase(enum.IntEnum):
    START = 1
    END = 2


def refused(call, status, what):
    """The error that a call has to end with."""
    try:
        call()
    except HttpError as error:
        check(error.details.get("status_code", getattr(error, "status_code", None)) == status, what, str(error))
        return error
    raise SystemExit(f"not so: {what}; nothing was refused")


def nobody_yet(client):
    error = refused(lambda: client.records.list("account", top=1), 403, "an application without a user stays outside")
    check("0x80072560" in str(error.to_dict()), "and is told that it is no member", error.to_dict())
    control("POST", "/dataverse/application-users", {"client_id": scene["client_id"], "roles": ["System Administrator"]})


def rows(client):
    one = client.records.create("account", {"name": "Judged", "revenue": 1000.5, "industrycode": 7, "donotphone": True})
    check(len(one) == 36, "a row is created", one)
    read = client.records.retrieve("account", one, select=["name", "revenue", "industrycode"], include_annotations="*")
    check(read["name"] == "Judged" and read["revenue"] == 1000.5, "and read", dict(read))
    check(read["industrycode@" + FORMATTED] == "Consulting", "with its choice as text", dict(read))
    client.records.update("account", one, {"name": "Judged twice", "telephone1": None})
    check(client.records.retrieve("account", one)["name"] == "Judged twice", "it is changed")
    contact = client.records.create(
        "contact", {"firstname": "Ana", "lastname": "Reis", "parentcustomerid_account@odata.bind": f"/accounts({one})"}
    )
    found = client.records.list(
        "account", filter=f"accountid eq {one}", select=["name"], expand=["contact_customer_accounts($select=fullname)"]
    )
    related = list(found)[0]["contact_customer_accounts"]
    check([it["fullname"] for it in related] == ["Ana Reis"], "a bound row is related", related)
    many = client.records.create("account", [{"name": f"Many {number:02}"} for number in range(30)])
    check(len(set(many)) == 30, "many rows are created at once", len(many))
    client.records.update("account", many, {"description": "changed together"})
    check(len(list(client.records.list("account", filter="description eq 'changed together'"))) == 30, "and changed")
    client.records.delete("contact", contact)
    check(client.records.retrieve("contact", contact) is None, "a row is deleted")
    job = client.records.delete("account", many[:5])
    check(job, "rows are deleted in bulk", job)
    check(len(list(client.records.list("account", filter="description eq 'changed together'"))) == 25, "and are gone")
    error = refused(lambda: client.records.create("account", {"nme": "x"}), 400, "an unknown column is refused")
    check("0x80048d19" in str(error.to_dict()), "with its code", error.to_dict())
    return one


def queries(client):
    pages = list(client.records.list_pages("account", select=["name"], orderby=["name asc"], page_size=10))
    names = [row["name"] for page in pages for row in page]
    check(len(pages) > 3 and len(names) == len(set(names)), "pages follow each other", [len(page) for page in pages])
    check(names == sorted(names, key=str.lower), "in order", names[:5])
    query = client.query.builder("account").select("name", "revenue").where(col("revenue") > 1_000_000)
    big = list(query.order_by("revenue", descending=True).top(5).execute())
    revenues = [row["revenue"] for row in big]
    check(len(big) == 5 and revenues == sorted(revenues, reverse=True), "a built query is answered", revenues)
    xml = """<fetch count="7"><entity name="contact"><attribute name="fullname"/><order attribute="fullname"/>
      <link-entity name="account" from="accountid" to="parentcustomerid" alias="company"><attribute name="name"/></link-entity></entity></fetch>"""
    pages = list(client.query.fetchxml(xml).execute_pages())
    check(len(pages) > 3, "FetchXML comes in pages", len(pages))
    check(all(row["company.name"] for page in pages for row in page), "with the linked table")
    sums = """<fetch aggregate="true"><entity name="opportunity"><attribute name="opportunityid" alias="n" aggregate="count"/>
      <attribute name="statecode" alias="state" groupby="true"/></entity></fetch>"""
    groups = list(client.query.fetchxml(sums).execute())
    check(sum(row["n"] for row in groups) == 36, "and aggregates", [dict(row) for row in groups])


def upserts(client):
    key = client.tables.create_alternate_key("account", "contoso_number", ["accountnumber"])
    check(key.schema_name == "contoso_number", "an alternate key is created", key)
    check([it.schema_name for it in client.tables.get_alternate_keys("account")] == ["contoso_number"], "and listed")
    item = lambda number, name: UpsertItem(alternate_key={"accountnumber": number}, record={"name": name})
    client.records.upsert("account", [item("UP-1", "First")])
    client.records.upsert("account", [item("UP-1", "First again"), item("UP-2", "Second")])
    found = client.records.list("account", filter="startswith(accountnumber,'UP-')", orderby=["accountnumber"])
    check([row["name"] for row in found] == ["First again", "Second"], "rows are upserted by it", [dict(it) for it in found])


def batches(client):
    batch = client.batch.new()
    with batch.changeset() as changes:
        account = changes.records.create("account", {"name": "Of a batch"})
        changes.records.create("contact", {"lastname": "Of a batch", "parentcustomerid_account@odata.bind": account})
        changes.records.update("account", account, {"telephone1": "42"})
    batch.records.list("account", filter="name eq 'Of a batch'", select=["telephone1"])
    result = batch.execute()
    check(not result.has_errors and len(result.responses) == 4, "a batch with a change set", result.responses)
    check(result.responses[3].data["value"][0]["telephone1"] == "42", "sees what the change set did")
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": "Never"})
        changes.records.create("account", {"nme": "x"})
    batch.records.create("account", {"name": "After all"})
    result = batch.execute(continue_on_error=True)
    check(len(result.failed) == 1 and len(result.succeeded) == 1, "a failed change set fails alone", result.responses)
    check(not list(client.records.list("account", filter="name eq 'Never'")), "and leaves nothing behind")


def tables(client):
    made = client.tables.create("new_Judgement", {"new_Weight": "decimal", "new_Open": "bool", "new_Phase": Phase})
    check(made.logical_name == "new_judgement" and made.entity_set_name == "new_judgements", "a table is created", made)
    check(client.tables.get("new_Judgement").metadata_id == made.metadata_id, "and found")
    client.tables.add_columns("new_Judgement", {"new_Note": "memo", "new_Count": {"type": "int", "max_value": 5}})
    client.tables.update_column("new_Judgement", "new_Count", {"max_value": 9})
    column = client.tables.get_column("new_Judgement", "new_Count", typed=True)
    check(column["MaxValue"] == 9, "a column is added and changed", column)
    client.tables.create_lookup_field("new_judgement", "new_AccountId", "account")
    account = client.records.create("account", {"name": "Judge"})
    row = client.records.create(
        "new_Judgement",
        {"new_name": "One", "new_count": 9, "new_phase": "END", "new_AccountId@odata.bind": f"/accounts({account})"},
    )
    read = client.records.retrieve("new_Judgement", row, expand=["new_AccountId($select=name)"])
    check(read["new_phase"] == 2 and read["new_AccountId"]["name"] == "Judge", "rows of it have lookups and choices", dict(read))
    refused(lambda: client.records.update("new_Judgement", row, {"new_count": 10}), 400, "and limits")
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"evidence")
        file.flush()
        client.files.upload("new_Judgement", row, "new_Evidence", file.name)
    token = credential.get_token(ENVIRONMENT + "/.default").token
    url = f"{ENVIRONMENT}/api/data/v9.2/new_judgements({row})/new_evidence/$value"
    answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    check(answer.content == b"evidence", "a file column is made and filled", answer.text)
    client.tables.delete("new_Judgement")
    check(client.tables.get("new_Judgement") is None, "the table is deleted")
    names = {it["LogicalName"] for it in client.tables.list(filter="IsActivity eq true", select=["LogicalName"])}
    check({"task", "phonecall", "email"} <= names, "tables are listed", names)


with DataverseClient(ENVIRONMENT, credential) as judged:
    nobody_yet(judged)
    rows(judged)
    queries(judged)
    upserts(judged)
    batches(judged)
    tables(judged)
done(at_least=30)
