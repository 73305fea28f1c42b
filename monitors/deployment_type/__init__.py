"""Where prompts are processed."""
