"""A day written out for somebody who is no user of ours, in the language of a letter."""

from datetime import date

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def long_date(day: date, language: str) -> str:
    """The day with its weekday: `Wednesday, 25 November 2026` or `2026年11月25日（星期三）`."""
    weekday = day.weekday()
    if language == "zh-CN":
        return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS_ZH[weekday]}）"
    return f"{_WEEKDAYS_EN[weekday]}, {day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
