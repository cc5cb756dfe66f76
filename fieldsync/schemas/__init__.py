"""The borders: whatever comes from outside is checked here once, by marshmallow, and nowhere else."""
