"""The office's settings, in a data folder that lives as long as one test run."""

# ruff: noqa: TID251 — what a run of the tests hands to its own workers
import os
import tempfile
from pathlib import Path

# The controller makes the folder and the workers of xdist inherit the variable.
if "CHENGXIN_TEST_DATA" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="chengxin-test-", dir="/tmp"))
    folder.chmod(0o755)  # PostgreSQL runs as nobody where the tests run as root
    os.environ["CHENGXIN_TEST_DATA"] = str(folder)
os.environ["CHENGXIN_DATA"] = os.environ["CHENGXIN_TEST_DATA"]
os.environ["PUBLIC_ROLE"] = "chengxin_test_public"

from chengxin.config.settings import *

PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
