"""Meetings, free and busy times, and contacts, by msgraph-sdk."""

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.contact import Contact
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.free_busy_status import FreeBusyStatus
from msgraph.generated.models.location import Location
from msgraph.generated.models.physical_address import PhysicalAddress
from msgraph.generated.models.response_type import ResponseType
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.contacts.contacts_request_builder import ContactsRequestBuilder
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody

from msgraph_callers import ANA, BEN, as_narrow_application, as_person, refused
from scene import check

# A Saturday in which nothing else happens.
DAY = "2031-04-05"


def at(hour):
    return DateTimeTimeZone(date_time=f"{DAY}T{hour:02}:00:00", time_zone="UTC")


async def day(person, zone="UTC"):
    """What a person's calendar has on that day."""
    query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time=f"{DAY}T00:00:00Z", end_date_time=f"{DAY}T23:59:59Z", orderby=["start/dateTime"]
    )
    headers = HeadersCollection()
    headers.add("Prefer", f'outlook.timezone="{zone}"')
    config = RequestConfiguration(query_parameters=query, headers=headers)
    return (await person.me.calendar_view.get(request_configuration=config)).value


async def availability(person, of):
    body = GetSchedulePostRequestBody(
        schedules=[of], start_time=at(9), end_time=at(13), availability_view_interval=60
    )
    return (await person.me.calendar.get_schedule.post(body)).value[0]


async def meetings():
    ana, ben = as_person(ANA), as_person(BEN)
    check((await availability(ana, BEN)).availability_view == "0000", "a colleague is free all morning")
    guest = Attendee(email_address=EmailAddress(address=BEN), type=AttendeeType.Required)
    new = Event(subject="From the SDK", start=at(10), end=at(11), attendees=[guest])
    made = await ana.me.events.post(new)
    check(made.organizer.email_address.address == ANA and made.is_organizer, "a meeting is made", made.organizer)
    check(made.attendees[0].status.response == ResponseType.None_, "its guest has not answered yet")
    check([event.id for event in await day(ana)] == [made.id], "the view of the day has it")
    there = (await day(ana, "W. Europe Standard Time"))[0].start
    check(there.date_time.startswith(f"{DAY}T12:00"), "in the zone that is asked for", there.date_time)

    invitation = (await day(ben))[0]
    check(invitation.show_as == FreeBusyStatus.Tentative, "the guest's calendar has it tentatively")
    check((await availability(ana, BEN)).availability_view == "0100", "and so does their schedule")
    mine = ben.me.events.by_event_id(invitation.id)
    await mine.accept.post(AcceptPostRequestBody(comment="Gladly", send_response=True))
    answered = await ana.me.events.by_event_id(made.id).get()
    check(answered.attendees[0].status.response == ResponseType.Accepted, "the organizer sees who accepted")
    busy = await availability(ana, BEN)
    check(busy.availability_view == "0200", "who accepted is busy", busy.availability_view)
    check([item.status for item in busy.schedule_items] == [FreeBusyStatus.Busy], "as the schedule's items say")

    own = ana.me.events.by_event_id(made.id)
    changed = await own.patch(
        Event(subject="Moved by the SDK", location=Location(display_name="Tejo"), start=at(11), end=at(12))
    )
    check(changed.subject == "Moved by the SDK" and changed.location.display_name == "Tejo", "it is changed")
    moved = await mine.get()
    check(moved.start.date_time.startswith(f"{DAY}T11:00"), "and moves for the guest", moved.start.date_time)
    check(moved.response_status.response == ResponseType.NotResponded, "who is asked again")
    await own.delete()
    await refused(own.get(), 404, "ErrorItemNotFound", "what was deleted is gone")
    off = (await day(ben))[0]
    check(off.is_cancelled and off.show_as == FreeBusyStatus.Free, "the guest's is cancelled", off.show_as)
    await mine.delete()
    check(await day(ana) == [] and await day(ben) == [], "and nothing of it stays")
    narrow = as_narrow_application().users.by_user_id(ANA)
    await refused(narrow.events.post(new), 403, "ErrorAccessDenied", "none of it without permission")


async def named(person, given):
    query = ContactsRequestBuilder.ContactsRequestBuilderGetQueryParameters(filter=f"givenName eq '{given}'")
    return (await person.me.contacts.get(request_configuration=RequestConfiguration(query_parameters=query))).value


async def contacts():
    ana = as_person(ANA)
    made = await ana.me.contacts.post(
        Contact(
            given_name="Claire",
            surname="Moreau",
            email_addresses=[EmailAddress(address="claire@moreau.example", name="Claire Moreau")],
            business_phones=["+33 1 00"],
            home_address=PhysicalAddress(city="Lyon"),
        )
    )
    check((made.display_name, made.file_as) == ("Claire Moreau", "Moreau, Claire"), "a contact is made", made.file_as)
    found = await named(ana, "Claire")
    check([one.id for one in found] == [made.id], "and listed", found)
    check(found[0].email_addresses[0].address == "claire@moreau.example", "with its address")
    check(found[0].home_address.city == "Lyon" and found[0].business_phones == ["+33 1 00"], "and all the rest")
    one = ana.me.contacts.by_contact_id(made.id)
    check((await one.patch(Contact(job_title="Buyer"))).job_title == "Buyer", "it is changed")
    check((await one.get()).surname == "Moreau", "and keeps what was not named")
    check(await named(as_person(BEN), "Claire") == [], "it is one person's own")
    await one.delete()
    await refused(one.get(), 404, "ErrorItemNotFound", "a contact is deleted")
    check(await named(ana, "Claire") == [], "and no longer listed")
