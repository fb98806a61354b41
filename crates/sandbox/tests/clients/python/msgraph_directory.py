"""Groups that are followed, deleted and brought back, and a search of one's mailbox, by msgraph-sdk."""

from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.groups.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.models.entity_type import EntityType
from msgraph.generated.models.group import Group
from msgraph.generated.models.message import Message
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.search_query import SearchQuery
from msgraph.generated.models.search_request import SearchRequest
from msgraph.generated.search.query.query_post_request_body import QueryPostRequestBody

from msgraph_callers import ANA, BEN, as_application, as_person, refused
from scene import check, control

OBJECTS = "https://graph.microsoft.com/v1.0/directoryObjects/"


async def follow(groups, round_):
    """All that a round tells, and where the next begins."""
    told = list(round_.value)
    while round_.odata_next_link:
        round_ = await groups.delta.with_url(round_.odata_next_link).get()
        told += round_.value
    return {group.id: group for group in told}, round_.odata_delta_link


def members(group):
    """Ids that joined, and ids that left."""
    related = group.additional_data.get("members@delta", [])
    left = [str(one["id"]) for one in related if "@removed" in one]
    return [str(one["id"]) for one in related if "@removed" not in one], left


async def groups():
    app = as_application()
    users = {user["user_principal_name"]: user["id"] for user in control("GET", "/users")}
    ana, ben = users[ANA], users[BEN]
    made = await app.groups.post(
        Group(
            display_name="Followed",
            mail_nickname="followed",
            mail_enabled=True,
            security_enabled=False,
            group_types=["Unified"],
        )
    )
    group = app.groups.by_group_id(made.id)
    await group.members.ref.post(ReferenceCreate(odata_id=OBJECTS + ana))
    query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=["displayName", "description", "members"])
    first = await app.groups.delta.get(request_configuration=RequestConfiguration(query_parameters=query))
    told, link = await follow(app.groups, first)
    check(told[made.id].display_name == "Followed" and len(told) > 5, "the first round tells all groups", len(told))
    check(members(told[made.id]) == ([ana], []), "with their members", told[made.id].additional_data)

    await group.members.ref.post(ReferenceCreate(odata_id=OBJECTS + ben))
    await group.members.by_directory_object_id(ana).ref.delete()
    await group.patch(Group(description="For all"))
    told, link = await follow(app.groups, await app.groups.delta.with_url(link).get())
    check(list(told) == [made.id] and told[made.id].description == "For all", "the next tells what changed")
    check(members(told[made.id]) == ([ben], [ana]), "who joined and who left", told[made.id].additional_data)

    await group.delete()
    told, link = await follow(app.groups, await app.groups.delta.with_url(link).get())
    gone = told[made.id].additional_data.get("@removed")
    check(gone == {"reason": "changed"}, "a deleted group is told as one that may come back", gone)
    bin_ = app.directory.deleted_items
    listed = await bin_.graph_group.get()
    check([one.id for one in listed.value] == [made.id], "it is in the recycle bin")
    back = await bin_.by_directory_object_id(made.id).restore.post()
    check(back.id == made.id, "and comes back")
    told, link = await follow(app.groups, await app.groups.delta.with_url(link).get())
    check(members(told[made.id]) == ([ben], []), "with its members", told[made.id].additional_data)
    await refused(bin_.by_directory_object_id(made.id).get(), 404, "Request_ResourceNotFound", "nothing is left in the bin")

    control("POST", "/tenants/contoso.com/forget-changes")
    await refused(app.groups.delta.with_url(link).get(), 410, "syncStateNotFound", "an old link ends in a new start")


async def search():
    ana = as_person(ANA)
    await ana.me.messages.post(Message(subject="Zeppelin over the lake"))

    def body(kind, words, size=10):
        return QueryPostRequestBody(
            requests=[SearchRequest(entity_types=[kind], query=SearchQuery(query_string=words), from_=0, size=size)]
        )

    answer = await ana.search.query.post(body(EntityType.Message, "subject:zeppelin"))
    container = answer.value[0].hits_containers[0]
    check(container.total == 1 and not container.more_results_available, "a message is found", container.total)
    hit = container.hits[0]
    check(isinstance(hit.resource, Message), "as a message", type(hit.resource))
    check(hit.resource.subject == "Zeppelin over the lake", "by its subject", hit.resource.subject)
    found = await ana.me.messages.by_message_id(hit.hit_id).get()
    check(found.subject == hit.resource.subject, "whose id leads to it")
    nothing = await ana.search.query.post(body(EntityType.Event, "zeppelin"))
    check(nothing.value[0].hits_containers[0].total == 0, "no event is of that")
    await refused(ana.search.query.post(body(EntityType.Message, "x", 26)), 400, "BadRequest", "a page has 25 hits at most")
