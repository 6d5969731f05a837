"""The read-only books: what was credited, paid, refunded, booked, told to us and written to people."""
