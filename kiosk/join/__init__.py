"""Joining the library: what a person says of herself at the screen, and how staff finish it at the desk."""
