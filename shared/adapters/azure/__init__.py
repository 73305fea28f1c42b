"""Azure: the only SDK clients; ARM is read here, and what is remembered is kept in storage."""
