"""In what order: problems, timetables and plans as pure values; solvers sit behind a port."""
