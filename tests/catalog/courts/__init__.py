"""Claims about orders of courts: their kinds, lives, days, and what is worked out of them."""
