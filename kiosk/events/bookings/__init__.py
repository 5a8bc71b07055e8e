"""Places at an event: taken, waited for, offered, changed, cancelled; by the person herself at any screen."""
