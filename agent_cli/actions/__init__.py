"""What a user action does, one transaction each: shared by commands and any other face."""
