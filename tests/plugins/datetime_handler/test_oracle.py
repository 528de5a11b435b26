#!/usr/bin/env python3
"""test_oracle.py HEXMCP

datetime-handler against Python's datetime, zoneinfo, calendar and email.utils, at random moments of
all time zones. The seed is fixed; both sides read the tz database of the system.
"""
import calendar
import json
import os
import random
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "wire"))
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])
UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ERAS = ((2, 1880), (1880, 1970), (1970, 2037), (2038, 2100), (2100, 3000), (3000, 9999))
SOME = ["Africa/Casablanca", "America/Havana", "America/New_York", "America/Sao_Paulo",
        "America/St_Johns", "Asia/Kathmandu", "Asia/Tehran", "Atlantic/Azores",
        "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin", "Europe/London", "Europe/Moscow",
        "Pacific/Apia", "Pacific/Chatham", "UTC"]


class Tool:
    def __init__(self, server):
        self.server = server

    def ask(self, **arguments):
        text, failed = self.server.call("datetime-handler", arguments)
        if failed:
            raise ValueError(f"{arguments}: {text}")
        return json.loads(text)


def seconds_of(moment):
    return (moment - EPOCH) // timedelta(seconds=1)


def random_moment(era):
    first, last = (seconds_of(datetime(year, 1, 2, tzinfo=UTC)) for year in era)
    return EPOCH + timedelta(seconds=random.randint(first, last),
                             microseconds=random.choice((0, 0, 250000, 1)))


def iso(moment):
    """As the tool writes it: Z for UTC, no zeros at the end of a fraction beyond milliseconds."""
    text = moment.isoformat(timespec="auto" if moment.microsecond % 1000 else
                            "milliseconds" if moment.microsecond else "seconds")
    return text[:-6] + "Z" if moment.tzinfo is UTC else text


def shown(moment):
    """What parse and its like say of a moment."""
    zone = getattr(moment.tzinfo, "key", "UTC")
    if zone == "UTC":
        moment = moment.replace(tzinfo=UTC)
    return {"result": iso(moment), "utc": iso(moment.astimezone(UTC)), "timestamp": seconds_of(moment),
            "timestamp_ms": (moment - EPOCH) // timedelta(milliseconds=1),
            "weekday": calendar.day_name[moment.weekday()], "timezone": zone,
            "abbreviation": moment.tzname(),
            "is_dst": bool(moment.dst()),
            "parts": {name: getattr(moment, name) for name in
                      ("year", "month", "day", "hour", "minute", "second", "microsecond")}}


class Mismatches:
    """Counts comparisons and keeps the first that went wrong."""

    def __init__(self):
        self.count, self.wrong = 0, []

    def compare(self, what, got, expected):
        self.count += 1
        got = {key: got.get(key) for key in expected}
        if got != expected:
            self.wrong.append(f"{what}\ngot      {got}\nexpected {expected}")

    def report(self, tap, name):
        tap.check(f"{name}: {self.count} agree", self.count > 0 and not self.wrong,
                  f"{len(self.wrong)} do not, such as\n" + "\n".join(self.wrong[:3]))


def zones(tap, tool):
    found = Mismatches()
    for name in sorted(zoneinfo.available_timezones()):
        for era in ERAS:
            moment = random_moment(era).astimezone(zoneinfo.ZoneInfo(name))
            expected = shown(moment)
            if expected["is_dst"] and name in ("Europe/Dublin", "Eire"):
                expected.pop("is_dst")
            got = tool.ask(operation="convert_timezone", input=iso(moment.astimezone(UTC)),
                           target_timezone=name)
            found.compare((name, iso(moment)), got, expected)
    found.report(tap, "what clocks show in every time zone")


def changes(zone, first, last):
    """The moments between two years at which the offset changes, to the second."""
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC)
    step = timedelta(days=7)
    while at < end:
        low, high = at, at + step
        before = low.astimezone(zone).utcoffset()
        if high.astimezone(zone).utcoffset() != before:
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                if middle.astimezone(zone).utcoffset() == before:
                    low = middle
                else:
                    high = middle
            yield high
        at += step


