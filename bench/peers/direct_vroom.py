"""VROOM as a user would call it: points as priorities, appointments at the highest, both cores."""

import time
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import vroom

from bench.peers.given import answer, given, travel

_THOROUGH = 5
_HIGHEST = 100


def _meal(lunch: Mapping[str, int]) -> vroom.Break:
    """VROOM places breaks itself."""
    begins = vroom.TimeWindow(lunch["earliest"], lunch["latest"])
    return vroom.Break(1, time_windows=[begins], service=lunch["length_s"])


def main() -> None:
    """Solve the day from stdin in the seconds of the first argument."""
    day, seconds = given()
    matrix = travel(day)
    begun = time.perf_counter()
    problem = vroom.Input()
    problem.set_durations_matrix("car", matrix.astype(np.uint32))
    for number, pair in enumerate(day["pairs"]):
        home, shift = pair["home"], (pair["from"], pair["until"])
        meals = [_meal(pair["lunch"])] if "lunch" in pair else []
        problem.add_vehicle(
            vroom.Vehicle(number, start=home, end=home, time_window=shift, breaks=meals)
        )
    for number, visit in enumerate(day["visits"]):
        priority = _HIGHEST if visit["is_appointment"] else min(_HIGHEST - 1, visit["points"])
        problem.add_job(
            vroom.Job(
                number,
                location=visit["place"],
                default_service=visit["service_s"],
                time_windows=[vroom.TimeWindow(visit["opens"], visit["closes"])],
                priority=priority,
            )
        )
    found = problem.solve(_THOROUGH, nb_threads=2, timeout=timedelta(seconds=seconds))
    routes: list[list[int]] = [[] for _ in day["pairs"]]
    rows = found.routes[found.routes["type"] == "job"]
    for vehicle, number in zip(rows["vehicle_id"], rows["id"], strict=True):
        routes[int(vehicle)].append(int(number))
    answer(routes, time.perf_counter() - begun)


if __name__ == "__main__":
    main()
