"""What `doctor` asks of Azure: each module examines one thing, and none of them changes anything.

They ask as whoever is signed in. What that one may not read is no fault of the monitor, but cannot
be vouched for either: it is a warning that names the action.
"""
