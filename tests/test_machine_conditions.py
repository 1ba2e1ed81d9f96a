"""Heat and battery lower the budget in steps, with hysteresis, and only where there are sensors."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ert_core.machine_conditions import FACTORS, Readings, Restraint, read_conditions, restrained


def steps(*temperatures: float) -> list[int]:
    state, taken = Restraint(), []
    for temperature in temperatures:
        state = restrained(state, Readings(temperature_c=temperature))
        taken.append(state.heat)
    return taken


def charge_steps(*charges: float) -> list[int]:
    state, taken = Restraint(), []
    for charge in charges:
        state = restrained(state, Readings(battery_percent=charge, on_battery=True))
        taken.append(state.battery)
    return taken


def test_heat_takes_steps_at_once_and_gives_them_back_late() -> None:
    assert steps(60, 79.9, 80, 86, 87, 94, 99) == [0, 0, 1, 1, 2, 3, 3]
    assert steps(95, 89, 88, 82, 81, 75, 74) == [3, 3, 2, 2, 1, 1, 0]
    assert steps(95, 50) == [3, 0]


def test_the_battery_does_the_same() -> None:
    assert charge_steps(80, 50, 49, 30, 15, 5) == [0, 1, 1, 2, 3, 3]
    assert charge_steps(10, 19, 20, 34, 35, 54, 55) == [3, 3, 2, 2, 1, 1, 0]


def test_a_plug_ends_it() -> None:
    low = restrained(Restraint(), Readings(battery_percent=10, on_battery=True))
    assert (low.factor, low.reason) == (0.25, "battery")
    charging = restrained(low, Readings(battery_percent=10, on_battery=False))
    assert (charging.factor, charging.reason) == (1.0, None)


def test_nothing_is_invented() -> None:
    for readings in (Readings(), Readings(on_battery=True), Readings(battery_percent=1), Readings(None, 1.0, None)):
        assert restrained(Restraint(heat=3, battery=3), readings).factor == 1.0
    assert isinstance(read_conditions(), Readings)


@given(st.lists(st.floats(0, 120), max_size=50))
def test_a_swing_smaller_than_the_margin_never_changes_the_step_twice(temperatures: list[float]) -> None:
    state = Restraint()
    for temperature in temperatures:
        state = restrained(state, Readings(temperature_c=temperature))
        assert state.factor in FACTORS
        again = restrained(state, Readings(temperature_c=temperature))
        assert again == state
        colder = restrained(state, Readings(temperature_c=temperature - 5.9))
        assert restrained(colder, Readings(temperature_c=temperature)).heat == colder.heat
