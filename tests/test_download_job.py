"""How long a download still takes, by a clock of the tests' own."""

from ert_core.download_job import SETTLING_SECONDS, Pace


def test_the_time_left_follows_what_arrived_since_the_beginning() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.seconds_left(400, 1000) is None, "an earlier download left these 400"
    now[0] += SETTLING_SECONDS / 2
    assert pace.seconds_left(450, 1000) is None
    now[0] += SETTLING_SECONDS * 1.5
    assert pace.seconds_left(600, 1000) == 2 * 2 * SETTLING_SECONDS, "200 in 4 s: 400 in 8 s"
    assert pace.seconds_left(1000, 1000) == 0


def test_nothing_is_promised_while_nothing_arrives() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.seconds_left(5, 10)
    now[0] += 60
    assert pace.seconds_left(5, 10) is None
