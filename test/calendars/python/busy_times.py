"""Reads documents from a JSON list on standard input, and writes the busy times in each, as other people's code finds
them: pairs of epoch seconds, in order. Times without a zone and whole days are in the zone of the first argument."""

import json
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

zone = ZoneInfo(sys.argv[1])


def instant(value):
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).timestamp()


def counts(event):
    return event.get("TRANSP", "OPAQUE") != "TRANSPARENT" and event.get("STATUS", "CONFIRMED") != "CANCELLED"


def busy_times(document):
    begin, end = (datetime.fromtimestamp(document[name], timezone.utc) for name in ("from", "to"))
    calendar = icalendar.Calendar.from_ical(document["text"])
    # Whole days are compared with the end by their dates: a day more is asked for.
    found = recurring_ical_events.of(calendar).between(begin, end + timedelta(days=1))
    times = {(instant(event.start), instant(event.end)) for event in found if counts(event)}
    return sorted((start, end) for start, end in times if start < document["to"] and end > document["from"])


json.dump([busy_times(document) for document in json.load(sys.stdin)], sys.stdout)
