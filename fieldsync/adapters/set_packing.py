"""Picks the best routes that go together out of a pool: a set packing problem, solved by HiGHS."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import pyvrp

from fieldsync.adapters.route_pool import Tour

# A packing that needs more branching than this is as good as it will get.
_MOST_NODES = 400


@dataclass(frozen=True, slots=True)
class _Row:
    """How many of the routes in `columns` may be picked: at least `least`, at most `most`."""

    columns: tuple[int, ...]
    least: int
    most: int


def pack(
    data: pyvrp.ProblemData, tours: Sequence[Tour], standing: Sequence[Tour], seconds: float
) -> tuple[Tour, ...]:
    """The most valuable routes that serve nobody twice and use no vehicle twice; never worse than `standing`.

    `standing` are the routes of the best plan so far; all of them must be in `tours`.
    """
    if not tours:
        return tuple(standing)
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("time_limit", seconds)
    model.setOptionValue("mip_max_nodes", _MOST_NODES)
    model.setOptionValue("mip_rel_gap", 1e-9)
    model.setOptionValue("threads", 1)
    model.passModel(_model(data, tours))
    number_of = {tour: number for number, tour in enumerate(tours)}
    begin = np.zeros(len(tours))
    begin[[number_of[tour] for tour in standing]] = 1.0
    warm = highspy.HighsSolution()
    warm.col_value = begin.tolist()
    model.setSolution(warm)
    model.run()
    values = model.getSolution().col_value
    picked = tuple(t for t, x in zip(tours, values, strict=False) if x > 0.5)  # noqa: PLR2004
    if not _fits(data, picked) or _value(picked) <= _value(standing):
        return tuple(standing)
    return picked


def _value(tours: Sequence[Tour]) -> int:
    return sum(tour.value for tour in tours)


def _fits(data: pyvrp.ProblemData, picked: Sequence[Tour]) -> bool:
    """Whether the answer is what was asked for: HiGHS may stop with none at all."""
    served = [client for tour in picked for client in tour.clients]
    required = {number for number, client in enumerate(data.clients()) if client.required}
    return bool(picked) and len(served) == len(set(served)) and required <= set(served)


def _model(data: pyvrp.ProblemData, tours: Sequence[Tour]) -> highspy.HighsLp:
    rows = _rows(data, tours)
    entries: list[list[int]] = [[] for _ in tours]
    for number, row in enumerate(rows):
        for column in row.columns:
            entries[column].append(number)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(tours), len(rows)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.array([tour.value for tour in tours], dtype=np.double)
    model.col_lower_ = np.zeros(len(tours))
    model.col_upper_ = np.ones(len(tours))
    model.row_lower_ = np.array([row.least for row in rows], dtype=np.double)
    model.row_upper_ = np.array([row.most for row in rows], dtype=np.double)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(tours)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.cumsum([0, *(len(column) for column in entries)])
    matrix.index_ = np.array([row for column in entries for row in column], dtype=np.int32)
    matrix.value_ = np.ones(len(matrix.index_))
    return model


def _rows(data: pyvrp.ProblemData, tours: Sequence[Tour]) -> list[_Row]:
    """Nobody twice, everybody who must be visited once, no vehicle more often than there are of it."""
    clients, groups = data.clients(), data.groups()
    of_vehicle: dict[int, list[int]] = defaultdict(list)
    of_client: dict[int, list[int]] = defaultdict(list)
    for column, tour in enumerate(tours):
        of_vehicle[tour.vehicle_type].append(column)
        for client in tour.clients:
            of_client[client].append(column)
    rows = [
        _Row(tuple(columns), 0, data.vehicle_type(kind).num_available)
        for kind, columns in of_vehicle.items()
    ]
    rows += [
        _Row(tuple(columns), int(clients[client].required), 1)
        for client, columns in of_client.items()
        if clients[client].group is None
    ]
    for group in groups:
        columns = [column for client in group.clients for column in of_client.get(client, ())]
        if columns:
            rows.append(_Row(tuple(dict.fromkeys(columns)), int(group.required), 1))
    return rows
