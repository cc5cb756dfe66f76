"""Every address that the server answers, each with something in its places: for tests of all of them."""

from flask import Flask
from werkzeug.routing import Rule

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def every_route(app: Flask, filling: str) -> list[tuple[str, str]]:
    """Method and path of each route, `filling` in each place of its address."""
    found = []
    for rule in app.url_map.iter_rules():
        path = _filled(rule, filling)
        found += [(method, path) for method in METHODS if method in (rule.methods or ())]
    return sorted(found)


def _filled(rule: Rule, filling: str) -> str:
    path = rule.rule
    for name in rule.arguments:
        for shape in (f"<{name}>", f"<path:{name}>", f"<string:{name}>", f"<int:{name}>"):
            path = path.replace(shape, filling)
    return path
