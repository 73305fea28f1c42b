"""One machine: a folder of ARM JSON as the inventory, SQLite for everything that is remembered."""
