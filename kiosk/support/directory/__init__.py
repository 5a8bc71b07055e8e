"""The directory of services: loaded as councils publish it, put into plain words here, and given back."""
