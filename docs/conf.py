"""Sphinx builds these pages with MyST and furo; `make docs` treats every warning as an error."""

from fieldsync import __version__

project = "Fieldsync"
author = "The Fieldsync authors"
release = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# The fragments of the problems page are included by it, not pages of their own.
exclude_patterns = ["_build", "reference/problems/*"]
nitpicky = True
html_theme = "furo"
html_title = f"Fieldsync {__version__}"
