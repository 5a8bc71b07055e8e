"""Events from outside: read, looked at before anything changes, and fetched again by themselves."""
