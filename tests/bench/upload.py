"""``python -m tests.bench.upload [megabytes]``: memory of a real daemon while one file of a gigabyte is uploaded.

The bundle is the example `invoices`. Prints the resident memory before, its peak over that (the goal is 32 MB), and how
long the upload took; the stored file is compared with what was sent.
"""

from __future__ import annotations

import sys
import time
from hashlib import blake2b
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec
import trio

from tests.e2e.daemon import installed
from tests.flow.daemon import ROOT

MEGABYTES = 1_000  # million bytes
GOAL = 32.0  # MB over idle
PIECE = 1_000_000  # bytes sent at once
_BOUNDARY = b"a-boundary-of-the-bench"


def resident(process: int, field: str) -> float:
    """Give the resident memory of a process, now (``VmRSS``) or at its highest (``VmHWM``), in megabytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(field))


def forget_the_highest(process: int) -> None:
    """Let the highest resident memory of a process count from here."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


async def upload(port: int, megabytes: int) -> tuple[bytes, str]:
    """Send a file of so many million random bytes; gives the answer and the digest of what was sent."""
    head = msgspec.json.encode({"resourcePath": "/invoices"})
    begin = b"".join(
        (
            b'--%b\r\nContent-Disposition: form-data; name="FileDataRequest"\r\n\r\n%b\r\n' % (_BOUNDARY, head),
            b'--%b\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n' % _BOUNDARY,
        )
    )
    end = b"\r\n--%b--\r\n" % _BOUNDARY
    piece, digest = Random(1).randbytes(PIECE), blake2b()
    length = len(begin) + megabytes * PIECE + len(end)
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(
            b"POST /fs/invoices/file/content HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
            b"Content-Type: multipart/form-data; boundary=%b\r\nContent-Length: %d\r\n\r\n" % (_BOUNDARY, length)
        )
        await stream.send_all(begin)
        for _ in range(megabytes):
            digest.update(piece)
            await stream.send_all(piece)
        await stream.send_all(end)
        answer = b"".join([chunk async for chunk in stream])
    return answer, digest.hexdigest()


async def main(megabytes: int) -> int:
    """Measure; gives the exit code."""
    with TemporaryDirectory(prefix="nuclide-upload-") as name:
        folder = Path(name)
        (folder / "data" / "invoices").mkdir(parents=True)
        environ = {"NUCLIDE_EXT_INVOICES_DATA_FOLDER": str(folder / "data")}
        settings: dict[str, dict[str, object]] = {"bundles": {"folder": str(ROOT / "processes")}}
        async with installed(folder, settings, environ) as daemon:
            await daemon.start()
            await upload(daemon.port, 1)  # what is loaded once belongs to idle
            idle = resident(daemon.pid, "VmRSS")
            forget_the_highest(daemon.pid)
            begun = time.perf_counter()
            answer, sent = await upload(daemon.port, megabytes)
            seconds, peak = time.perf_counter() - begun, resident(daemon.pid, "VmHWM")
            same = sent in _digests(folder / "data" / "invoices")
    status = answer.partition(b"\r\n")[0].decode()
    print(f"{megabytes} MB in {seconds:.1f} s: {status}; {'stored as it was sent' if same else 'NOT stored as sent'}")
    print(f"memory: {idle:.0f} MB idle, {peak - idle:.1f} MB over it at the highest; the goal is {GOAL:.0f} MB")
    return 0 if same and peak - idle <= GOAL else 1


def _digests(folder: Path) -> set[str]:
    return {_digest(path) for path in folder.rglob("big.bin")}


def _digest(path: Path) -> str:
    digest = blake2b()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(trio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES))
