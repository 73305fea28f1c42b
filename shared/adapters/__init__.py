"""The outer world behind the ports, one folder a world. No rule of compliance may enter."""
