"""What ERT costs on this machine, measured: `python -m ert_core bench`.

Each step runs in a process of its own (`python -m ert_core.bench STEP`), in a throwaway data directory, so that none
warms another up and each one's highest memory is its own.
"""
