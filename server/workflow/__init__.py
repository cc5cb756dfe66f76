"""The line from case book to accepted record, one module a step, one transaction each."""
