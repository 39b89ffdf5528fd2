"""The tables of the settings that say who is notified."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from gridmask.actions.conditions import Condition
from gridmask.actions.notify.hours import Hours, Span, clock_time, zone_of
from gridmask.actions.notify.mail import MailServer
from gridmask.actions.notify.plans import Cap, Plan
from gridmask.actions.secrets import Secret
from gridmask.actions.settings import Conditions
from gridmask.documents import Period, Strict
from gridmask.domain.news import Topic
from gridmask.domain.severity import Severity
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import canonical

_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_NOTEWORTHY = frozenset(Severity) - {Severity.OTHER}


class MailTable(Strict):
    """``[mail]``: the server that takes mail."""

    host: str = Field("127.0.0.1", description="Where it is.")
    port: int = Field(25, ge=1, le=65535, description="The port to connect to.")
    sender: str = Field(description="From whom mail is: an address, or `Name <address>`.")
    security: Literal["none", "starttls", "tls"] | None = Field(
        None, description="How the way to it is secured; without this, by `starttls`, and to this machine not at all."
    )
    user: str = Field("", description="Who to log in as; empty: nobody.")
    password_file: Path | None = Field(None, description="A file with the password, read anew each time.")
    password_variable: str = Field("", description="Or an environment variable that has it.")
    ca_file: Path | None = Field(None, description="A file of certificate authorities to trust instead of the system's.")

    @field_validator("sender")
    @classmethod
    def _an_address(cls, sender: str) -> str:
        bare = sender.rpartition("<")[2].rstrip(">").strip()
        if not is_mail_address(bare) or not sender.isprintable():
            raise ValueError("must be a mail address, such as 'Gridmask <gridmask@example.org>'")
        return sender

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if bool(self.user) != bool(self.password_file or self.password_variable):
            raise ValueError("a user needs a password_file or a password_variable, and these need a user")
        return self

    def server(self) -> MailServer:
        """The same, as it is used."""
        here = self.host in {"localhost", "127.0.0.1", "::1"}
        password = Secret(file=self.password_file, variable=self.password_variable)
        security = self.security or ("none" if here else "starttls")
        return MailServer(self.host, self.port, self.sender, security, self.user, password, self.ca_file)


class Notifications(Strict):
    """``[notifications]``: what holds for all notifications."""

    templates: Path | None = Field(None, description="The folder of templates: `all.j2`, and one for each VO that has its own.")
    most: int = Field(10, ge=1, le=1000, description="How many messages an address gets at most, in `per`.")
    per: Period = Field(timedelta(hours=1), description="In what time.")


class Address(Strict):
    """``[address.NAME]``: a way to tell somebody, as apprise writes it. Its URL is a secret, as a rule."""

    url: str = Field("", description="The URL, where it is no secret.", repr=False)
    url_file: Path | None = Field(None, description="A file with the URL, read anew each time.")
    url_variable: str = Field("", description="Or an environment variable that has it.")
    mail: str = Field("", description="A mail address instead, which mail is sent to by `[mail]`.")
    most: int | None = Field(None, ge=1, le=1000, description="How many messages it gets at most; else as `[notifications]`.")
    per: Period | None = Field(None, description="In what time; else as `[notifications]`.")
    largest: int | None = Field(
        None, ge=0, description="How many changes a message has at most; 0: any number. Else 0 for mail, and 20."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.url, self.url_file, self.url_variable, self.mail]
        if sum(map(bool, ways)) != 1:
            raise ValueError("says exactly one of url, url_file, url_variable and mail")
        if self.mail and not is_mail_address(self.mail):
            raise ValueError(f"mail: {self.mail!r} is no mail address")
        return self

    def secret(self) -> Secret:
        """Its URL."""
        return Secret(self.url, self.url_file, self.url_variable)

    def cap(self, usual: Notifications) -> Cap:
        """How much it is told."""
        largest = (0 if self.mail else _FEW) if self.largest is None else self.largest
        return Cap(self.most or usual.most, self.per or usual.per, largest)


_FEW = 20


class Notify(Strict):
    """``[[notify]]``: who is notified of what, and when."""

    name: str = Field(min_length=1, max_length=64, description="What it is called, in messages too.")
    to: tuple[str, ...] = Field(min_length=1, description="Names of `[address.NAME]` tables, or mail addresses.")
    vo: str = Field("", description="Only what shows in the mask of this VO, in its template.")
    on: Conditions = Conditions()
    group_by: tuple[Literal["site", "element", "vo", "type"], ...] = Field(
        ("site",), description="What comes into one message: what agrees in these. Empty: everything."
    )
    wait: Period = Field(timedelta(minutes=2), le=timedelta(days=1), description="How long more is waited for, from the first.")
    flaps: Literal["tell", "drop"] = Field(
        "tell", description="Whether what ends as it began within `wait` is told (`and back`), or not."
    )
    quiet: tuple[str, ...] = Field((), description="When not to be told: as in `22:00-07:00`, `sat-sun`, `fri 18:00-24:00`.")
    digests: tuple[str, ...] = Field((), description="At which times of the day to be told alone, as in `08:00`.")
    time_zone: str = Field("UTC", description="Whose clock these times are of, as in `Europe/Zurich`.")

    @field_validator("vo")
    @classmethod
    def _canonical(cls, vo: str) -> str:
        return canonical(vo) if vo else vo

    @field_validator("quiet")
    @classmethod
    def _spans(cls, quiet: tuple[str, ...]) -> tuple[str, ...]:
        for text in quiet:
            Span.parse(text)
        return quiet

    @field_validator("digests")
    @classmethod
    def _times(cls, digests: tuple[str, ...]) -> tuple[str, ...]:
        for text in digests:
            clock_time(text)
        return digests

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        zone_of(name)
        return name

    @model_validator(mode="after")
    def _not_always_quiet(self) -> Self:
        week = {(day, hour) for day in range(7) for hour in range(24)}
        for span in map(Span.parse, self.quiet):
            hours = range(int(span.begin.total_seconds() // 3600), int(-(-span.end.total_seconds() // 3600)))
            week -= {((day + hour // 24) % 7, hour % 24) for day in span.days for hour in hours}
        if not week and not self.digests:
            raise ValueError("quiet: leaves no hour of the week in which anybody could be told")
        return self

    def plan(self) -> Plan:
        """The same, as it is applied."""
        hours = Hours(zone_of(self.time_zone), tuple(map(Span.parse, self.quiet)), tuple(map(clock_time, self.digests)))
        drops = self.flaps == "drop"
        return Plan(
            self.name, tuple(dict.fromkeys(self.to)), self._condition(), self.group_by, self.wait, hours, drops, self.vo
        )

    def _condition(self) -> Condition:
        """What is told unless the table says otherwise: changes of what can be used, and no others."""
        said = self.on.condition()
        return Condition(
            frozenset(map(Topic, self.on.topics)) or frozenset({Topic.CHANGES}),
            said.match,
            said.seen_by | ({self.vo} if self.vo else frozenset()),
            said.verdicts,
            said.combined,
            said.severity or _NOTEWORTHY,
            said.when,
        )


def is_mail_address(text: str) -> bool:
    """Whether ``text`` is a mail address, and nothing more."""
    return bool(_MAIL_ADDRESS.fullmatch(text))


def check_addresses(tables: tuple[Notify, ...], named: dict[str, Address], mail: MailTable | None) -> None:
    """Make sure that there is a way to everybody whom ``tables`` name.

    Raises:
        ValueError: there is none.
    """
    for table in tables:
        for to in table.to:
            if to not in named and not is_mail_address(to):
                near = suggest(to, named)
                hint = f"did you mean {near!r}?" if near else "write [address.NAME], or a mail address"
                raise ValueError(f"{table.name}: there is no address {to!r}; {hint}")
            by_mail = named[to].mail if to in named else to
            if by_mail and mail is None:
                raise ValueError(f"{table.name}: {by_mail} can be told by mail alone: write [mail], with a sender")
