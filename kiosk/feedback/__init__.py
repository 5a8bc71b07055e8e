"""How it was today: five faces at the end of a visit, counted without a person."""
