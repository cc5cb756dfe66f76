"""What may be agreed: terms, schedules and rates, exact to the minor unit and free of I/O."""
