"""Made-up days to plan: small ones that hypothesis draws, large ones from a seed."""

import random

from hypothesis import strategies as st

from fieldsync.planner.problem import Client, Problem, Vehicle

HOUR = 3600


def make_day(pairs: int, cases: int, seed: int = 1, appointments: float = 0.05) -> Problem:
    """A town of 25 km with `pairs` and `cases`; some cases have two windows, some an appointment."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town keeps no secret
    points = [(draw.uniform(0, 25), draw.uniform(0, 25)) for _ in range(pairs + cases)]
    clients = []
    for number in range(cases):
        is_appointment = draw.random() < appointments
        first = draw.randrange(9, 17) * HOUR
        windows: tuple[tuple[int, int], ...] = ((8 * HOUR, 21 * HOUR),)
        if is_appointment:
            windows = ((first, first + 1800),)
        elif draw.random() < 0.3:
            windows = ((8 * HOUR, 11 * HOUR), (14 * HOUR, 21 * HOUR))
        client = Client(
            f"C{number}", pairs + number, windows, 1800, draw.randint(1, 100), is_appointment
        )
        clients.append(client)
    vehicles = tuple(Vehicle(f"P{n}", n, n, int(8.5 * HOUR), 18 * HOUR, 14) for n in range(pairs))
    return Problem(vehicles, tuple(clients), _travel(points))


def _travel(points: list[tuple[float, float]]) -> list[list[int]]:
    return [
        [
            0 if i == j else int(180 + (abs(a[0] - b[0]) + abs(a[1] - b[1])) * 150)
            for j, b in enumerate(points)
        ]
        for i, a in enumerate(points)
    ]


@st.composite
def small_days(draw: st.DrawFn, max_pairs: int = 3, max_cases: int = 7) -> Problem:
    """Any day: closed cases, shifts of minutes, windows at odd hours, pairs that may make no visit."""
    pairs = draw(st.integers(1, max_pairs))
    cases = draw(st.integers(0, max_cases))
    place = st.tuples(st.integers(0, 30), st.integers(0, 30))
    points = [
        (float(x), float(y))
        for x, y in draw(st.lists(place, min_size=pairs + cases, max_size=pairs + cases))
    ]
    vehicles = tuple(_vehicle(draw, number, pairs) for number in range(pairs))
    clients = tuple(_client(draw, number, pairs + number) for number in range(cases))
    return Problem(vehicles, clients, _travel(points))


def _vehicle(draw: st.DrawFn, number: int, pairs: int) -> Vehicle:
    begin = draw(st.integers(7 * HOUR, 12 * HOUR))
    end = begin + draw(st.integers(0, 10 * HOUR))
    back = draw(st.integers(0, pairs - 1))
    return Vehicle(f"P{number}", number, back, begin, end, draw(st.integers(0, 6)))


def _client(draw: st.DrawFn, number: int, at: int) -> Client:
    edges = sorted(draw(st.sets(st.integers(-2 * HOUR, 20 * HOUR), min_size=4, max_size=4)))
    windows = ((edges[0], edges[1]), (edges[2], edges[3]))[: draw(st.integers(0, 2))]
    is_appointment = draw(st.booleans())
    return Client(
        f"C{number}",
        at,
        windows[:1] if is_appointment else windows,
        draw(st.integers(300, 5400)),
        draw(st.integers(1, 100)),
        is_appointment,
    )
