"""msgraph-sdk, as it is, against the sandbox under Microsoft's names."""

import asyncio
import io

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.drives.item.items.item.copy.copy_post_request_body import CopyPostRequestBody
from msgraph.generated.drives.item.items.item.create_upload_session.create_upload_session_post_request_body import (
    CreateUploadSessionPostRequestBody,
)
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.column_definition import ColumnDefinition
from msgraph.generated.models.drive_item import DriveItem
from msgraph.generated.models.drive_item_uploadable_properties import DriveItemUploadableProperties
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.field_value_set import FieldValueSet
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.folder import Folder
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.identity_set import IdentitySet
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.item_reference import ItemReference
from msgraph.generated.models.list_ import List_
from msgraph.generated.models.list_info import ListInfo
from msgraph.generated.models.list_item import ListItem
from msgraph.generated.models.message import Message
from msgraph.generated.models.number_column import NumberColumn
from msgraph.generated.models.permission import Permission
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.text_column import TextColumn
from msgraph.generated.sites.item.lists.item.items.items_request_builder import ItemsRequestBuilder
from msgraph.generated.users.item.messages.item.reply.reply_post_request_body import ReplyPostRequestBody
from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.large_file_upload import LargeFileUploadTask
from msgraph_core.tasks.page_iterator import PageIterator

import msgraph_calendar
import msgraph_directory
import msgraph_teams
from msgraph_callers import ANA, BEN, as_application, as_narrow_application, as_person, refused
from scene import check, done, scene

SITE = "contoso.sharepoint.com:/sites/projects:"


def to(*addresses):
    return [Recipient(email_address=EmailAddress(address=address)) for address in addresses]


async def mail():
    ana, ben = as_person(ANA), as_person(BEN)
    me = await ana.me.get()
    check(me.user_principal_name == ANA, "a person reads their own profile")

    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
        select=["subject", "receivedDateTime"], top=5, orderby=["receivedDateTime desc"]
    )
    page = await ana.me.messages.get(request_configuration=RequestConfiguration(query_parameters=query))
    times = [message.received_date_time for message in page.value]
    check(len(times) == 5 and times == sorted(times, reverse=True), "messages come newest first", times)
    check(page.value[0].body is None, "and only what was selected")

    seen = []
    iterator = PageIterator(page, ana.request_adapter)
    await iterator.iterate(lambda message: seen.append(message.id) or len(seen) < 12)
    check(len(set(seen)) == 12, "the iterator of pages goes on by next links", len(seen))

    inbox = ben.me.mail_folders.by_mail_folder_id("inbox")
    round_ = await inbox.messages.delta.get()
    while round_.odata_next_link:
        round_ = await inbox.messages.delta.with_url(round_.odata_next_link).get()
    check(round_.odata_delta_link is not None, "a round of changes ends with a link to the next one")

    message = Message(
        subject="From the SDK",
        body=ItemBody(content_type=BodyType.Text, content="Hello Ben"),
        to_recipients=to(BEN),
        attachments=[FileAttachment(name="note.txt", content_type="text/plain", content_bytes=b"a note")],
    )
    await ana.me.send_mail.post(SendMailPostRequestBody(message=message, save_to_sent_items=True))
    changes = await inbox.messages.delta.with_url(round_.odata_delta_link).get()
    check([one.subject for one in changes.value] == ["From the SDK"], "the next round tells the new message")
    came = ben.me.messages.by_message_id(changes.value[0].id)
    attachments = await came.attachments.get()
    check(attachments.value[0].content_bytes == b"a note", "its file came along")
    await came.reply.post(ReplyPostRequestBody(comment="Hello Ana"))
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(filter="subject eq 'RE: From the SDK'")
    found = await ana.me.messages.get(request_configuration=RequestConfiguration(query_parameters=query))
    check(len(found.value) == 1 and "Hello Ana" in found.value[0].body.content, "the reply arrives")

    draft = await ana.me.messages.post(Message(subject="A draft", to_recipients=to(BEN)))
    await ana.me.messages.by_message_id(draft.id).attachments.post(
        FileAttachment(name="more.txt", content_type="text/plain", content_bytes=b"more")
    )
    await ana.me.messages.by_message_id(draft.id).delete()
    await refused(ana.me.messages.by_message_id("made-up").get(), 400, "ErrorInvalidIdMalformed", "an id that is none")


