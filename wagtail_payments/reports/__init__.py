"""What the books say: questions asked of them, read-only."""
