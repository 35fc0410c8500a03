"""A started server process has raised its limit of open files, and has configured the garbage collector."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.databases import Database, on_sqlite
from tests.support.processes.commands import ROOT, environment
from tests.support.processes.servers import SECRET

# Starts with few descriptors; prints once it serves, and stops.
SCRIPT = """
import gc, os, resource, signal
from api.parts import make_parts
from api.server import listen, serve
from api.settings.settings import load

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

def started():
    print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard, gc.get_freeze_count() > 100_000, gc.get_threshold()[0])
    os.kill(os.getpid(), signal.SIGTERM)

serve(make_parts(load()), listen("127.0.0.1", 0), started)
"""


@on_sqlite
def test_a_server_may_open_all_files_and_spares_the_collector(closed_db: Database, tmp_path: Path) -> None:
    variables = environment(database_url=closed_db.url, data_dir=tmp_path, secret_key=SECRET)

    done = subprocess.run([sys.executable, "-c", SCRIPT], env=variables, cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.splitlines()[-1:] == ["True True 10000"], done.stderr