def local_times(name):
    zone = zoneinfo.ZoneInfo(name)
    for first, last in ((1940, 1946), (2005, 2012), (2022, 2025), (2040, 2042), (2399, 2401),
                        (5000, 5001)):
        for change in changes(zone, first, last):
            before = (change - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
            for minutes in (-90, -60, -31, -1, 0, 1, 29, 30, 59, 60, 61, 119, 120, 1440):
                yield before.replace(microsecond=0) + timedelta(seconds=1, minutes=minutes)


def kind_of(local, zone):
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return "overlap" if first > second else "gap" if first < second else None


def walls(tap, tool):
    found = Mismatches()
    kinds = set()
    for name in SOME:
        zone = zoneinfo.ZoneInfo(name)
        for local in local_times(name):
            kind = kind_of(local, zone)
            kinds.add(kind)
            for fold, overlap in enumerate(("earlier", "later")):
                meant = local.replace(tzinfo=zone, fold=fold if kind == "overlap" else 0).astimezone(UTC)
                other = local.replace(tzinfo=zone, fold=1 - fold).astimezone(UTC)
                got = tool.ask(input=local.isoformat(), timezone=name, overlap=overlap)
                found.compare((name, local, overlap), got,
                              {"utc": iso(meant), "local_time": kind,
                               "other_utc": iso(other) if kind == "overlap" else None})
    found.report(tap, "times around changes of clocks")
    tap.equal("they were once, never and twice", kinds, {None, "gap", "overlap"})


def months_later(local, months):
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    last = calendar.monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last))


def sums(tap, tool):
    found = Mismatches()
    clamped = 0
    for _ in range(3000):
        name = random.choice(SOME)
        zone = zoneinfo.ZoneInfo(name)
        start = random_moment(random.choice(ERAS[1:5])).astimezone(zone)
        unit = random.choice(("seconds", "minutes", "hours", "days", "weeks", "months", "years"))
        amount = random.randint(-700, 700)
        local = start.replace(tzinfo=None)
        expected = {}
        if unit in ("months", "years"):
            moved = months_later(local, amount * (12 if unit == "years" else 1))
            clamped += moved.day != local.day
            days = {"wanted_day": local.day, "day": moved.day}
            expected["clamped"] = days if moved.day != local.day else None
        elif unit in ("days", "weeks"):
            moved = local + timedelta(**{unit: amount})
        else:
            moved = None
            expected["utc"] = iso(start.astimezone(UTC) + timedelta(**{unit: amount}))
        if moved:
            fold = kind_of(moved, zone) == "overlap" and \
                moved.replace(tzinfo=zone, fold=1).utcoffset() == start.utcoffset()
            expected["utc"] = iso(moved.replace(tzinfo=zone, fold=int(fold)).astimezone(UTC))
        sign = random.choice((1, -1))
        found.compare((name, iso(start), amount, unit), tool.ask(
            operation="add" if sign == 1 else "subtract", input=iso(start), timezone=name,
            amount=sign * amount, unit=unit), expected)
    found.report(tap, "sums")
    tap.check("some days were clamped", clamped > 3)


