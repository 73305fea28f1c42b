"""People at a terminal and programs behind a pipe: tables, JSON, progress. No decision may enter."""
