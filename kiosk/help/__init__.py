"""Asking a person for help: what is asked, who answers, what is said meanwhile, and what the clock does."""
