"""What each call of the API does, by resource. Handlers take the world and the parameters."""
