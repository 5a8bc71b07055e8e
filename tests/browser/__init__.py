"""The same journeys in a real Chromium, by touch, on the four shapes of screen."""
