"""Readings of three fictional Schlumberger soundings at Saltmere Bay, computed over layered ground.

The voltage of each quadripole is that of a horizontally layered half-space plus 1 per cent of seeded
noise: U(r) = I/(2 pi) [rho_1/r + integral (T(l) - rho_1) J0(l r) dl], T from the Pekeris recurrence
(Koefoed, Geosounding Principles 1, 1979). Apparent resistivities are then worked out again from the
rounded voltage and current, so the table is consistent to its last digit.
"""

from __future__ import annotations

import csv
import io
import math
import random

import numpy as np
from scipy.special import j0

# name: (distance to shore in m, [(resistivity in ohm.m, thickness in m), ...], resistance across A and B in kohm)
SOUNDINGS: dict[str, tuple[int, list[tuple[float, float]], float]] = {
    "S1": (620, [(650, 1.8), (72, 24.0), (18, math.inf)], 1.25),
    "S2": (340, [(420, 1.4), (58, 13.0), (3.1, math.inf)], 0.90),
    "S3": (120, [(240, 1.1), (24, 4.5), (1.6, math.inf)], 0.50),
}
# (AB/2, MN/2, current in mA); two readings at the same AB/2 check the change of MN
SPREADS: list[tuple[float, float, float]] = [
    (1.5, 0.25, 20), (2, 0.25, 20), (3, 0.25, 50), (4, 0.25, 50), (5, 0.25, 50),
    (5, 1, 50), (7, 1, 100), (10, 1, 100), (12, 1, 100), (15, 1, 200),
    (15, 3, 200), (20, 3, 200), (25, 3, 200), (30, 3, 350), (40, 3, 350),
    (40, 8, 350), (50, 8, 350), (65, 8, 480), (80, 8, 480), (100, 8, 480),
]  # fmt: skip


def geometric_factor(ab2: float, mn2: float) -> float:
    """K in metres of a Schlumberger quadripole: pi (L^2 - l^2) / (2 l), L = AB/2 and l = MN/2."""
    return math.pi * (ab2**2 - mn2**2) / (2 * mn2)


def transfer_resistance(layers: list[tuple[float, float]], ab2: float, mn2: float) -> float:
    """Voltage over current, in ohm, of a symmetrical quadripole on horizontal layers."""
    wave = np.geomspace(1e-6, 40.0, 60_000)  # 1/m; the kernel has vanished at both ends
    kernel = np.full_like(wave, layers[-1][0])
    for resistivity, thickness in reversed(layers[:-1]):
        tanh = np.tanh(wave * thickness)
        kernel = (kernel + resistivity * tanh) / (1 + kernel * tanh / resistivity)
    top = layers[0][0]

    def potential(r: float) -> float:
        return float(top / r + np.trapezoid((kernel - top) * j0(wave * r), wave)) / (2 * math.pi)

    return 2 * (potential(ab2 - mn2) - potential(ab2 + mn2))


def remark(position: int, voltage: float) -> str:
    """The operator's note on a reading: the change of MN, a weak signal, or nothing."""
    ab2, mn2, _ = SPREADS[position]
    if position and ab2 == SPREADS[position - 1][0]:
        return f"MN enlarged to {2 * mn2:g} m, overlap reading"
    return "signal below 1 mV, stacks raised to 16" if voltage < 1 else ""


def table() -> str:
    """The whole table as CSV text, one row per reading."""
    noise = random.Random(1994)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(
        ["sounding", "distance_to_shore_m", "AB/2_m", "MN/2_m", "K_m", "current_mA", "voltage_mV"]
        + ["apparent_resistivity_ohm_m", "stacks", "deviation_percent", "AB_resistance_kohm", "remark"]
    )
    for name, (distance, layers, contact) in SOUNDINGS.items():
        for position, (ab2, mn2, nominal) in enumerate(SPREADS):
            k = geometric_factor(ab2, mn2)
            current = round(nominal * noise.uniform(0.97, 1.0), 1)
            voltage = round(transfer_resistance(layers, ab2, mn2) * current * (1 + noise.gauss(0, 0.01)), 3)
            weak = voltage < 1
            rows.writerow(
                [name, distance, f"{ab2:g}", f"{mn2:g}", f"{k:.3f}", f"{current:.1f}", f"{voltage:.3f}"]
                + [f"{k * voltage / current:.2f}", 16 if weak else 4]
                + [f"{noise.uniform(1.2, 2.8) if weak else noise.uniform(0.1, 0.8):.1f}"]
                + [f"{contact * noise.uniform(0.8, 1.15):.2f}", remark(position, voltage)]
            )
    return out.getvalue()
