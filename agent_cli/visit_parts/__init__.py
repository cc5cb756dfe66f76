"""The subcommands of `fieldsync visit`, from check-in to exit; `commands/visit.py` puts them together."""
