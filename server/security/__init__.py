"""The server's own keys, and the keys and signatures of others as text."""
