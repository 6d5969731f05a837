"""What we write to people: letters, the outbox that delivers them, and the links that stand in them."""
