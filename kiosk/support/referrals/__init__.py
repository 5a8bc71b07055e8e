"""What a person told once, and what each partner she said yes to gets of it: sealed, told, wiped in time."""
