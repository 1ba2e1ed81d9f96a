"""ERT: a chat over a person's own documents that runs on that person's machine and keeps it cool.

Importing this package applies the thread limits and keeps the libraries from calling out; it
imports nothing heavy. See `docs/architecture.md`.
"""

import os

from ert_core.threads import limit_threads_in_environment

limit_threads_in_environment()
# Nothing leaves the machine: no usage reports from the model libraries.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

__version__ = "0.1.0"
