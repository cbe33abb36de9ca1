"""Claims about `[notify]`: who carries letters, and settings by which they would be read or forged on their way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wireroom.app import SettingsError
from wireroom.app.couriers import couriers
from wireroom.app.settings import read

MAIL = 'smtp_host = "mail.example"\nsmtp_from = "w@state.example"\n'
HOOK = 'webhook_url = "https://told.example/w"\nwebhook_key_file = "hook.key"\n'


def made(text: str, folder: Path) -> dict[str, object]:
    loaded = read(f"[notify]\n{text}", folder / "wireroom.toml")
    return dict(couriers(loaded, lambda: datetime.now(UTC)))


def test_with_nothing_set_nobody_carries_letters(tmp_path: Path) -> None:
    assert made("", tmp_path) == {}


def test_each_channel_that_is_set_up_has_its_courier(tmp_path: Path) -> None:
    (tmp_path / "hook.key").write_text("a key\n")
    (tmp_path / "mail.password").write_text("a password\n")
    text = f'{MAIL}{HOOK}smtp_user = "w"\nsmtp_password_file = "mail.password"\n'
    assert set(made(text, tmp_path)) == {"email", "service"}


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"hook\.key"):
        made(HOOK, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('smtp_host = "mail.example"', "smtp_from: is missing"),
        (f'{MAIL}smtp_tls = "none"', "on this machine only"),
        (f'{MAIL}smtp_user = "w"', "smtp_password_file: is missing"),
        ('webhook_url = "http://told.example/"\nwebhook_key_file = "k"', "must begin with https://"),
        ('webhook_url = "https:///x"\nwebhook_key_file = "k"', "name a host"),
        ('webhook_url = "https://told.example:99999/"\nwebhook_key_file = "k"', "name a host"),
        ('webhook_url = "https://told.example/"', "webhook_key_file: is missing"),
        ('smtp_from = "nobody"', "smtp_from"),
    ],
)
def test_what_would_go_open_or_unsigned_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=words):
        made(text, tmp_path)


def test_on_this_machine_an_open_line_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("a key")
    text = 'smtp_host = "127.0.0.1"\nsmtp_tls = "none"\nsmtp_from = "w@state.example"\n'
    hook = 'webhook_url = "http://127.0.0.1:8080/"\nwebhook_key_file = "k"\n'
    assert set(made(text + hook, tmp_path)) == {"email", "service"}