async def drives():
    ana = as_person(ANA)
    drive = await ana.me.drive.get()
    check(drive.drive_type == "business" and drive.quota.total == 1 << 40, "everybody has a drive")
    items = ana.drives.by_drive_id(drive.id).items
    children = await items.by_drive_item_id("root").children.get()
    check("Documents" in [item.name for item in children.value], "its root has folders")
    folder = await items.by_drive_item_id("root").children.post(DriveItem(name="From the SDK", folder=Folder()))
    check(folder.folder.child_count == 0, "a folder is made")

    small = await items.by_drive_item_id("root:/From the SDK/small.txt:").content.put(b"small")
    check(small.size == 5, "a small file goes up in one piece")
    check(await items.by_drive_item_id(small.id).content.get() == b"small", "and comes down as it was")

    large = bytes(range(256)) * 28 * 1024
    properties = DriveItemUploadableProperties(additional_data={"@microsoft.graph.conflictBehavior": "replace"})
    session = await items.by_drive_item_id("root:/From the SDK/large.bin:").create_upload_session.post(
        CreateUploadSessionPostRequestBody(item=properties)
    )
    task = LargeFileUploadTask(session, ana.request_adapter, io.BytesIO(large), DriveItem)
    told = []
    uploaded = await task.upload(lambda piece: told.append(piece))
    check(uploaded.item_response.size == len(large), "a large one goes up in pieces", uploaded.item_response)
    check(len(told) >= 1, "its progress is told", told)
    check(await items.by_drive_item_id(uploaded.item_response.id).content.get() == large, "and comes down whole")

    await items.by_drive_item_id(small.id).copy.post(
        CopyPostRequestBody(name="copy.txt", parent_reference=ItemReference(drive_id=drive.id, id=folder.id))
    )
    children = await items.by_drive_item_id(folder.id).children.get()
    names = sorted(item.name for item in children.value)
    check(names == ["copy.txt", "large.bin", "small.txt"], "a copy is made", names)
    renamed = await items.by_drive_item_id(small.id).patch(DriveItem(name="renamed.txt"))
    check(renamed.name == "renamed.txt", "an item is renamed")
    versions = await items.by_drive_item_id(small.id).versions.get()
    check(len(versions.value) == 1, "a new file has one version")
    changes = await items.by_drive_item_id("root").delta.get()
    check(changes.odata_delta_link is not None, "changes are followed")
    await items.by_drive_item_id(folder.id).delete()
    await refused(items.by_drive_item_id(folder.id).get(), 404, "itemNotFound", "what was deleted is gone")


