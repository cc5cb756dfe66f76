"""The only I/O of the core: each module here answers one port, or wraps one library."""
