"""Where alerts go: one sink a file or folder. No sink may decide what alerts, or whether."""
