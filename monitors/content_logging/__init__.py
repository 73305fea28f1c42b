"""What is stored of prompts and completions, and who may read it."""
