"""Amounts as intervals: `8`, `<1` and `3-5` are one type, and a comparison that an interval straddles is unknown."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from mappings.truth import FALSE, TRUE, UNKNOWN, Truth


class Amount(msgspec.Struct, frozen=True, gc=False):
    """All values from low to high, in one unit; None is an open end, and an end may be excluded (`<1`)."""

    low: Decimal | None
    high: Decimal | None
    unit: str
    low_included: bool = True
    high_included: bool = True

    @staticmethod
    def exactly(value: Decimal, unit: str) -> Amount:
        """One value."""
        return Amount(value, value, unit)

    def at_most(self, bound: Decimal) -> Truth:
        """Whether the amount is no more than the bound."""
        if self.high is not None and self.high <= bound:
            return TRUE
        return FALSE if self._lies_above(bound) else UNKNOWN

    def at_least(self, bound: Decimal) -> Truth:
        """Whether the amount is no less than the bound."""
        if self.low is not None and self.low >= bound:
            return TRUE
        return FALSE if self._lies_below(bound) else UNKNOWN

    def more_than(self, bound: Decimal) -> Truth:
        """Whether the amount is more than the bound."""
        return ~self.at_most(bound)

    def less_than(self, bound: Decimal) -> Truth:
        """Whether the amount is less than the bound."""
        return ~self.at_least(bound)

    def scaled(self, factor: Decimal, unit: str) -> Amount:
        """The same amount in another unit."""
        return Amount(
            None if self.low is None else self.low * factor,
            None if self.high is None else self.high * factor,
            unit,
            self.low_included,
            self.high_included,
        )

    def overlaps(self, other: Amount) -> bool:
        """Whether some value lies in both."""
        return not (self._ends_before(other) or other._ends_before(self))

    def _ends_before(self, other: Amount) -> bool:
        if self.high is None or other.low is None:
            return False
        touching = self.high_included and other.low_included
        return self.high < other.low or (self.high == other.low and not touching)

    def _lies_above(self, bound: Decimal) -> bool:
        return self.low is not None and (self.low > bound or (self.low == bound and not self.low_included))

    def _lies_below(self, bound: Decimal) -> bool:
        return self.high is not None and (self.high < bound or (self.high == bound and not self.high_included))

    def __str__(self) -> str:
        return self._number() if self.unit == "1" else f"{self._number()} {self.unit}"

    def _number(self) -> str:
        if self.low is not None and self.low == self.high:
            return plain(self.low)
        if self.high is not None and (self.low is None or (self.low == 0 and not self.high_included)):
            return f"{'≤' if self.high_included else '<'}{plain(self.high)}"
        if self.low is not None and self.high is None:
            return f"{'≥' if self.low_included else '>'}{plain(self.low)}"
        return f"{plain(self.low or Decimal(0))}–{plain(self.high or Decimal(0))}"


def largest(amounts: list[Amount]) -> Amount:
    """The amount of the largest of several things, each known to an interval of one unit."""
    # of `5` and `>5` the largest is more than 5: among equal low ends the excluded one is the higher
    lows = [(a.low, not a.low_included) for a in amounts if a.low is not None]
    low, low_excluded = max(lows, default=(None, False))
    if any(a.high is None for a in amounts):
        return Amount(low, None, amounts[0].unit, not low_excluded)
    high, high_included = max((a.high or Decimal(0), a.high_included) for a in amounts)
    return Amount(low, high, amounts[0].unit, not low_excluded, high_included)


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
