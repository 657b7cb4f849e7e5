"""The service under load: ``python -m bench.service [--accounts N] [--seconds S] [--requests N] [--json]``.

A book of a million rows, published and served by the commands an operator types; ``wrk`` asks for random rows, for one
small file and for what the reader has already (304), on the same cores. Then memory before and after 100,000 requests.
wrk comes from Debian: apt-get install wrk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from bench.harness import run

PUBLIC: Final = "127.0.0.1:8470"
OPERATOR: Final = "127.0.0.1:8471"
PROGRAM: Final = [sys.executable, "-m", "attest.cli"]
CONFIG: Final = """[exchange]
name = "large.example"

[ledger]
format = "parquet"
path = "ledger.parquet"

[[columns]]
name = "USDT"
asset = "USDT"
decimals = 0
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured: requests a second, milliseconds at the median and for 99 of 100, answers that were errors.

    ``processor_us`` is what an answer costs the service's processors: it stays the same when other work runs beside it.
    """

    what: str
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    processor_us: float
    goal: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The service under load.")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    typed = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("error: wrk is not installed\nhint: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="solvent-bench-") as place:
        report(Path(place), typed)


def report(home: Path, typed: argparse.Namespace) -> None:
    """Make the book, publish it, serve it, ask."""
    epoch = make_epoch(home / "exchange", typed.accounts)
    key, site = home / "exchange" / "exchange-key.txt", home / "site"
    published = run(*PROGRAM, "publish", epoch, "--key", key, "--site", site).seconds
    (site / "site.toml").write_text('rate_limit = "1000000000 per minute"\n', "utf-8")
    rows, plain, known = scripts(home, epoch)
    with served(site) as pid:
        loads = [
            ask(pid, rows, "rows", typed.seconds, 2000),
            ask(pid, plain, "a file of 0.2 kB", typed.seconds, 2500),
            ask(pid, known, "not modified", typed.seconds, 2500),
        ]
        memory = memory_over(rows, pid, typed.requests)
    told = {"accounts": typed.accounts, "publish_s": round(published, 2), "loads": [asdict(one) for one in loads]}
    if typed.json:
        print(json.dumps({**told, **memory}))
        return
    show(typed.accounts, published, loads, memory)


def make_epoch(home: Path, accounts: int) -> Path:
    """An attested book of that many accounts."""
    run(*PROGRAM, "init", home, "--exchange", "large.example")
    names = [f"customer-{number:07}@example.com" for number in range(accounts)]
    table = pa.table({"account": names, "USDT": [str(number * 7 + 1) for number in range(accounts)]})
    pq.write_table(table, home / "ledger.parquet")
    (home / "solvent.toml").write_text(CONFIG, "utf-8")
    run(*PROGRAM, "attest", "--first", "--config", home / "solvent.toml")
    return home / "public" / "epochs" / "1"


def scripts(home: Path, epoch: Path) -> tuple[Path, Path, Path]:
    """What wrk asks for: random rows, one file, the same file with its ETag."""
    data = (epoch / "leaves.bin").read_bytes()
    drawn = random.Random(1)  # noqa: S311 (which rows are asked for is no secret)
    chosen = [drawn.randrange(len(data) // 96) for _ in range(100_000)]
    listed = home / "ids.txt"
    listed.write_text("".join(f"{data[96 * i + 64 : 96 * i + 96].hex()}\n" for i in chosen), "ascii")
    address = "/v1/attestations/1/files/schema.json"
    rows = f"""local ids = {{}}
for line in io.lines("{listed}") do ids[#ids + 1] = line end
local next = 0
request = function()
  next = next % #ids + 1
  return wrk.format("GET", "/v1/attestations/1/rows/" .. ids[next])
end
"""
    known = f'wrk.headers["If-None-Match"] = "*"\nrequest = function() return wrk.format("GET", "{address}") end\n'
    return (
        _written(home / "rows.lua", rows),
        _written(home / "file.lua", f'request = function() return wrk.format("GET", "{address}") end\n'),
        _written(home / "known.lua", known),
    )


@contextmanager
def served(site: Path) -> Iterator[int]:
    """The service with two processes; its number."""
    command = [*PROGRAM, "serve", "--site", str(site), "--listen", PUBLIC, "--operator", OPERATOR, "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            _ready()
            yield process.pid
        finally:
            process.terminate()


def ask(pid: int, script: Path, what: str, seconds: int, goal: int) -> Load:
    """Thirty-two connections for so many seconds, after two to warm up."""
    _wrk(script, 2)
    before = _processor(pid)
    printed = _wrk(script, seconds)
    spent = (_processor(pid) - before) / int(re.findall(r"(\d+) requests in", printed)[0])
    errors = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", printed)))
    errors += sum(
        sum(map(int, found)) for found in re.findall(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", printed)
    )
    rate = float(re.findall(r"Requests/sec: +([0-9.]+)", printed)[0])
    return Load(what, rate, _quantile(printed, 50), _quantile(printed, 99), errors, spent * 1e6, goal)


def memory_over(script: Path, pid: int, requests: int) -> dict[str, int]:
    """Memory of the processes, mapped files left out, before and after so many more requests, in kB."""
    before, asked = _memory(pid), 0
    while asked < requests:
        asked += int(re.findall(r"(\d+) requests in", _wrk(script, 5))[0])
    return {"memory_before_kb": before, "memory_after_kb": _memory(pid), "requests": asked}


def show(accounts: int, published: float, loads: list[Load], memory: dict[str, int]) -> None:
    """A table beside the goals."""
    print(f"{accounts:,} rows published in {published:.1f} s; {os.cpu_count()} cores, the load on the same ones\n")
    print("asked for          a second   goal  median ms  99 % ms  goal  errors  processor us")
    for one in loads:
        speed = f"{one.per_second:10,.0f} {one.goal:6,}"
        print(
            f"{one.what:<16} {speed} {one.p50_ms:10.1f} {one.p99_ms:8.1f}    60 {one.errors:7} {one.processor_us:13.0f}"
        )
    grown = memory["memory_after_kb"] - memory["memory_before_kb"]
    print(f"\nmemory over {memory['requests']:,} requests: {memory['memory_before_kb']:,} kB, {grown:+,} kB")


def _wrk(script: Path, seconds: int) -> str:
    command = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", "-s", str(script), f"http://{PUBLIC}"]
    return run(*command).printed


def _quantile(printed: str, percent: int) -> float:
    number, unit = re.findall(rf"{percent}% +([0-9.]+)(us|ms|s)", printed)[0]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _processor(pid: int) -> float:
    """Seconds that a process and its children spent."""
    ticks = 0
    for number in _family(pid):
        fields = Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())]


def _memory(pid: int) -> int:
    """Private memory of a process and its children."""
    found = [Path(f"/proc/{number}/status").read_text("ascii") for number in _family(pid)]
    return sum(int(re.findall(r"RssAnon:\s+(\d+)", text)[0]) for text in found)


def _ready() -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://{OPERATOR}/readyz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("error: the service did not start")


def _written(path: Path, content: str) -> Path:
    path.write_text(content, "utf-8")
    return path


if __name__ == "__main__":
    main()
