"""`/office/static/`: the one style sheet and the one script of the office."""

from flask import Blueprint

from server.office.headers import guard_office

blueprint = Blueprint(
    "office_style", __name__, static_folder="static", static_url_path="/office/static"
)
blueprint.after_request(guard_office)
