"""Who carries letters to people outside, as the settings say; with nothing set they stay in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from wireroom.app.settings import Loaded
from wireroom.catalog.informing import Channel
from wireroom.gateways.couriers import Courier
from wireroom.gateways.mail import Guard, MailTerms, mail_courier
from wireroom.gateways.webhook import WebhookTerms, webhook_courier


def couriers(loaded: Loaded, clock: Callable[[], datetime]) -> dict[str, Courier]:
    """One for each channel that is set up. Raises SettingsError where a secret cannot be read."""
    notify = loaded.settings.notify
    found: dict[str, Courier] = {}
    ca_file = str(loaded.path(notify.ca_file)) if notify.ca_file else ""
    if notify.smtp_host:
        found[Channel.EMAIL] = mail_courier(
            MailTerms(
                host=notify.smtp_host,
                port=notify.smtp_port,
                sender=notify.smtp_from,
                guard=Guard(notify.smtp_tls),
                user=notify.smtp_user,
                password=loaded.secret(notify.smtp_password_file) if notify.smtp_password_file else "",
                ca_file=ca_file,
                deadline_s=notify.deadline_seconds,
            )
        )
    if notify.webhook_url:
        secret = loaded.secret(notify.webhook_key_file)
        terms = WebhookTerms(
            url=notify.webhook_url, secret=secret, ca_file=ca_file, deadline_s=notify.deadline_seconds
        )
        found[Channel.SERVICE] = webhook_courier(terms, clock)
    return found
