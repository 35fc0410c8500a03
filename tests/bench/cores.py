"""Run each process of the benchmark on one CPU core, and read the CPU time and the memory of a process.

The server under test has the first core. The database and the load share the second core.
"""

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
"""The cores that this process can use when it starts. Empty if the command `taskset` is missing."""


def on_core(number: int, command: Sequence[str], *, pinned: bool) -> list[str]:
    """Return a command that runs `command` only on the core at the index `number` of CORES.

    If not `pinned`, the command runs on all cores, even if this process is kept on one. Without `taskset`, return
    `command` unchanged.
    """
    chosen = CORES[number : number + 1] if pinned and len(CORES) > number else CORES
    return ["taskset", "-c", ",".join(map(str, chosen)), *command] if chosen else [*command]


@contextmanager
def beside_the_server(postgres: int | None, *, pinned: bool) -> Iterator[None]:
    """Keep this process, its children and PostgreSQL on the second core while the body runs.

    `postgres` is the process id of a PostgreSQL server on this machine, or None. A server of another user is not moved.
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
    """Return the process id of the PostgreSQL server whose backend process is `backend`.

    Return None if the server is not on this machine.
    """
    with suppress(OSError):
        if "postgres" in Path(f"/proc/{backend}/comm").read_text():
            return int(_stat(backend)[1])
    return None


def _with_children(server: int | None) -> list[int]:
    """Return the process ids of the server and of its present children. Later children inherit the server's cores."""
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
    """Return the CPU time of the process so far, in seconds. Return None on a system without /proc."""
    try:
        fields = _stat(pid)
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the memory of the process that is in RAM, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat that follow the name of the program. The first is the state."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def machine() -> str:
    """Return a description of the machine in one line: cores, processor, system."""
    model = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{len(CORES) or os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}"
