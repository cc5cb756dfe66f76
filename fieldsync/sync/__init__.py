"""How two copies agree: envelopes, cursors, digests and decisions. No I/O, no clock, no randomness."""
