"""Warm handover: a person finds who can help and tells her story once; partners go on from there."""
