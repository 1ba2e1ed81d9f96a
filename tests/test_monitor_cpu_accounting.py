"""monitor_cpu.sh's accounting, on processes written by hand: 2 cores, 100 ticks a second, pages of 4096 bytes, 1 GB."""

from __future__ import annotations

import pytest

from tests.monitor_script import needs_bash, sourced

pytestmark = needs_bash


def stat(pid: int, parent: int, own: float, waited: float = 0.0, start: int = 50, pages: int = 0, state="S", name="x"):
    ticks = f"{round(own * 50)} {round(own * 50)} {round(waited * 50)} {round(waited * 50)}"
    return (
        f"{pid} ({name}) {state} {parent} {pid} 0 0 -1 4194304 9 9 9 9 {ticks} 20 0 3 0 {start} 99999999 {pages} 18 1 1"
    )


def measured(*listings: tuple[float, list[str]], root: int = 10, interval: float = 2) -> list[str]:
    """What MEASURE prints first for each listing in turn, the state carried over."""
    code = """uname() { echo Linux; }; SYSTEM=Linux
    constants='-v cores=2 -v tick=100 -v page=4096 -v memory=1000000000'
    IFS= read -r -d '' listing
    processes() { printf '%s' "$listing"; }
    state=$(printf '%s' "$STATE")
    """
    results, state = [], ""
    for clock, rows in listings:
        script = f"STATE='{state}'\n{code}\nmeasure {root} {interval} \"$state\""
        listing = "\n".join([f"{clock} 999.0", *rows]) + "\n"
        first, _, state = sourced(script, listing + "\0").partition("\n")
        results.append(first)
    return results


def cpu(*listings: tuple[float, list[str]]) -> list[float]:
    return [float(line.split()[0]) for line in measured(*listings)[1:]]


def test_cpu_is_time_used_since_the_last_line_as_a_share_of_the_machine():
    # 1 s used in 2 s on 2 cores, then nothing; the clock and not the nominal interval counts
    rows = [(100.0, 7.0), (102.0, 8.0), (104.0, 8.0), (108.0, 12.0)]
    assert cpu(*((clock, [stat(1, 0, 500), stat(10, 1, own)]) for clock, own in rows)) == [25.0, 0.0, 50.0]


def test_descendants_count_and_others_do_not():
    before = [stat(10, 1, 0), stat(11, 10, 0), stat(12, 11, 0), stat(13, 1, 0), stat(9, 12, 0)]
    after = [stat(10, 1, 0.1), stat(11, 10, 0.2), stat(12, 11, 0.3), stat(13, 1, 2), stat(9, 12, 0.4)]
    assert cpu((100.0, before), (102.0, after)) == [25.0]


def test_a_child_that_ended_is_counted_once():
    # 3.0 s were counted while it lived; it used 0.4 s more, and its parent then waited for 3.4 s
    before = [stat(10, 1, 1), stat(11, 10, 3)]
    assert cpu((100.0, before), (102.0, [stat(10, 1, 1, waited=3.4)])) == [10.0]


def test_a_child_that_came_and_went_between_two_lines_is_counted():
    assert cpu((100.0, [stat(10, 1, 1)]), (102.0, [stat(10, 1, 1, waited=0.8)])) == [20.0]


def test_a_branch_that_ended_is_counted_once():
    before = [stat(10, 1, 1), stat(11, 10, 1), stat(12, 11, 2)]
    assert cpu((100.0, before), (102.0, [stat(10, 1, 1, waited=3.2)])) == [5.0]


def test_a_zombie_is_counted_once():
    lives = [stat(10, 1, 1), stat(11, 10, 1)]
    zombie = [stat(10, 1, 1), stat(11, 10, 1.4, state="Z")]
    gone = [stat(10, 1, 1, waited=1.4)]
    assert cpu((100.0, lives), (102.0, zombie), (104.0, gone)) == [10.0, 0.0]


def test_a_child_nobody_waits_for_never_makes_the_share_negative():
    before = [stat(10, 1, 1), stat(11, 10, 3), stat(12, 10, 1)]
    assert cpu((100.0, before), (102.0, [stat(10, 1, 1.2), stat(12, 10, 1.2)])) == [10.0]


def test_a_pid_used_again_is_another_process():
    before = [stat(10, 1, 1), stat(11, 10, 3, start=60)]
    after = [stat(10, 1, 1, waited=3), stat(11, 10, 0.4, start=70)]
    assert cpu((100.0, before), (102.0, after)) == [10.0]


def test_names_with_spaces_and_parentheses():
    before, after = ([stat(10, 1, own, name="a) S 1 (b c")] for own in (0, 1))
    assert cpu((100.0, before), (102.0, after)) == [25.0]


def test_a_reading_disturbed_by_an_ending_process_is_taken_again():
    before = [stat(10, 1, 1), stat(11, 10, 3)]
    disturbed = [stat(10, 1, 1), stat(12, 10, 1), "again", "102.0 999.0", stat(10, 1, 1, waited=3.4)]
    assert cpu((100.0, before), (101.9, disturbed)) == [10.0]


def test_memory_is_the_trees_and_mb_is_a_million_bytes():
    rows = [stat(10, 1, 0, pages=10_000), stat(11, 10, 0, pages=5_000), stat(13, 1, 0, pages=70_000)]
    assert measured((100.0, rows), (102.0, rows))[1].split()[1:3] == ["6.1", "61"]  # 15,000 x 4,096 = 61.44 MB


def test_lines_keep_their_rhythm():
    listings = [(clock, [stat(10, 1, 0)]) for clock in (100.0, 102.03, 104.0, 105.98, 111.5)]
    assert [line.split()[3] for line in measured(*listings)[1:]] == ["1.97", "2.00", "2.02", "2.50"]


def test_mean_is_weighted_by_time_and_peak_is_the_highest():
    listings = [(100.0, [stat(10, 1, 0)]), (102.0, [stat(10, 1, 2)]), (108.0, [stat(10, 1, 2)])]
    assert measured(*listings)[-1].split()[4:] == ["12.5", "50.0", "0", "0", "00:00:08", "2"]


@pytest.mark.parametrize("now", [[], [stat(10, 1, 1, state="Z")], [stat(10, 1, 1, start=60)]])
def test_the_process_watched_has_ended(now):
    assert measured((100.0, [stat(10, 1, 1)]), (102.0, [stat(1, 0, 1), *now])) == ["first", "ended"]
