"""The processors: one for the server under test, one for the database and the load, and what a process computed."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


def _cores() -> tuple[int, ...]:
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


CORES = _cores() if shutil.which("taskset") else ()
"""The cores that this process may use at its start; none where processes cannot be kept on a core."""


def on_core(number: int, command: Sequence[str], *, pinned: bool) -> list[str]:
    """Return the command that runs on the core with that number only. If not `pinned`, it runs on all cores.

    Without `taskset`, return the command unchanged. The cores are named, because this process may be kept on one.
    """
    chosen = CORES[number : number + 1] if pinned and len(CORES) > number else CORES
    return ["taskset", "-c", ",".join(map(str, chosen)), *command] if chosen else [*command]


@contextmanager
def beside_the_server(postgres: int | None, *, pinned: bool) -> Iterator[None]:
    """Keep this process, those that it starts, and PostgreSQL on the second core for as long as the body runs.

    `postgres` is the process of a PostgreSQL server on this machine, or None. It is left where it is if this process
    may not move it.
    """
    if not pinned or len(CORES) < 2:
        yield
        return
    try:
        _keep([0, *_with_children(postgres)], CORES[1:2])
        yield
    finally:
        _keep([0, *_with_children(postgres)], CORES)


def server_of(backend: int) -> int | None:
    """Return the process of the PostgreSQL server of an open connection, or None if it is not on this machine."""
    with suppress(OSError):
        if "postgres" in Path(f"/proc/{backend}/comm").read_text():
            return int(_stat(backend)[1])
    return None


def _with_children(server: int | None) -> list[int]:
    """Return the server and the processes that it has started; new ones begin on its cores."""
    return [] if server is None else [server, *children(server)]


def _keep(pids: Sequence[int], cores: Sequence[int]) -> None:
    for pid in pids:
        with suppress(OSError):  # it has ended, or belongs to another user
            os.sched_setaffinity(pid, cores)


def children(pid: int) -> list[int]:
    """Return the processes that the process with this id has started."""
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def cpu_seconds(pid: int) -> float | None:
    """Return the user and system time of the process so far; None where the system does not tell in this way."""
    try:
        fields = _stat(pid)
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the memory of the process that is in RAM, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, so the state comes first."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def machine() -> str:
    """Return the machine in one line: cores, processor, system."""
    model = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{len(CORES) or os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}"
