"""Who moves the money? One file per provider, mostly a dictionary from its words to ours."""
