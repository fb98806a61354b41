"""Teams, channels and chats, by msgraph-sdk."""

from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.aad_user_conversation_member import AadUserConversationMember
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.channel_membership_type import ChannelMembershipType
from msgraph.generated.models.chat import Chat
from msgraph.generated.models.chat_message import ChatMessage
from msgraph.generated.models.chat_type import ChatType
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.teams.item.channels.item.messages.messages_request_builder import MessagesRequestBuilder

from msgraph_callers import ANA, BEN, CHIARA, as_application, as_narrow_application, as_person, refused
from scene import check


def says(text):
    return ChatMessage(body=ItemBody(content_type=BodyType.Text, content=text))


def invites(address):
    bind = {"user@odata.bind": f"https://graph.microsoft.com/v1.0/users('{address}')"}
    return AadUserConversationMember(roles=["owner"], additional_data=bind)


def texts(page):
    return [message.body.content for message in page.value]


async def channels():
    ana, ben = as_person(ANA), as_person(BEN)
    joined = await ana.me.joined_teams.get()
    sales = next(team for team in joined.value if team.display_name == "Sales")
    here = ana.teams.by_team_id(sales.id)
    all_ = await here.channels.get()
    kinds = {channel.display_name: channel.membership_type for channel in all_.value}
    check(kinds["Offers"] == ChannelMembershipType.Standard, "a team has channels", kinds)
    check(kinds["Quarter close"] == ChannelMembershipType.Private, "some of them private", kinds)
    members = {member.email: member for member in (await here.members.get()).value}
    check(isinstance(members[BEN], AadUserConversationMember), "its members are people of the tenant", members)
    check((members[ANA].roles, members[BEN].roles) == (["owner"], []), "and one of them owns it", members)

    offers = next(channel.id for channel in all_.value if channel.display_name == "Offers")
    messages = here.channels.by_channel_id(offers).messages
    before = len((await messages.get()).value)
    posted = await messages.post(says("Who prices Fabrikam?"))
    check(posted.from_.user.display_name == "Ana Reis", "a person posts in a channel", posted.from_)
    check(posted.channel_identity.channel_id == offers, "and the message says where", posted.channel_identity)
    thread = messages.by_chat_message_id(posted.id)
    bens = ben.teams.by_team_id(sales.id).channels.by_channel_id(offers).messages.by_chat_message_id(posted.id)
    reply = await bens.replies.post(says("I do"))
    check(reply.reply_to_id == posted.id, "another person replies", reply.reply_to_id)
    check(texts(await thread.replies.get()) == ["I do"], "replies are listed")
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=1, expand=["replies"])
    newest = await messages.get(request_configuration=RequestConfiguration(query_parameters=query))
    check(texts(newest) == ["Who prices Fabrikam?"], "messages are listed, the last one first", texts(newest))
    check([one.id for one in newest.value[0].replies] == [reply.id], "with what was replied")
    await thread.patch(says("Who prices Fabrikam today?"))
    edited = await bens.get()
    check(edited.body.content.endswith("today?") and edited.last_edited_date_time, "who wrote it may edit it")
    await refused(bens.patch(says("Nobody")), 403, "Forbidden", "nobody else may")

    reader = as_application().teams.by_team_id(sales.id).channels.by_channel_id(offers).messages
    told = await refused(reader.post(says("No")), 401, "Unauthorized", "an application imports, and does not post")
    check("only for import purposes" in told.message, "in Microsoft's words", told.message)
    narrow = as_narrow_application().teams.by_team_id(sales.id).channels.by_channel_id(offers).messages
    await refused(narrow.post(says("No")), 403, "Forbidden", "one without the permission does not even that")
    outside = as_person(CHIARA).teams.by_team_id(sales.id).channels.by_channel_id(offers).messages
    await refused(outside.get(), 403, "Forbidden", "who is not of the team does not read it")
    await bens.replies.by_chat_message_id1(reply.id).soft_delete.post()
    kept = await reader.get()
    check(len(kept.value) == before + 1, "one message was added in the end", texts(kept))
    check(kept.value[0].id == posted.id, "and it is that one", texts(kept))
    taken_back = (await reader.by_chat_message_id(posted.id).replies.get()).value
    check([bool(one.deleted_date_time) for one in taken_back] == [True], "its reply was taken back", taken_back)


async def chats():
    ana, ben = as_person(ANA), as_person(BEN)
    new = Chat(chat_type=ChatType.Group, topic="From the SDK", members=[invites(ANA), invites(BEN)])
    made = await ana.chats.post(new)
    check((made.chat_type, made.topic) == (ChatType.Group, "From the SDK"), "a chat is made", made.topic)
    sent = await ana.chats.by_chat_id(made.id).messages.post(says("Lunch?"))
    check(sent.chat_id == made.id, "a message is sent to it", sent.chat_id)
    bens = ben.chats.by_chat_id(made.id)
    check("Lunch?" in texts(await bens.messages.get()), "the others read it")
    await bens.messages.post(says("Gladly"))
    check(texts(await ana.chats.by_chat_id(made.id).messages.get())[:2] == ["Gladly", "Lunch?"], "and answer")
    people = {member.email for member in (await bens.members.get()).value}
    check(people == {ANA, BEN}, "both are its members", people)
    check(made.id in [chat.id for chat in (await ben.me.chats.get()).value], "it is among their chats")
    outside = as_person(CHIARA).chats.by_chat_id(made.id).messages
    await refused(outside.get(), 403, "Forbidden", "a third person is kept out")
    importer = as_application().chats.by_chat_id(made.id).messages
    await refused(importer.post(says("No")), 401, "Unauthorized", "and no application writes there")
    check(texts(await bens.messages.get())[:2] == ["Gladly", "Lunch?"], "nothing of which left a trace")
