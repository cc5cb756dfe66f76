"""Measures what a borrower waits for at the table: quote, document, seal, and the whole of `fieldsync agree`.

Beside each the least it could take: typst on an empty page, a bare P-256 signature, a bare Python.
"""

import compileall
import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import typst
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

import agent_cli
import fieldsync
from agent_cli import keys
from agent_cli.actions.certificate import CERTIFICATE, UNTIL
from agent_cli.store import meta
from agent_cli.store.database import DATABASE_NAME, connect, writing
from bench.cli import make_device
from bench.report import Result, run
from fieldsync.adapters.document_certificates import Certified, authority, certify, new_key, pem_of
from fieldsync.adapters.pdf_seal import seal
from fieldsync.adapters.typst_document import render_agreement
from fieldsync.agreements.document import document_data
from fieldsync.agreements.schedule import quote
from fieldsync.agreements.seal import SealFacts
from fieldsync.domain.agreement import PlanKind, Quote, Terms
from fieldsync.locale import render
from tests.agent_cli.made_up import ANAS_DEVICE, at
from tests.agreements.paper import SIGNED_AT, SVG_DRAWING, debt, facts

_RUNS = 15
_COLD_RUNS = 7
_CASE = "C-000001"
_BUDGET = {
    "quote_ms": 5.0,
    "document_ms": 50.0,
    "seal_ms": 150.0,
    "agree_cold_seconds": 1.5,
    "document_60_months_kb": 150.0,
}


def _median_ms(work: Callable[[], object], runs: int = _RUNS) -> float:
    work()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def _plan(months: int) -> Quote:
    chosen = Terms(PlanKind.ANNUITY, months, date(2026, 12, 25), Decimal("0.06"))
    return quote(debt(), chosen)


def _paper(made: Quote, language: str) -> bytes:
    stated = dataclasses.replace(
        facts(made, language),
        verification_code="7KQM-2D9X-PVRA",
        verification_url="https://fieldsync.bank.example/v/7KQM-2D9X-PVRA",
    )
    return render_agreement(document_data(stated, render), SVG_DRAWING, "image/svg+xml", SIGNED_AT)


def _sealer(at_name: str) -> Certified:
    root, key = authority(new_key(), "Bench", at(9), timedelta(days=30)), new_key()
    return Certified(
        key, certify(root, key.public_key(), at_name, "bench", at(9), timedelta(days=20))
    )


def _sealed(paper: bytes, signer: Certified) -> bytes:
    said = SealFacts(signer="bench", reason="bench", agreement_id="A", program="0")
    return seal(paper, signer, said, at(10))


def _cold_seconds(home: Path) -> tuple[float, float]:
    """`fieldsync agree` with everything said, from a cold start, on a copy each time; a bare Python's."""
    model = home / "model"
    model.mkdir()
    make_device(model)
    signer = _sealer(ANAS_DEVICE.device_id)
    (model / "keys" / keys.DOCUMENT_KEY).write_bytes(signer.key_pem)
    conn = connect(model / DATABASE_NAME)
    until = signer.certificate.not_valid_after_utc.isoformat()
    with writing(conn):
        meta.write(conn, {CERTIFICATE: pem_of(signer.certificate), UNTIL: until})
    conn.close()
    drawing = home / "signature.svg"
    drawing.write_bytes(SVG_DRAWING)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
        "FIELDSYNC_TRAINING_CLOCK": at(10).isoformat(),
        "FIELDSYNC_SECRETS": str(
            Path(agent_cli.__path__[0]).parent / "tests/agent_cli/secrets.txt"
        ),
    }
    program = str(Path(sys.executable).with_name("fieldsync"))
    start = [program, "--home", str(model), "visit", "start", _CASE, "--with", "O-0002"]
    subprocess.run(start, env=environment, check=True, capture_output=True)
    taken: list[float] = []
    bare: list[float] = []
    for number in range(_COLD_RUNS):
        copy = home / f"copy-{number}"
        shutil.copytree(model, copy)
        agree = [
            program, "--home", str(copy), "agree", _CASE, "--kind", "annuity", "--months", "12",
            "--first-due", "2026-12-25", "--signature", str(drawing), "--yes", "--output",
            str(copy / "copy.pdf"),
        ]  # fmt: skip
        for command, kept in ((agree, taken), ([sys.executable, "-c", "pass"], bare)):
            begun = time.perf_counter()
            subprocess.run(command, env=environment, check=True, capture_output=True)
            kept.append(time.perf_counter() - begun)
    return statistics.median(taken), statistics.median(bare)


def measure(home: Path) -> list[Result]:
    """The five figures, each beside its ceiling and what is promised of it."""
    for room in (agent_cli, fieldsync):
        compileall.compile_dir(Path(room.__path__[0]), quiet=1)
    twelve, sixty = _plan(12), _plan(60)
    paper, signer = _paper(twelve, "zh-CN"), _sealer("bench")
    empty = _median_ms(lambda: typst.Compiler(b"empty").compile(format="pdf"))
    bare = _median_ms(lambda: signer.key.sign(paper, ec.ECDSA(hashes.SHA256())))
    cold, python = _cold_seconds(home)
    figures = {
        "quote_ms": (_median_ms(lambda: _plan(60)), "ms", {}),
        "document_ms": (
            _median_ms(lambda: _paper(twelve, "zh-CN")), "ms", {"empty_page_ms": round(empty, 1)},
        ),
        "seal_ms": (
            _median_ms(lambda: _sealed(paper, signer)), "ms", {"bare_signature_ms": round(bare, 2)},
        ),
        "agree_cold_seconds": (cold, "s", {"bare_python_s": round(python, 3)}),
        "document_60_months_kb": (
            max(len(_sealed(_paper(sixty, tag), signer)) for tag in ("zh-CN", "en")) / 1000,
            "kB",
            {},
        ),
    }  # fmt: skip
    return [
        Result(
            name, round(value, 2), unit, {**beside, "budget_ratio": round(value / _BUDGET[name], 2)}
        )
        for name, (value, unit, beside) in figures.items()
    ]


if __name__ == "__main__":
    run(__doc__, measure)
