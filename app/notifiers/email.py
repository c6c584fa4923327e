"""E-mail by the administrator's relay (GATELINE_SMTP_URL): one message to all recipients, as plain text and as HTML."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from html import escape
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from app.errors import Permanent, Temporary
from app.notifiers import Message
from app.outward import Outward

TIMEOUT: Final = 20
"""Seconds for one answer of the relay."""


@dataclass(frozen=True, slots=True)
class Email:
    """Credentials: `url`, `smtp://[user:password@]host[:587]` (STARTTLS where offered) or `smtps://…[:465]`, and `from`.

    The relay is the administrator's, so it may be anywhere.
    """

    name: str = "email"
    serves: tuple[str, ...] = ("email",)

    def send(self, message: Message, credentials: Mapping[str, str], outward: Outward) -> str:  # noqa: ARG002 - the relay is not named by users
        if not credentials.get("url") or not credentials.get("from"):
            raise Permanent("no e-mail can be sent: the administrator has not set GATELINE_SMTP_URL and GATELINE_MAIL_FROM")
        if not message.recipients:
            raise Permanent("the e-mail has no recipients: add `recipients` to the notification")
        mail = composed(message, credentials["from"])
        try:
            with _relay(urlsplit(credentials["url"])) as relay:
                refused = relay.send_message(mail, credentials["from"], list(message.recipients))
        except (OSError, smtplib.SMTPException) as problem:
            raise _judged(problem) from None
        if refused:
            raise Permanent(f"the mail relay refused {', '.join(sorted(refused))}; the others were told")
        return ""


def _relay(url: SplitResult) -> smtplib.SMTP:
    """Connected and logged in. Passwords go over TLS or to this machine only."""
    host = url.hostname or ""
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=context)
    else:
        relay = smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT)
    try:
        relay.ehlo()
        safe = url.scheme == "smtps" or _is_here(host)
        if url.scheme == "smtp" and relay.has_extn("starttls"):
            relay.starttls(context=context)
            relay.ehlo()
            safe = True
        if url.username:
            if not safe:
                raise Permanent(f"the mail relay {host} offers no TLS: the password is not sent to it in the clear")
            relay.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        relay.close()
        raise
    return relay


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _judged(problem: OSError | smtplib.SMTPException) -> Permanent | Temporary:
    """5xx is a no; 4xx and outages pass (RFC 5321 section 4.2.1)."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return Permanent(f"the certificate of the mail relay is not trusted: {problem.verify_message}")
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in problem.recipients.values()]
        sentence = f"the mail relay refused every recipient: {', '.join(sorted(problem.recipients))}"
        return Permanent(sentence) if all(code >= 500 for code in codes) else Temporary(sentence)
    if isinstance(problem, smtplib.SMTPResponseException):
        said = problem.smtp_error.decode(errors="replace") if isinstance(problem.smtp_error, bytes) else str(problem.smtp_error)
        sentence = f"the mail relay answered {problem.smtp_code} {said}"
        return Permanent(sentence) if problem.smtp_code >= 500 else Temporary(sentence)
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return Permanent(f"the mail relay cannot do it: {problem}")
    return Temporary(f"the mail relay cannot be reached: {problem}")


def composed(message: Message, sender: str) -> EmailMessage:
    """The e-mail. What people wrote stands in headers on one line, and in HTML escaped."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.title.split())
    mail["From"] = sender
    mail["To"] = ", ".join(message.recipients)
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid("gateline", sender.rpartition("@")[2].strip("> ") or "gateline")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(message))
    mail.add_alternative(_html(message), subtype="html")
    return mail


def _text(message: Message) -> str:
    parts = [message.title, "\n".join(message.lines), message.url]
    parts += [f"$ {each.command}\n{each.output}" for each in message.extracts]
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(message: Message) -> str:
    title, colour = escape(message.title), escape(message.colour or "#999999")
    head = f'<a href="{escape(message.url)}">{title}</a>' if message.url else title
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in message.lines)
    extracts = "".join(
        f'<p><code>$ {escape(each.command)}</code></p>\n<pre style="background:#f6f8fa;padding:8px">{escape(each.output)}</pre>\n'
        for each in message.extracts
    )
    return (
        f'<html><body style="font-family:sans-serif">\n<div style="border-left:4px solid {colour};padding-left:12px">\n'
        f"<h3>{head}</h3>\n{lines}{extracts}</div>\n</body></html>\n"
    )


plugin = Email()
