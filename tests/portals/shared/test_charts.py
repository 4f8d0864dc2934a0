"""Charts of counts: bars on an axis that ends at a round number, nothing for a day without any."""

import pytest

from chengxin.portals.shared.charts import bars


@pytest.mark.parametrize(
    ("counts", "ticks"),
    [
        ([], ["0", "1"]),
        ([0, 0], ["0", "1"]),
        ([1, 0], ["0", "1"]),
        ([2], ["0", "1", "2"]),
        ([3], ["0", "2", "4"]),
        ([10], ["0", "5", "10"]),
        ([11], ["0", "10", "20"]),
        ([99], ["0", "50", "100"]),
        ([101], ["0", "100", "200"]),
        ([123456], ["0", "100000", "200000"]),
    ],
)
def test_the_axis_ends_at_a_round_number(counts, ticks):
    drawn = bars([(str(place), "", count) for place, count in enumerate(counts)])

    assert [tick for _, tick in drawn.ticks] == ticks
    assert all(0 < bar.height <= 134 for bar in drawn.bars)
    assert len(drawn.bars) == sum(count > 0 for count in counts)


@pytest.mark.parametrize("days", [1, 7, 30, 90])
def test_bars_lie_side_by_side_and_some_of_them_are_named(days):
    drawn = bars([(str(day), "", day + 1) for day in range(days)])

    assert all(one.x + one.width <= other.x for one, other in zip(drawn.bars, drawn.bars[1:], strict=False))
    assert drawn.bars[-1].x + drawn.bars[-1].width <= 408
    assert 1 <= len(drawn.days) <= 7 and drawn.days[-1][1] == str(days - 1)