async def sites():
    app = as_application()
    found = await app.sites.get_all_sites.get()
    check("Projects" in [site.display_name for site in found.value], "an application lists all sites")
    site = await app.sites.by_site_id(SITE).get()
    check(site.id.startswith("contoso.sharepoint.com,"), "a site is found by its address")
    here = app.sites.by_site_id(site.id)
    lists = await here.lists.get()
    check("Risks" in [one.display_name for one in lists.value], "it has lists")

    made = await here.lists.post(
        List_(
            display_name="Parts",
            list_=ListInfo(template="genericList"),
            columns=[
                ColumnDefinition(name="Code", text=TextColumn(), indexed=True),
                ColumnDefinition(name="Pieces", number=NumberColumn()),
            ],
        )
    )
    check(made.list_.template == "genericList", "a list is made")
    parts = here.lists.by_list_id(made.id)
    columns = await parts.columns.get()
    code = next(column for column in columns.value if column.name == "Code")
    check(code.indexed and code.text.max_length == 255, "with its columns")

    for number in range(7):
        fields = FieldValueSet(additional_data={"Title": f"Part {number}", "Code": f"P-{number}", "Pieces": number})
        item = await parts.items.post(ListItem(fields=fields))
    check(item.fields.additional_data["Code"] == "P-6", "items are made")
    query = ItemsRequestBuilder.ItemsRequestBuilderGetQueryParameters(
        expand=["fields($select=Title,Code)"], filter="fields/Code eq 'P-3'"
    )
    some = await parts.items.get(request_configuration=RequestConfiguration(query_parameters=query))
    check([one.fields.additional_data["Title"] for one in some.value] == ["Part 3"], "and found by a column")
    query = ItemsRequestBuilder.ItemsRequestBuilderGetQueryParameters(top=3)
    page = await parts.items.get(request_configuration=RequestConfiguration(query_parameters=query))
    numbers = []
    await PageIterator(page, app.request_adapter).iterate(lambda one: numbers.append(one.id) or True)
    check(len(numbers) == 7, "pages of items go on to the end", numbers)
    changed = await parts.items.by_list_item_id(some.value[0].id).fields.patch(
        FieldValueSet(additional_data={"Pieces": 42})
    )
    check(changed.additional_data["Pieces"] == 42, "an item is changed")
    again = await parts.items.by_list_item_id(some.value[0].id).versions.get()
    check(len(again.value) == 2, "and its earlier version is kept")

    library = await here.drive.get()
    check(library.drive_type == "documentLibrary", "a site has a library")
    items = app.drives.by_drive_id(library.id).items
    file = await items.by_drive_item_id("root:/From the SDK.txt:").content.put(b"in a library")
    check(await items.by_drive_item_id(file.id).content.get() == b"in a library", "files go there as well")
    entry = await items.by_drive_item_id(file.id).list_item.get()
    check(entry.content_type.name == "Document", "and are items of its list")
    await parts.delete()
    await refused(parts.get(), 404, "itemNotFound", "a list is deleted")


async def selected_sites():
    selected = as_narrow_application()
    await refused(selected.sites.by_site_id(SITE).get(), 403, "accessDenied", "without a grant a site stays closed")
    identity = IdentitySet(application=Identity(id=scene["selected_client_id"], display_name="Selected"))
    owner = as_application().sites.by_site_id(SITE)
    granted = await owner.permissions.post(Permission(roles=["read"], granted_to_identities=[identity]))
    check(granted.roles == ["read"], "access is granted")
    opened = await selected.sites.by_site_id(SITE).get()
    check(opened.display_name == "Projects", "and opens the site")
    upload = selected.drives.by_drive_id((await selected.sites.by_site_id(SITE).drive.get()).id)
    await refused(
        upload.items.by_drive_item_id("root:/no.txt:").content.put(b"no"), 403, "accessDenied", "reading is not writing"
    )


async def batch():
    ana = as_person(ANA)
    content = BatchRequestContent()
    for path in ["/me", "/me/drive", "/me/messages/made-up"]:
        request = RequestInformation(Method.GET, "{+baseurl}" + path, {"baseurl": "https://graph.microsoft.com/v1.0"})
        item = BatchRequestItem(request)
        # Of itself the item keeps the whole address, which neither Microsoft nor the sandbox takes in a batch.
        item.url = path
        content.add_request(item.id, item)
    answer = await BatchRequestBuilder(ana.request_adapter).post(content)
    statuses = sorted(int(status) for status in answer.get_response_status_codes().values())
    check(statuses[:2] == [200, 200] and statuses[2] in (400, 404), "a batch brings each answer", statuses)


async def main():
    await mail()
    await drives()
    await sites()
    await selected_sites()
    await batch()
    await msgraph_teams.channels()
    await msgraph_teams.chats()
    await msgraph_calendar.meetings()
    await msgraph_calendar.contacts()
    await msgraph_directory.groups()
    await msgraph_directory.search()
    done(116)


asyncio.run(main())
