"""What both programs show a person in a terminal: lazy commands, tables, JSON, errors."""
