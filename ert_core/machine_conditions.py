"""Heat and battery: what the machine says of itself, and how far that lowers the CPU budget.

The policy is a pure function with hysteresis: a step is taken as soon as its threshold is met, and given
back only some way on the other side of it, so that the budget does not swing. A machine without sensors
or battery reads None, and nothing is lowered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# Drivers whose sensors sit on the processor; others (disks, Wi-Fi, the board) say nothing about it.
CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "x86_pkg_temp")
# What the budget is multiplied with at step 0, 1, 2, 3.
FACTORS = (1.0, 0.75, 0.5, 0.25)
HEAT_FROM = (80.0, 87.0, 94.0)  # °C
HEAT_MARGIN = 6.0
BATTERY_UNDER = (50.0, 30.0, 15.0)  # per cent left, while nothing charges it
BATTERY_MARGIN = 5.0

Reason = Literal["heat", "battery"]


@dataclass(frozen=True)
class Readings:
    """The hottest sensor on the processor (°C), the charge (per cent), and whether it drains; None: not there."""

    temperature_c: float | None = None
    battery_percent: float | None = None
    on_battery: bool | None = None


@dataclass(frozen=True)
class Restraint:
    """The steps taken for heat and for battery, each 0 to 3, and the readings that they follow from."""

    heat: int = 0
    battery: int = 0
    readings: Readings = Readings()

    @property
    def factor(self) -> float:
        """What the budget is multiplied with, in (0, 1]."""
        return FACTORS[max(self.heat, self.battery)]

    @property
    def reason(self) -> Reason | None:
        """Which of the two lowers the budget now."""
        if not self.heat and not self.battery:
            return None
        return "heat" if self.heat >= self.battery else "battery"


def restrained(before: Restraint, readings: Readings) -> Restraint:
    """The steps for new readings, when those of `before` were in force."""
    heat = battery = 0
    if readings.temperature_c is not None:
        heat = _step(before.heat, readings.temperature_c, HEAT_FROM, HEAT_MARGIN)
    if readings.on_battery and readings.battery_percent is not None:
        thresholds = [-under for under in BATTERY_UNDER]
        battery = _step(before.battery, -readings.battery_percent, thresholds, BATTERY_MARGIN)
    return Restraint(heat, battery, readings)


def _step(before: int, value: float, thresholds: Sequence[float], margin: float) -> int:
    reached = sum(value >= threshold for threshold in thresholds)
    not_left = sum(value > threshold - margin for threshold in thresholds)
    return max(reached, min(before, not_left))


def read_conditions() -> Readings:
    """Read sensors and battery now (a few milliseconds at most)."""
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return Readings(
        temperature_c=cpu_temperature(),
        battery_percent=None if battery is None else float(battery.percent),
        on_battery=None if battery is None or battery.power_plugged is None else not battery.power_plugged,
    )


def cpu_temperature() -> float | None:
    """The hottest sensor on the processor, °C; None where there is none."""
    import psutil

    if not hasattr(psutil, "sensors_temperatures"):  # macOS and Windows
        return None
    sensors = psutil.sensors_temperatures()
    readings = [float(sensor.current) for name in CPU_SENSORS for sensor in sensors.get(name, ())]
    return max(readings, default=None)
