"""Azure storage as the memory: tables, blobs and queues, without keys."""
