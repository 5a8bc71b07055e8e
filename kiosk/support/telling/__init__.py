"""Telling once: the questions of a story, her yes or no to each partner, and the receipt."""
