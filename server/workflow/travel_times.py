"""Chooses where a plan's travel times come from: the roads of the settings, or estimates."""

from fieldsync.adapters.geodesic import GeodesicTravel
from fieldsync.adapters.roads import EstimatedTravel, RoadTravel
from fieldsync.adapters.roads_cache import RoadCache
from fieldsync.adapters.roads_embedded import ValhallaTiles
from fieldsync.adapters.roads_http import ValhallaServer
from fieldsync.adapters.roads_valhalla import RoadEngine, RoadRefusedError, version_of
from fieldsync.domain.check import Check, Level
from fieldsync.errors import InputError, UnreachableError
from fieldsync.ports import TravelTimes
from fieldsync.words import Words, words
from server.context import ServerContext

CACHE_NAME = "roads.db"


def travel_times(ctx: ServerContext) -> TravelTimes:
    """The port to plan with. Wrong settings are said in the matrix's note and never fail a plan."""
    settings = ctx.config.roads
    if not settings.is_set:
        return GeodesicTravel()
    try:
        engine = _engine(ctx)
    except InputError as error:
        return EstimatedTravel(error.message)
    cache = RoadCache(ctx.config.home / CACHE_NAME)
    return RoadTravel(engine, ctx.clock, cache=cache, limit_s=settings.limit_s)


def check_roads(ctx: ServerContext) -> Check:
    """Whether the roads of the settings answer; without any, estimates are no fault."""
    if not ctx.config.roads.is_set:
        return Check("roads", Level.OK, words("Travel times are estimates; no road server is set."))
    try:
        name, _edition = version_of(_engine(ctx))
    except InputError as error:
        return _ill(error.message, error.hint)
    except UnreachableError as error:
        return _ill(error.message, None)
    except RoadRefusedError as error:
        return _ill(words("The road server refused the question ({code}).", code=error.code), None)
    return Check("roads", Level.OK, words("Travel times come from {name}.", name=name))


def _engine(ctx: ServerContext) -> RoadEngine:
    settings = ctx.config.roads
    if settings.url:
        return ValhallaServer(
            settings.url, ctx.clock, timeout_s=settings.timeout_s, largest=settings.max_pairs
        )
    return ValhallaTiles(ctx.config.home / settings.tiles)


def _ill(found: Words, advice: Words | None) -> Check:
    usual = words("Plans are made with estimates until then. Look after the road server.")
    return Check("roads", Level.WARN, found, advice or usual)
