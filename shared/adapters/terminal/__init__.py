"""People at a terminal, programs behind a pipe: tables, JSON, progress. No decision may enter."""