def differences(tap, tool):
    found = Mismatches()
    for _ in range(2000):
        start, end = random_moment((2, 9999)), random_moment(random.choice(ERAS))
        if random.random() < 0.3:
            end = start + timedelta(seconds=random.randint(-200000, 200000))
        span = abs(end - start)
        sign = -1 if end < start else 1
        expected = {"start": iso(start), "end": iso(end), "days": sign * span.days,
                    "hours": sign * (span.seconds // 3600), "minutes": sign * (span.seconds // 60 % 60)}
        got = tool.ask(operation="difference", start=iso(start), end=iso(end))
        found.compare((iso(start), iso(end)), got, expected)
        error = abs(got["total_seconds"] - sign * span.total_seconds())
        found.compare((iso(start), iso(end)), {"close": error < 1e-4}, {"close": True})
        first, last = sorted((start, end))
        years, months, days = (sign * got["calendar"][key] for key in ("years", "months", "days"))
        reached = months_later(first, years * 12 + months) + timedelta(days=days)
        found.compare((iso(start), iso(end), got["calendar"]),
                      {"close": timedelta() <= last - reached < timedelta(days=1)}, {"close": True})
    found.report(tap, "differences")


def days(tap, tool):
    found = Mismatches()
    for _ in range(2000):
        moment = random_moment(random.choice(ERAS))
        if random.random() < 0.4:
            moment = moment.replace(month=random.choice((1, 12)),
                                    day=random.choice((1, 2, 3, 4, 28, 29, 30, 31)))
        year, week, weekday = moment.isocalendar()
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        found.compare(iso(moment), tool.ask(operation="info", input=iso(moment)), {
            "weekday_number": weekday, "week_of_year": week, "week_year": year,
            "iso_week_date": f"{year:04}-W{week:02}-{weekday}", "day_of_year": moment.timetuple().tm_yday,
            "quarter": (moment.month + 2) // 3, "is_leap_year": calendar.isleap(moment.year),
            "days_in_month": calendar.monthrange(moment.year, moment.month)[1],
            "days_in_year": 365 + calendar.isleap(moment.year), "start_of_day": iso(midnight),
            "end_of_day": iso(midnight + timedelta(hours=23, minutes=59, seconds=59)),
            "seconds_in_day": 86400})
    found.report(tap, "what the calendar says of a day")


def day_lengths(tap, tool):
    """The day in which clocks change, from its first second to the first of the next."""
    found = Mismatches()
    for name in SOME:
        zone = zoneinfo.ZoneInfo(name)
        for change in changes(zone, 2000, 2020):
            local = change.astimezone(zone)
            got = tool.ask(operation="info", input=iso(change), timezone=name)
            start, end = (datetime.fromisoformat(got[key]).astimezone(zone)
                          for key in ("start_of_day", "end_of_day"))
            before, after = ((moment.astimezone(UTC) + timedelta(seconds=by)).astimezone(zone)
                             for moment, by in ((start, -1), (end, 1)))
            dates = [before.date() < local.date(), start.date(), end.date(), after.date() > local.date()]
            found.compare((name, iso(change)), {"dates": dates, "length": got["seconds_in_day"]},
                          {"dates": [True, local.date(), local.date(), True],
                           "length": seconds_of(end) - seconds_of(start) + 1})
    found.report(tap, "the first and last second of days in which clocks change")


def formats(tap, tool):
    found = Mismatches()
    for _ in range(400):
        moment = random_moment((1000, 9999)).astimezone(zoneinfo.ZoneInfo(random.choice(SOME)))
        moment = moment.replace(microsecond=0)
        if moment.utcoffset() % timedelta(minutes=1):
            continue
        for letters in ("Y m d H M S", "y b B a A", "j u w V G", "F T R D", "k l", "I p e C",
                        "f s z Z %"):
            pattern = " ".join("%" + letter for letter in letters.split()) + " 年"
            expected = moment.strftime(pattern.replace("%s", "@")).replace("@", str(seconds_of(moment)))
            got = tool.ask(input=iso(moment), timezone=moment.tzinfo.key, format=pattern)
            found.compare((iso(moment), pattern), got, {"result": expected})
    found.report(tap, "formats")


def forms(tap, tool):
    found = Mismatches()
    for _ in range(600):
        moment = random_moment((1970, 2049)).replace(microsecond=0)
        year, week, weekday = moment.isocalendar()
        time = f"{moment:%H:%M:%S}"
        for text, form in ((format_datetime(moment), "rfc2822"),
                           (format_datetime(moment, usegmt=True), "rfc2822"),
                           (moment.strftime("%A, %d-%b-%y %H:%M:%S GMT"), "rfc2822"),
                           (moment.strftime("%d %B %Y %H:%M:%S"), "rfc2822"),
                           (moment.ctime(), "asctime"),
                           (moment.strftime("%a %b %e %H:%M:%S UTC %Y"), "asctime"),
                           (moment.isoformat(), "iso8601"),
                           (moment.isoformat(" "), "iso8601"),
                           (moment.strftime("%Y%m%dT%H%M%SZ"), "iso8601"),
                           (moment.strftime("%Y-%m-%d %H:%M:%S"), "iso8601"),
                           (f"{year:04}-W{week:02}-{weekday}T{time}Z", "iso8601-week"),
                           (f"{year:04}W{week:02}{weekday}T{time.replace(':', '')}Z", "iso8601-week"),
                           (moment.strftime("%Y-%jT%H:%M:%SZ"), "iso8601-ordinal"),
                           (moment.strftime("%Y%jT%H:%M:%SZ"), "iso8601-ordinal"),
                           (moment.strftime("%Y/%m/%d %H:%M:%S"), "year/month/day"),
                           (f"@{seconds_of(moment)}", "unix")):
            found.compare(text, tool.ask(input=text), {"utc": iso(moment), "parsed_as": form})
        for pattern in ("%d.%m.%Y %H:%M:%S", "%m/%d/%y %I:%M:%S %p", "%Y %j %H:%M:%S", "%A %e. %B %Y %T"):
            got = tool.ask(input=moment.strftime(pattern), input_format=pattern)
            found.compare(pattern, got, {"utc": iso(moment)})
    found.report(tap, "forms of input")


def examples(tap, tool):
    """What operation formats lists is true of 12:30 on 15 March 2024 in Berlin."""
    listed = tool.ask(operation="formats")
    for row in listed["conversions"] + listed["formats"]:
        got = tool.ask(input="2024-03-15T12:30", timezone="Europe/Berlin", format=row["name"])
        tap.equal(f"the example of {row['name']}", got["result"], row["example"])
    for row in listed["input_formats"]:
        pattern = {"input_format": "%d.%m.%Y"} if row["name"] == "input_format" else {}
        got = tool.ask(operation="parse", input=row["example"], **pattern)
        tap.equal(f"the example of {row['name']}", got["parsed_as"], row["name"])


def main():
    random.seed(20240315)
    with Tap() as tap, Place(HEXMCP) as place:
        server = Server(place)
        tool = Tool(server)
        for part in (zones, walls, sums, differences, days, day_lengths, formats, forms, examples):
            part(tap, tool)
        tap.equal("it ends well", server.end(), (0, "", ""))


if __name__ == "__main__":
    main()
