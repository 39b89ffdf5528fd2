"""E-mail, by a server that takes it."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Literal

from gridmask.actions.notify.channel import off_the_loop
from gridmask.actions.secrets import Secret
from gridmask.domain.errors import Deferred, NotTold, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gridmask.actions.notify.layout import Letter

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail.

    Attributes:
        host, port: where it is.
        sender: from whom mail is.
        security: how the way to it is secured.
        user, password: who we are to it; an empty user logs in as nobody.
        ca_file: authorities to trust instead of the system's.
        patience: seconds that it may take to answer each time.
    """

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str = ""
    password: Secret = Secret()
    ca_file: Path | None = None
    patience: float = 20.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Mail:
    """The way to ``recipient``."""

    server: MailServer
    recipient: str

    async def send(self, key: str, letter: Letter) -> None:
        """See :class:`~gridmask.actions.notify.channel.Channel`."""
        await off_the_loop(self.recipient, partial(self._send, self._message(key, letter)))

    def _message(self, key: str, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self.server.sender
        message["To"] = self.recipient
        message["Subject"] = letter.subject
        message["Date"] = formatdate(usegmt=True)
        # the same however often it is sent, so that who gets it twice is shown it once
        message["Message-ID"] = f"<{key}@{self.server.sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body, cte="quoted-printable" if letter.body.isascii() else "base64")
        return message

    def _send(self, message: EmailMessage) -> None:
        with self._connected() as connection, _judged(self.recipient):
            connection.send_message(message, from_addr=_bare(self.server.sender), to_addrs=[self.recipient])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection to the server. That it does not want us is its trouble, not that of the letter."""
        try:
            connection = self._opened()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(str(self.server), f"takes no mail: {_told(error)}") from error
        try:
            yield connection
        finally:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _opened(self) -> smtplib.SMTP:
        server = self.server
        password = server.password.read(f"the password of {server.user}") if server.user else ""
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.patience, context=self._context()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.patience)
        try:
            if server.security == "starttls":
                connection.starttls(context=self._context())
            if server.user:
                connection.login(server.user, password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.server.ca_file)


@contextmanager
def _judged(recipient: str) -> Iterator[None]:
    """Has what a server says to a letter told as what it means: a code from 400 on is passing, one from 500 on is not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _verdict(recipient, code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _verdict(recipient, error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        raise Unreachable(recipient, f"the server went away: {_told(error)}") from error
    except (smtplib.SMTPException, ValueError) as error:
        raise NotTold(recipient, _told(error)) from error


def _verdict(recipient: str, code: int, said: bytes | str) -> NotTold:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    told = f"the server says {code} {text}".rstrip()
    return Refused(recipient, told) if code >= 500 else Deferred(recipient, told)


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"it says {error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__


def _bare(sender: str) -> str:
    """The address in ``Name <address>``."""
    return sender.rpartition("<")[2].rstrip(">").strip()
