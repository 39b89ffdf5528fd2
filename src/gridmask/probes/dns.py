"""``dns``: a name server answers a question. Needs the extra ``dns``."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import told

if TYPE_CHECKING:
    from dns.message import Message

TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")


@dataclass(frozen=True, slots=True)
class Dns:
    """The name server at the address knows the name that is the path, as in ``dns://{host}/example.org``.

    Attributes:
        record: the type of the records that are asked for.
        answer: a text that one of them must contain.
        authoritative: whether the server must be one that has the say.
    """

    schemes: ClassVar[tuple[str, ...]] = ("dns",)
    url: ClassVar[str] = ""

    record: str = "A"
    answer: str = ""
    authoritative: bool = False

    def __post_init__(self) -> None:
        if self.record not in TYPES:
            raise ValueError(f"record: {self.record!r} is none of {', '.join(TYPES)}")
        try:
            import_module("dns.asyncquery")
        except ImportError as error:
            raise ValueError("dnspython is not installed; it comes with gridmask[dns]") from error

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        name = unquote(target.address.path[1:])
        answer = await _asked(target, env, name, self.record)
        self._check(answer, name)
        return Finding("OK", f"it knows {self.record} of {name}")

    def _check(self, answer: Message, name: str) -> None:
        from dns import flags, rcode  # noqa: PLC0415 - an extra

        if answer.rcode() != rcode.NOERROR:
            unusable(f"it answers {rcode.to_text(answer.rcode())} when asked for {self.record} of {name}")
        if not answer.answer:
            unusable(f"it knows no {self.record} of {name}")
        if self.authoritative and not answer.flags & flags.AA:
            unusable("it has not the say of what it answers")
        texts = [record.to_text() for records in answer.answer for record in records]
        if self.answer and not any(self.answer in text for text in texts):
            unusable(f"it says {shown(', '.join(texts), 120)} of {name}; that is not {self.answer!r}")


async def _asked(target: Target, env: ProbeEnv, name: str, record: str) -> Message:
    from dns import asyncquery, exception, message  # noqa: PLC0415 - an extra

    try:
        question = message.make_query(name, record)
    except (exception.DNSException, UnicodeError) as error:
        raise NotMade(f"{name!r} can be no name: {shown(str(error), 80)}") from error
    where = target.address
    [address, *_] = await env.addresses(where.host)
    env.doing = f"asking {where.host} for {record} of {name}"
    try:
        with told(env.doing):
            answer, _ = await asyncquery.udp_with_fallback(question, address, env.left, where.port, ignore_unexpected=True)
    except exception.Timeout as error:
        raise TimeoutError from error
    except exception.DNSException as error:
        raise Unusable(f"what it answers is no DNS: {shown(str(error), 120)}") from error
    return answer
