"""The demo's mail server keeps every mail as a file."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

from portal.config import CHECKOUT
from portal.mail import MailDelayed, Mailer, compose


def test_a_mail_becomes_a_file(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "demo.mail_sink", "--port", str(port), "--folder", str(tmp_path / "mail")]
    message = compose(
        sender="City <no-reply@city.example>", to="ana@example.org", subject="Recibo ñ", text="Hola",
        html="<p>Hola</p>", message_id="receipt-1", language="es",
    )  # fmt: skip
    with subprocess.Popen(command, cwd=CHECKOUT, env=os.environ) as sink:
        until = time.monotonic() + 20
        while True:
            try:
                Mailer(f"smtp://127.0.0.1:{port}").send(message)
                break
            except (MailDelayed, smtplib.SMTPException):
                assert time.monotonic() < until
                time.sleep(0.1)
        sink.terminate()
    assert sink.returncode == 0
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["Subject"] == "Recibo ñ"
