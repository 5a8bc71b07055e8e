"""Residents find the events they want and book a place; staff load them from the calendars they have."""
