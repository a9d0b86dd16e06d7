"""Reads documents from a JSON list on standard input, and writes the events in each, as other people's code reads them.
Times are epoch milliseconds."""

import json
import sys

import icalendar


def instant(event, name):
    return round(event.decoded(name).timestamp() * 1000)


def read(event):
    return {
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "transp": str(event["TRANSP"]),
        "start": instant(event, "DTSTART"),
        "end": instant(event, "DTEND"),
        "summary": str(event["SUMMARY"]),
        "stamp": instant(event, "DTSTAMP"),
        "created": instant(event, "CREATED"),
        "modified": instant(event, "LAST-MODIFIED"),
    }


def read_calendar(text):
    return [read(event) for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]


json.dump([read_calendar(text) for text in json.load(sys.stdin)], sys.stdout)
