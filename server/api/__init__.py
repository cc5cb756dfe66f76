"""JSON for devices: routes that only translate."""
