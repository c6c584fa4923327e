"""Tables for cron expressions: spec/workflow-language.md sections 2.2 and 4.8, architecture.md section 5."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.workflow.schedule import CATCH_UP, due, invalid, next_tick

HOURLY = "0 * * * *"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("expression", [HOURLY, "*/5 9-17 * * 1-5", "0 4 1,15 * *", "0 0 29 2 *", "30 6 * JAN SUN"])
def test_a_cron_expression_of_five_fields_is_fine(expression: str) -> None:
    assert invalid(expression) == ""


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("* * * * * *", "five fields"),
        ("@daily", "five fields"),
        ("61 * * * *", "bad minute"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("a b c d e", "no cron expression"),
    ],
)
def test_a_bad_expression_is_explained(expression: str, says: str) -> None:
    assert says in invalid(expression)
    assert f"`{expression}`" in invalid(expression)
    assert next_tick(expression, 0.0) is None
    assert due(expression, 0.0, 3600.0) is None


@pytest.mark.parametrize(
    ("expression", "after", "tick"),
    [
        (HOURLY, "2026-03-29 00:30:00", "2026-03-29 01:00:00"),
        (HOURLY, "2026-03-29 01:00:00", "2026-03-29 02:00:00"),
        ("30 2 * * *", "2026-03-29 00:00:00", "2026-03-29 02:30:00"),  # no daylight saving in UTC
        ("0 0 29 2 *", "2026-01-01 00:00:00", "2028-02-29 00:00:00"),
    ],
)
def test_the_next_tick_is_the_first_later_one_in_utc(expression: str, after: str, tick: str) -> None:
    assert next_tick(expression, at(after)) == at(tick)


@pytest.mark.parametrize(
    ("after", "now", "tick"),
    [
        ("2026-11-01 10:00:00", "2026-11-01 10:59:59", None),
        ("2026-11-01 10:00:00", "2026-11-01 11:00:00", "2026-11-01 11:00:00"),
        ("2026-11-01 10:00:00", "2026-11-01 11:00:03", "2026-11-01 11:00:00"),
        ("2026-11-01 10:00:00", "2026-11-01 15:20:00", "2026-11-01 15:00:00"),  # five were missed: one is made up for
        ("2026-11-01 11:00:00", "2026-11-01 11:00:03", None),  # done already
        ("2026-11-01 12:00:00", "2026-11-01 11:30:00", None),  # the clock went back
    ],
)
def test_at_most_one_tick_is_due(after: str, now: str, tick: str | None) -> None:
    assert due(HOURLY, at(after), at(now)) == (at(tick) if tick else None)


def test_a_tick_a_fraction_of_a_second_away_is_not_due() -> None:
    assert due(HOURLY, at("2026-11-01 10:00:00"), at("2026-11-01 11:00:00") - 0.5) is None


@pytest.mark.parametrize(("late", "made_up_for"), [(CATCH_UP, True), (CATCH_UP + 1, False)])
def test_a_tick_is_made_up_for_only_within_an_hour(late: float, made_up_for: bool) -> None:
    tick = at("2026-11-01 04:00:00")
    assert due("0 4 * * *", tick - 10, tick + late) == (tick if made_up_for else None)
