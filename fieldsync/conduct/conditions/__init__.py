"""The closed vocabulary of conditions that rule packs are written in; one small class each."""
