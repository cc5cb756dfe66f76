"""Frozen values of the field: no clock, no I/O, nothing but the standard library and our own words."""
