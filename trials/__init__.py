"""Trials of what ERT promises to survive: crashes, full disks, bad files, hostile texts, strangers. `make trials`."""

from trials import (
    canaries,
    crash,
    damage,
    disk,
    exfiltration,
    file_names,
    folder,
    injection,
    malformed,
    network,
    processes,
    soak,
    strangers,
    syscalls,
    threads,
)
from trials.trial import Trial

TRIALS: list[Trial] = [
    *crash.TRIALS,
    *syscalls.TRIALS,
    *disk.TRIALS,
    *damage.TRIALS,
    *processes.TRIALS,
    *threads.TRIALS,
    *canaries.TRIALS,
    *strangers.TRIALS,
    *malformed.TRIALS,
    *file_names.TRIALS,
    *network.TRIALS,
    *folder.TRIALS,
    *soak.TRIALS,
    *injection.TRIALS,
    *exfiltration.TRIALS,
]
