"""Trials of what ERT promises to survive: crashes, full disks, bad files, hostile texts, strangers. `make trials`."""

from trials import canaries, crash, damage, disk, file_names, malformed, processes, strangers, syscalls, threads
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
]
